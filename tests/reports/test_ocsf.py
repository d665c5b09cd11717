"""OCSF: valid in every version without a warning, honest, and stable."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.model.changes import ChangeKind, Changes, FindingChange
from auditor.model.verdict import Status
from auditor.reports.ocsf import OcsfReport, compliance_findings
from auditor.reports.ocsf_inventory import OcsfInventoryReport
from auditor.reports.ocsf_parts import Version
from auditor.reports.ocsf_run import OcsfRunReport, scan_activity
from auditor.reports.records import DuplicateFingerprintError, records
from tests.reports.checker import CHECKER, judge
from tests.reports.machine_run import FULL, machine_run
from tests.reports.sample_run import START, sample_run

RUN = machine_run()


def events(version: Version = Version.V1_6_0) -> list[dict[str, Any]]:
    """Return the events as a reader would parse them."""
    return [json.loads(line) for line in OcsfReport(version).render(RUN).splitlines()]


def event_of(host: str, control: str, version: Version = Version.V1_6_0) -> dict[str, Any]:
    """Return one event."""
    [found] = [e for e in events(version) if e["device"]["name"] == host and e["metadata"]["event_code"] == control]
    return found


def test_the_checker_tells_good_from_bad() -> None:
    """Its own examples, so that its silence means something."""
    done = subprocess.run([sys.executable, str(CHECKER), "--selftest"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.endswith("20 passed, 0 failed\n")


@pytest.mark.parametrize("version", list(Version))
def test_findings_are_valid_in_each_version(version: Version, tmp_path: Path) -> None:
    """No error and no warning, hostile names and all."""
    said = judge(OcsfReport(version).render(RUN), tmp_path, "--as-version", version.value)
    assert said.startswith(f"{sum(1 for _ in records(RUN))} records, 0 invalid, 0 with warnings")


@pytest.mark.parametrize("report", [OcsfInventoryReport(), OcsfRunReport()])
def test_inventory_and_run_are_valid(report: OcsfInventoryReport | OcsfRunReport, tmp_path: Path) -> None:
    """The two other classes."""
    judge(report.render(RUN), tmp_path)


def test_every_finding_is_one_event_and_every_host_one_device() -> None:
    """Nothing is left out, nothing is there twice."""
    found = events()
    assert [e["finding_info"]["uid"] for e in found] == [r.finding.fingerprint for r in records(RUN)]
    assert len({e["metadata"]["uid"] for e in found}) == len(found)
    assert len(OcsfInventoryReport().render(RUN).splitlines()) == len(RUN.hosts)


@pytest.mark.parametrize(
    ("host", "control", "verdict", "severity", "confidence"),
    [
        ("rm204", "services.telnet-off", (3, "Fail"), 4, 3),
        ("rm204", "services.ftp-off", (1, "Pass"), 1, 3),
        ("rm204", "clients.verify-server-certificate", (2, "Warning"), 2, 0),
        ("vcs-core", "services.ftp-off", (99, "Not Applicable"), 1, 3),
        ("vcs-core", "clients.verify-server-certificate", (1, "Pass"), 1, 2),
    ],
)
def test_verdicts_keep_their_meaning(
    host: str, control: str, verdict: tuple[int, str], severity: int, confidence: int
) -> None:
    """What is not known is no pass; what rests on a person's word is less sure."""
    event = event_of(host, control)
    assert (event["compliance"]["status_id"], event["compliance"]["status"]) == verdict
    assert (event["severity_id"], event["confidence_id"]) == (severity, confidence)
    assert (event["activity_id"], event["type_uid"], event["status_id"]) == (1, 200301, 1)


def test_severity_does_not_follow_the_level() -> None:
    """An advisory, which has no level, may weigh as much as a control of a level."""
    assert event_of("rm204", "certificates.key-strength")["severity_id"] == 3
    assert event_of("rm204", "services.http-off")["severity_id"] == 3


def test_the_certificate_stands_beside_the_observation_that_showed_it() -> None:
    """From 1.6.0 on; before, the sentences stand in `unmapped`."""
    event = event_of(FULL, "certificates.in-date")
    [first, second] = event["evidences"]
    assert first["tls"]["version"] == "TLSv1.2"
    assert first["tls"]["certificate"]["serial_number"] == "a1b"
    assert "tls" not in second
    old = event_of(FULL, "certificates.in-date", Version.V1_3_0)
    assert old["unmapped"]["evidence"] == ["chain/https: valid", "port/https: open"]
    assert "evidences" not in old


def test_times_are_milliseconds() -> None:
    """Not seconds, which OCSF readers take for 1970."""
    event = event_of("rm204", "services.ftp-off")
    assert event["time"] == 1772589614000
    assert event["time_dt"] == "2026-03-04T02:00:14Z"


def test_names_that_are_no_host_names_are_not_called_so() -> None:
    """`device.hostname` has a form; the text stands in `device.name`."""
    for event in events():
        name = event["device"].get("hostname", "x")
        assert name.isascii()
        assert not set(name) & set(" <>=\\\"'|;")


@pytest.mark.parametrize(
    ("kind", "activity", "status"),
    [
        (ChangeKind.FIRST, (1, "Create"), "New"),
        (ChangeKind.OPENED, (1, "Create"), "New"),
        (ChangeKind.CHANGED, (2, "Update"), "In Progress"),
        (ChangeKind.RESOLVED, (3, "Close"), "Resolved"),
    ],
)
def test_earlier_audits_decide_the_activity(kind: ChangeKind, activity: tuple[int, str], status: str) -> None:
    """Only what changed is an event; it says what is new and since when the finding is known."""
    finding = next(records(RUN)).finding
    change = FindingChange(kind=kind, before=Status.MET, first_seen=START - timedelta(days=30))
    changes = Changes(since="before", since_at=START, findings={finding.fingerprint: change})
    [event] = compliance_findings(replace(RUN, changes=changes))
    assert (event["activity_id"], event["activity_name"]) == activity
    assert (event["type_uid"], event["status"]) == (200300 + activity[0], status)
    assert event["finding_info"]["first_seen_time"] == 1769997600000
    assert event["finding_info"]["uid"] == finding.fingerprint
    assert event["unmapped"]["change"] == {
        "kind": kind.value, "before": "met", "first_seen": "2026-02-02T02:00:00Z"
    }  # fmt: skip


def test_two_findings_of_one_fingerprint_are_refused() -> None:
    """A reader would merge them silently."""
    run = sample_run()
    twice = replace(run, hosts=(run.hosts[0], run.hosts[0]))
    with pytest.raises(DuplicateFingerprintError, match=r"services\.telnet-off of rm204"):
        OcsfReport().render(twice)


def test_the_run_says_whether_it_is_whole() -> None:
    """Interrupted is not completed, and a fault of ours is an error."""
    whole = replace(RUN, complete=True, tool_faults=(), not_looked_at=())
    assert (scan_activity(whole)["activity_name"], scan_activity(whole)["status"]) == ("Completed", "Success")
    cut = replace(whole, complete=False, not_looked_at=("rm400",))
    assert (scan_activity(cut)["activity_name"], scan_activity(cut)["status"]) == ("Cancelled", "Failure")
    assert "1 hosts were not looked at" in scan_activity(cut)["status_detail"]
    assert scan_activity(RUN)["activity_name"] == "Error"
    statuses = [r.finding.status for r in records(RUN)]
    assert scan_activity(RUN)["num_detections"] == statuses.count(Status.NOT_MET)
    assert scan_activity(RUN)["total"] == len(statuses)
