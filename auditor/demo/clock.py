"""The time that simulated devices show: one start time, moved on by the running event loop."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class FleetClock:
    """A clock that said `start` (aware) when the event loop's own clock said `started` seconds."""

    start: datetime
    started: float

    @classmethod
    def starting_at(cls, now: datetime) -> "FleetClock":
        """Return a clock that says `now` at this moment. Raises ValueError for a time without a zone."""
        if now.tzinfo is None:
            raise ValueError("the fleet's start time must be aware")
        return cls(now.astimezone(UTC), asyncio.get_running_loop().time())

    def now(self, ahead_seconds: int = 0) -> datetime:
        """Return the time in UTC as a device shows it whose clock runs `ahead_seconds` ahead (negative: behind)."""
        elapsed = asyncio.get_running_loop().time() - self.started
        return self.start + timedelta(seconds=elapsed + ahead_seconds)
