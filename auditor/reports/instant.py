"""Points in time as reports write them: always UTC, never in the reader's locale."""

from datetime import UTC, datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def rfc3339(at: datetime) -> str:
    """Return `at` as RFC 3339 in UTC with a Z; raises ValueError for a time without a zone."""
    return _utc(at).isoformat().replace("+00:00", "Z")


def in_words(at: datetime) -> str:
    """Return `at` for a person, e.g. `4 March 2026, 02:05 UTC`; raises ValueError for a time without a zone."""
    utc = _utc(at)
    return f"{day_in_words(utc)}, {utc.hour:02d}:{utc.minute:02d} UTC"


def day_in_words(at: datetime) -> str:
    """Return the day (UTC) for a person, e.g. `4 March 2026`; raises ValueError for a time without a zone."""
    utc = _utc(at)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def month_in_words(at: datetime) -> str:
    """Return the month (UTC) for a person, e.g. `March 2026`; raises ValueError for a time without a zone."""
    utc = _utc(at)
    return f"{_MONTHS[utc.month - 1]} {utc.year}"


def span_in_words(start: datetime, end: datetime) -> str:
    """Return how long it took, e.g. `3 min 20 s`."""
    seconds = max(0, round((end - start).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if hours or minutes else "", f"{seconds} s"]
    return " ".join(part for part in parts if part)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC)
