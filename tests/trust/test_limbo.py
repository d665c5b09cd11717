"""The modern rules against x509-limbo: agreement, time bounds, and no disagreement without a written reason."""

import hashlib
import importlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.trust.known import VECTORS, known_disagreements
from tests.trust.limbo_adapter import validate

FILE = VECTORS / "x509-limbo" / "cases.json"
DIGEST = "fb074d2b9e19d233615182663ff2240638df23e0deb9dd3593b73907f97d3e7b"
OPTIONAL = frozenset({
    "pedantic-public-suffix-wildcard", "name-constraint-dn", "pedantic-webpki-eku", "pedantic-webpki-subscriber-key",
    "pedantic-rfc5280", "pedantic-serial-number", "rfc5280-incompatible-with-webpki", "has-policy-constraints",
    "has-cert-policies", "no-cert-policies",
})  # fmt: skip
"""Features that the suite lets a validator leave out."""
SECONDS = 2.0

CASES: list[dict[str, Any]] = [
    case for case in json.loads(FILE.read_text())["testcases"] if not OPTIONAL & set(case["features"] or ())
]
KNOWN = known_disagreements("x509-limbo")


def _agrees(case: dict[str, Any]) -> tuple[bool, str]:
    when = case["validation_time"]
    client = case["validation_kind"] == "CLIENT" or case["extended_key_usage"] == ["clientAuth"]
    accepted, why = validate(
        [case["peer_certificate"], *case["untrusted_intermediates"]],
        case["trusted_certs"],
        (case["expected_peer_name"] or {}).get("value"),
        datetime.fromisoformat(when) if when else datetime.now(UTC),
        purpose="client" if client else "server",
        max_depth=case["max_chain_depth"],
        crls=case.get("crls") or None,
    )
    return accepted == (case["expected_result"] == "SUCCESS"), why


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    """The judge agrees with the suite, quickly; known disagreements must still be disagreements."""
    begin = time.perf_counter()
    agrees, why = _agrees(case)
    assert time.perf_counter() - begin < SECONDS
    assert agrees != (case["id"] in KNOWN), why


def test_agreement_is_high_enough() -> None:
    """At least 94 in 100 cases agree, and at most 3 good chains are refused."""
    wrong = [case for case in CASES if not _agrees(case)[0]]
    assert len(wrong) <= 0.06 * len(CASES)
    assert sum(case["expected_result"] == "SUCCESS" for case in wrong) <= 3


def test_file_is_the_one_that_the_notice_names() -> None:
    """The vectors are kept byte by byte, under a notice of origin and licence."""
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == DIGEST
    assert DIGEST in FILE.with_name("NOTICE").read_text()


def test_callable_is_named() -> None:
    """`tests/limbo.callable` names the callable that an outside runner is to use."""
    text = (Path(__file__).resolve().parents[1] / "limbo.callable").read_text().strip()
    module, _, attribute = text.partition(":")
    assert getattr(importlib.import_module(module), attribute) is validate
