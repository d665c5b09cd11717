"""What a host says of itself is kept in the evidence file and printed as one sentence."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.dialects.reading import observations_of
from auditor.dialects.saved import read_saved
from auditor.engine.describe import describe
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import DeviceSays
from auditor.model.inventory import Inventory, Target
from auditor.reports.evidence_file import end_line, head_line, host_line, read_evidence
from tests.dialects.leaves import FILES, SECRET, sample

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", FILES)
def test_everything_read_survives_the_evidence_file(name: str, tmp_path: Path) -> None:
    """All observations of a saved configuration come back equal, and no secret is in the file."""
    data, profile = sample(name)
    evidence = Evidence(observations_of(read_saved(data, profile), AT))
    target = Target(name="x", product=profile.family)
    head = AuditHead(
        id="1", tool_version="1", started_at=AT, inventory=Inventory(targets=(target,)),
        catalogue_digest="0", profiles_digest="0",
    )  # fmt: skip
    host = HostEvidence(
        target=target, product=profile.family, address=None, evidence=evidence, started_at=AT, finished_at=AT
    )
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(head_line(head) + host_line(host) + end_line(AuditEnd(finished_at=AT, complete=True)))
    assert read_evidence(path).hosts[0].evidence == evidence
    assert SECRET.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (DeviceSays(software="F9.1 PAL", system_name="rm1"), "software “F9.1 PAL”, name “rm1” (live)"),
        (DeviceSays(product="TANDBERG VCS", source="saved"), "product “TANDBERG VCS” (saved)"),
        (DeviceSays(clock=AT), "its clock “2026-11-01 12:00:00Z” (live)"),
        (DeviceSays(), "nothing (live)"),
    ],
)
def test_the_sentence(says: DeviceSays, words: str) -> None:
    """Only what was said is printed, in quotes."""
    sentence = describe(Observation(DeviceSays, "says", "device", AT, Seen(says)))
    assert sentence == f"says/device: the device says of itself: {words} [2026-11-01 12:00:00Z]"
