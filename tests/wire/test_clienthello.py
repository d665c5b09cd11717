"""The hand-made hello and the reader of what a server answers to it."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.profile import Limits
from auditor.wire.clienthello import read_flight, speaks_sslv2
from auditor.wire.failures import ClosedEarlyError, MalformedError, SilentError, TooLargeError, WireError
from auditor.wire.hello_message import (
    SSLV3,
    TLS10,
    TLS12,
    TLS13,
    Offer,
    client_hello,
    server_name,
    sslv2_hello,
)
from auditor.wire.server_flight import AlertError, Flight, NotTlsError, parse_server_flight, parse_sslv2_hello
from tests.lines import gate_to, says, serving
from tests.tls_peers import HOSTNAME, chain_of_two, nginx

LIMITS = Limits(pause_seconds=0.0, question_seconds=1.0)
SHORT = Limits(pause_seconds=0.0, question_seconds=0.3)


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def record(payload: bytes, kind: int = 0x16) -> bytes:
    return bytes([kind, 3, 1]) + len(payload).to_bytes(2, "big") + payload


def vector(data: bytes, width: int = 3) -> bytes:
    return len(data).to_bytes(width, "big") + data


def server_hello(version: int = TLS12, suite: int = 0xC02F, extensions: bytes = b"") -> bytes:
    body = version.to_bytes(2, "big") + bytes(32) + b"\x00" + suite.to_bytes(2, "big") + b"\x00"
    return handshake(2, body + (vector(extensions, 2) if extensions else b""))


def certificate(*chain: bytes) -> bytes:
    return handshake(11, vector(b"".join(vector(der) for der in chain)))


DONE = handshake(14, b"")
STAPLE = handshake(22, b"\x01" + vector(b"stapled"))
REQUEST = handshake(13, b"\x01\x01\x00\x00")
CHAIN = (b"leaf" * 300, b"issuer" * 200)
ANSWER = server_hello() + certificate(*CHAIN) + STAPLE + handshake(12, b"key") + REQUEST + DONE


@pytest.mark.parametrize(
    ("offer", "most"),
    [
        (Offer(version=TLS12, sni=HOSTNAME), 255),
        (Offer(version=TLS12, sni="a" * 60 + ".example.test"), 255),
        (Offer(version=TLS12), 255),
        (Offer(version=TLS10, extensions=False), 255),
        (Offer(version=SSLV3, extensions=False), 255),
        (Offer(version=TLS13, sni=HOSTNAME), 255),
    ],
)
def test_a_hello_stays_below_the_size_that_old_servers_hang_on(offer: Offer, most: int) -> None:
    """Record header included, 255 bytes are the most for names of usual length."""
    assert len(client_hello(offer, bytes(32), bytes(32))) <= most


def test_a_hello_with_a_very_long_name_is_padded_beyond_the_hurtful_sizes() -> None:
    """Between 256 and 511 bytes some servers hang: the handshake message then has exactly 512."""
    name = ".".join(["a" * 60] * 4)
    hello = client_hello(Offer(version=TLS12, sni=name), bytes(32))
    assert len(hello) == 512 + 5
    assert name.encode() in hello


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "", None, "a" * 300, "[::1]", "\ud800"])
def test_only_dns_names_are_sent_as_server_name(host: str | None) -> None:
    """RFC 6066: an address or nonsense is no server name."""
    assert server_name(host) is None


def test_a_server_name_has_no_final_dot_and_is_ascii() -> None:
    """RFC 6066 section 3."""
    assert server_name("codec.example.test.") == HOSTNAME
    assert server_name("møte.example.test") == "xn--mte-0na.example.test"


def test_hellos_of_old_versions_have_no_extensions_and_no_elliptic_curves() -> None:
    """SSLv3 and TLS 1.0 servers are asked in their own words."""
    hello = client_hello(Offer(version=SSLV3, extensions=False), bytes(32))
    assert hello[1:3] == hello[9:11] == b"\x03\x00"
    suites = hello[46 : 46 + int.from_bytes(hello[44:46], "big")]
    assert {suites[at] for at in range(0, len(suites), 2)} == {0x00}
    assert hello[46 + len(suites) :] == b"\x01\x00"


def test_an_answer_is_read_whole() -> None:
    """Version, suite, chain, request for a certificate, and OCSP response."""
    flight = parse_server_flight(record(ANSWER))
    assert (flight.version, flight.suite, flight.chain) == (TLS12, 0xC02F, CHAIN)
    assert flight.client_certificate_requested
    assert flight.ocsp_staple == b"stapled"
    assert flight.done


@pytest.mark.parametrize("size", [1, 3, 100, 2000])
def test_messages_may_be_split_over_records_and_share_them(size: int) -> None:
    """RFC 5246 section 6.2.1: records carry a stream."""
    pieces = (ANSWER[at : at + size] for at in range(0, len(ANSWER), size))
    assert parse_server_flight(b"".join(map(record, pieces))).chain == CHAIN


def test_a_tls13_hello_is_recognised_by_its_extension() -> None:
    """RFC 8446 section 4.2.1; nothing else of that version can be read."""
    flight = parse_server_flight(record(server_hello(suite=0x1301, extensions=b"\x00\x2b\x00\x02\x03\x04")))
    assert (flight.version, flight.suite, flight.chain, flight.done) == (TLS13, 0x1301, None, True)


def test_a_warning_before_the_hello_is_passed_over() -> None:
    """Servers warn of a name that they do not know and go on."""
    assert parse_server_flight(record(b"\x01\x70", 0x15) + record(ANSWER)).chain == CHAIN


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", NotTlsError, "48 54 54 50"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", NotTlsError, "does not speak TLS"),
        (record(b"\x02\x28", 0x15), AlertError, "handshake_failure"),
        (record(b"\x02\xfe", 0x15), AlertError, "number 254"),
        (record(b"\x02", 0x15), MalformedError, "alert of 1 bytes"),
        (b"\x16\x03\x01\xff\xff", TooLargeError, "65,535"),
        (record(b"\x02\xff\xff\xff"), TooLargeError, "16,777,215"),
        (record(certificate(*CHAIN)), MalformedError, "out of order"),
        (record(server_hello() + server_hello()), MalformedError, "out of order"),
        (record(b"xx", 0x17), MalformedError, "type 23"),
        (record(server_hello(version=0x0299)), MalformedError, "0x0299"),
        (record(server_hello(extensions=b"\x00\x2b\x00\x02\x7f\x1c")), MalformedError, "0x7F1C"),
        (record(server_hello(extensions=b"\x00\x2b\x00\x01\x03")), MalformedError, "no single version"),
        (record(server_hello(extensions=b"\x00\x2b\x00\x09\x03")), MalformedError, "announces 9 bytes"),
        (record(handshake(2, b"\x03\x03" + bytes(20))), MalformedError, "announces 32 bytes"),
        (record(server_hello() + certificate(b"")), MalformedError, "empty certificate"),
        (record(server_hello() + handshake(11, b"\x00\x00\x09\x00")), MalformedError, "announces 9 bytes"),
        (record(server_hello() + handshake(11, vector(b"\x00\x00\x09\x00"))), MalformedError, "announces 9 bytes"),
        (record(server_hello() + handshake(11, vector(b"") + b"more")), MalformedError, "4 bytes too many"),
        (record(server_hello() + certificate(*[b"x"] * 65)), TooLargeError, "more than 64"),
        (record(server_hello())[:-1], ClosedEarlyError, "before the server's hello"),
        (b"", ClosedEarlyError, "before the server's hello"),
    ],
)
def test_a_wrong_answer_is_told_apart(data: bytes, error: type[WireError], words: str) -> None:
    """Every length is checked, and each error says what is wrong."""
    with pytest.raises(error, match=words):
        parse_server_flight(data)


def test_a_chain_of_64_is_still_read() -> None:
    """The bound is 64 certificates, not 63."""
    answer = parse_server_flight(record(server_hello() + certificate(*[b"x"] * 64) + DONE))
    assert answer.chain == (b"x",) * 64


def test_an_endless_handshake_is_cut() -> None:
    """256 kB of handshake are the most, however they are cut into messages."""
    flight = Flight()
    flight.take(0x16, server_hello())
    for _ in range(16):
        flight.take(0x16, handshake(12, bytes(16_000)))
    with pytest.raises(TooLargeError, match="262,144"):
        flight.take(0x16, handshake(12, bytes(16_000)))


@given(st.binary(max_size=600))
def test_noise_ends_in_a_typed_error(data: bytes) -> None:
    """Whatever a peer sends, only errors of the wire come out."""
    with suppress(WireError):
        parse_server_flight(data)


@given(st.lists(st.tuples(st.integers(0, len(ANSWER) - 1), st.integers(0, 255)), max_size=6), st.integers(1, 3000))
def test_a_damaged_answer_ends_in_a_typed_error_or_a_bounded_chain(damage: list[tuple[int, int]], size: int) -> None:
    """Bytes of a good answer are overwritten at random; the sum of what comes out is never more than what went in."""
    answer = bytearray(ANSWER)
    for at, value in damage:
        answer[at] = value
    pieces = b"".join(record(bytes(answer[at : at + size])) for at in range(0, len(answer), size))
    try:
        flight = parse_server_flight(pieces)
    except WireError:
        return
    assert sum(map(len, flight.chain or ())) <= len(answer)


@given(st.binary(max_size=64))
def test_an_sslv2_answer_of_noise_is_judged_without_an_error(data: bytes) -> None:
    """Only a whole server hello of version 2 counts."""
    assert parse_sslv2_hello(data) == (len(data) >= 11 and data[0] == 4 and data[3:5] == b"\x00\x02")


def test_the_chain_of_a_real_server_is_read_byte_for_byte(tmp_path: Path) -> None:
    """An nginx with TLS 1.2 shows leaf and issuer as they stand in its file."""
    identity = chain_of_two(tmp_path)
    with nginx(tmp_path, identity, protocols="TLSv1.2") as peer:
        flight = asyncio.run(read_flight(gate_to(limits=LIMITS), peer.port, Offer(version=TLS12, sni=HOSTNAME)))
    assert flight.chain == identity.chain
    assert flight.version == TLS12


def ask(*parts: bytes | float, then: str = "wait", limits: Limits = LIMITS) -> Flight:
    async def run() -> Flight:
        async with serving(says(*parts, then=then)) as peer:
            return await read_flight(gate_to(limits=limits), peer.port, Offer(version=TLS12))

    return asyncio.run(run())


def test_a_connection_that_ends_behind_the_chain_still_gives_the_chain() -> None:
    """The rest of the answer says nothing of the chain."""
    assert ask(record(server_hello() + certificate(*CHAIN)), then="close").chain == CHAIN


def test_a_connection_that_ends_before_the_chain_is_an_error() -> None:
    """A hello alone is no face."""
    with pytest.raises(ClosedEarlyError):
        ask(record(server_hello()), then="close")


def test_a_server_that_says_nothing_ends_at_the_deadline() -> None:
    """And says so."""
    began = time.monotonic()
    with pytest.raises(SilentError):
        ask(limits=SHORT)
    assert time.monotonic() - began < 1


def test_a_server_that_drips_ends_at_the_deadline() -> None:
    """A byte now and then does not move the deadline."""
    began = time.monotonic()
    with pytest.raises(SilentError):
        ask(*[part for byte in record(ANSWER)[:40] for part in (bytes([byte]), 0.05)], limits=SHORT)
    assert time.monotonic() - began < 1


def test_a_version_above_the_offer_is_refused() -> None:
    """A server cannot choose what was not offered."""
    with pytest.raises(MalformedError, match="higher TLS version"):
        ask(record(server_hello(suite=0x1301, extensions=b"\x00\x2b\x00\x02\x03\x04")))


@pytest.mark.parametrize(
    ("answer", "speaks"),
    [
        (b"\x80\x0b\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10", True),
        (b"\x80\x0b\x00\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10", False),
        (record(b"\x02\x46", 0x15), False),
    ],
)
def test_sslv2_is_spoken_only_by_who_answers_in_it(answer: bytes, speaks: bool) -> None:  # noqa: FBT001
    """No real server was to be had: the answers are made by hand, after the draft of 1995."""

    async def run() -> bool:
        async with serving(says(answer)) as peer:
            return await speaks_sslv2(gate_to(limits=LIMITS), peer.port)

    assert asyncio.run(run()) is speaks


def test_an_sslv2_hello_has_its_own_header() -> None:
    """Two bytes with the highest bit set, then type 1 and version 2."""
    hello = sslv2_hello(bytes(16))
    assert int.from_bytes(hello[:2], "big") == 0x8000 | (len(hello) - 2)
    assert hello[2:5] == b"\x01\x00\x02"
