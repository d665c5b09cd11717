"""The machine formats of the whole demonstration fleet: valid, complete, and in agreement with each other."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from junitparser import JUnitXml

from auditor.reports.cbom import CbomReport
from auditor.reports.cef import CefReport
from auditor.reports.ecs import EcsReport
from auditor.reports.junit import JunitReport
from auditor.reports.ocsf import OcsfReport
from auditor.reports.ocsf_inventory import OcsfInventoryReport
from auditor.reports.ocsf_parts import Version
from auditor.reports.ocsf_run import OcsfRunReport
from auditor.reports.syslog import LIMIT, syslog_messages
from tests.integration.conftest import DemoAudit
from tests.reports.cef_reader import read_cef
from tests.reports.checker import judge


@pytest.mark.parametrize("version", list(Version))
def test_ocsf_findings(demo_audit: DemoAudit, version: Version, tmp_path: Path) -> None:
    """No error and no warning in any version."""
    judge(OcsfReport(version).render(demo_audit.run), tmp_path, "--as-version", version.value)


def test_ocsf_inventory_run_and_ecs(demo_audit: DemoAudit, tmp_path: Path) -> None:
    """The other classes, and the other schema."""
    judge(OcsfInventoryReport().render(demo_audit.run), tmp_path)
    judge(OcsfRunReport().render(demo_audit.run), tmp_path)
    judge(EcsReport().render(demo_audit.run), tmp_path, "--ecs", "--own", "auditor")


def test_the_bundle_agrees_with_itself(demo_audit: DemoAudit) -> None:
    """JSON, OCSF, CSV and CEF have the same findings with the same verdicts."""
    document = json.loads((demo_audit.folder / "audit.json").read_bytes())
    native = Counter((f["fingerprint"], f["status"]) for host in document["hosts"] for f in host["findings"])
    ocsf = [json.loads(line) for line in (demo_audit.folder / "findings.ocsf.ndjson").read_bytes().splitlines()]
    with (demo_audit.folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, strict=True))
    cef = [read_cef(line) for line in CefReport().render(demo_audit.run).decode().splitlines()]
    assert len(native) > 1000
    assert Counter((e["finding_info"]["uid"], e["status_code"]) for e in ocsf) == native
    assert Counter((row["fingerprint"], row["status"]) for row in table) == native
    assert sorted(line.extension["externalId"] for line in cef) == sorted(fingerprint for fingerprint, _ in native)


def test_junit_and_bill_of_materials(demo_audit: DemoAudit) -> None:
    """By other people's readers."""
    document = JUnitXml.fromstring(JunitReport().render(demo_audit.run))
    statuses = Counter(f.status.value for host in demo_audit.run.hosts for f in host.findings)
    assert document.failures == statuses["not_met"]
    assert document.skipped == statuses["not_applicable"]
    bom = CbomReport().render(demo_audit.run).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bom) is None


def test_nothing_of_the_fleet_has_to_be_cut_for_syslog(demo_audit: DemoAudit) -> None:
    """One message for each finding, whole."""
    messages = list(syslog_messages(demo_audit.run, "ocsf", "h"))
    assert len(messages) == sum(len(host.findings) for host in demo_audit.run.hosts)
    assert max(map(len, messages)) <= LIMIT + len(f"{LIMIT} ")
    assert not any(b'"truncated"' in each for each in messages)
