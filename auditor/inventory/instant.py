"""Instants of time in files that people write: with a zone, so that everybody means the same moment."""

import re
from datetime import UTC, datetime

from auditor.inventory.problem import shown
from auditor.inventory.section import Section

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
_INSTANT = re.compile(_TIME.pattern + r"([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_EXAMPLE = "Write an instant with its zone, such as 2027-03-31T23:59:00+02:00."


def read_instant(section: Section, key: str, *, whole_day: bool, what: str) -> datetime | None:
    """Return an instant in UTC, or None after noting what is wrong with it.

    A date alone is the start of that day in UTC where `whole_day` permits it, and refused elsewhere: `what` is the word
    for the thing that would end.
    """
    written = section.literal(key)
    if written is None:
        return None
    spot = section.spot(key)
    bare = _DATE.fullmatch(written) is not None
    if bare and not whole_day:
        spot.refuse(
            f"A date alone does not tell when the {what} ends: a day begins and ends at other times elsewhere, and "
            "whether it holds on its last day would be a guess.",
            _EXAMPLE,
        )
        return None
    if _TIME.fullmatch(written):
        spot.refuse("The time has no zone, so it is not known which instant is meant.", _EXAMPLE)
        return None
    if bare or _INSTANT.fullmatch(written):
        read = _utc(f"{written}T00:00Z" if bare else written.upper())
        if read is not None:
            return read
    spot.refuse(f"{shown(written)} is not an instant of time.", _EXAMPLE)
    return None


def _utc(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day or hour, or out of the calendar in UTC
        return None
