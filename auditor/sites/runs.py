"""Runs on the centre's disk: what was asked of whom, and until when. With it, anybody can gather what came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from auditor.model.collected import AuditHead
from auditor.reports.bundle import put
from auditor.reports.evidence_file import EvidenceFileError, head_line, read_evidence

HEAD, RUN, DONE = "head.jsonl", "run.json", "done.json"


class RunError(ValueError):
    """There is no such run, or it cannot be read; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One audit of many sites. `deadlines` are the sites' moments in UTC, `site_of` tells each host's site."""

    head: AuditHead
    site_of: Mapping[str, str]
    deadlines: Mapping[str, datetime]

    @property
    def id(self) -> UUID:
        """The identifier that the audit has everywhere."""
        return UUID(self.head.id)


class _Kept(msgspec.Struct):
    site_of: dict[str, str]
    deadlines: dict[str, datetime]


class _Done(msgspec.Struct):
    bundle: str


class Runs:
    """The runs of a centre, a folder each."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made where there is none; raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def keep(self, run: Run) -> None:
        """Write a run down, before its jobs are submitted."""
        folder = self._folder / run.head.id
        folder.mkdir(exist_ok=True)
        put(folder, HEAD, head_line(run.head))
        put(folder, RUN, msgspec.json.encode(_Kept(dict(run.site_of), dict(run.deadlines))))

    def read(self, identifier: str) -> Run:
        """Return a run by its identifier, or by how it begins where that is clear; raise `RunError`."""
        found = [name for name in self.all() if name.startswith(identifier)]
        if len(found) != 1:
            raise RunError(f"{self._folder}: {len(found) or 'no'} runs begin with {identifier[:40]!r}")
        folder = self._folder / found[0]
        try:
            head = read_evidence(folder / HEAD).head
            kept = msgspec.json.decode((folder / RUN).read_bytes(), type=_Kept)
        except (OSError, EvidenceFileError, msgspec.DecodeError) as error:
            raise RunError(f"{folder}: {error}") from error
        return Run(head=head, site_of=kept.site_of, deadlines=kept.deadlines)

    def all(self) -> tuple[str, ...]:
        """Return the identifiers of all runs, the latest last."""
        places = [each for each in self._folder.iterdir() if (each / RUN).is_file()]
        return tuple(place.name for place in sorted(places, key=lambda each: (each / RUN).stat().st_mtime_ns))

    def done(self, run: Run, bundle: Path) -> None:
        """Note that a run's bundle is finished."""
        put(self._folder / run.head.id, DONE, msgspec.json.encode(_Done(str(bundle))))

    def bundle(self, identifier: str) -> str | None:
        """Return where the finished bundle of a run is, None where it is not finished."""
        path = self._folder / identifier / DONE
        return msgspec.json.decode(path.read_bytes(), type=_Done).bundle if path.is_file() else None
