"""What a host's failures say of its state: an error budget and signs of distress. Pure: times are arguments."""

from dataclasses import dataclass, field

from auditor.model.politeness import Politeness
from auditor.wire.failures import (
    ClosedEarlyError,
    FilteredError,
    LoginWithheldError,
    NameNotFoundError,
    RefusedError,
    SilentError,
    StoppedError,
    UnreachableError,
    WireError,
)
from auditor.wire.readlist import Request

MUTE = (SilentError, ClosedEarlyError)
"""Failures of a host that had accepted the connection."""

CLOSED = (RefusedError, FilteredError, UnreachableError)
"""Failures that are only a host's way of being configured, unless the port has answered before."""

NOBODY = (LoginWithheldError, NameNotFoundError, StoppedError)
"""Failures in which nothing was asked of the host."""

HANGING_UP_IS_AN_ANSWER = {("tls", "HELLO")}
"""Old servers refuse an offer of TLS by hanging up: that proves nothing for or against their health."""

SLOW_SECONDS = 2.0
"""An answer that came within this time is never a sign of distress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One request to the host that has ended: what it asked, where, how long it took, and the error if there was one.

    `timely` is False where this machine was late itself: then the time says nothing about the host.
    """

    request: Request
    port: int
    seconds: float
    error: WireError | None = None
    timely: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What follows: a pause of `back_off` seconds, or no further request at all; `words` is for transcript and note."""

    words: str = ""
    back_off: float = 0.0
    stop: bool = False


NOTHING = Advice()


@dataclass(slots=True)
class Strain:
    """Follows the requests to one host. What happens at one host has no effect on another's."""

    politeness: Politeness
    _in_a_row: int = 0
    _signs: int = 0
    _pauses: int = 0
    _answered: set[int] = field(default_factory=set)
    _quickest: dict[tuple[Request, int], float] = field(default_factory=dict)

    def take(self, ended: Ended) -> Advice:
        """Count one request and tell what follows from it."""
        failed, sign = self._judge(ended)
        if failed is not None:
            self._in_a_row = self._in_a_row + 1 if failed else 0
        if sign:
            self._signs += 1
        elif failed is False:
            self._signs = 0
        budget = self.politeness.error_budget
        if budget and self._in_a_row >= budget:
            return Advice(words=f"error budget used up: {budget} requests in a row brought no answer", stop=True)
        return self._distress(sign)

    def _judge(self, ended: Ended) -> tuple[bool | None, str]:
        """Return whether the request failed (None: it is neither a failure nor an answer), and its sign of distress."""
        error, before = ended.error, ended.port in self._answered
        if isinstance(error, NOBODY):
            return None, ""
        if isinstance(error, MUTE):
            asked = (ended.request.protocol, ended.request.operation)
            if isinstance(error, ClosedEarlyError) and asked in HANGING_UP_IS_AN_ANSWER:
                return None, ""
            return True, f"port {ended.port} has answered before and now fails" if before else ""
        if isinstance(error, CLOSED):
            failed = True if before and not isinstance(error, RefusedError) else None
            return failed, f"port {ended.port} has answered before and now fails" if before else ""
        self._answered.add(ended.port)
        return False, self._slower(ended)

    def _slower(self, ended: Ended) -> str:
        """Return a sentence where the answer took far longer than the quickest to the same request."""
        if not ended.timely or ended.error is not None:
            return ""
        asked = (ended.request, ended.port)
        quickest = self._quickest.setdefault(asked, ended.seconds)
        self._quickest[asked] = min(quickest, ended.seconds)
        factor = self.politeness.distress.slower_by
        if not factor or ended.seconds < max(SLOW_SECONDS, factor * quickest):
            return ""
        return f"port {ended.port} answers in {ended.seconds:.1f} s what took {quickest:.2f} s before"

    def _distress(self, sign: str) -> Advice:
        distress = self.politeness.distress
        if not sign or not distress.signs or self._signs < distress.signs:
            return NOTHING
        self._signs = 0
        if self._pauses >= distress.back_offs:
            after = f" after {self._pauses} pauses" if self._pauses else ""
            return Advice(words=f"signs of distress{after}: {sign}", stop=True)
        seconds = distress.back_off_seconds * 2**self._pauses
        self._pauses += 1
        return Advice(words=f"signs of distress: {sign}; nothing is sent for {seconds:g} s", back_off=seconds)
