"""The column map of a TMS export: which of its headings mean what, as data that a site can change.

The headings of real exports are not confirmed, so none stands in code: `tms_columns.yaml` beside this module holds
the ones that are tried by default, and a site's own file replaces them field by field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from auditor.inventory.document import Table
from auditor.inventory.encoding import decode
from auditor.inventory.file import read_bytes
from auditor.inventory.problem import Spot, shown
from auditor.inventory.section import Section, check_version, is_secret
from auditor.inventory.yaml_file import parse_yaml

FIELDS = ("name", "type", "tracked", "hostname", "address", "mac", "software", "status")
LARGEST = 256 * 1024
"""Bytes of a column map."""

_DEFAULT = "tms_columns.yaml"


class Tracking(StrEnum):
    """By what the management server finds a system again on the network."""

    HOSTNAME = "hostname"
    ADDRESS = "address"
    MAC = "mac"
    NOT_SHOWN = "not_shown"


WAYS = (Tracking.HOSTNAME, Tracking.ADDRESS, Tracking.MAC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """Headings by field, the preferred one first, and words in cells; all in `folded` form.

    `words` name a way of tracking; `empty` are those that stand for no value.
    """

    headings: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Tracking]
    empty: frozenset[str] = frozenset()

    def every(self) -> frozenset[str]:
        """Return all headings that mean something."""
        return frozenset(heading for some in self.headings.values() for heading in some)


def folded(text: str) -> str:
    """Return a heading or a word as it is compared: without regard to case, and with single blanks."""
    return " ".join(text.split()).casefold()


def read_columns(path: Path | None, found: Spot) -> ColumnMap | None:
    """Return the map that ships, changed by the file at `path` if one is given; None after noting what is wrong.

    `found` is any place of the list that the problems go to; they name the file of the map.
    """
    shipped = files("auditor.inventory").joinpath(_DEFAULT).read_text(encoding="utf-8")
    default = _read(shipped, Spot(_DEFAULT, 0, "", found.found))
    if path is None or default is None:
        return default
    spot = Spot(str(path), 0, "", found.found)
    data = read_bytes(spot, path, LARGEST)
    text = None if data is None else decode(data, spot)
    own = None if text is None else _read(text, spot)
    return None if own is None else _changed(default, own)


def _read(text: str, spot: Spot) -> ColumnMap | None:
    table = parse_yaml(text, spot)
    if table is None:
        return None
    before = len(spot.found)
    section = Section(spot.at(1), table, ("version", "columns", "tracked_by", "empty"))
    check_version(section, "column maps")
    headings = _lists(section, "columns", FIELDS)
    words = _lists(section, "tracked_by", [way.value for way in WAYS])
    empty = frozenset(folded(text) for _, text in section.texts("empty"))
    if len(spot.found) > before:
        return None
    ways = {word: way for way in WAYS for word in words.get(way.value, ())}
    return ColumnMap(headings=headings, words=ways, empty=empty)


def _lists(section: Section, key: str, fields: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the texts of each list below a key, folded; none of them may stand in two lists."""
    below = Section(section.spot(key), section.table(key) or Table(1, {}), fields)
    taken: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if not below.has(field):
            continue
        texts = below.texts(field)
        for place, text in texts:
            first = taken.setdefault(folded(text), field)
            if first != field:
                place.refuse(f"{shown(text)} stands under {shown(first)} already.", "Remove one of them.")
            elif is_secret(text):
                place.refuse("A column of passwords is not read.", "Export the list without it.")
        lists[field] = tuple(dict.fromkeys(folded(text) for _, text in texts))
    return lists


def _changed(default: ColumnMap, own: ColumnMap) -> ColumnMap:
    """Return the default with the fields that a site's own map names; a heading means what the site says, only."""
    claimed = own.every()
    kept = {
        field: tuple(heading for heading in headings if heading not in claimed)
        for field, headings in default.headings.items()
    }
    words = dict(default.words) | dict(own.words)
    return ColumnMap(headings=kept | dict(own.headings), words=words, empty=default.empty | own.empty)
