"""Names: the guide's common-name rule and today's alternative-name rule, and the tricks that neither falls for."""

from dataclasses import replace

import pytest

from auditor.trust.names import check_name
from auditor.trust.parse import parsed
from auditor.trust.rules import DEVICE_RULES, MODERN_RULES
from tests.trust import certificates as shop


def _leaf(subject: str, *names: str) -> bytes:
    extensions = (shop.alternative_names(*names),) if names else ()
    return shop.make(subject, extensions=extensions).der


def _outcomes(subject: str, names: tuple[str, ...], reference: str) -> tuple[str, str, str, str]:
    """Return by common name, by alternative name, and the outcome under device and modern rules."""
    leaf = parsed(_leaf(subject, *names))
    device, modern = (check_name(leaf, reference, rules) for rules in (DEVICE_RULES, MODERN_RULES))
    assert device.by_common_name == modern.by_common_name
    assert device.by_subject_alternative_name == modern.by_subject_alternative_name
    return device.by_common_name, device.by_subject_alternative_name, device.outcome, modern.outcome


YES, NO, NONE = "match", "mismatch", "absent"

TABLE: list[tuple[str, tuple[str, ...], str, tuple[str, str, str, str]]] = [
    ("CN=a.example.test", (), "a.example.test", (YES, NONE, YES, NO)),
    ("CN=a.example.test", (), "A.Example.TEST", (YES, NONE, YES, NO)),
    ("CN=A.EXAMPLE.test", (), "a.example.test", (YES, NONE, YES, NO)),
    ("CN=a.example.test", (), "a.example.test.", (YES, NONE, YES, NO)),
    ("CN=a.example.test.", (), "a.example.test", (YES, NONE, YES, NO)),
    ("CN=b.example.test", (), "a.example.test", (NO, NONE, NO, NO)),
    ("CN=a.example.test", ("b.example.test",), "a.example.test", (YES, NO, YES, NO)),
    ("CN=b.example.test", ("a.example.test",), "a.example.test", (NO, YES, YES, YES)),
    ("CN=a.example.test", ("a.example.test",), "a.example.test", (YES, YES, YES, YES)),
    ("O=Nobody", ("a.example.test",), "a.example.test", (NONE, YES, YES, YES)),
    ("O=Nobody", (), "a.example.test", (NONE, NONE, NO, NO)),
    ("CN=x,CN=a.example.test", (), "a.example.test", (YES, NONE, YES, NO)),
    ("CN=*.example.test", ("*.example.test",), "a.example.test", (YES, YES, YES, YES)),
    ("CN=*.example.test", ("*.example.test",), "a.b.example.test", (NO, NO, NO, NO)),
    ("CN=*.example.test", ("*.example.test",), "example.test", (NO, NO, NO, NO)),
    ("CN=*.test", ("*.test",), "example.test", (NO, NO, NO, NO)),
    ("CN=*", ("*",), "example", (NO, NO, NO, NO)),
    ("CN=*.*.test", ("*.*.test",), "a.b.test", (NO, NO, NO, NO)),
    ("CN=a*.example.test", ("a*.example.test",), "ab.example.test", (NO, NO, NO, NO)),
    ("CN=a.*.test", ("a.*.test",), "a.b.test", (NO, NO, NO, NO)),
    ("CN=a.example.test", ("a.example.test",), "*.example.test", (NO, NO, NO, NO)),
    ("CN=a.example.test\0.evil.test", ("a.example.test\0.evil.test",), "a.example.test", (NO, NO, NO, NO)),
    ("CN=a.example.test ", ("a.example.test ",), "a.example.test", (NO, NO, NO, NO)),
    ("CN=a.example.test\n", ("a.example.test\n",), "a.example.test", (NO, NO, NO, NO)),
    ("CN=a..example.test", ("a..example.test",), "a..example.test", (NO, NO, NO, NO)),
    ("CN=-a.example.test", ("-a.example.test",), "-a.example.test", (NO, NO, NO, NO)),
    ("CN=kodek-\u0430.example.test", (), "kodek-a.example.test", (NO, NONE, NO, NO)),
    ("CN=\uff41.example.test", (), "a.example.test", (NO, NONE, NO, NO)),
    ("CN=xn--mnchen-3ya.example.test", (), "m\u00fcnchen.example.test", (YES, NONE, YES, NO)),
    ("O=x", ("xn--mnchen-3ya.example.test",), "M\u00dcNCHEN.example.test", (NONE, YES, YES, YES)),
    ("CN=m\u00fcnchen.example.test", ("m\u00fcnchen.example.test",), "m\u00fcnchen.example.test", (NO, NO, NO, NO)),
    ("CN=host", ("host",), "host", (YES, YES, YES, YES)),
    ("CN=192.0.2.1", (), "192.0.2.1", (NO, NONE, NO, NO)),
    ("CN=192.0.2.1", ("192.0.2.1",), "192.0.2.1", (NO, YES, NO, YES)),
    ("CN=x", ("192.0.2.1",), "192.0.2.2", (NO, NO, NO, NO)),
    ("CN=x", ("192.0.2.1",), "a.example.test", (NO, NONE, NO, NO)),
    ("CN=x", ("2001:db8::1",), "2001:db8:0:0:0:0:0:1", (NO, YES, NO, YES)),
    ("CN=x", ("2001:db8::1",), "[2001:DB8::1]", (NO, YES, NO, YES)),
    ("CN=x", ("::ffff:192.0.2.1",), "192.0.2.1", (NO, NO, NO, NO)),
    ("CN=a.example.test", ("a.example.test",), "", (NO, NO, NO, NO)),
    ("CN=", ("a.example.test",), "", (NO, NO, NO, NO)),
    ("CN=a.example.test", ("a.example.test",), "a.example.test..", (NO, NO, NO, NO)),
    ("CN=a.example.test", ("a.example.test",), "a.example.test\0", (NO, NO, NO, NO)),
]


