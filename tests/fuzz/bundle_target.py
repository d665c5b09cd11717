"""Fuzz targets of bundles: evidence is read or refused with its line, and a changed bundle never verifies.

The octets take the place of a file of a small whole bundle, which lies in `bundle/` beside the seeds.
"""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from auditor.cli.assembly import Assembly, assemble
from auditor.cli.perform import judge_bundle
from auditor.engine.diff import diff
from auditor.engine.run import assess_audit
from auditor.engine.snapshot import snapshot_of
from auditor.model.assessment import AuditRun
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT
from auditor.reports.evidence_file import EvidenceFileError, read_evidence
from auditor.reports.registry import REPORTS, report_named
from auditor.reports.transcript import last_chain
from auditor.signing.keys import SecretKey
from auditor.verification.bundle import UNJUDGEABLE, verify_bundle
from auditor.verification.folder import NoBundleError
from auditor.verification.outcome import State
from auditor.verification.verdicts import Today

WHOLE = Path(__file__).parent / "bundle"
FILES = (MANIFEST, TRANSCRIPT, AUDIT, EVIDENCE, SIGNATURE)
"""By the first octet of an input: which file the rest takes the place of."""
VOUCHED = (TRANSCRIPT, AUDIT, EVIDENCE)
"""Files of which the manifest holds a digest."""
KEY = SecretKey(bytes(range(8)), bytes(range(32))).public()


@cache
def _assembly() -> Assembly:
    return assemble()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def _fresh() -> Path:
    place = Path(_folder().name) / "bundle"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(WHOLE, place)
    return place


def evidence(data: bytes) -> None:
    """Read octets as evidence, alone and behind the whole bundle's head; judge and compare what could be read."""
    path = Path(_folder().name) / EVIDENCE
    with (WHOLE / EVIDENCE).open("rb") as file:
        head = file.readline()
    for content in (data, head + data):
        path.write_bytes(content)
        try:
            stored = read_evidence(path)
        except EvidenceFileError:
            continue
        names = [host.target.name for host in stored.hosts]
        assert len(set(names)) == len(names)
        assembly = _assembly()
        try:
            run = assess_audit(
                stored.head, stored.hosts, stored.end, controls=assembly.controls, profiles=assembly.profiles,
                catalogue_digest=assembly.catalogue_digest,
            )  # fmt: skip
        except UNJUDGEABLE:
            continue  # the right form and a senseless content: verification tells it, as below
        _compare(run)


def _compare(run: AuditRun) -> None:
    snapshot = snapshot_of(run)
    diff(snapshot, snapshot, judged_by=(run.catalogue_digest, run.catalogue_digest))
    report_named("json").render(run)


def bundle(data: bytes) -> None:
    """Verify a bundle with one file changed: checks and no exception, one of them failed where a digest vouches."""
    place = _fresh()
    name, content = FILES[data[0] % len(FILES)] if data else MANIFEST, data[1:]
    same = (place / name).exists() and (place / name).read_bytes() == content
    (place / name).write_bytes(content)
    assembly = _assembly()
    today = Today(
        tool_version="0", catalogue_digest=assembly.catalogue_digest, profiles_digest=assembly.profiles_digest,
        versions={}, reports=REPORTS,
    )  # fmt: skip
    try:
        checks = verify_bundle(
            place, key=KEY, judge=lambda: judge_bundle(assembly, place), today=today, profiles=assembly.profiles,
            skip=[report.name for report in REPORTS],
        )  # fmt: skip
    except NoBundleError:
        return
    assert same or name not in VOUCHED or any(check.state is State.FAILED for check in checks)
    last_chain(place / TRANSCRIPT)
