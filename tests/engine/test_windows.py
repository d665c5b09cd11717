"""Maintenance windows as spans of time: nights, changes of summer time, and whose window counts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.windows import Admission, admission, spans
from auditor.model.inventory import Target
from auditor.model.politeness import DAYS, Window

TARGET = Target(name="rm204", product="toy", site="oslo", tags=("boardroom",))
OSLO = "Europe/Oslo"


def weekly(days: str, start: str, end: str, zone: str = OSLO) -> Window:
    """Return a window of the fleet."""
    return Window(scope="fleet", days=tuple(days.split()), start=start, end=end, zone=zone)


def at(text: str, zone: str = OSLO) -> datetime:
    """Return a local time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "allowed"),
    [
        ("2026-11-27T21:59", False),
        ("2026-11-27T22:00", True),
        ("2026-11-28T04:59", True),
        ("2026-11-28T05:00", False),
        ("2026-11-28T23:00", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(when: str, allowed: bool) -> None:  # noqa: FBT001
    """Friday from 22 to 5 ends on Saturday morning; Saturday night is another."""
    assert admission(TARGET, [weekly("fri", "22:00", "05:00")], at(when)).allowed is allowed


def test_when_it_ends_and_when_it_opens_next() -> None:
    """In UTC; windows that touch are one."""
    night = [weekly("fri sat", "22:00", "05:00"), weekly("sat", "05:00", "22:00")]
    assert admission(TARGET, night, at("2026-11-27T23:00")) == Admission(allowed=True, until=at("2026-11-29T05:00"))
    assert admission(TARGET, night, at("2026-11-26T12:00")) == Admission(allowed=False, opens=at("2026-11-27T22:00"))


def test_a_whole_day_ends_with_the_day() -> None:
    """24:00 is midnight."""
    whole = [weekly("sat", "00:00", "24:00")]
    assert admission(TARGET, whole, at("2026-11-28T00:00")) == Admission(allowed=True, until=at("2026-11-29T00:00"))


def test_a_window_of_one_time_never_opens_again() -> None:
    """Its instants are taken as they are, its end excluded."""
    once = [Window(scope="fleet", opens=at("2026-11-27T22:00"), closes=at("2026-11-27T23:00"))]
    assert admission(TARGET, once, at("2026-11-27T22:30")).until == at("2026-11-27T23:00")
    assert admission(TARGET, once, at("2026-11-27T23:00")) == Admission(allowed=False)
    assert admission(TARGET, once, at("2026-01-01T00:00")).opens == at("2026-11-27T22:00")


@pytest.mark.parametrize(
    ("day", "start", "end", "opens", "closes"),
    [
        ("2026-10-25", "02:30", "04:00", "2026-10-25T01:30", "2026-10-25T03:00"),  # 02:30 comes twice: the later one
        ("2026-10-25", "01:00", "02:30", "2026-10-24T23:00", "2026-10-25T00:30"),  # the earlier one
        ("2026-03-29", "02:30", "04:00", "2026-03-29T01:30", "2026-03-29T02:00"),  # 02:30 does not come
        ("2026-03-29", "01:00", "02:30", "2026-03-29T00:00", "2026-03-29T00:30"),
    ],
)
def test_a_change_of_summer_time_never_lengthens_a_window(
    day: str, start: str, end: str, opens: str, closes: str
) -> None:
    """Of two readings, the narrower."""
    found = spans([weekly("sun", start, end)], at(day + "T12:00"))
    expected = tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opens, closes))
    assert [span for span in found if span[0].date() in {expected[0].date(), expected[1].date()}] == [expected]


@pytest.mark.parametrize("scope", ["host", "tag", "site", "fleet"])
def test_the_closest_window_counts_alone(scope: str) -> None:
    """A host's own replaces its tag's, that one its site's, that one the fleet's."""
    names = {"host": "rm204", "tag": "boardroom", "site": "oslo", "fleet": ""}
    order = list(names)
    open_now = Window(scope=scope, scope_name=names[scope], opens=at("2026-01-01"), closes=at("2027-01-01"))  # type: ignore[arg-type] # a parameter is any text
    closed = [
        Window(scope=kind, scope_name=names[kind], opens=at("2020-01-01"), closes=at("2020-01-02"))  # type: ignore[arg-type] # the same
        for kind in order[order.index(scope) + 1 :]
    ]
    strangers = [Window(scope="host", scope_name="other", opens=at("2020-01-01"), closes=at("2020-01-02"))]
    assert admission(TARGET, [*strangers, *closed, open_now], at("2026-06-01")).allowed
    if scope != "fleet":
        assert not admission(TARGET, closed, at("2026-06-01")).allowed


def test_a_host_for_which_no_window_is_meant_is_open() -> None:
    """Windows of others do not concern it."""
    other = Window(scope="site", scope_name="bergen", opens=at("2020-01-01"), closes=at("2020-01-02"))
    assert admission(TARGET, [other], at("2026-06-01")) == Admission(allowed=True)


CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
WEEKLY = st.builds(
    Window,
    scope=st.just("fleet"),
    days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple),
    start=CLOCKS,
    end=CLOCKS,
    zone=st.sampled_from([OSLO, "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
).filter(lambda window: window.start != window.end)
TIMES = st.integers(0, 2 * 366 * 24 * 60 * 60).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@settings(deadline=None, max_examples=60)
@given(st.lists(WEEKLY, min_size=1, max_size=3), TIMES)
def test_a_host_is_asked_only_at_times_that_its_local_clock_allows(windows: list[Window], when: datetime) -> None:
    """Held against the plain reading of the local clock; what opens, opens within eight days and is then open."""
    found = admission(TARGET, windows, when)
    if found.allowed:
        assert any(_reads_open(window, when) for window in windows)
        assert found.until is not None
        assert when < found.until
        if found.until < when + timedelta(days=7):  # else it is open all week
            assert not admission(TARGET, windows, found.until).allowed
    else:
        assert found.opens is not None
        assert when < found.opens <= when + timedelta(days=9)
        assert admission(TARGET, windows, found.opens).allowed
        assert not admission(TARGET, windows, found.opens - timedelta(seconds=1)).allowed


def _reads_open(window: Window, when: datetime) -> bool:
    local = when.astimezone(ZoneInfo(window.zone))
    clock, today = f"{local:%H:%M}", DAYS[local.weekday()]
    yesterday = DAYS[(local.weekday() - 1) % 7]
    if window.start < window.end:
        return today in window.days and window.start <= clock < window.end
    return (today in window.days and clock >= window.start) or (yesterday in window.days and clock < window.end)
