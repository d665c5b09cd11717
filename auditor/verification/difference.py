"""What differs between two JSON documents, verdicts first, in words that name host and control."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest

Plain = object
"""Decoded JSON: maps, lists, strings, numbers, truth values, null."""

NAMED = ("control", "name", "device")
"""Keys by which the rows of a list are known, rather than by their place."""
WEIGHTY = ("status", "outcome", "proven", "possible", "level")
"""Keys that hold verdicts."""
ABSENT = "(not there)"
LONGEST_WORDS = 120


def differences(before: Plain, after: Plain) -> list[str]:
    """Return a sentence for each value that differs, verdicts and levels first. Depth is that of the shallower one."""
    found = list(_differences(before, after, ()))
    found.sort(key=lambda each: (each[0][-1:] and each[0][-1] not in WEIGHTY, each[0]))
    return [
        f"{' / '.join(path) or 'the document'}: {_short(old)} in the bundle, {_short(new)} now"
        for path, old, new in found
    ]


def verdicts(document: Plain) -> dict[tuple[str, ...], Plain]:
    """Return every verdict, level and outcome of an `audit.json`, by where it stands."""
    wanted: dict[tuple[str, ...], Plain] = {}
    for host in _rows(document, "hosts"):
        name = str(host.get("name"))
        wanted[name, "level"] = host.get("level")
        wanted[name, "outcome"] = host.get("outcome")
        wanted[name, "held back by"] = host.get("held_back_by")
        for finding in _rows(host, "findings"):
            wanted[name, str(finding.get("control"))] = finding.get("status")
    for link in _rows(document, "links"):
        key = f"{link.get('device')} ↔ {link.get('tms')}"
        wanted[key, "level"] = link.get("level")
        for side in ("device_to_tms", "tms_to_device"):
            value = link.get(side)
            wanted[key, side] = value.get("level") if isinstance(value, Mapping) else None
    return wanted


def verdict_differences(before: Plain, after: Plain) -> list[str]:
    """Return a sentence for each verdict, level and outcome that differs."""
    old, new = verdicts(before), verdicts(after)
    return [
        f"{' / '.join(key)}: {_short(old.get(key, ABSENT))} in the bundle, {_short(new.get(key, ABSENT))} now"
        for key in sorted(old.keys() | new.keys())
        if old.get(key, ABSENT) != new.get(key, ABSENT)
    ]


def _rows(document: Plain, key: str) -> Iterator[Mapping[str, Plain]]:
    rows = document.get(key) if isinstance(document, Mapping) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            yield row


def _differences(before: Plain, after: Plain, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Plain, Plain]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _differences(before.get(key, ABSENT), after.get(key, ABSENT), (*path, str(key)))
    elif isinstance(before, list) and isinstance(after, list):
        for place, (old, new) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
            yield from _differences(old, new, (*path, _name(new if new != ABSENT else old, place)))
    elif type(before) is not type(after) or before != after:
        yield path, before, after


def _name(row: Plain, place: int) -> str:
    if isinstance(row, Mapping):
        return next((str(row[key]) for key in NAMED if isinstance(row.get(key), str)), str(place))
    return str(place)


def _short(value: Plain) -> str:
    words = value if value == ABSENT else repr(value)
    text = str(words)
    return text if len(text) <= LONGEST_WORDS else text[:LONGEST_WORDS] + "…"
