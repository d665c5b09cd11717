"""What a management server's entry may name besides itself: its database, and its own list of systems."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory import InventoryError
from auditor.model.inventory import Database, Inventory

Read = Callable[..., Inventory]
Refuse = Callable[..., InventoryError]

TMS = "version: 1\ntms:\n- {{name: tms, address: 192.0.2.10, {fields}}}\nsystems:\n{systems}"
RM204 = "- {name: rm204, product: mxp, hostname: rm204.example.test, address: 192.0.2.21, tms: tms}"
EXPORT = """\
System Name,Network Address,Hostname,IP Address
rm204,rm204.example.test,rm204.example.test,192.0.2.21
rm205,192.0.2.22,rm205.example.test,192.0.2.22
rm206,,,192.0.2.23
"""


def document(fields: str, systems: str = RM204) -> str:
    """An inventory whose server has these fields."""
    return TMS.format(fields=fields, systems=systems)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{address: 192.0.2.30}", Database(address="192.0.2.30")),
        ("{hostname: SQL.example.test., port: 14330}", Database(hostname="SQL.example.test", port=14330)),
        ("{hostname: sql, address: '2001:db8::1'}", Database(hostname="sql", address="2001:db8::1")),
    ],
)
def test_a_database(read: Read, written: str, expected: Database) -> None:
    """By name, by address or by both; the port is 1433 unless it is given."""
    assert read(document(f"database: {written}")).targets[0].database == expected


def test_a_database_in_a_table(read: Read) -> None:
    """The same as pairs in one cell."""
    rows = (
        "name,product,address,database,system_list\ntms,tms,192.0.2.10,address=192.0.2.30;port=1434,\n"
        "rm1,mxp,192.0.2.1,,\n"
    )
    inventory = read(rows, "fleet.csv")
    assert [t.database for t in inventory.targets] == [Database(address="192.0.2.30", port=1434), None]


def test_every_mistake_is_told_at_once(refuse: Refuse) -> None:
    """With line and field, among those of other fields."""
    error = refuse(
        "version: 1\ntms:\n- {name: a, address: 192.0.2.1, database: {}}\n"
        "- {name: b, address: 192.0.2.2, database: {address: sql.example.test, port: 0, password: x}}\n"
        "- {name: c, address: 192.0.2.3, database: 192.0.2.30}\n"
        "- {name: d, address: 192.0.2.4, system_list: missing.csv}\n"
        "- {name: e, address: 192.0.2.5, system_list_columns: columns.yaml}\n"
        "systems:\n- {name: f, product: mxp, address: 192.0.2.6, database: {address: 192.0.2.30}}\n"
        "- {name: g, product: auto, address: 192.0.2.7, system_list: x.csv}\n"
    )
    told = [(p.line, p.field, p.message) for p in error.problems]
    expected = [
        (3, "database", "needs a hostname or an address"), (4, "address", "not an IP address"),
        (4, "port", "whole number"), (4, "password", "may not stand"), (5, "database", "A table"),
        (7, "system_list_columns", "belongs to a list"), (9, "database", "Only a management server"),
        (10, "system_list", "Only a management server"), (0, "", "cannot be read"),
    ]  # fmt: skip
    for line, field, words in expected:
        assert any(t[0] == line and t[1].endswith(field) and words in t[2] for t in told), (line, field, told)
    assert not any(word == "x" for _, _, message in told for word in message.split())


def test_cells_that_are_no_pairs(refuse: Refuse) -> None:
    """Each with its row."""
    error = refuse(
        "name,product,address,database\na,tms,192.0.2.1,192.0.2.30\nb,tms,192.0.2.2,port=1;port=2\n", "fleet.csv"
    )
    assert [(p.line, p.message) for p in error.problems] == [
        (2, "'192.0.2.30' is not a field and its value."),
        (2, "A database needs a hostname or an address."),
        (3, "The field is given twice."),
        (3, "A database needs a hostname or an address."),
    ]


def test_a_list_of_systems_is_held_against_the_inventory(read: Read, folder: Path) -> None:
    """Who is tracked by an address, who is missing where, and which file it was."""
    (folder / "export.csv").write_text(EXPORT, encoding="utf-8")
    systems = f"{RM204}\n- {{name: rm300, product: mxp, address: 192.0.2.99, tms: tms}}\n"
    systems += "- {name: rm301, product: mxp, address: 192.0.2.98}"
    known = read(document("system_list: export.csv", systems)).targets[0].system_list
    assert known is not None
    assert (known.path, known.sha256) == ("export.csv", hashlib.sha256(EXPORT.encode()).hexdigest())
    assert (known.systems, known.by_address, known.tracking_not_shown) == (3, ("rm205 (192.0.2.22)",), 1)
    assert (known.not_in_inventory, known.not_listed) == (("rm205", "rm206"), ("rm300",))


def test_a_list_with_a_column_map_of_its_own(read: Read, refuse: Refuse, folder: Path) -> None:
    """Headings of another language; a bad map is refused with its own line, and beside other mistakes."""
    (folder / "liste.csv").write_text("Anlage;Netzadresse\nrm204;192.0.2.21\n", encoding="utf-8")
    columns = folder / "columns.yaml"
    columns.write_text("version: 1\ncolumns: {name: [Anlage], tracked: [Netzadresse]}\n", encoding="utf-8")
    fields = "system_list: liste.csv, system_list_columns: columns.yaml"
    known = read(document(fields)).targets[0].system_list
    assert known is not None
    assert (known.by_address, known.not_in_inventory) == (("rm204 (192.0.2.21)",), ())
    columns.write_text("version: 1\ncolumns: {nom: [Anlage]}\n", encoding="utf-8")
    error = refuse(document(f"{fields}, target_level: 9"))
    assert sorted((Path(p.file).name, p.line) for p in error.problems) == [("columns.yaml", 2), ("fleet.yaml", 3)]
