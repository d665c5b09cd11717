"""The pace of requests on real sockets: spaced by what the server sees, limits that cost no question its answer."""

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.politeness import Distress, Politeness
from auditor.wire.failures import SilentError, StoppedError
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.pace import Pace, Punctuality, Rate
from auditor.wire.readlist import ReadList, Request
from tests.lines import LOOPBACK, QUICK, READS, serving

LISTEN = Request("telnet", "LISTEN")
FEAT = Request("ftp", "COMMAND", "FEAT")


class Clock:
    """Serves a line to everybody and keeps when each came."""

    def __init__(self, *, mute_after: int = 10**6) -> None:
        """Say nothing any more after so many connections."""
        self.begun = time.monotonic()
        self.at: list[float] = []
        self._mute_after = mute_after

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.at.append(time.monotonic())
        if len(self.at) <= self._mute_after:
            writer.write(b"hello\r\n")
        await reader.read()

    def gaps(self) -> list[float]:
        """Return the seconds between one connection and the next."""
        return [after - before for before, after in pairwise(self.at)]


def gate_with(pace: Pace, entries: list[Entry] | None = None, question_seconds: float = 3.0) -> Gate:
    """Return a gate to loopback at this pace."""
    limits = replace(QUICK, question_seconds=question_seconds)
    kept = entries if entries is not None else []
    reads = ReadList((LISTEN, *READS))
    return Gate(host="lab", address=LOOPBACK, reads=reads, limits=limits, ledger=Ledger(kept.append), pace=pace)


async def listen(gate: Gate, port: int) -> None:
    """Read one line."""
    async with gate.line(LISTEN, port) as line:
        await line.read_line()


async def test_gates_of_one_host_share_its_rest() -> None:
    """Two gates, one pace: the second waits for the rest after the first's request."""
    clock, pace = Clock(), Pace(pause=0.15)
    async with serving(clock.talk) as peer:
        for gate in (gate_with(pace), gate_with(pace), gate_with(pace)):
            await listen(gate, peer.port)
    assert len(clock.at) == 3
    assert min(clock.gaps()) >= 0.15


async def test_hosts_share_a_rate_and_no_question_is_lost_to_waiting() -> None:
    """Eight hosts, the last of which waits longer than its deadline: all answered, and no sooner than the rate permits.

    The deadline is so long that a busy machine keeps it, and the rate so slow that the wait is longer still.
    """
    deadline, per_second, told = 4.0, 1.6, list[float]()
    clock, rate, entries = Clock(), Rate(per_second), list[Entry]()
    async with serving(clock.talk) as peer:
        paces = [Pace(pause=0, everywhere=(rate,), waiting=told.append) for _ in range(8)]
        gates = [gate_with(pace, entries, question_seconds=deadline) for pace in paces]
        await asyncio.gather(*(listen(gate, peer.port) for gate in gates))
    assert max(told) > deadline
    assert [entry.outcome for entry in entries] == ["answered"] * 8
    assert clock.at[-1] - clock.begun >= 7 / per_second


async def test_the_wait_is_told_before_it_begins() -> None:
    """So that whoever keeps a deadline can move it."""
    told: list[float] = []
    rate = Rate(5)
    rate.reserve(asyncio.get_running_loop().time())
    await Pace(pause=0, everywhere=(rate,), waiting=told.append).turn(to_host=True)
    assert len(told) == 1
    assert 0.1 < told[0] <= 0.2


async def test_requests_on_an_open_line_are_paid_for_by_the_next_connection() -> None:
    """They leave at once, since waiting in the middle of a conversation would use up its deadline."""
    rate = Rate(4)
    clock, pace = Clock(), Pace(pause=0, everywhere=(rate,))
    gate = gate_with(pace)
    async with serving(clock.talk) as peer:
        async with gate.line(LISTEN, peer.port) as line:
            started = time.monotonic()
            for _ in range(3):
                async with gate.step(FEAT, peer.port, line):
                    pass
            assert time.monotonic() - started < 0.7  # three quarters of a second, if they waited
        await listen(gate, peer.port)
    assert clock.at[-1] - clock.begun >= 1.0


async def test_traffic_about_a_host_keeps_the_global_rate_only() -> None:
    """A resolver is not the host: neither its rest nor its site's rate holds."""
    pace = Pace(pause=30, here=(Rate(0.01),))
    clock = Clock()
    gate = gate_with(pace)
    async with serving(clock.talk) as peer:
        await listen(gate, peer.port)
        async with gate.line(LISTEN, peer.port, address=LOOPBACK) as line:
            assert await line.read_line() == b"hello"
    assert len(clock.at) == 2


