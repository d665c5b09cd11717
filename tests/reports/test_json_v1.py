"""`audit.json` keeps its contract."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from auditor.reports import certificate_view, json_v1, link_view
from auditor.reports.json_v1 import _DECEIVING, _LONE_SURROGATE, JsonReport, _written, audit_document, schema_text
from tests.engine.managed import device, run_of, server
from tests.engine.parties import PROTOCOL, roots, setting
from tests.reports.sample_run import HOSTILE_BANNER, HOSTILE_NAME, sample_run

VALIDATOR = Draft202012Validator(json.loads(schema_text()))


def rendered() -> dict[str, Any]:
    """Return the sample as a reader would parse it."""
    document = json.loads(JsonReport().render(sample_run()))
    assert isinstance(document, dict)
    return document


def test_the_schema_is_a_schema() -> None:
    """The committed file is valid draft 2020-12."""
    Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_sample_satisfies_the_schema() -> None:
    """Every outcome and verdict of the sample fits."""
    VALIDATOR.validate(rendered())


def test_every_object_of_the_schema_is_closed_and_demands_all_its_names() -> None:
    """No object lets an unknown name through or leaves a known one out."""

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node.get("required", []) == list(node.get("properties", {}))
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(json.loads(schema_text()))


@pytest.mark.parametrize(
    ("definition", "view"),
    [
        ("audit", json_v1.AuditView),
        ("fleet", json_v1.FleetView),
        ("host", json_v1.HostView),
        ("service", json_v1.ServiceRow),
        ("certificate", certificate_view.CertificateView),
        ("judgement", certificate_view.JudgementView),
        ("staple", certificate_view.StapleView),
        ("certificates", certificate_view.FleetCertificatesView),
        ("fleet_certificate", certificate_view.FleetCertificateView),
        ("factory", certificate_view.FactoryView),
        ("shared_key", certificate_view.SharedKeyView),
        ("self_signed", certificate_view.SelfSignedView),
        ("forecast", certificate_view.ForecastView),
        ("finding", json_v1.FindingView),
        ("link", link_view.LinkView),
        ("side", link_view.LinkSideView),
        ("link_cause", link_view.LinkCauseView),
        ("interaction", link_view.InteractionView),
        ("checklist_item", link_view.ChecklistItemView),
        ("place", link_view.PlaceView),
    ],
)
def test_view_types_and_schema_have_the_same_names_in_the_same_order(definition: str, view: type) -> None:
    """The types in the code cannot drift from the committed contract."""
    properties = json.loads(schema_text())["$defs"][definition]["properties"]
    assert list(properties) == list(get_type_hints(view))


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def mutate(document: dict[str, Any]) -> None:
        node: Any = document
        *parents, last = path.split(".")
        for step in parents:
            node = node[int(step)] if step.isdigit() else node[step]
        node[last] = value

    return mutate


def _drop(path: str) -> Callable[[dict[str, Any]], None]:
    def mutate(document: dict[str, Any]) -> None:
        node: Any = document
        *parents, last = path.split(".")
        for step in parents:
            node = node[int(step)] if step.isdigit() else node[step]
        del node[last]

    return mutate


@pytest.mark.parametrize(
    "mutate",
    [
        _set("schema_version", "1.1"),
        _set("surprise", 1),
        _set("hosts.0.surprise", 1),
        _set("hosts.0.findings.0.status", "passed"),
        _set("hosts.0.level.proven", 5),
        _set("hosts.0.outcome", "ok"),
        _set("hosts.0.certificate.verify_code", "10"),
        _set("hosts.0.certificate.name_check", "maybe"),
        _set("hosts.0.services.0.state", "ajar"),
        _set("hosts.0.services.0.port", 70000),
        _set("audit.started_at", "2026-03-04T02:00:00+00:00"),
        _set("audit.policy.nested", {}),
        _set("fleet.levels.proven.5", 1),
        _set("fleet.meets", -1),
        _drop("hosts.0.findings.0.fingerprint"),
        _drop("hosts.0.findings.0.waiver"),
        _drop("audit.id"),
        _drop("fleet.levels.possible.1"),
        _drop("links"),
    ],
)
def test_a_broken_document_is_refused(mutate: Callable[[dict[str, Any]], None]) -> None:
    """Each of these would deceive a reader, and the schema catches it."""
    document = copy.deepcopy(rendered())
    mutate(document)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document)


def test_totals_count_hosts_without_a_level_as_unreachable_only() -> None:
    """Levels sum to the hosts that answered, and outcomes to all hosts."""
    fleet = rendered()["fleet"]
    assert (fleet["hosts"], fleet["answered"], fleet["unreachable"]) == (6, 5, 1)
    assert fleet["levels"]["proven"] == {"1": 3, "2": 1, "3": 0, "4": 1}
    assert sum(fleet["levels"]["possible"].values()) == fleet["answered"]
    assert sum(fleet[outcome] for outcome in ("meets", "misses", "inconclusive", "unreachable")) == fleet["hosts"]


def test_the_contract_of_one_host() -> None:
    """The names and values that product.md promises."""
    host = rendered()["hosts"][0]
    assert host["certificate"]["verify_name"] == "X509_V_ERR_CERT_HAS_EXPIRED"
    assert host["certificate"]["chain_length"] == 2
    assert len(host["certificate"]["problems"]) == 2
    assert host["findings"][0]["citation"] == {"document": "D50520 Rev 2", "section": "MXP Level 2", "step": "step 2"}
    assert host["held_back_by"] == ["services.telnet-off", "services.http-off"]


def test_a_host_that_gave_nothing_has_nulls_and_the_address_that_dns_gave() -> None:
    """No level, no certificate, no software, but where packets went."""
    host = rendered()["hosts"][3]
    assert host["level"] == {"proven": None, "possible": None}
    assert host["certificate"] is None
    assert host["software_version"] is None
    assert host["address"] == "192.0.2.99"


def test_the_same_run_gives_the_same_bytes_in_inventory_order() -> None:
    """No clock, no hash order."""
    assert JsonReport().render(sample_run()) == JsonReport().render(sample_run())
    assert [host["name"] for host in rendered()["hosts"]] == [host.target.name for host in sample_run().hosts]


def test_hostile_text_is_kept_whole_and_cannot_deceive_a_terminal() -> None:
    """A parser gets back what the device said; the bytes hold no control or direction character."""
    raw = JsonReport().render(sample_run())
    assert json.loads(raw)["hosts"][5]["services"][0]["detail"].startswith(HOSTILE_BANNER)
    assert json.loads(raw)["hosts"][5]["name"] == HOSTILE_NAME
    text = raw.decode()
    assert not set(text) & set("\x1b\x00\r\u202e\u2066\x7f")
    assert "\ufffd lone surrogate" in text


def test_a_time_without_a_zone_is_refused() -> None:
    """A report never guesses what zone a time was in."""
    run = replace(sample_run(), started_at=datetime(2026, 3, 4, 2, 0, 0))  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="time zone"):
        audit_document(run)


def test_links_interactions_and_checklists_satisfy_the_schema() -> None:
    """A fleet with a link that holds, one that breaks, and one that is not known."""
    run = run_of(device(), device(roots(), name="rm205"), device(setting(PROTOCOL, "HTTP"), name="rm206"), server())
    document = json.loads(JsonReport().render(run))
    VALIDATOR.validate(document)
    assert [link["level"] for link in document["links"]] == [4, None, 2]
    assert document["links"][1]["device_to_tms"]["outcome"] == "refused"
    assert {cause["devices"][0] for cause in document["link_causes"]} == {"rm205", "rm206"}
    assert [len(host["checklist"]) for host in document["hosts"]] == [12, 12, 12, 14]
    assert [len(host["interactions"]) for host in document["hosts"]] == [0, 0, 0, 11]


def test_remarks_on_the_audit_as_a_whole_are_in_it() -> None:
    """And the schema knows them."""
    document = json.loads(JsonReport().render(replace(sample_run(), notes=("This clock is 400 s off.",))))
    VALIDATOR.validate(document)
    assert document["audit"]["notes"] == ["This clock is 400 s off."]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(JSON_VALUES, st.integers(0, 3))
def test_pieces_are_laid_out_as_the_whole_would_be(value: object, depth: int) -> None:
    """A piece stands in the document byte for byte as the standard library would write it there."""
    whole = value
    for _ in range(depth):
        whole = [whole]
    expected = json.dumps(whole, ensure_ascii=False, indent=1)
    text = _LONE_SURROGATE.sub("\ufffd", expected)
    text = _DECEIVING.sub(lambda match: json.dumps(match.group())[1:-1], text)
    opening = b"".join(b"[\n" + b" " * (level + 1) for level in range(depth))
    closing = b"".join(b"\n" + b" " * level + b"]" for level in reversed(range(depth)))
    assert opening + _written(value, depth) + closing == text.encode()
