"""CSV: read back by the standard library, and nothing in it that a spreadsheet calculates."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.reports.csv_cell import Cell, csv_table, harmless
from auditor.reports.csv_tables import CERTIFICATES, FINDINGS, HOSTS, CertificateTable, FindingTable, HostTable
from auditor.reports.records import presented, records
from auditor.reports.visible import visible
from tests.reports.machine_run import FULL, machine_run

RUN = machine_run()
STARTS_A_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def rows_of(content: bytes) -> list[list[str]]:
    """Return the cells as an independent reader finds them."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


@pytest.mark.parametrize(
    ("table", "header", "count"),
    [
        (HostTable(), HOSTS, len(RUN.hosts)),
        (FindingTable(), FINDINGS, sum(1 for _ in records(RUN))),
        (CertificateTable(), CERTIFICATES, sum(1 for _ in presented(RUN))),
    ],
    ids=["hosts", "findings", "certificates"],
)
def test_tables_have_a_header_and_a_row_for_each(
    table: HostTable | FindingTable | CertificateTable, header: tuple[str, ...], count: int
) -> None:
    """Every row has every column; no cell is a formula, in whatever locale; no control character is left."""
    content = table.render(RUN)
    [first, *rest] = rows_of(content)
    assert tuple(first) == header
    assert len(rest) == count
    assert {len(row) for row in rest} == {len(header)}
    assert not content.startswith(b"\xef\xbb\xbf")
    numbers = {header.index(name) for name in ("days_left",) if name in header}
    for row in rest:
        for column, cell in enumerate(row):
            assert column in numbers or not any(STARTS_A_FORMULA.match(part) for part in cell.split(";")), cell[:80]
            assert cell == visible(cell)
    assert content.count(b"\r\n") == count + 1
    assert content.replace(b"\r\n", b"").count(b"\n") == 0


def test_numbers_stay_numbers() -> None:
    """A negative number of days gets no apostrophe; the device called -5 does."""
    certificates = [dict(zip(CERTIFICATES, row, strict=True)) for row in rows_of(CertificateTable().render(RUN))]
    assert next(row for row in certificates if row["host"] == "rm204")["days_left"] == "-12"
    hosts = [row[0] for row in rows_of(HostTable().render(RUN))]
    assert "'-5" in hosts
    assert "'=cmd()" in hosts


def test_several_values_stand_in_one_cell() -> None:
    """Evidence of one finding."""
    found = [dict(zip(FINDINGS, row, strict=True)) for row in rows_of(FindingTable().render(RUN))]
    full = next(row for row in found if row["host"] == FULL and row["control"] == "certificates.in-date")
    assert full["evidence"] == "chain/https: valid | port/https: open"
    assert (full["attested"], full["severity"], full["address"]) == ("no", "informational", "2001:db8::5")


@given(
    st.lists(st.lists(st.one_of(st.text(max_size=60), st.integers(), st.booleans(), st.none()), min_size=1, max_size=4))
)
def test_any_cell_comes_back_as_it_was_shown(rows: list[list[Cell]]) -> None:
    """Round trip through the standard library, apostrophes and visible escapes aside."""

    def expected(cell: Cell) -> str:
        if isinstance(cell, bool):
            return "yes" if cell else "no"
        if isinstance(cell, str):
            return harmless(visible(cell))
        return "" if cell is None else str(cell)

    [_, *back] = rows_of(csv_table(["x"], rows))
    assert back == [[expected(cell) for cell in row] for row in rows]


@given(st.text(alphabet="=+-@;\t \r'\"abc\uff1d", max_size=12))
def test_no_part_of_a_harmless_text_is_a_formula(text: str) -> None:
    """Whatever a spreadsheet takes for the separator, a semicolon among them; and nothing but apostrophes is added."""
    safe = harmless(visible(text))
    assert not any(STARTS_A_FORMULA.match(part) for part in safe.split(";"))
    assert safe.replace("'", "") == visible(text).replace("'", "")
