"""The gate: nothing leaves without permission, everything is bounded, everything is recorded."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from auditor.model.evidence import AnyObservation, Cause, Observation, Unknown
from auditor.model.facts import HttpFace
from auditor.wire import tcp
from auditor.wire.failures import (
    Answer,
    ClosedEarlyError,
    FilteredError,
    MalformedError,
    RefusedError,
    SilentError,
    TooLargeError,
    attempt,
)
from auditor.wire.gate import Gate, Line
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.readlist import NotPermittedError, ReadList, Request
from tests.lines import LOOPBACK, QUICK, gate_to, says, serving
from tests.peers import free_port
from tests.wire.test_readlist import NOT_LISTED, PERMITTED, WRITES

LISTEN = Request("telnet", "LISTEN")


class CuriousProbe:
    """A probe in bad faith, or with a bug: it asks for the path that acts although it is fetched."""

    async def ask(self, gate: Gate, port: int) -> AsyncIterator[AnyObservation]:
        """Ask for `/formputxml` the way that honest probes ask."""

        async def fetch() -> None:
            async with gate.line(Request("http", "GET", "/formputxml?xmldoc=x"), port) as line:
                await line.send(b"GET /formputxml?xmldoc=x HTTP/1.0\r\n\r\n")

        result = await attempt(fetch())
        assert not isinstance(result, Answer)
        yield Observation(HttpFace, "get", "http/formputxml", gate.now(), result.outcome, port)


@pytest.mark.parametrize("request_", [*WRITES, *NOT_LISTED], ids=lambda r: ascii(str(r)))
def test_no_byte_and_no_connection_for_a_request_that_is_refused(request_: Request) -> None:
    """Refused means: the peer does not even see a connection; the ledger does see the request."""
    entries: list[Entry] = []

    async def run() -> tuple[int, bytes]:
        async with serving(says()) as peer:
            gate = gate_to(entries, reads=PERMITTED)
            with pytest.raises(NotPermittedError):
                async with gate.line(request_, peer.port) as line:
                    await line.send(b"a byte")
            with pytest.raises(NotPermittedError):
                async with gate.passage(request_, peer.port, "udp"):
                    raise AssertionError("a refused request was let in")
            await asyncio.sleep(0.01)
            return peer.connections, bytes(peer.received)

    assert asyncio.run(run()) == (0, b"")
    assert [entry.permitted for entry in entries] == [False, False]
    assert entries[0].operation == request_.operation
    assert entries[0].sent_bytes == 0


def test_a_probe_that_asks_for_a_write_gets_nothing_but_a_fault() -> None:
    """The probe's observation is unknown, the peer saw nothing, the ledger counts a refusal."""
    kept: list[Entry] = []
    ledger = Ledger(kept.append)

    async def run() -> tuple[list[AnyObservation], int]:
        async with serving(says()) as peer:
            gate = Gate(host="lab", address=LOOPBACK, reads=ReadList(PERMITTED), limits=QUICK, ledger=ledger)
            made = [observation async for observation in CuriousProbe().ask(gate, peer.port)]
            await asyncio.sleep(0.01)
            return made, peer.connections

    made, connections = asyncio.run(run())
    assert connections == 0
    assert isinstance(made[0].outcome, Unknown)
    assert made[0].outcome.cause is Cause.NOT_PERMITTED
    assert (ledger.made, ledger.refused) == (0, 1)


def test_a_further_request_on_an_open_line_is_held_against_the_list_too() -> None:
    """An open line is no licence: `check` refuses and records."""
    entries: list[Entry] = []

    async def run() -> bytes:
        async with serving(says()) as peer:
            gate = gate_to(entries)
            async with gate.line(Request("ftp", "LISTEN"), peer.port):
                with pytest.raises(NotPermittedError):
                    gate.check(Request("ftp", "COMMAND", "DELE x"), peer.port)
            await asyncio.sleep(0.01)
            return bytes(peer.received)

    assert asyncio.run(run()) == b""
    assert [(entry.argument, entry.permitted) for entry in entries] == [("DELE x", False), ("", True)]


def test_a_conversation_is_recorded_with_its_bytes() -> None:
    """Bytes both ways, outcome and time go into the ledger; what was said does not."""
    entries: list[Entry] = []

    async def run() -> int:
        async with serving(says(b"hello")) as peer:
            async with gate_to(entries).line(LISTEN, peer.port) as line:
                await line.read_exactly(5)
                await line.send(b"abc")
            return peer.port

    port = asyncio.run(run())
    [entry] = entries
    assert (entry.host, entry.address, entry.port, entry.protocol) == ("lab", LOOPBACK, port, "telnet")
    assert (entry.sent_bytes, entry.received_bytes, entry.outcome) == (3, 5, "answered")
    assert entry.at.utcoffset() is not None
    assert "hello" not in repr(entry)


