"""The list of systems that TMS exports as CSV, read by a column map. Columns that the map does not name are not kept.

Encodings and delimiters are those of CSV inventories. Cells are text from another program: they are kept as they are,
whatever they begin with, and whoever prints them escapes them.
"""

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.inventory.csv_file import read_rows
from auditor.inventory.encoding import decode
from auditor.inventory.file import read_bytes
from auditor.inventory.problem import InventoryError, Problem, Spot, shown
from auditor.inventory.tms_columns import ColumnMap, Tracking, folded, read_columns

LARGEST = 32 * 1024 * 1024
"""Bytes of an export; a system takes a few hundred."""

_LABELS = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:[:. -]?[0-9A-Fa-f]{2}){5}")
_NOBODY = frozenset({"0" * 12, "f" * 12})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSystem:
    """One row. Cells are as written, None where they are empty or the export has no such column.

    `tracked` is the cell that tells how the system is reached and `tracking` what it means. `names` and `addresses`
    are all hostnames (small letters, no final dot) and IP addresses (short form) of the row.
    """

    line: int
    name: str | None
    type: str | None = None
    tracked: str | None = None
    mac: str | None = None
    software: str | None = None
    status: str | None = None
    tracking: Tracking = Tracking.NOT_SHOWN
    names: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    @property
    def hardware(self) -> str | None:
        """The MAC address as twelve hexadecimal digits, or None where there is none that could be told apart."""
        digits = re.sub(r"[^0-9a-f]", "", self.mac.lower()) if self.mac and _MAC.fullmatch(self.mac) else ""
        return digits if digits and digits not in _NOBODY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A whole export: its systems in their order, and the file it was, with its SHA-256 in hex."""

    systems: tuple[ExportedSystem, ...]
    source: str
    sha256: str


def read_export(path: Path, columns: Path | None = None) -> Export:
    """Return the systems of an export; raise InventoryError with every problem of the export and the column map.

    `columns` is a site's own column map; without it the one that ships is used.
    """
    found: list[Problem] = []
    export = export_of(path, columns, found)
    if export is None:
        raise InventoryError(found)
    return export


def export_of(path: Path, columns: Path | None, found: list[Problem]) -> Export | None:
    """Return an export as `read_export` does, or None after adding every problem to `found`."""
    before = len(found)
    spot = Spot(str(path), 0, "", found)
    known = read_columns(columns, spot)
    data = read_bytes(spot, path, LARGEST)
    text = None if data is None else decode(data, spot)
    systems = () if known is None or text is None else _systems(text, spot, known)
    if len(found) > before or data is None:
        return None
    return Export(systems=systems, source=str(path), sha256=hashlib.sha256(data).hexdigest())


def _systems(text: str, spot: Spot, columns: ColumnMap) -> tuple[ExportedSystem, ...]:
    rows = read_rows(text, spot, columns.every())
    if not rows:
        spot.at(1).refuse("The export has no header row.")
        return ()
    line, header = rows[0]
    places = _places(spot.at(line), header, columns)
    if "name" not in places:
        return ()
    made = [_system(spot.at(at), cells, places, columns) for at, cells in rows[1:] if any(cells)]
    return tuple(system for system in made if system is not None)


def _places(spot: Spot, header: Sequence[str], columns: ColumnMap) -> dict[str, int]:
    """Return the column in which each field stands."""
    headings = [folded(cell) for cell in header]
    places: dict[str, int] = {}
    for field, wanted in columns.headings.items():
        heading = next((each for each in wanted if each in headings), None)
        if heading is None:
            continue
        places[field] = headings.index(heading)
        if headings.count(heading) > 1:
            spot.key(heading, spot.line).refuse("The column is given twice.", "Export the list with one of them.")
    if "name" not in places:
        tried = ", ".join(shown(heading) for heading in columns.headings.get("name", ()))
        given = ", ".join(shown(cell) for cell in header[:24] if cell)
        spot.refuse(
            f"No column is known to hold the systems' names. The header has {given or 'nothing'}; known are {tried}.",
            "Name your headings in a column map: --columns FILE.",
        )
    return places


def _system(spot: Spot, cells: Sequence[str], places: Mapping[str, int], columns: ColumnMap) -> ExportedSystem | None:
    filled = {field: cells[place] for field, place in places.items() if place < len(cells)}
    row = {field: cell for field, cell in filled.items() if cell and folded(cell) not in columns.empty}
    tracked, own = row.get("tracked"), row.get("hostname")
    tracking = _tracking(tracked, own, columns)
    reached = (tracked, own, row.get("address"))
    addresses = frozenset(a for a in map(_address, reached) if a)
    names = frozenset(n for n in (_hostname(own), _hostname(tracked) if tracked and "." in tracked else None) if n)
    if "name" not in row and not names and not addresses:
        spot.key("name", spot.line).refuse("The row has neither a name nor an address of a system.", "Remove the row.")
        return None
    return ExportedSystem(
        line=spot.line, name=row.get("name"), type=row.get("type"), tracked=tracked, mac=row.get("mac"),
        software=row.get("software"), status=row.get("status"), tracking=tracking, names=names,
        addresses=frozenset(a for a in addresses if _names_a_host(a)),
    )  # fmt: skip


def _tracking(tracked: str | None, own: str | None, columns: ColumnMap) -> Tracking:
    """Tell what the cell means: a word for a way, or an address of that kind; anything else shows nothing.

    A single label counts as a hostname only where it is the row's `own` hostname: it may be a word for something else.
    """
    if tracked is None:
        return Tracking.NOT_SHOWN
    word = columns.words.get(folded(tracked))
    if word is not None:
        return word
    if _address(tracked):
        return Tracking.ADDRESS
    if _MAC.fullmatch(tracked):
        return Tracking.MAC
    name = _hostname(tracked)
    return Tracking.HOSTNAME if name and ("." in name or name == _hostname(own)) else Tracking.NOT_SHOWN


def _address(cell: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address(cell or ""))
    except ValueError:
        return None


def _names_a_host(address: str) -> bool:
    """Leave out addresses that an empty or disabled field holds; they would make strangers look like one system."""
    read = ipaddress.ip_address(address)
    return not (read.is_unspecified or read.is_loopback or read.is_multicast or address == "255.255.255.255")


def _hostname(cell: str | None) -> str | None:
    """Return a hostname in the form in which it is compared, or None for an address and for other text."""
    name = (cell or "").removesuffix(".").lower()
    if not name.isascii() and len(name) <= 253:  # the codec takes time that grows with the square of the length
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    told = _LABELS.fullmatch(name) and not name.rpartition(".")[2].isdigit() and not _MAC.fullmatch(name)
    return name if told else None