@pytest.mark.parametrize(("subject", "names", "reference", "expected"), TABLE)
def test_rule(subject: str, names: tuple[str, ...], reference: str, expected: tuple[str, str, str, str]) -> None:
    """Both rules give the expected word, and each set of rules combines them as it should."""
    assert _outcomes(subject, names, reference) == expected


def test_dns_name_in_digits_is_not_an_address() -> None:
    """A dNSName that spells an address does not match that address (a trick known from x509-limbo)."""
    spelled = shop.extension("2.5.29.17", shop.sequence(shop.tlv(0x82, b"192.0.2.1")))
    leaf = parsed(shop.make("CN=x", extensions=(spelled,)).der)
    assert check_name(leaf, "192.0.2.1", MODERN_RULES).outcome == "mismatch"


def test_address_of_a_wrong_length_never_matches() -> None:
    """An iPAddress of five octets is reported and matches nothing."""
    odd = shop.extension("2.5.29.17", shop.sequence(shop.tlv(0x87, b"\xc0\0\x02\x01\0")))
    leaf = parsed(shop.make("CN=x", extensions=(odd,)).der)
    assert leaf.certificate.ip_addresses == ("#c000020100",)
    assert check_name(leaf, "192.0.2.1", MODERN_RULES).by_subject_alternative_name == "mismatch"


def test_sentence_names_both_sides_without_control_characters() -> None:
    """The explanation quotes what was compared, escaped."""
    leaf = parsed(_leaf("CN=evil\x1b[31m\u202e", "other.example.test"))
    because = check_name(leaf, "a.example.test", DEVICE_RULES).because
    assert "a.example.test" in because
    assert "other.example.test" in because
    assert because.isprintable()


def test_rules_can_be_combined_otherwise() -> None:
    """Which rule decides is data: modern rules with the common name allowed accept a name without alternative."""
    leaf = parsed(_leaf("CN=a.example.test"))
    lenient = replace(MODERN_RULES, common_name_counts=True)
    assert check_name(leaf, "a.example.test", lenient).outcome == "match"
