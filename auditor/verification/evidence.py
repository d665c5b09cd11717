"""The evidence of a bundle, read with limits and held against what this program knows."""

from collections.abc import Mapping

from auditor.model.inventory import AUTO
from auditor.model.profile import Profile
from auditor.reports.bundle import EVIDENCE
from auditor.reports.evidence_file import EvidenceFileError, Stored, read_evidence
from auditor.reports.manifest import CHUNK, LONGEST_HEAD
from auditor.verification.folder import BundleFolder, OddFileError
from auditor.verification.outcome import Check, Problems, State, failed

NAME = "evidence"


def load_evidence(folder: BundleFolder, profiles: Mapping[str, Profile]) -> tuple[Check, Stored | None]:
    """Read the evidence; it is None where it cannot be read, or names products that this program does not know."""
    try:
        _look_through(folder)
        stored = read_evidence(folder.path / EVIDENCE)
    except (OddFileError, EvidenceFileError) as error:
        return failed(NAME, f"it cannot be read: {error}"), None
    problems = Problems()
    for target in stored.head.inventory.targets:
        if target.product != AUTO and target.product not in profiles:
            problems.add(f"{target.name}: its product {target.product!r} is not known")
    for host in stored.hosts:
        if host.product not in profiles or host.target.product not in (AUTO, host.product):
            problems.add(f"{host.target.name}: asked as {host.product!r}, listed as {host.target.product!r}")
        if host.target.address is not None and host.address not in (None, host.target.address):
            problems.add(f"{host.target.name}: asked at {host.address}, listed at {host.target.address}")
    count = len(stored.hosts)
    check = problems.check(NAME, f"of {count} hosts, readable", "it contradicts itself")
    if check.state is State.FAILED:
        return check, None
    words = check.words
    if stored.resumed:
        words += "; resumed at " + ", ".join(f"{each.at:%Y-%m-%d %H:%M:%SZ}" for each in stored.resumed)
    if stored.end is None:
        words += "; the audit was killed before it could say how it ended"
    return Check(NAME, State.PASSED, words, check.details), stored


def _look_through(folder: BundleFolder) -> None:
    """Raise `OddFileError` where the evidence is no plain file or has a line that no audit writes."""
    longest = 0
    with folder.open(EVIDENCE) as file:
        while chunk := file.read(CHUNK):
            first, end, rest = chunk.partition(b"\n")
            longest += len(first)
            if longest > LONGEST_HEAD:
                raise OddFileError(f"{EVIDENCE}: a line of more than {LONGEST_HEAD:,} bytes")
            if end:
                longest = len(rest) - rest.rfind(b"\n") - 1
