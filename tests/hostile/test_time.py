"""Time servers that lie: none of them makes a clock look right, and none is believed against an honest one."""

import struct
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from auditor.engine.clock import check_clock
from auditor.model.collected import ClockCheck
from auditor.model.inventory import Settings
from auditor.wire.ledger import Entry, Ledger
from tests.hostile.stage import datagrams_at
from tests.hostile.table import Answers

EPOCH = 2_208_988_800


def told(question: bytes, *, shift: float = 0, stratum: int = 2, leap: int = 0, mode: int = 4) -> bytes:
    """Return an answer to the question whose clock is off by `shift` seconds."""
    now = time.time() + shift + EPOCH
    stamp = struct.pack("!II", int(now) % 2**32, int(now % 1 * 2**32))
    return struct.pack("!BBbb4s4s4s", leap << 6 | 4 << 3 | mode, stratum, 6, -20, bytes(4), bytes(4), b"LIAR") + (
        stamp + question[40:48] + stamp + stamp
    )


def _altered(made: bytes, at: int, put: bytes) -> bytes:
    return made[:at] + put + made[at + len(put) :]


LIARS: dict[str, Answers] = {
    "stratum of 255": lambda q: [_altered(told(q), 1, b"\xff")],
    "stratum of 16": lambda q: [told(q, stratum=16)],
    "kiss of death": lambda q: [told(q, stratum=0)],
    "clock that is not set": lambda q: [told(q, leap=3)],
    "answer to another question": lambda q: [_altered(told(q), 24, bytes(8))],
    "answer of a client": lambda q: [told(q, mode=3)],
    "no time at all": lambda q: [_altered(told(q), 32, bytes(16))],
    "half an answer": lambda q: [told(q)[:47]],
    "flood of nonsense": lambda _q: [b"\xff" * 48] * 2_000,
    "echo": lambda q: [q],
    "silence": lambda _q: [],
}
"""Servers from which no time can be had."""
WRONG = {"1970": -1_780_000_000.0, "2099": 2_300_000_000.0, "an hour late": -3_600.0}
"""Servers that tell a time, and a wrong one."""


async def checked(*servers: Answers, elsewhere: Callable[[bytes], bool] = lambda _question: False) -> ClockCheck:
    """Ask servers of these manners, each on a port of its own, for the time."""
    entries: list[Entry] = []
    async with AsyncExitStack() as stack:
        ports = [
            await stack.enter_async_context(datagrams_at("127.83.1.1", server, elsewhere=elsewhere))
            for server in servers
        ]
        asked = tuple(f"127.83.1.1:{port}" for port in ports)
        found = await check_clock(Settings(ntp_servers=asked, question_seconds=1.0), Ledger(entries.append))
    assert found is not None
    assert len(entries) == len(servers)
    return found


async def test_an_honest_server_is_believed() -> None:
    """What the tests below would look like otherwise."""
    found = await checked(lambda question: [told(question)])
    assert (found.doubt, len(found.answers)) == ("", 1)


@pytest.mark.parametrize("manner", LIARS.values(), ids=LIARS.keys())
async def test_a_server_without_a_time_proves_nothing(manner: Answers) -> None:
    """Alone it leaves our clock unchecked, so that no clock is judged; beside an honest one it is not counted."""
    alone = await checked(manner)
    assert "could not be checked" in alone.doubt
    beside = await checked(manner, lambda question: [told(question)])
    assert beside.doubt == ""
    assert "Not counted" in beside.words


async def test_an_answer_from_another_address_is_not_heard() -> None:
    """A right answer that the asked server did not send."""
    found = await checked(lambda question: [told(question)], elsewhere=lambda _question: True)
    assert "could not be checked" in found.doubt
    assert found.answers == ()


@pytest.mark.parametrize("shift", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_time_is_not_believed(shift: float) -> None:
    """Alone and beside an honest server: in both cases no clock is judged, and somebody is told why."""
    alone = await checked(lambda question: [told(question, shift=shift)])
    assert "no clock is judged" in alone.doubt
    beside = await checked(lambda question: [told(question, shift=shift)], lambda question: [told(question)])
    assert "differ by" in beside.doubt
