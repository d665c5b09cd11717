"""Digest: the examples of the RFCs, old and new forms, and challenges that cannot be answered."""

import pytest

from auditor.wire.failures import MalformedError
from auditor.wire.http_digest import answer, can_answer
from auditor.wire.http_fields import parse_challenges


def answered(challenge: str, *, username: str, word: str, uri: str, cnonce: str = "") -> str:
    (parsed,) = parse_challenges(challenge)
    return answer(parsed, username=username, password=word, method="GET", uri=uri, cnonce=cnonce)


MUFASA = {"username": "Mufasa", "uri": "/dir/index.html"}


def test_the_example_of_rfc_2617() -> None:
    """Section 3.5: MD5 with qop auth."""
    value = answered(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
        word="Circle Of Life", cnonce="0a4f113b", **MUFASA,
    )  # fmt: skip
    assert 'response="6629fae49393a05397450978507c4ef1"' in value
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in value
    assert "qop=auth, nc=00000001" in value


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    """Section 3.9.1, both algorithms."""
    value = answered(
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
        word="Circle of Life", cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", **MUFASA,
    )  # fmt: skip
    assert f'response="{response}"' in value
    assert f"algorithm={algorithm}" in value


def test_a_challenge_of_rfc_2069_is_answered_without_a_count() -> None:
    """The oldest form names no quality; its answer carries neither count nor client nonce (errata's own value)."""
    value = answered(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
        word="CircleOfLife", cnonce="x", **MUFASA,
    )  # fmt: skip
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "qop" not in value
    assert "cnonce" not in value


@pytest.mark.parametrize(
    "challenge",
    [
        'Digest realm="r", nonce="n", algorithm=MD4',
        'Digest realm="r", nonce="n", qop="auth-int"',
        'Digest realm="r", nonce="n", algorithm="SHA-512"',
        'Basic realm="r"',
    ],
)
def test_what_is_not_known_is_not_answered(challenge: str) -> None:
    """Another algorithm, another quality, another scheme."""
    assert not can_answer(parse_challenges(challenge)[0])


@pytest.mark.parametrize(
    "challenge", ['Digest realm="r"', 'Digest realm="r", nonce=""', 'Digest realm="a\x01", nonce="n"']
)
def test_a_broken_challenge_is_malformed(challenge: str) -> None:
    """No nonce, or control characters that would break the field."""
    with pytest.raises(MalformedError):
        answered(challenge, username="u", word="p", uri="/")


def test_quotes_are_escaped_again() -> None:
    """A realm may hold quotation marks; the field stays one field."""
    value = answered(r'Digest realm="Room \"5\"", nonce="n"', username='a"b', word="p", uri="/")
    assert r'realm="Room \"5\""' in value
    assert r'username="a\"b"' in value
