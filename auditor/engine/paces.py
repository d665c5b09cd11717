"""The pace of each host of a collection, made from what the inventory says of politeness."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from auditor.engine.windows import Admission
from auditor.model.inventory import Target
from auditor.model.politeness import Politeness
from auditor.wire.pace import Pace, Punctuality, Rate

OUTSIDE = "Not looked at: outside its maintenance window"


class Paces:
    """Makes paces that share their rates: one for everything, one for each site."""

    def __init__(self, politeness: Politeness) -> None:
        """Begin a collection."""
        self._politeness = politeness
        rate = politeness.requests_per_second
        self._everywhere = () if rate is None else (Rate(rate),)
        self._sites: dict[str, Rate] = {}
        self._punctuality = Punctuality()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Follow this machine's own lateness meanwhile."""
        watching = asyncio.create_task(self._punctuality.watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def ours(self) -> Pace:
        """Return the pace of what is asked for the audit's own sake: it shares the rate that holds everywhere."""
        return Pace(pause=0.0, everywhere=self._everywhere)

    def of(
        self, target: Target, pause: float, deadline: asyncio.Timeout, admission: Admission, *, now: datetime
    ) -> Pace:
        """Return the pace of one host. What it waits is added to `deadline`: courtesy costs a host no question."""

        def waiting(seconds: float) -> None:
            when = deadline.when()
            if when is not None and not deadline.expired():
                deadline.reschedule(when + seconds)

        until = admission.until
        left = None if until is None else (until - now).total_seconds()
        return Pace(
            pause=pause,
            politeness=self._politeness,
            everywhere=self._everywhere,
            here=self._here(target.site),
            until=None if left is None else asyncio.get_running_loop().time() + left,
            until_words="" if until is None else f"its maintenance window ends at {_said(until)}",
            waiting=waiting,
            punctuality=self._punctuality,
        )

    def _here(self, site: str | None) -> tuple[Rate, ...]:
        rate = self._politeness.rate_of_site(site)
        if site is None or rate is None:
            return ()
        return (self._sites.setdefault(site, Rate(rate)),)


def outside(admission: Admission) -> str:
    """Return the note of a host that was not asked because of its window."""
    opens = "it does not open again" if admission.opens is None else f"it opens at {_said(admission.opens)}"
    return f"{OUTSIDE} ({opens})."


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
