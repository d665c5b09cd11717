"""PRELOGIN: what is sent, what servers answer, and what happens to answers that are none."""

import asyncio
import struct
from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.model.facts import DatabaseFace
from auditor.wire import tds
from auditor.wire.failures import (
    ClosedEarlyError,
    MalformedError,
    RefusedError,
    SilentError,
    TooLargeError,
    WireError,
)
from auditor.wire.ledger import Entry
from auditor.wire.readlist import ForbiddenReadError, NotPermittedError, ReadList, Request
from tests.lines import LOOPBACK, QUICK, gate_to, says, serving
from tests.peers import free_port

CAPTURED = bytes.fromhex("0401002b00000100 00001a0006 0100200001 0200210001 0300220000 0400220001 ff")
SQL_2008 = CAPTURED + bytes.fromhex("0a0009e30000 01 00 01")
SQL_2012 = CAPTURED + bytes.fromhex("0b000bb80000 01 00 01")
"""What two real servers answered to clients that offered to encrypt (published captures)."""

READS = (tds.PRELOGIN,)
QUIET = settings(max_examples=300, deadline=None)


def packet(message: bytes, *, kind: int = 4, status: int = 1, length: int | None = None) -> bytes:
    """One packet; `length` is what its header says."""
    return struct.pack(">BBHHBB", kind, status, 8 + len(message) if length is None else length, 51, 1, 0) + message


def message(*options: tuple[int, bytes], shift: int = 0, end: bytes = b"\xff") -> bytes:
    """A message with these options; `shift` is added to every offset."""
    table, data, start = b"", b"", 5 * len(options) + len(end)
    for token, value in options:
        table += struct.pack(">BHH", token, start + len(data) + shift, len(value))
        data += value
    return table + end + data


def answering(encryption: int) -> bytes:
    """The message of a server of release 9.0.5000."""
    return message((0, bytes.fromhex("090013880000")), (1, bytes([encryption])))


def ask(*parts: bytes | float, then: str = "wait", seconds: float = 5.0) -> tuple[DatabaseFace, bytes]:
    """What is read from a server that says these parts, and what reached it."""
    limits = replace(QUICK, question_seconds=seconds)

    async def run() -> tuple[DatabaseFace, bytes]:
        async with serving(says(*parts, then=then)) as peer:
            face = await tds.ask(gate_to(limits=limits, reads=READS, address="127.0.0.9"), LOOPBACK, peer.port)
            await asyncio.sleep(0.02)
            return replace(face, port=0), bytes(peer.received)

    return asyncio.run(run())


@pytest.mark.parametrize(("raw", "version"), [(SQL_2008, "10.0.2531"), (SQL_2012, "11.0.3000")])
def test_real_answers(raw: bytes, version: str) -> None:
    """Read as they were captured, whole and in pieces."""
    expected = DatabaseFace(address=LOOPBACK, port=0, version=version, encryption="on")
    assert ask(raw)[0] == expected
    assert ask(raw[:3], 0.01, raw[3:20], 0.01, raw[20:])[0] == expected


@pytest.mark.parametrize(("value", "word"), [(0, "off"), (1, "on"), (2, "not_supported"), (3, "required")])
def test_the_four_words(value: int, word: str) -> None:
    """Each value of the option, and one packet or several."""
    whole = answering(value)
    assert ask(packet(whole))[0].encryption == word
    assert ask(packet(whole[:9], status=0) + packet(whole[9:]))[0].encryption == word


def test_what_is_sent() -> None:
    """One packet, the same every time: no name, no password, the least that can be offered, and no second packet."""
    sent = ask(packet(answering(3)))[1]
    assert sent == tds.question()
    assert sent == bytes.fromhex("1201001a00000100 00000b0006 0100110001 ff 000000000000 00")


def test_the_ledger_names_the_databases_address() -> None:
    """Not that of the host on whose behalf it is asked."""
    entries: list[Entry] = []

    async def run() -> int:
        async with serving(says(packet(answering(0)))) as peer:
            await tds.ask(gate_to(entries, reads=READS, address="127.0.0.9"), LOOPBACK, peer.port)
            return peer.port

    port = asyncio.run(run())
    assert [(e.address, e.port, e.protocol, e.operation, e.argument, e.outcome) for e in entries] == [
        (LOOPBACK, port, "tds", "PRELOGIN", "", "answered")
    ]
    assert (entries[0].sent_bytes, entries[0].received_bytes) == (len(tds.question()), len(packet(answering(0))))


def test_it_is_sent_only_where_the_list_has_it() -> None:
    """Without its row no connection is opened; and no login, nor an argument, can be listed at all."""

    async def run() -> int:
        async with serving(says(packet(answering(0)))) as peer:
            with pytest.raises(NotPermittedError):
                await tds.ask(gate_to(reads=()), LOOPBACK, peer.port)
            await asyncio.sleep(0.02)
            return peer.connections

    assert asyncio.run(run()) == 0
    for request in (Request("tds", "LOGIN"), Request("tds", "SQLBATCH", "select 1"), Request("tds", "PRELOGIN", "x")):
        with pytest.raises(ForbiddenReadError):
            ReadList([request])


