"""Kill -9 at ten random moments of an audit: what lies there is whole, can be judged, and is verified with sense."""

import random
import signal
import time
from functools import partial
from pathlib import Path

from auditor import __version__
from auditor.cli.assembly import assemble, library_versions
from auditor.cli.perform import judge_bundle, write_reports
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, copy_evidence
from auditor.reports.evidence_file import EvidenceFileError
from auditor.reports.registry import REPORTS, report_named
from auditor.verification.bundle import verify_bundle
from auditor.verification.folder import NoBundleError
from auditor.verification.outcome import State
from auditor.verification.verdicts import Today
from tests.faults.fleets import HOSTS, running, small_fleet, unsound

# What must be there before the clock of a kill starts: the beginning, hosts that come in, reports that are written.
MOMENTS = (
    EVIDENCE, EVIDENCE, EVIDENCE, EVIDENCE, "hosts", "hosts", AUDIT, "report.html", ".report.pdf.part", MANIFEST,
)  # fmt: skip
LONGEST = {EVIDENCE: 1.5, "hosts": 0.8, AUDIT: 0.4, "report.html": 2.5}


def reached(folder: Path, moment: str) -> bool:
    """Tell whether an audit has come so far."""
    if moment == "hosts":
        path = folder / EVIDENCE
        return path.exists() and path.read_bytes().count(b'"record":"host"') > 0
    return (folder / moment).exists() or (folder / MANIFEST).exists()


def past(moment: float) -> bool:
    """Tell whether a moment of the monotonic clock is over."""
    return time.monotonic() >= moment


async def test_ten_kills(tmp_path: Path) -> None:
    """By lot, with a fixed seed. At least half of them must have met the audit before its end."""
    lot = random.Random(5_104)  # noqa: S311 - moments, no secret
    assembly = assemble()
    today = Today(
        tool_version=__version__, catalogue_digest=assembly.catalogue_digest, profiles_digest=assembly.profiles_digest,
        versions=library_versions(), reports=REPORTS,
    )  # fmt: skip
    cut_short = 0
    async with small_fleet(tmp_path / "fleet") as inventory:
        for number, moment in enumerate(MOMENTS):
            folder = tmp_path / f"bundle-{number}"
            async with running("audit", inventory, "-o", folder, "-q") as audit:
                await audit.until(partial(reached, folder, moment))
                wait = time.monotonic() + lot.uniform(0, LONGEST.get(moment, 0.05))
                await audit.until(partial(past, wait))
                audit.send(signal.SIGKILL)
                await audit.end()
            what = f"kill {number}, after {moment}"
            assert unsound(folder) == [], what
            cut_short += not (folder / MANIFEST).exists()
            judged = tmp_path / f"judged-{number}"
            try:
                run = judge_bundle(assembly, folder)
            except EvidenceFileError as error:
                assert "no head line" in str(error), what  # noqa: PT017 - most kills leave one
                continue
            assert {host.target.name for host in run.hosts} == set(HOSTS), what
            copy_evidence(folder, judged)
            assert write_reports(run, judged, [report_named("json")], assembly.profiles_digest) == ()
            for place in (folder, judged):
                try:
                    checks = verify_bundle(
                        place,
                        key=None,
                        judge=partial(judge_bundle, assembly, place),
                        today=today,
                        profiles=assembly.profiles,
                        skip=("pdf",),
                    )
                except NoBundleError:
                    assert not (place / EVIDENCE).exists(), what
                    continue
                bad = {check.name for check in checks if check.state is State.FAILED}
                told = "\n".join(f"{check.name}: {check.words} {check.details}" for check in checks)
                if (place / MANIFEST).exists():
                    assert bad == set(), f"{what}\n{told}"
                else:
                    assert bad == {"manifest"}, f"{what}\n{told}"
                    assert "killed" in told, what
    assert cut_short >= len(MOMENTS) // 2
