"""A waiver stands beside the verdict in every machine format: the verdict, the outcome and the severity stay."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.changes import Changes
from auditor.model.verdict import Status
from auditor.model.waiver import AppliedWaiver
from auditor.reports.cef import CefReport
from auditor.reports.csv_tables import FindingTable, HostTable
from auditor.reports.ecs import EcsReport
from auditor.reports.junit import JunitReport
from auditor.reports.ocsf import OcsfReport
from auditor.reports.ocsf_inventory import OcsfInventoryReport
from auditor.reports.ocsf_parts import Version
from auditor.reports.ocsf_run import OcsfRunReport
from auditor.reports.records import records
from tests.reports.cef_reader import read_cef
from tests.reports.checker import judge
from tests.reports.machine_run import machine_run
from tests.reports.sample_run import END, START

WAIVER = AppliedWaiver(
    id="W-2026-014", reason="=The room | is closed in May.", owner="Ann", approver="Bo", created=START,
    expires=END + timedelta(days=60), scope="the fleet",
)  # fmt: skip
CONTROL = "services.telnet-off"


def waived(host: HostAssessment) -> HostAssessment:
    """Return the host with the waiver on its breach of the control."""
    findings = tuple(
        replace(f, waiver=WAIVER) if f.control == CONTROL and f.status is Status.NOT_MET else f for f in host.findings
    )
    return replace(host, findings=findings, accepted=any(f.waiver for f in findings))


PLAIN = machine_run()
RUN: AuditRun = replace(PLAIN, hosts=tuple(waived(host) for host in PLAIN.hosts))
COUNT = sum(record.finding.waiver is not None for record in records(RUN))


@pytest.mark.parametrize("version", Version)
def test_ocsf(version: Version, tmp_path: Path) -> None:
    """Suppressed says that somebody accepted it; the verdict is Fail all the same, and every version is valid."""
    content = OcsfReport(version).render(RUN)
    judge(content, tmp_path, "--as-version", version.value)
    pairs = list(zip(map(json.loads, content.splitlines()), records(PLAIN), strict=True))
    old = [json.loads(line) for line in OcsfReport(version).render(PLAIN).splitlines()]
    seen = 0
    for (event, record), before in zip(pairs, old, strict=True):
        for kept in ("severity_id", "compliance", "activity_id"):
            assert event[kept] == before[kept]
        if event["unmapped"]["waived"]:
            seen += 1
            assert record.finding.control == CONTROL
            assert (event["status_id"], event["status"], event["compliance"]["status"]) == (3, "Suppressed", "Fail")
            assert event["unmapped"]["waiver"]["id"] == WAIVER.id
        else:
            assert event["status"] == before["status"]
            assert event["unmapped"]["waiver"] is None
    assert seen == COUNT > 0


def test_ocsf_of_hosts_and_run(tmp_path: Path) -> None:
    """Misses stay misses, and are told to be accepted."""
    devices, run = OcsfInventoryReport().render(RUN), OcsfRunReport().render(RUN)
    judge(devices, tmp_path)
    judge(run, tmp_path)
    accepted = [d for d in map(json.loads, devices.splitlines()) if d["unmapped"]["accepted"]]
    assert len(accepted) == COUNT
    assert {d["status_code"] for d in accepted} == {"misses"}
    summed = json.loads(run)["unmapped"]
    assert (summed["accepted"], summed["waived"]) == (COUNT, COUNT)


def test_ecs(tmp_path: Path) -> None:
    """A tag and a field; the outcome is failure."""
    content = EcsReport().render(RUN)
    judge(content, tmp_path, "--ecs", "--own", "auditor")
    documents = [d for d in map(json.loads, content.splitlines()) if d["event"]["kind"] == "state"]
    marked = [d for d in documents if d["auditor"]["waived"]]
    assert len(marked) == COUNT
    assert marked == [d for d in documents if "waived" in d.get("tags", [])]
    assert {d["event"]["outcome"] for d in marked} == {"failure"}
    assert {d["auditor"]["waiver"]["owner"] for d in marked} == {"Ann"}


def test_what_is_left_out_is_valid_too(tmp_path: Path) -> None:
    """The document that sums up an export of changes, and the events of the audit."""
    changes = Changes(since="before", since_at=START, findings={}, not_reached=("rm204",), standing=3)
    run = replace(RUN, changes=changes)
    judge(EcsReport().render(run), tmp_path, "--ecs", "--own", "auditor")
    judge(OcsfRunReport().render(run), tmp_path)
    [summary] = EcsReport().render(run).splitlines()
    assert json.loads(summary)["auditor"]["changes"]["standing"] == 3


def test_csv() -> None:
    """Columns of their own; the status column says not_met, and a formula in the reason is harmless."""
    rows = list(csv.DictReader(io.StringIO(FindingTable().render(RUN).decode(), newline="")))
    marked = [row for row in rows if row["waived"] == "yes"]
    assert len(marked) == COUNT
    assert {row["status"] for row in marked} == {"not_met"}
    assert {row["waiver_reason"] for row in marked} == {"'=The room | is closed in May."}
    assert {row["waiver"] for row in rows if row["waived"] == "no"} == {""}
    hosts = list(csv.DictReader(io.StringIO(HostTable().render(RUN).decode(), newline="")))
    assert sum(row["accepted"] == "yes" for row in hosts) == COUNT
    assert {row["outcome"] for row in hosts if row["accepted"] == "yes"} == {"misses"}


def test_cef() -> None:
    """A field; outcome and severity are those of a breach."""
    lines = [read_cef(line) for line in CefReport().render(RUN).decode().splitlines()]
    marked = [line for line in lines if line.extension.get("flexString1Label") == "Waiver"]
    assert len(marked) == COUNT
    assert {line.extension["outcome"] for line in marked} == {"failure"}
    assert all(line.extension["flexString1"].startswith("W-2026-014, until ") for line in marked)


def test_junit() -> None:
    """A failure whose message says who accepts it."""
    root = ET.fromstring(JunitReport().render(RUN))  # noqa: S314 - our own document
    before = ET.fromstring(JunitReport().render(PLAIN))  # noqa: S314
    assert (root.get("failures"), root.get("tests")) == (before.get("failures"), before.get("tests"))
    marked = [case for case in root.iter("testcase") if case.find("properties") is not None]
    assert len(marked) == COUNT
    for case in marked:
        failure = case.find("failure")
        assert failure is not None
        assert failure.get("message", "").startswith("accepted by waiver W-2026-014 until ")
