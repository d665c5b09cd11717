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
    assert (report.verify_code, report.problems, report.revocation_checked) == (0, (), True)


def test_checked_only_where_every_certificate_is_covered() -> None:
    """One missing list, no list at all, or no path: then nobody may say that revocation was checked."""
    assert not _judge(HIGH, rules=DEVICE_RULES).revocation_checked
    lists = RevocationLists.of([shop.make_list(MIDDLE), HIGH])
    anchors = Anchors.of([ROOT.der])
    assert not judge((LEAF.der,), anchors=anchors, reference=None, at=NOW, crls=lists).revocation_checked
    assert not judge((LEAF.der, MIDDLE.der), anchors=anchors, reference=None, at=NOW).revocation_checked
    pinned = shop.make_leaf("codec.example.test", None).der
    alone = judge((pinned,), anchors=Anchors.of([pinned]), reference=None, at=NOW, crls=lists)
    assert (alone.verify_code, alone.revocation_checked) == (0, False)


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


def _critical(dotted: str, value: bytes) -> dict[str, Any]:
    return {"extensions": (shop.extension(dotted, value, critical=True),)}


def _scope(*parts: bytes) -> dict[str, Any]:
    return _critical("2.5.29.28", shop.sequence(*parts))


USELESS: dict[str, tuple[dict[str, Any], str]] = {
    "stale": ({"next_update": NOW - HOUR}, "CRL_HAS_EXPIRED"),
    "stale since this second": ({"next_update": NOW}, "CRL_HAS_EXPIRED"),
    "from the future": ({"this_update": NOW + HOUR}, "CRL_NOT_YET_VALID"),
    "forged": ({"signer": shop.ec_key("stranger")}, "CRL_SIGNATURE_FAILURE"),
    "unknown critical extension": (_critical("1.2.3", b"\5\0"), "UNHANDLED_CRITICAL_CRL_EXTENSION"),
    "delta": (_critical("2.5.29.27", shop.integer(1)), "UNSUPPORTED_EXTENSION_FEATURE"),
    "indirect": (_scope(shop.tlv(0x84, b"\xff")), "UNSUPPORTED_EXTENSION_FEATURE"),
    "for CAs only": (_scope(shop.tlv(0x82, b"\xff")), "DIFFERENT_CRL_SCOPE"),
    "for attributes only": (_scope(shop.tlv(0x85, b"\xff")), "DIFFERENT_CRL_SCOPE"),
    "of another distribution point": (
        _scope(shop.tlv(0xA0, shop.tlv(0xA0, shop.general_name("uri:http://x.test/")))),
        "DIFFERENT_CRL_SCOPE",
    ),
    "for one reason only": (_scope(shop.tlv(0x83, b"\x06\x40")), "UNABLE_TO_GET_CRL"),
}


@pytest.mark.parametrize("title", USELESS)
def test_useless_list_is_not_known(title: str) -> None:
    """A list that is stale, forged, delta, indirect or about others proves nothing, and has its own code."""
    made, ending = USELESS[title]
    report = _judge(shop.make_list(MIDDLE, **made), HIGH)
    assert report.verify_name == f"X509_V_ERR_{ending}"
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
