"""When the next request may leave: rates over many hosts, the rest between two requests to one, and the end of asking.

Nobody is waited for in a loop: each request knows when it may leave, and sleeps once for each limit. Requests leave in
the order in which they came, so no host is passed over.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from auditor.model.politeness import Politeness
from auditor.wire.failures import StoppedError
from auditor.wire.strain import Ended, Strain

LATE_SECONDS = 0.1
"""This machine counts as late where its event loop woke so much later than it should have."""


class Rate:
    """At most so many requests per second over all who share it, evenly spaced; first come, first served."""

    __slots__ = ("_interval", "_next")

    def __init__(self, per_second: float) -> None:
        """Begin with the first request free to leave at once."""
        self._interval = 1.0 / per_second
        self._next = 0.0

    def reserve(self, now: float) -> float:
        """Take the next free moment and return how many seconds it is away."""
        at = max(now, self._next)
        self._next = at + self._interval
        return at - now


class Punctuality:
    """Tells whether this machine kept up with its own work: answer times measured while it did not prove nothing."""

    __slots__ = ("_due", "_late_at")

    def __init__(self) -> None:
        """Begin as punctual."""
        self._due = float("inf")
        self._late_at = float("-inf")

    async def watch(self) -> None:
        """Follow the event loop until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._due = loop.time() + LATE_SECONDS * 2
            await asyncio.sleep(LATE_SECONDS * 2)
            if loop.time() - self._due > LATE_SECONDS:
                self._late_at = loop.time()

    def since(self, started: float, now: float) -> bool:
        """Tell whether the machine was on time from `started` to `now` (times of the event loop)."""
        return self._late_at < started and now - self._due <= LATE_SECONDS


@dataclass(slots=True)
class Pace:
    """The pace of one host: every request to it, by whichever gate, waits here first and is counted afterwards.

    `pause` is the rest between two requests. `everywhere` limits all traffic, `here` what goes to this host beside
    that. From `until` (a time of the event loop) on nothing is sent, for the reason `until_words`. `waiting` is told of
    each wait before it begins, so that it can be taken out of a deadline. `stopped` is why the host is asked no more,
    and `spared` tells whether that was for its own sake: what it showed of its state, and not the time.
    """

    pause: float
    politeness: Politeness | None = None
    everywhere: Sequence[Rate] = ()
    here: Sequence[Rate] = ()
    until: float | None = None
    until_words: str = ""
    waiting: Callable[[float], None] = lambda _seconds: None
    punctuality: Punctuality = field(default_factory=Punctuality)
    stopped: str = ""
    spared: bool = False
    notes: list[str] = field(default_factory=list)
    _free_at: float = 0.0
    _strain: Strain | None = None

    def __post_init__(self) -> None:
        """Follow the host's state where there is something to follow it by."""
        self._strain = None if self.politeness is None else Strain(self.politeness)

    async def turn(self, *, to_host: bool) -> None:
        """Wait until a request may leave; raise `StoppedError` where none may any more.

        Traffic about the host that does not go to it (DNS) keeps the limits that hold everywhere, and no pause.
        """
        self.check()
        if to_host:
            await self._sleep(self._free_at - asyncio.get_running_loop().time())
            for rate in self.here:
                await self._reserve(rate)
        for rate in self.everywhere:
            await self._reserve(rate)
        self.check()

    def check(self) -> None:
        """Raise `StoppedError` where the host is asked no more."""
        if not self.stopped and self.until is not None and asyncio.get_running_loop().time() >= self.until:
            self._stop(self.until_words)
        if self.stopped:
            raise StoppedError(f"not asked, stopped: {self.stopped}")

    def further(self) -> None:
        """Count a request on a connection that is open already: it leaves at once, and the next one waits longer."""
        self.check()
        now = asyncio.get_running_loop().time()
        for rate in (*self.here, *self.everywhere):
            rate.reserve(now)

    def rest(self) -> None:
        """Begin the rest that follows a request."""
        self._free_at = max(self._free_at, asyncio.get_running_loop().time() + self.pause)

    def punctual(self, started: float) -> bool:
        """Tell whether the time since `started` says something about the host."""
        return self.punctuality.since(started, asyncio.get_running_loop().time())

    def ended(self, ended: Ended) -> str:
        """Count a request that has ended; return what follows from it, in words for the transcript."""
        advice = self._strain.take(ended) if self._strain else None
        if advice is None or not advice.words:
            return ""
        if advice.stop:
            self.spared = True
            self._stop(advice.words)
            return f"the host is asked no more: {advice.words}"
        self._free_at = asyncio.get_running_loop().time() + advice.back_off
        self.notes.append(f"{advice.words[0].upper()}{advice.words[1:]}.")
        return advice.words

    def _stop(self, words: str) -> None:
        self.stopped = words
        self.notes.append(f"Stopped: {words}. What was left was not asked.")

    async def _reserve(self, rate: Rate) -> None:
        await self._sleep(rate.reserve(asyncio.get_running_loop().time()))

    async def _sleep(self, seconds: float) -> None:
        """Sleep, or end the asking at once where it would be over by then."""
        if seconds <= 0:
            return
        if self.until is not None and asyncio.get_running_loop().time() + seconds >= self.until:
            self._stop(self.until_words)
            self.check()
        self.waiting(seconds)
        await asyncio.sleep(seconds)
        self.check()
