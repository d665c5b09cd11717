"""Revocation by lists that the operator gives: revoked, good, or not known, and never one for the other."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from auditor.model.certificate import ChainReport, ProblemKind
from auditor.trust import DEVICE_RULES, MODERN_RULES, Anchors, RevocationLists, TrustRules, judge
from tests.trust import certificates as shop
from tests.trust.certificates import NOW

HOUR = timedelta(hours=1)
ROOT = shop.make_root()
MIDDLE = shop.make_ca("CN=Middle", ROOT, serial=77)
LEAF = shop.make_leaf("codec.example.test", MIDDLE, serial=78)
HIGH = shop.make_list(ROOT)
REQUIRED = replace(DEVICE_RULES, revocation_required=True)


def _judge(*lists: bytes, rules: TrustRules = REQUIRED, at: datetime = NOW) -> ChainReport:
    return judge(
        (LEAF.der, MIDDLE.der),
        anchors=Anchors.of([ROOT.der]),
        reference=None,
        at=at,
        rules=rules,
        crls=RevocationLists.of(lists),
    )


def test_good() -> None:
    """Lists of both issuers that name nobody make the chain good."""
    report = _judge(shop.make_list(MIDDLE), HIGH)
    assert (report.verify_code, report.problems) == (0, ())


def test_pem_is_read_too() -> None:
    """A PEM file may hold several lists."""
    text = shop.to_pem(shop.make_list(MIDDLE), "X509 CRL") + shop.to_pem(HIGH, "X509 CRL")
    assert _judge(text.encode()).verify_code == 0


@pytest.mark.parametrize(("low", "high", "depth"), [((78,), (), 0), ((), (77,), 1)])
def test_revoked(low: tuple[int, ...], high: tuple[int, ...], depth: int) -> None:
    """A revoked leaf and a revoked intermediate are code 23, with or without the duty to check."""
    for rules in (DEVICE_RULES, REQUIRED):
        report = _judge(shop.make_list(MIDDLE, low), shop.make_list(ROOT, high), rules=rules)
        assert report.verify_name == "X509_V_ERR_CERT_REVOKED"
        assert [p.depth for p in report.has(ProblemKind.REVOKED)] == [depth]


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ({"next_update": NOW - HOUR}, "X509_V_ERR_CRL_HAS_EXPIRED"),
        ({"next_update": NOW}, "X509_V_ERR_CRL_HAS_EXPIRED"),
        ({"this_update": NOW + HOUR}, "X509_V_ERR_CRL_NOT_YET_VALID"),
        ({"signer": shop.ec_key("stranger")}, "X509_V_ERR_CRL_SIGNATURE_FAILURE"),
        ({"extensions": (shop.extension("1.2.3", b"\5\0", critical=True),)}, "X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION"),
        ({"extensions": (shop.extension("2.5.29.27", shop.integer(1), critical=True),)}, "X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE"),
        ({"extensions": (shop.extension("2.5.29.28", shop.sequence(shop.tlv(0x84, b"\xff")), critical=True),)}, "X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE"),
        ({"extensions": (shop.extension("2.5.29.28", shop.sequence(shop.tlv(0x82, b"\xff")), critical=True),)}, "X509_V_ERR_DIFFERENT_CRL_SCOPE"),
        ({"extensions": (shop.extension("2.5.29.28", shop.sequence(shop.tlv(0x83, b"\x06\x40")), critical=True),)}, "X509_V_ERR_UNABLE_TO_GET_CRL"),
    ],
)  # fmt: skip
def test_useless_list_is_not_known(made: dict[str, Any], name: str) -> None:
    """A list that is stale, forged, delta, indirect or about others proves nothing: undetermined, under its own code."""
    report = _judge(shop.make_list(MIDDLE, **made), HIGH)
    assert report.verify_name == name
    assert [p.depth for p in report.has(ProblemKind.REVOCATION_UNKNOWN)] == [0]
    lenient = _judge(shop.make_list(MIDDLE, **made), HIGH, rules=DEVICE_RULES)
    assert lenient.verify_code == 0
    assert lenient.has(ProblemKind.REVOCATION_UNKNOWN)


def test_missing_list() -> None:
    """No list of an issuer is code 3 where checking is a duty, and a note where lists were given at all."""
    assert _judge(HIGH).verify_name == "X509_V_ERR_UNABLE_TO_GET_CRL"
    assert _judge(HIGH, rules=DEVICE_RULES).verify_code == 0


def test_no_source_at_all() -> None:
    """Without any list nothing is said, unless the rules demand revocation checking."""
    for rules, kinds in ((DEVICE_RULES, 0), (REQUIRED, 2)):
        report = judge((LEAF.der, MIDDLE.der), anchors=Anchors.of([ROOT.der]), reference=None, at=NOW, rules=rules)
        assert len(report.has(ProblemKind.REVOCATION_UNKNOWN)) == kinds


def test_stale_list_still_says_that_a_certificate_is_revoked() -> None:
    """An old list is no proof of innocence, but what it names stays revoked; a forged one says nothing."""
    stale = _judge(shop.make_list(MIDDLE, (78,), next_update=NOW - HOUR), HIGH, rules=DEVICE_RULES)
    assert stale.verify_name == "X509_V_ERR_CERT_REVOKED"
    assert stale.has(ProblemKind.REVOCATION_UNKNOWN)
    forged = _judge(shop.make_list(MIDDLE, (78,), signer=shop.ec_key("stranger")), HIGH, rules=DEVICE_RULES)
    assert not forged.has(ProblemKind.REVOKED)


def test_list_of_another_ca_with_the_same_serial_number() -> None:
    """A serial number counts only on the list of its own issuer."""
    other = shop.make_root("CN=Other")
    assert _judge(shop.make_list(MIDDLE), HIGH, shop.make_list(other, (78, 77))).verify_code == 0


def test_list_signed_with_sha1_or_md5_is_read() -> None:
    """Lists of old CAs are checked, not passed over (`cryptography` would call their signatures wrong)."""
    assert _judge(shop.make_list(MIDDLE, (78,), digest="sha1"), HIGH).verify_name == "X509_V_ERR_CERT_REVOKED"


def test_ca_that_may_not_sign_lists() -> None:
    """A CA whose key usage lacks lists cannot revoke, nor vouch."""
    middle = shop.make_ca("CN=Middle", ROOT, extensions=(shop.basic_constraints(), shop.key_usage(5)))
    leaf = shop.make_leaf("codec.example.test", middle, serial=78)
    report = judge(
        (leaf.der, middle.der), anchors=Anchors.of([ROOT.der]), reference=None, at=NOW, rules=REQUIRED,
        crls=RevocationLists.of([shop.make_list(middle), HIGH]),
    )  # fmt: skip
    assert report.verify_name == "X509_V_ERR_KEYUSAGE_NO_CRL_SIGN"


def test_modern_rules_want_number_and_key_in_a_list() -> None:
    """RFC 5280 demands a number and a key identifier of every list; devices do not."""
    modern = replace(MODERN_RULES, revocation_required=True)
    assert _judge(shop.make_list(MIDDLE), HIGH, rules=modern).verify_code != 0
    named = [
        shop.make_list(one, extensions=(shop.extension("2.5.29.35", shop.sequence(shop.tlv(0x80, one.key_id))),))
        for one in (MIDDLE, ROOT)
    ]
    assert _judge(*named, rules=modern).verify_code == 0


def test_unsupported_lists_are_listed() -> None:
    """What cannot be used is told when the lists are read, before any host is judged."""
    delta = shop.make_list(MIDDLE, extensions=(shop.extension("2.5.29.27", shop.integer(1), critical=True),))
    (sentence,) = RevocationLists.of([delta, HIGH]).unsupported
    assert "CN=Middle" in sentence
    assert "delta" in sentence
