"""CSV text to rows with line numbers: the table of systems that a spreadsheet or a TMS export holds.

CSV after RFC 4180, with `,` `;` tab or `|` between cells. Cells are plain text whatever they begin with: a leading
`=`, `+`, `-` or `@` has no meaning here.
"""

import csv
import io
import re
from collections.abc import Collection

from auditor.inventory.document import Items, Kind, Node, Scalar, Table
from auditor.inventory.problem import Spot, shown, suggestion
from auditor.inventory.section import is_secret, refuse_secret

_DELIMITERS = ",;\t|"
_EXCEL_HINT = re.compile(r"\Asep=([,;\t|])\r?\n", re.IGNORECASE)
_LISTS = ("roots", "tags")
_PAIRS = {
    "ports": ("service", "port", "https=443;http=80"),
    "database": ("field", "value", "hostname=sql.example.test;port=1433"),
}
"""Columns whose cells hold a small table: the words for key and value, and an example."""
_REQUIRED = ("name", "product")


def parse_csv(text: str, spot: Spot, columns: tuple[str, ...]) -> list[tuple[Spot, Table]]:
    """Return the rows below the header, each with its place; cells that are empty are left out.

    `columns` are the names that the header may use, in any order and case. Problems are noted; rows are given only
    where the header names the columns without which no row means anything.
    """
    rows = read_rows(text, spot, columns)
    if not rows:
        spot.at(1).refuse("The file has no header row.", f"It names {', '.join(columns)}.")
        return []
    line, header = rows[0]
    names = _header(spot.at(line), header, columns)
    if names is None:
        return []
    tables = ((spot.at(line), cells) for line, cells in rows[1:])
    return [(place, _table(place, names, cells, columns)) for place, cells in tables if any(cells)]


def read_rows(text: str, spot: Spot, columns: Collection[str]) -> list[tuple[int, list[str]]]:
    """Return every row that is not empty, the header among them: its line, and its cells without surrounding blanks.

    `columns`, in small letters, tell the delimiter where the file does not say it. Reading ends at a row that is no
    CSV, which is noted.
    """
    told = _EXCEL_HINT.match(text)
    body = text[told.end() :] if told else text
    delimiter = told[1] if told else _delimiter_of(body, columns)
    return _rows(body, delimiter, 1 if told else 0, spot)


def _delimiter_of(text: str, columns: Collection[str]) -> str:
    """Return the delimiter with which the first line names most columns; the comma where that leaves a choice."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    words = {d: {cell.strip(' "').casefold() for cell in first.split(d)} for d in _DELIMITERS}
    return max(_DELIMITERS, key=lambda d: len(words[d] & set(columns)))


def _rows(text: str, delimiter: str, skipped: int, spot: Spot) -> list[tuple[int, list[str]]]:
    """Return the line on which each row begins, and its cells without surrounding blanks. Empty lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            if cells:
                rows.append((before + skipped + 1, [cell.strip() for cell in cells]))
            before = reader.line_num
    except csv.Error as error:
        spot.at(before + skipped + 1).refuse(
            f"The row that begins here is not CSV: {error}.", "A quotation mark inside a cell is written twice."
        )
    return rows


def _header(spot: Spot, header: list[str], columns: tuple[str, ...]) -> list[str] | None:
    names = [cell.casefold() for cell in header]
    for index, name in enumerate(names):
        below = spot.key(name, spot.line)
        if name in names[:index] and name:
            below.refuse("The column is given twice.", "Remove one of them.")
        elif is_secret(name):
            refuse_secret(below)
        elif name and name not in columns:
            below.refuse(f"There is no column of the name {shown(name)}.", suggestion(name, columns))
    missing = [name for name in _REQUIRED if name not in names]
    for name in missing:
        spot.key(name, spot.line).refuse("The header does not name this column, which every row needs.")
    return None if missing else names


def _table(spot: Spot, names: list[str], cells: list[str], columns: tuple[str, ...]) -> Table:
    entries: dict[str, Node] = {}
    for index, cell in enumerate(cells):
        name = names[index] if index < len(names) else ""
        if cell and not name:
            spot.key(f"column-{index + 1}", spot.line).refuse(
                "The cell stands under no column name.", "Put a cell that contains the delimiter in quotation marks."
            )
        elif cell and name in columns and name not in entries:  # other columns are refused once, in the header
            entries[name] = _node(spot.key(name, spot.line), name, cell)
    return Table(spot.line, entries)


def _node(spot: Spot, name: str, cell: str) -> Node:
    parts = [part.strip() for part in cell.split(";") if part.strip()]
    if name in _LISTS:
        return Items(spot.line, tuple(Scalar(spot.line, part, Kind.CELL) for part in parts))
    if name in _PAIRS:
        return _pairs(spot, parts, *_PAIRS[name])
    return Scalar(spot.line, cell, Kind.CELL)


def _pairs(spot: Spot, parts: list[str], noun: str, what: str, example: str) -> Table:
    entries: dict[str, Node] = {}
    for part in parts:
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (key and equals and value):
            spot.refuse(f"{shown(part)} is not a {noun} and its {what}.", f"Write '{example}'.")
        elif key in entries:
            spot.key(key, spot.line).refuse(f"The {noun} is given twice.", "Remove one of them.")
        else:
            entries[key] = Scalar(spot.line, value, Kind.CELL)
    return Table(spot.line, entries)
