"""Where the bundles of gathered audits lie: each in a folder of its own, and none is ever written over."""

import fcntl
import shutil
from itertools import count
from pathlib import Path

from auditor.reports.bundle import EVIDENCE, MANIFEST, TRANSCRIPT
from auditor.reports.evidence_file import EvidenceFileError, read_evidence
from auditor.sites.runs import Run


def place_of(run: Run, bundles: Path) -> Path:
    """Return a new folder for the bundle of a run: named by its time and identifier, numbered where that is taken.

    Whatever is there stays as it is, so a run may be gathered as often as one likes.
    """
    name = f"{run.head.started_at:%Y%m%d-%H%M}-{run.head.id[:8]}"
    numbered = (bundles / (name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(place for place in numbered if not place.exists())


def clear_killed(run: Run, bundles: Path) -> None:
    """Take away what a control worker left of this run that was killed while it gathered; nothing else.

    All of it is still in the inbox. What somebody is writing to, what has its end, and what belongs to another run
    stays.
    """
    for place in bundles.glob(f"{run.head.started_at:%Y%m%d-%H%M}-{run.head.id[:8]}*"):
        if not (place / MANIFEST).exists() and _is_killed(run, place):
            shutil.rmtree(place)


def _is_killed(run: Run, place: Path) -> bool:
    try:
        with (place / TRANSCRIPT).open("rb") as transcript:
            fcntl.flock(transcript, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stored = read_evidence(place / EVIDENCE)
    except (OSError, EvidenceFileError):
        return False
    return stored.head.id == run.head.id and stored.end is None