def test_a_refused_port_is_told_from_an_open_one() -> None:
    """Connect is enough to tell; nothing is sent."""

    async def run() -> bytes:
        async with serving(says()) as peer:
            await tcp.connect(gate_to(), peer.port)
            return bytes(peer.received)

    assert asyncio.run(run()) == b""
    with pytest.raises(RefusedError, match="refused"):
        asyncio.run(tcp.connect(gate_to(), free_port()))


def test_a_port_that_drops_packets_is_filtered() -> None:
    """A full backlog drops connection attempts just as a filter does: nothing comes back."""
    entries: list[Entry] = []
    with socket.socket() as full:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        try:
            for each in waiting:
                each.settimeout(0)
                each.connect_ex((LOOPBACK, port))
            started = time.monotonic()
            with pytest.raises(FilteredError):
                asyncio.run(tcp.connect(gate_to(entries, limits=replace(QUICK, question_seconds=2.0)), port))
            assert time.monotonic() - started < 1.9
        finally:
            for each in waiting:
                each.close()
    assert entries[0].outcome.startswith("Filtered")


def test_the_deadline_ends_a_silent_conversation() -> None:
    """Accepting and saying nothing costs the question's time, not more."""
    entries: list[Entry] = []

    async def run() -> None:
        async with serving(says()) as peer:
            limits = replace(QUICK, question_seconds=0.3)
            async with gate_to(entries, limits=limits).line(LISTEN, peer.port) as line:
                await line.read()

    started = time.monotonic()
    with pytest.raises(SilentError):
        asyncio.run(run())
    assert time.monotonic() - started < 2.5
    assert entries[0].outcome.startswith("Silent")


async def _read(line: Line, how: str) -> bytes:
    if how == "exactly":
        return await line.read_exactly(10)
    if how == "line":
        return await line.read_line(longest=20)
    while data := await line.read():
        pass
    return data


@pytest.mark.parametrize(
    ("sent", "how", "expected"),
    [
        ((b"x" * 5000,), "all", TooLargeError),
        ((b"x" * 50 + b"\n",), "line", MalformedError),
        ((b"half a line",), "line", ClosedEarlyError),
        ((b"short",), "exactly", ClosedEarlyError),
    ],
    ids=["too large", "line too long", "half a line", "too short"],
)
def test_what_a_line_does_not_take(sent: tuple[bytes, ...], how: str, expected: type[Exception]) -> None:
    """Caps and early ends each have their own failure."""

    async def run() -> None:
        gate = gate_to(limits=replace(QUICK, answer_bytes=4000))
        async with serving(says(*sent, then="close")) as peer, gate.line(LISTEN, peer.port) as line:
            await _read(line, how)

    with pytest.raises(expected):
        asyncio.run(run())


def test_an_announced_size_beyond_the_cap_is_not_waited_for() -> None:
    """A peer that announces gigabytes is dropped at once."""

    async def run() -> None:
        async with serving(says()) as peer, gate_to().line(LISTEN, peer.port) as line:
            await line.read_exactly(1 << 30)

    started = time.monotonic()
    with pytest.raises(TooLargeError):
        asyncio.run(run())
    assert time.monotonic() - started < 2.5


def test_one_conversation_at_a_time_with_a_pause_between() -> None:
    """Old devices have few sessions to give: questions queue up, and leave the device time to breathe."""
    busy, most = 0, 0

    async def ask(gate: Gate, port: int) -> None:
        nonlocal busy, most
        async with gate.line(LISTEN, port):
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0.02)
            busy -= 1

    async def run() -> None:
        async with serving(says()) as peer:
            gate = gate_to(limits=replace(QUICK, pause_seconds=0.1))
            await asyncio.gather(*(ask(gate, peer.port) for _ in range(3)))

    started = time.monotonic()
    asyncio.run(run())
    assert most == 1
    assert time.monotonic() - started > 0.2


def test_a_line_may_lead_to_another_address() -> None:
    """Resolvers are not the host itself; the ledger shows where the question went."""
    entries: list[Entry] = []

    async def run() -> None:
        async with serving(says()) as peer:
            gate = gate_to(entries, address="192.0.2.1")
            async with gate.line(Request("dns", "QUERY", "A"), peer.port, address=LOOPBACK):
                pass

    asyncio.run(run())
    assert entries[0].address == LOOPBACK
