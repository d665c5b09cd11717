"""The verdicts of one control on one host over time, as intervals between audits. Pure.

An interval begins with the audit that first showed a state and ends with the one that showed another. Audits in between
showed the same, or did not judge the control, or did not reach the host: none of these ends an interval.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Key(NamedTuple):
    """An audit's place in time; where two began in the same microsecond, their identifiers decide."""

    started_at: int
    audit: str


class State(NamedTuple):
    """What a control says: status, the level that needs it, the row of its evidence, the waiver that accepts it."""

    status: str
    level: int | None
    evidence: int
    waiver: str | None


class Interval(NamedTuple):
    """A state from one audit (`start`) until just before another (`end`, None: until now)."""

    start: int
    end: int | None
    state: State


class Timeline:
    """The intervals of one control on one host. `keys` says when each audit was; intervals follow without a gap."""

    def __init__(self, keys: Mapping[int, Key], intervals: Iterable[Interval]) -> None:
        self._keys = keys
        self.intervals = tuple(sorted(intervals, key=lambda interval: keys[interval.start]))

    def at(self, run: int) -> Interval | None:
        """Return the interval that covers an audit, or None where nothing was known then."""
        key = self._keys[run]
        for interval in self.intervals:
            ends = None if interval.end is None else self._keys[interval.end]
            if self._keys[interval.start] <= key and (ends is None or key < ends):
                return interval
        return None

    def with_verdict(self, run: int, state: State, judged: Sequence[int]) -> tuple[Interval, ...]:
        """Return the intervals with one more verdict; `judged` are the other audits that judged the control."""
        key = self._keys[run]
        before = self.at(run)
        if before is not None and before.state == state:
            return self.intervals
        following = min((r for r in judged if self._keys[r] > key), key=self._keys.__getitem__, default=None)
        after = None if following is None else self.at(following)
        kept = [interval for interval in self.intervals if interval not in (before, after)]
        if before is not None:
            kept.append(before._replace(end=run))
        if following is None or after is None:
            kept.append(Interval(run, None, state))
        elif after.state == state:
            kept.append(after._replace(start=run))
        else:
            kept += [Interval(run, following, state), after._replace(start=following)]
        return tuple(sorted(kept, key=lambda interval: self._keys[interval.start]))
