"""Comma-separated values (RFC 4180) that no spreadsheet takes for a formula.

UTF-8 without a byte-order mark: a reader that does not expect one would take it for a part of the first column's name.
In a spreadsheet, import the file as UTF-8 with comma as the separator. Every cell is quoted. A text that a spreadsheet
would calculate gets an apostrophe in front, and so does what follows a semicolon: half of Europe's spreadsheets take it
for the separator and are not stopped by quotes. Numbers are left alone. Machines had better read the JSON.
"""

import re
from collections.abc import Iterable, Sequence

from auditor.reports.visible import shortened

MEDIA_TYPE = "text/csv"

Cell = str | int | bool | None
"""A value of a table; None is an empty cell."""

_FORMULA = re.compile(r"(\A|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
LINE_END = "\r\n"


def csv_table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the table with its header line, lines ending in CR LF."""
    lines = [",".join(quoted(cell) for cell in row) for row in (header, *rows)]
    return (LINE_END.join(lines) + LINE_END).encode()


def quoted(cell: Cell) -> str:
    """Return a cell in quotes; texts are made visible, shortened and harmless, yes and no are words."""
    match cell:
        case None:
            return '""'
        case bool():
            return f'"{"yes" if cell else "no"}"'
        case int():
            return f'"{cell}"'
        case str():
            return '"' + harmless(shortened(cell)).replace('"', '""') + '"'


def harmless(text: str) -> str:
    """Return text with an apostrophe before everything that a spreadsheet would calculate."""
    return _FORMULA.sub(r"\1'\2", text)