async def test_a_used_up_budget_stops_before_the_next_connection_and_is_in_the_transcript() -> None:
    """Three silences in a row: the fourth question opens no connection, and the third line says why."""
    entries: list[Entry] = []
    clock, pace = Clock(mute_after=1), Pace(pause=0, politeness=Politeness(error_budget=3, distress=Distress(signs=0)))
    gate = gate_with(pace, entries, question_seconds=0.4)
    async with serving(clock.talk) as peer:
        await listen(gate, peer.port)
        for _ in range(3):
            with pytest.raises(SilentError):
                await listen(gate, peer.port)
        for _ in range(2):
            with pytest.raises(StoppedError, match="error budget used up: 3 requests in a row"):
                await listen(gate, peer.port)
        with pytest.raises(StoppedError):
            async with gate.line(LISTEN, peer.port, address=LOOPBACK):
                raise AssertionError("a stopped host's resolver was asked")
    assert len(clock.at) == 4
    assert len(entries) == 4
    assert "the host is asked no more: error budget" in entries[-1].outcome
    assert not any("no more" in entry.outcome for entry in entries[:-1])
    assert pace.notes == [
        "Stopped: error budget used up: 3 requests in a row brought no answer. What was left was not asked."
    ]


async def test_signs_of_distress_bring_a_pause_and_then_the_end() -> None:
    """It answered once and then fell silent: nothing is sent for the time of the pause, which the server sees."""
    distress = Distress(signs=1, back_off_seconds=0.4, back_offs=1)
    pace = Pace(pause=0, politeness=Politeness(error_budget=0, distress=distress))
    entries: list[Entry] = []
    clock, gate = Clock(mute_after=1), gate_with(pace, entries, question_seconds=0.4)
    async with serving(clock.talk) as peer:
        await listen(gate, peer.port)
        for _ in range(2):
            with pytest.raises(SilentError):
                await listen(gate, peer.port)
        with pytest.raises(StoppedError, match="signs of distress after 1 pause"):
            await listen(gate, peer.port)
    assert len(clock.at) == 3
    assert clock.gaps()[1] >= 0.4
    assert "nothing is sent for 0.4 s" in entries[1].outcome
    assert "the host is asked no more" in entries[2].outcome
    assert len(pace.notes) == 2


async def test_a_request_that_could_only_leave_after_the_end_is_not_waited_for() -> None:
    """A window that ends during the rest ends the asking at once."""
    pace = Pace(pause=60, until=asyncio.get_running_loop().time() + 30, until_words="the end")
    clock, gate = Clock(), gate_with(pace)
    async with serving(clock.talk) as peer:
        await listen(gate, peer.port)
        started = time.monotonic()
        with pytest.raises(StoppedError, match="the end"):
            await listen(gate, peer.port)
        assert time.monotonic() - started < 10
    assert len(clock.at) == 1


async def test_an_open_conversation_stops_between_two_requests_at_the_end() -> None:
    """What runs is finished; the next request on the same line is not made."""
    loop = asyncio.get_running_loop()
    pace = Pace(pause=0, until=loop.time() + 0.3, until_words="the end")
    entries: list[Entry] = []
    clock, gate = Clock(), gate_with(pace, entries)
    async with serving(clock.talk) as peer, gate.line(LISTEN, peer.port) as line:
        async with gate.step(FEAT, peer.port, line):
            assert await line.read_line() == b"hello"
        await asyncio.sleep(max(0.0, 0.35 - (loop.time() - (pace.until or 0) + 0.3)))
        with pytest.raises(StoppedError):
            async with gate.step(FEAT, peer.port, line):
                raise AssertionError("asked after the end")
    assert [entry.outcome for entry in entries] == ["answered", "answered"]


async def test_a_late_machine_knows_that_it_was_late() -> None:
    """Half a second of blocking is seen; a quiet time is not taken for one."""
    punctuality, loop = Punctuality(), asyncio.get_running_loop()
    watching = asyncio.create_task(punctuality.watch())
    await asyncio.sleep(0)
    started = loop.time()
    time.sleep(0.6)  # noqa: ASYNC251 - blocking is what is to be noticed
    assert not punctuality.since(started, loop.time())
    await asyncio.sleep(0.05)
    assert not punctuality.since(started, loop.time())
    watching.cancel()
    fresh = Punctuality()
    assert fresh.since(loop.time(), loop.time())


@given(st.lists(st.floats(0, 5), max_size=50), st.floats(0.5, 100))
def test_a_rate_keeps_order_and_spacing_whenever_requests_come(arrivals: list[float], per_second: float) -> None:
    """Nobody is passed over, nobody leaves too early, and nobody waits longer than for those before."""
    rate, left = Rate(per_second), list[float]()
    for number, now in enumerate(sorted(arrivals)):
        wait = rate.reserve(now)
        assert 0 <= wait <= number / per_second + 1e-6
        left.append(now + wait)
    assert all(after - before >= 1 / per_second - 1e-6 for before, after in pairwise(left))
