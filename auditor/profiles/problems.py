"""Problems: what can be wrong with a profile file beyond its shape.

It looks at the raw tables and skips what has the wrong type, so that a file with a wrong shape still gets all of its
other mistakes named. Entries are counted from 1, as a person counts them in the file.
"""

import math
import re
from collections.abc import Iterator

Table = dict[str, object]

PLACES = (
    "telnet", "ssh", "http-realm", "http-server", "http-title", "snmp", "certificate", "certificate-factory",
    "certificate-factory-key",
)  # fmt: skip
"""What a recognition may look at. Patterns are searched (`re.search`) in the text as the device sent it.

`certificate` and `certificate-factory` are searched in the subject and in the issuer (RFC 4514 strings); the latter
tells a certificate that every device left the factory with, and says nothing of the family. So does
`certificate-factory-key`, which must fit the whole SHA-256 of the public key (SubjectPublicKeyInfo, lower-case hex).
"""

_GROUPS = frozenset({"software", "system_name"})
_LIMITS = {
    "conversations": (1, 8),
    "pause_seconds": (0, 60),
    "question_seconds": (0.1, 600),
    "host_seconds": (1, 86_400),
    "answer_bytes": (1_024, 16_777_216),
}
STATUS_KEYS = ("clock", "feedback", "ntp.server", "ntp.status", "software", "system_name", "timezone")
"""What a status document may be asked for."""

_SETTING_PATH = re.compile(r"[a-z]+(\.[a-z]+)?")
_SPELLING = re.compile(r"[A-Za-z][A-Za-z0-9]*( (?:[A-Za-z][A-Za-z0-9]*|[1-9][0-9]?))*")
_CONTROL_ID = re.compile(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*")


def problems_of(data: Table) -> Iterator[str]:
    """Give every problem as `key: what is wrong`: patterns, duplicates, ranges, reads that the paths lack."""
    yield from _patterns(data)
    yield from _duplicates(data)
    yield from _ranges(data)
    yield from _controls(data)
    yield from _paths(data)
    yield from _spellings(data)


def tables(data: Table, key: str) -> Iterator[tuple[str, Table]]:
    """Give the tables of the array `key` with their places (`service[2]`), whatever else stands in it."""
    rows = data.get(key)
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        if isinstance(row, dict):
            yield f"{key}[{number}]", row


def _patterns(data: Table) -> Iterator[str]:
    for place, row in tables(data, "recognise"):
        yield from _pattern(f"{place}.pattern", row.get("pattern"), _GROUPS)
        if isinstance(row.get("where"), str) and row["where"] not in PLACES:
            yield f"{place}.where: is not one of {', '.join(PLACES)}"
    for place, row in tables(data, "excluded"):
        yield from _pattern(f"{place}.software", row.get("software"), frozenset())
    yield from _pattern("telnet_challenge_pattern", data.get("telnet_challenge_pattern"), frozenset())


def _pattern(place: str, text: object, groups: frozenset[str]) -> Iterator[str]:
    if not isinstance(text, str):
        return
    try:
        pattern = re.compile(text)
    except re.error as error:
        yield f"{place}: is not a regular expression: {error}"
        return
    if pattern.search("") is not None:
        yield f"{place}: matches the empty text, so it would tell nothing"
    for group in sorted(pattern.groupindex.keys() - groups):
        yield f"{place}: has a group {group!r} that nobody reads"


def _duplicates(data: Table) -> Iterator[str]:
    yield from _twice(data, "service", ("name",))
    yield from _twice(data, "service", ("transport", "port"))
    yield from _twice(data, "recognise", ("where", "pattern"))
    yield from _twice(data, "read", ("protocol", "operation", "argument"))


def _twice(data: Table, key: str, columns: tuple[str, ...]) -> Iterator[str]:
    first: dict[tuple[str, ...], str] = {}
    for place, row in tables(data, key):
        if not all(column in row for column in columns):
            continue
        value = tuple(str(row[column]) for column in columns)
        if value in first:
            yield f"{place}: has the same {' and '.join(columns)} as {first[value]}: {' '.join(value)}"
        first.setdefault(value, place)


def _ranges(data: Table) -> Iterator[str]:
    for place, row in tables(data, "service"):
        yield from _within(f"{place}.port", row.get("port"), 1, 65_535)
        yield from _within(f"{place}.level", row.get("level"), 1, 4)
    for place, row in tables(data, "recognise"):
        yield from _within(f"{place}.weight", row.get("weight"), 1, 100)
    limits = data.get("limits")
    for name, value in limits.items() if isinstance(limits, dict) else ():
        yield from _within(f"limits.{name}", value, *_LIMITS.get(name, (0, math.inf)))


def _within(place: str, value: object, low: float, high: float) -> Iterator[str]:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not low <= value <= high:
        yield f"{place}: must be from {low} to {high}, not {value}"


def _controls(data: Table) -> Iterator[str]:
    controls = data.get("controls")
    for name, row in controls.items() if isinstance(controls, dict) else ():
        if not _CONTROL_ID.fullmatch(name):
            yield f"controls.{name}: is not the identifier of a control"
        for key, text in row.items() if isinstance(row, dict) else ():
            if isinstance(text, str) and not text.strip():
                yield f"controls.{name}.{key}: is empty"


def _paths(data: Table) -> Iterator[str]:
    """Name paths that are to be asked but are no permitted read: the door would refuse them at every host."""
    permitted = {
        row.get("argument")
        for _, row in tables(data, "read")
        if row.get("protocol") == "http" and row.get("operation") == "GET"
    }
    paths = data.get("paths")
    for number, path in enumerate(paths if isinstance(paths, list) else (), 1):
        if isinstance(path, str) and not path.startswith("/"):
            yield f"paths[{number}]: must begin with a slash, not {path!r}"
        elif path not in permitted:
            yield f"paths[{number}]: is not among the permitted reads (http GET): {path}"


def _spellings(data: Table) -> Iterator[str]:
    """Name spellings that no device could write, and those that stand for two things at once."""
    for table, keys in (("settings", None), ("status", STATUS_KEYS)):
        found = data.get(table)
        first: dict[str, str] = {}
        for key, row in found.items() if isinstance(found, dict) else ():
            place = f"{table}.{key}"
            if keys is None and not _SETTING_PATH.fullmatch(key):
                yield f"{place}: is not the path of a setting"
            if keys is not None and key not in keys:
                yield f"{place}: is not one of {', '.join(keys)}"
            if row == []:
                yield f"{place}: has no spelling"
            for text in row if isinstance(row, list) else ():
                if not isinstance(text, str):
                    continue
                if not _SPELLING.fullmatch(text):
                    yield f"{place}: is not made of words and numbers: {text!r}"
                if text.casefold() in first:
                    yield f"{place}: {text!r} stands for {first[text.casefold()]} already"
                first.setdefault(text.casefold(), place)
