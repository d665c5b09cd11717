"""ECS: valid without a warning, findings and certificates."""

import json
from pathlib import Path
from typing import Any

from auditor.reports.ecs import KEYWORD_BYTES, EcsReport
from auditor.reports.records import presented, records
from tests.reports.checker import judge
from tests.reports.machine_run import FULL, machine_run

RUN = machine_run()


def documents(*, kibana: bool = False) -> list[dict[str, Any]]:
    """Return the documents as a reader would parse them."""
    return [json.loads(line) for line in EcsReport(kibana=kibana).render(RUN).splitlines()]


def test_documents_are_valid(tmp_path: Path) -> None:
    """Names, types and values of ECS, our own words under one name."""
    judge(EcsReport().render(RUN), tmp_path, "--ecs", "--own", "auditor")


def test_only_three_names_outside_ecs_are_written_for_kibana(tmp_path: Path) -> None:
    """With these allowed, the other format is valid as well."""
    extra = [word for name in ("auditor", "result", "resource", "rule.remediation") for word in ("--own", name)]
    judge(EcsReport(kibana=True).render(RUN), tmp_path, "--ecs", *extra)


def test_every_finding_is_a_state_and_every_certificate_an_asset() -> None:
    """Nothing is left out; identifiers of assets are unique."""
    found = documents()
    states = [d for d in found if d["event"]["kind"] == "state"]
    assets = [d for d in found if d["event"]["kind"] == "asset"]
    assert [d["event"]["id"] for d in states] == [r.finding.fingerprint for r in records(RUN)]
    assert len(assets) == sum(1 for _ in presented(RUN))
    assert len({d["event"]["id"] for d in assets}) == len(assets)


def test_outcomes() -> None:
    """Unknown is no success; a requirement that does not apply has no outcome."""
    outcomes = {(d["auditor"]["status"], d["event"].get("outcome")) for d in documents() if "rule" in d}
    assert outcomes == {
        ("met", "success"),
        ("not_met", "failure"),
        ("undetermined", "unknown"),
        ("not_applicable", None),
    }


def test_kibana_gets_passed_and_failed_only() -> None:
    """What could not be told is neither."""
    results = {(d["auditor"]["status"], d.get("result", {}).get("evaluation")) for d in documents(kibana=True)
               if "rule" in d}  # fmt: skip
    assert results == {
        ("met", "passed"), ("not_met", "failed"), ("undetermined", None), ("not_applicable", None),
    }  # fmt: skip


def test_a_certificate_is_told_in_full() -> None:
    """Names, dates, key, fingerprint."""
    [leaf, endless] = [d for d in documents() if d["host"]["name"] == FULL and d["event"]["kind"] == "asset"]
    x509 = leaf["tls"]["server"]["x509"]
    assert x509["alternative_names"] == ["full.example.test", "alias.example.test", "2001:db8::5"]
    assert (x509["serial_number"], x509["public_key_size"], x509["version_number"]) == ("A1B", 2048, "3")
    assert leaf["auditor"]["verify_name"] == "X509_V_OK"
    assert "verify_name" not in endless["auditor"]
    assert endless["tls"]["server"]["x509"]["not_after"].startswith("9999-03-04T")


def test_keywords_are_not_longer_than_what_is_indexed() -> None:
    """A longer one would be kept but not found."""
    long = next(d for d in documents() if d["host"]["name"].startswith("NNN"))
    assert len(long["host"]["name"].encode()) <= KEYWORD_BYTES
    assert long["host"]["name"].endswith(" more characters]")
