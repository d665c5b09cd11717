"""Hostnames, addresses and name servers: accepted forms, and what is refused."""

import pytest

from auditor.inventory.host import read_address, read_hostname, read_name_server
from auditor.inventory.problem import Problem, Spot


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rm204", "rm204"),
        ("RM204.Example.test", "RM204.Example.test"),
        ("rm204.example.test.", "rm204.example.test"),
        ("my_codec.example.test", "my_codec.example.test"),
        ("3com.example", "3com.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("a" * 63 + ".test", "a" * 63 + ".test"),
        (".".join(["a" * 49] * 5) + ".tes", ".".join(["a" * 49] * 5) + ".tes"),
        ("straße.example", None),
        ("ｒｍ.example", None),
        ("", None),
        (".", None),
        ("a..b", None),
        (".a", None),
        ("-a.test", None),
        ("a-.test", None),
        ("a b", None),
        ("a:443", None),
        ("https://a.test/", None),
        ("*.example.test", None),
        ("a\u0000b", None),
        ("1.2.3", None),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("a" * 64 + ".test", None),
        ("a." * 127 + "toolong", None),
        ("ü" * 5000, None),
    ],
)
def test_hostnames(text: str, expected: str | None) -> None:
    """A hostname comes back as DNS carries it, or one problem is noted."""
    found: list[Problem] = []
    assert read_hostname(Spot("f", 1, "hostname", found), text) == expected
    assert len(found) == (expected is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("192.0.2.01", None),
        ("192.0.2", None),
        ("3221225985", None),
        ("192.0.2.0/24", None),
        ("fe80::1%eth0", None),
        ("::", None),
        ("224.0.0.1", None),
        ("255.255.255.255", None),
        ("rm204.example.test", None),
    ],
)
def test_addresses(text: str, expected: str | None) -> None:
    """An address literal of one host comes back in its short form, or one problem is noted."""
    found: list[Problem] = []
    assert read_address(Spot("f", 1, "address", found), text) == expected
    assert len(found) == (expected is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.53", "192.0.2.53:53"),
        ("192.0.2.53:5353", "192.0.2.53:5353"),
        ("2001:db8::53", "[2001:db8::53]:53"),
        ("[2001:db8::53]", "[2001:db8::53]:53"),
        ("[2001:db8::53]:054", "[2001:db8::53]:54"),
        ("192.0.2.53:", None),
        ("192.0.2.53:0", None),
        ("192.0.2.53:65536", None),
        ("192.0.2.53:" + "9" * 9999, None),
        ("dns.example.test:53", None),
        ("[192.0.2.53:53", None),
        (":53", None),
    ],
)
def test_name_servers(text: str, expected: str | None) -> None:
    """A name server comes back as address and port, or one problem is noted."""
    found: list[Problem] = []
    assert read_name_server(Spot("f", 1, "dns_servers[0]", found), text) == expected
    assert len(found) == (expected is None)
