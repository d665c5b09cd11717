"""Whose turn is next: hosts in the plan's order, no more of a site at once than allowed, each within its window."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from auditor.engine.plan import HostPlan
from auditor.engine.windows import Admission, admission
from auditor.model.politeness import Politeness

LONGEST_SLEEP = 60.0
"""Seconds after which a window is looked at again: clocks are set, and machines sleep."""


class Turn(NamedTuple):
    """One host whose turn it is, and until when it may be asked; one that may not be asked is to be passed over."""

    plan: HostPlan
    admission: Admission


class Turns:
    """Hands out hosts. Whoever was put back for its site's sake comes before those that nobody has looked at yet.

    A host outside its window is handed out as such, unless its window opens soon enough after the beginning to be
    waited for: then the others go on meanwhile. `stop` ends all waiting.
    """

    def __init__(self, plans: Iterable[HostPlan], politeness: Politeness, now: Callable[[], datetime]) -> None:
        """Begin with the plans in their order; `now` gives aware UTC times."""
        self._rest = iter(plans)
        self._politeness = politeness
        self._now = now
        self._last = now() + timedelta(seconds=politeness.wait_seconds)
        self._busy: Counter[str] = Counter()
        self._postponed: deque[HostPlan] = deque()
        self._early: list[tuple[datetime, HostPlan]] = []
        self._changed = asyncio.Event()
        self._stopped = False

    async def next(self) -> Turn | None:
        """Return the next host whose turn it is, waiting for room or a window where need be; None at the end."""
        while not self._stopped:
            turn = self._due()
            if turn is not None or not (self._postponed or self._early):
                return turn
            self._changed.clear()
            await self._wait()
        return None

    def done(self, plan: HostPlan) -> None:
        """Give back the room of a host that was handed out."""
        if plan.target.site is not None:
            self._busy[plan.target.site] -= 1
        self._changed.set()

    def stop(self) -> None:
        """Hand out nothing more."""
        self._stopped = True
        self._changed.set()

    async def _wait(self) -> None:
        seconds = LONGEST_SLEEP
        if self._early:
            opens = min(opens for opens, _ in self._early)
            seconds = min(seconds, max(0.01, (opens - self._now()).total_seconds()))
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def _due(self) -> Turn | None:
        """Return a host that can be asked (or passed over) now."""
        self._postponed.extend(self._opened())
        for _ in range(len(self._postponed)):
            plan = self._postponed.popleft()
            if (turn := self._taken(plan)) is not None:
                return turn
        for plan in self._rest:
            if (turn := self._taken(plan)) is not None:
                return turn
        return None

    def _opened(self) -> list[HostPlan]:
        now = self._now()
        opened = [plan for opens, plan in self._early if opens <= now]
        self._early = [each for each in self._early if each[0] > now]
        return opened

    def _taken(self, plan: HostPlan) -> Turn | None:
        """Take the host, or put it back until its window opens or its site has room."""
        found = admission(plan.target, self._politeness.windows, self._now())
        if not found.allowed and found.opens is not None and found.opens <= self._last:
            self._early.append((found.opens, plan))
            return None
        site, most = plan.target.site, self._politeness.hosts_at_once_per_site
        if found.allowed and site is not None and most and self._busy[site] >= most:
            self._postponed.append(plan)
            return None
        if site is not None:
            self._busy[site] += 1
        return Turn(plan, found)
