"""Points in time as the tables hold them: whole microseconds since 1970, UTC, without the rounding of floats."""

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Return an aware time as microseconds."""
    return (at - _START) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return microseconds as a time in UTC."""
    return _START + timedelta(microseconds=micros)
