"""When a host may be asked: maintenance windows as spans of time. Pure; the time is an argument.

Where summer time begins or ends, a time of the day may come twice or never. A window is then never taken for longer
than either reading of its times allows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from auditor.model.inventory import Target
from auditor.model.politeness import DAYS, Window
from auditor.model.waiver import ScopeKind

AHEAD_DAYS = 8
"""Every weekly window opens within so many days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a host may be asked at a time: `until` when, or `opens` next (None: never again). UTC.

    `until` None beside `allowed` means that no window holds for the host.
    """

    allowed: bool
    until: datetime | None = None
    opens: datetime | None = None


def admission(target: Target, windows: Sequence[Window], at: datetime) -> Admission:
    """Tell whether the target may be asked at this time; it may be at any time where no window is meant for it."""
    own = windows_of(target, windows)
    if not own:
        return Admission(allowed=True)
    ahead = [(opens, closes) for opens, closes in spans(own, at) if closes > at]
    if not ahead:
        return Admission(allowed=False)
    opens, closes = ahead[0]
    return Admission(allowed=True, until=closes) if opens <= at else Admission(allowed=False, opens=opens)


def windows_of(target: Target, windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the windows that hold for a target: its own, else those of its tags, of its site, or of the fleet."""
    found: dict[ScopeKind, list[Window]] = {"host": [], "tag": [], "site": [], "fleet": []}
    names: dict[ScopeKind, set[str | None]] = {
        "host": {target.name},
        "tag": {*target.tags},
        "site": {target.site},
        "fleet": {""},
    }
    for window in windows:
        if window.scope_name in names[window.scope]:
            found[window.scope].append(window)
    return next((tuple(some) for some in found.values() if some), ())


def spans(windows: Iterable[Window], around: datetime) -> list[tuple[datetime, datetime]]:
    """Return when the windows are open, in order and joined where they touch: from the day before to a week after."""
    joined: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(span for window in windows for span in _of(window, around)):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def _of(window: Window, around: datetime) -> Iterator[tuple[datetime, datetime]]:
    if window.opens is not None and window.closes is not None:
        yield window.opens, window.closes
        return
    zone = ZoneInfo(window.zone)
    start, end = _clock(window.start), _clock(window.end)
    today = around.astimezone(zone).date()
    # From two days back: a window that began the day before yesterday may still be open where a zone skipped a day.
    for offset in range(-2, AHEAD_DAYS + 1):
        day = today + timedelta(days=offset)
        if DAYS[day.weekday()] in window.days:
            opens = max(_instants(day, start, zone))
            closes = min(_instants(day if end > start else day + timedelta(days=1), end, zone))
            if opens < closes:
                yield opens, closes


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _instants(day: date, clock: timedelta, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return both instants that a time of a day may mean; they are the same but for the hours of a change."""
    local = datetime.combine(day, time()) + clock
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