@pytest.mark.parametrize(
    ("parts", "then", "expected", "words"),
    [
        ((), "wait", SilentError, "deadline"),
        ((), "close", ClosedEarlyError, "peer (closed|reset)"),
        ((packet(answering(0))[:20],), "wait", SilentError, "deadline"),
        ((packet(answering(0))[:20],), "close", ClosedEarlyError, "peer (closed|reset)"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "wait", MalformedError, "type 0x53"),
        ((b"\x15\x03\x01\x00\x02\x02\x46\x00\x00\x00",), "close", MalformedError, "type 0x15"),
        ((packet(answering(0), length=7),), "wait", MalformedError, "7 bytes long"),
        ((packet(b""),), "wait", MalformedError, "8 bytes long"),
        ((packet(answering(0), length=60_000),), "wait", TooLargeError, "4,096"),
        ((packet(bytes(500), status=0) * 20,), "wait", TooLargeError, "4,096"),
        ((packet(b"\0", status=0) * 1000,), "wait", TooLargeError, "more than"),
        ((packet(b"\0", status=0) * 3,), "close", ClosedEarlyError, "peer (closed|reset)"),
        ((packet(b"\xff"),), "wait", MalformedError, "without a version"),
        ((packet(message((0, bytes(6)))),), "wait", MalformedError, "without a word on encryption"),
        ((packet(message((0, bytes(5)), (1, b"\0"))),), "wait", MalformedError, "wrong lengths"),
        ((packet(message((0, bytes(6)), (1, b"\0\0"))),), "wait", MalformedError, "wrong lengths"),
        ((packet(message((0, bytes(6)), (1, b""))),), "wait", MalformedError, "wrong lengths"),
        ((packet(answering(4)),), "wait", MalformedError, "0x04"),
        ((packet(message((0, bytes(6)), (1, b"\0"), (1, b"\x03"))),), "wait", MalformedError, "twice"),
        ((packet(message((0, b""), (1, b""), end=b"")),), "wait", MalformedError, "does not end"),
        ((packet(message((0, bytes(6)), (1, b"\3"), shift=1)),), "wait", MalformedError, "inside it"),
        ((packet(message((0, bytes(6)), (1, b"\3"), shift=-1)),), "wait", MalformedError, "inside it"),
        ((packet(message(*((n, b"") for n in range(2, 60)))),), "wait", MalformedError, "too many options"),
    ],
)  # fmt: skip
def test_what_is_no_answer(parts: tuple[bytes, ...], then: str, expected: type[WireError], words: str) -> None:
    """Silence, hang-up, other protocols, wrong lengths, no end: each ends in its own error, as one printable line."""
    with pytest.raises(expected, match=words) as caught:
        ask(*parts, then=then, seconds=0.5 if expected is SilentError else 5.0)
    assert str(caught.value).isprintable()


def test_a_server_that_never_stops() -> None:
    """What comes behind the message is not waited for; a message that does not end is given up at the cap."""
    assert ask(packet(answering(3)), b"\xff" * 200_000)[0].encryption == "required"
    entries: list[Entry] = []

    async def run() -> None:
        async with serving(says(*[packet(bytes(1000), status=0)] * 200)) as peer:
            await tds.ask(gate_to(entries, reads=READS), LOOPBACK, peer.port)

    with pytest.raises(TooLargeError):
        asyncio.run(run())
    assert entries[0].received_bytes < 8192


def test_a_refused_port() -> None:
    """Nothing listens: proven."""
    with pytest.raises(RefusedError):
        asyncio.run(tds.ask(gate_to(reads=READS), LOOPBACK, free_port()))


OPTIONS = st.lists(
    st.tuples(st.integers(0, 254), st.binary(max_size=12)), max_size=12, unique_by=lambda option: option[0]
)


@QUIET
@given(st.binary(max_size=200) | OPTIONS.map(lambda options: message(*options)))
@example(b"")
@example(b"\xff")
@example(message((0, bytes(6)), (1, b"\x03")))
def test_any_bytes_give_an_answer_or_an_error(data: bytes) -> None:
    """Nothing but `MalformedError` is ever raised, and no answer is made of what does not say it."""
    try:
        found = tds.parse(data)
    except MalformedError:
        return
    assert found.encryption in {"off", "on", "not_supported", "required"}
    assert [int(part) < 65_536 for part in found.version.split(".")] == [True] * 3


@QUIET
@given(OPTIONS, st.binary(min_size=6, max_size=6), st.integers(0, 3), st.randoms(use_true_random=False))
def test_the_order_of_options_does_not_matter(
    others: list[tuple[int, bytes]], version: bytes, encryption: int, random: Random
) -> None:
    """Whatever else stands in an answer, and wherever: the two options are found, and read as what they are."""
    options = [(0, version), (1, bytes([encryption])), *(o for o in others if o[0] > 1)]
    random.shuffle(options)
    found = tds.parse(message(*options))
    assert found.encryption == tds.WORDS[encryption]
    assert found.version == f"{version[0]}.{version[1]}.{int.from_bytes(version[2:4])}"


@QUIET
@given(st.integers(0, len(answering(3)) - 1), st.integers(0, 3))
def test_an_answer_that_was_cut_is_no_answer(cut: int, encryption: int) -> None:
    """No beginning of an answer passes for a whole one."""
    with pytest.raises(MalformedError):
        tds.parse(answering(encryption)[:cut])


@QUIET
@given(st.integers(0, len(answering(2)) - 1), st.integers(0, 7))
def test_one_wrong_bit(at: int, bit: int) -> None:
    """A flipped bit is an error, or is read as what then stands there; never as another option's value."""
    damaged = bytearray(answering(2))
    damaged[at] ^= 1 << bit
    try:
        found = tds.parse(bytes(damaged))
    except MalformedError:
        return
    assert found.encryption == tds.WORDS[damaged[-1]] or at in range(5, 10)
