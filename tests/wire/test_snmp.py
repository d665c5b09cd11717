"""SNMP: one GET, well-formed; answers are held against the question, byte by byte."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.wire import snmp
from auditor.wire.failures import FilteredError, MalformedError, RefusedError, TooLargeError
from auditor.wire.ledger import Entry
from auditor.wire.readlist import NotPermittedError
from auditor.wire.snmp import (
    GET_RESPONSE,
    OCTET_STRING,
    SEQUENCE,
    Elements,
    encode_integer,
    encode_oid,
    get_request,
    parse_response,
    tlv,
)
from tests.lines import LOOPBACK, QUICK, gate_to
from tests.peers import free_port, snmpd

OID = "1.3.6.1.2.1.1.1.0"
CODEC = "TANDBERG Codec\nSoftW: F8.1 PAL\nMCU: TANDBERG Profile 6000MXP"
SHORT = replace(QUICK, question_seconds=0.6)


def long_form(tag: int, content: bytes) -> bytes:
    """Return an element whose length takes two bytes although one would do, as some of these devices send it."""
    return bytes((tag, 0x82)) + len(content).to_bytes(2, "big") + content


def answer(
    request_id: int,
    *,
    text: bytes = CODEC.encode(),
    status: int = 0,
    oid: str = OID,
    tag: int = OCTET_STRING,
    version: int = 0,
    wrap: Callable[[int, bytes], bytes] = tlv,
) -> bytes:
    """Return a GetResponse."""
    variable = wrap(SEQUENCE, wrap(0x06, encode_oid(oid)) + wrap(tag, text))
    body = encode_integer(request_id) + encode_integer(status) + encode_integer(0) + wrap(SEQUENCE, variable)
    return wrap(SEQUENCE, encode_integer(version) + wrap(OCTET_STRING, b"public") + wrap(GET_RESPONSE, body))


def id_of(question: bytes) -> int:
    """Return the request identifier of a question."""
    message = Elements(Elements(question).take(SEQUENCE))
    message.take_integer()
    message.take(OCTET_STRING)
    return Elements(message.take(0xA0)).take_integer()


@asynccontextmanager
async def agent(answers: Callable[[bytes], list[bytes]]) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Serve UDP on loopback; yields the port and the list of datagrams that came in."""
    received: list[bytes] = []

    class Agent(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            # Python 3.11 does not derive its UDP transports from the class that describes them.
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            received.append(data)
            for each in answers(data):
                self.transport.sendto(each, addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Agent, local_addr=(LOOPBACK, 0))
    try:
        yield transport.get_extra_info("sockname")[1], received
    finally:
        transport.close()


def test_snmpd(tmp_path: Path) -> None:
    """Debian's agent: its description is read with one datagram each way; the community is nowhere to be seen."""
    entries: list[Entry] = []
    with snmpd(tmp_path, community="not-so-public", description="TANDBERG Codec lab") as peer:
        face = asyncio.run(snmp.describe(gate_to(entries), peer.port, "not-so-public"))
    assert (face.description, face.error_status, face.version) == ("TANDBERG Codec lab", 0, "v1")
    [entry] = entries
    assert (entry.transport, entry.operation, entry.argument, entry.outcome) == ("udp", "GET", OID, "answered")
    assert entry.sent_bytes == len(get_request(b"not-so-public", 1 << 30, OID))
    assert "not-so-public" not in repr((face, entries))


def test_snmpd_with_another_community(tmp_path: Path) -> None:
    """An agent that does not know the community stays silent: unknown, neither open nor closed."""
    entries: list[Entry] = []
    with snmpd(tmp_path, community="other") as peer, pytest.raises(FilteredError):
        asyncio.run(snmp.describe(gate_to(entries, limits=SHORT), peer.port, "wrong-word"))
    assert "wrong-word" not in repr(entries)


def test_a_closed_port_is_proven_closed() -> None:
    """ICMP port unreachable is a proof, and it comes at once."""
    started = time.monotonic()
    with pytest.raises(RefusedError):
        asyncio.run(snmp.describe(gate_to(), free_port(socket.SOCK_DGRAM), "public"))
    assert time.monotonic() - started < 2.0


def test_silence_is_asked_once_and_bounded() -> None:
    """No second datagram is sent into silence."""

    async def run() -> list[bytes]:
        async with agent(lambda _: []) as (port, received):
            with pytest.raises(FilteredError):
                await snmp.describe(gate_to(limits=SHORT), port, "public")
            return received

    started = time.monotonic()
    assert len(asyncio.run(run())) == 1
    assert time.monotonic() - started < 2.0


def test_the_question_is_the_plainest_there_can_be() -> None:
    """Byte for byte: version 1, one variable, NULL, shortest lengths."""
    assert get_request(b"public", 1, OID) == bytes.fromhex(
        "30260201000406" + b"public".hex() + "a019020101020100020100300e300c06082b060102010101000500"
    )


def test_stray_answers_are_passed_over() -> None:
    """Garbage and answers to other questions do not end the wait for the right one."""

    def answers(question: bytes) -> list[bytes]:
        right = id_of(question)
        return [b"", b"\x30\x84\xff\xff\xff\xff", answer(right + 1), answer(right, wrap=long_form)]

    async def run() -> str:
        async with agent(answers) as (port, _):
            return (await snmp.describe(gate_to(), port, "public")).description

    assert asyncio.run(run()) == CODEC


def test_only_garbage_shows_that_something_is_there() -> None:
    """Something answered, though not in SNMP: not silence."""

    async def run() -> None:
        async with agent(lambda _: [b"what?"]) as (port, _):
            await snmp.describe(gate_to(limits=SHORT), port, "public")

    with pytest.raises(MalformedError):
        asyncio.run(run())


def test_an_answer_from_elsewhere_does_not_count() -> None:
    """A datagram from another port, with the right identifier even, is not the device's answer."""

    async def run() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind((LOOPBACK, 0))
            asked: list[int] = []

            class Spoofed(asyncio.DatagramProtocol):
                def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                    asked.append(elsewhere.sendto(answer(id_of(data)), addr))

            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(Spoofed, local_addr=(LOOPBACK, 0))
            try:
                port = transport.get_extra_info("sockname")[1]
                with pytest.raises(FilteredError):
                    await snmp.describe(gate_to(limits=SHORT), port, "public")
                assert asked
            finally:
                transport.close()

    asyncio.run(run())


def test_an_error_status_is_an_answer() -> None:
    """noSuchName: the agent is there and says that it has no description."""
    response = parse_response(answer(5, status=2, text=b"", tag=0x05), 5, OID)
    assert (response.error_status, response.description) == (2, "")


@pytest.mark.parametrize(
    "data",
    [
        answer(6),
        answer(5, oid="1.3.6.1.2.1.1.5.0"),
        answer(5, tag=0x02, text=b"\x01"),
        answer(5, version=1),
        answer(5)[:-1],
        get_request(b"public", 5, OID),
        b"\x30\x80" + answer(5)[2:] + b"\0\0",
        b"\x30\x85\x00\x00\x00\x00\x05hello",
        b"\x30",
        b"",
    ],
)
def test_what_is_no_answer_to_our_question(data: bytes) -> None:
    """Another question, object, type or version, torn or indefinite lengths: all refused."""
    with pytest.raises(MalformedError):
        parse_response(data, 5, OID)


def test_a_huge_answer_is_not_read() -> None:
    """A description has a size."""
    with pytest.raises(TooLargeError):
        parse_response(answer(5, text=b"x" * 9000), 5, OID)


def test_letters_of_the_north() -> None:
    """Latin-1 is read where it is no UTF-8."""
    assert parse_response(answer(5, text="Tromsø".encode("latin-1")), 5, OID).description == "Tromsø"


@given(st.binary(max_size=200))
def test_no_bytes_can_break_the_reader(data: bytes) -> None:
    """Whatever comes is an answer or `MalformedError`."""
    try:
        parse_response(data, 5, OID)
    except MalformedError:
        pass
    else:
        assert data.startswith(b"\x30")


@given(st.data())
def test_no_damage_can_break_the_reader(data: st.DataObject) -> None:
    """A damaged answer is read, or refused as malformed; nothing else."""
    damaged = bytearray(answer(5, text=b"codec"))
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    with suppress(MalformedError):
        assert len(parse_response(bytes(damaged), 5, OID).description) <= len(damaged)


def test_nothing_is_sent_where_the_profile_lists_no_read() -> None:
    """Without its row, not a byte leaves."""

    async def run() -> list[bytes]:
        async with agent(lambda _: []) as (port, received):
            with pytest.raises(NotPermittedError):
                await snmp.describe(gate_to(reads=()), port, "public")
            await asyncio.sleep(0.02)
            return received

    assert asyncio.run(run()) == []
