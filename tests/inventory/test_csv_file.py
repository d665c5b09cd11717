"""CSV inventories: spreadsheets of several habits, the settings file beside them, and every mistake with its place."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory import InventoryError
from auditor.model.inventory import Inventory

Read = Callable[..., Inventory]
Refuse = Callable[..., InventoryError]

ROWS = """\
name,product,hostname,address,ports,credentials,roots,saved_config,tms,target_level,site,tags
tms,tms,tms.example.test,192.0.2.10,,,roots.pem,,,,,
rm204,mxp,rm204.example.test,192.0.2.21,https=443;http=80,codec,roots.pem; roots.pem,rm204.txt,tms,4,oslo,a; third floor
"""
SETTINGS = "version: 1\nsettings: {target_level: 2}\ncredentials: {codec: {username: u, password_env: P}}\n"


@pytest.fixture
def beside(folder: Path) -> Path:
    """Write the settings file and return its path."""
    path = folder / "fleet.settings.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.mark.usefixtures("beside")
def test_rows_and_settings_become_one_inventory(read: Read, folder: Path) -> None:
    """Columns mean what the YAML fields mean; the file beside gives credentials and the default level."""
    inventory = read(ROWS, "fleet.csv")
    tms, rm204 = inventory.targets
    assert (tms.product, tms.target_level, tms.tms) == ("tms", 2, None)
    assert (dict(rm204.ports), rm204.credentials, rm204.tms) == ({"https": 443, "http": 80}, "codec", "tms")
    assert (rm204.target_level, rm204.site, rm204.tags) == (4, "oslo", ("a", "third floor"))
    assert (rm204.saved_config, len(rm204.roots)) == (folder / "rm204.txt", 1)
    assert [c.name for c in inventory.credentials] == ["codec"]
    assert inventory.digest == hashlib.sha256((ROWS + SETTINGS).encode()).hexdigest()


def test_the_digest_without_a_settings_file_is_that_of_the_table(read: Read) -> None:
    """Without a file beside it the digest covers the table alone."""
    text = "name,product,address\na,mxp,192.0.2.1\n"
    assert read(text, "fleet.csv").digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_habits_of_spreadsheets_are_understood(read: Read, delimiter: str, encoding: str, newline: str) -> None:
    """Delimiter, encoding and line ends are told from the file; lists need quotation marks where `;` delimits."""
    lines: tuple[list[str], ...] = (
        ["Address", "NAME", "product", "site", "tags"],
        ["192.0.2.1", "a", "mxp", "Tromsø", '"x;y"'],
        [],
    )
    text = newline.join(delimiter.join(line) for line in lines)
    (target,) = read(text.encode(encoding), "fleet.csv").targets
    assert (target.name, target.address, target.site, target.tags) == ("a", "192.0.2.1", "Tromsø", ("x", "y"))


def test_the_line_that_excel_puts_first_is_obeyed(read: Read, refuse: Refuse) -> None:
    """`sep=;` names the delimiter, is no row, and still counts as a line."""
    text = "sep=;\r\nname;product;address\r\na;mxp;192.0.2.1\r\n"
    assert read(text, "fleet.csv").targets[0].name == "a"
    assert [p.line for p in refuse(text + "b;mpx;192.0.2.2\r\n", "fleet.csv").problems] == [4]


@pytest.mark.parametrize("name", ["=1+1", "+47", "-x", "@home", '=cmd|" /C calc"!A0'])
def test_cells_are_plain_text(read: Read, name: str) -> None:
    """A cell that a spreadsheet would take for a formula is a name like any other."""
    quoted = '"' + name.replace('"', '""') + '"'
    assert read(f"name,product,address\n{quoted},mxp,192.0.2.1\n", "fleet.csv").targets[0].name == name


def test_empty_rows_and_columns_are_left_out(read: Read) -> None:
    """Rows of delimiters only, and a column without a name and content, do not disturb."""
    assert len(read("name,product,address,\n\n,,,\na,mxp,192.0.2.1,\n,,,,,\n", "fleet.csv").targets) == 1


HEAD = "name,product,address,ports,tms,saved_config,target_level,tags\n"
MISTAKES = {
    "empty file": ("", [(1, "")]),
    "header only": (HEAD, [(1, "")]),
    "no header": ("a,mxp,192.0.2.1\n", [(1, "'192.0.2.1'"), (1, "a"), (1, "mxp"), (1, "name"), (1, "product")]),
    "unknown column": ("name,product,adress\na,mxp,192.0.2.1\n", [(1, "adress"), (2, "hostname")]),
    "column twice": ("name,product,address,name\na,mxp,192.0.2.1,b\n", [(1, "name")]),
    "password column": ("name,product,address,Password\na,mxp,192.0.2.1,hunter2\n", [(1, "password")]),
    "missing column": ("name,address\na,192.0.2.1\n", [(1, "product")]),
    "missing cells": (HEAD + "a\n", [(2, "hostname"), (2, "product")]),
    "cell too many": (HEAD + "a,mxp,192.0.2.1,,,,,x,y\n", [(2, "column-9")]),
    "bad values": (HEAD + "a,mpx,192.0.2.1,,,,9,\n,mxp,192.0.2,,,,,\n", [
        (2, "product"), (2, "target_level"), (3, "address"), (3, "name")]),
    "ports": (HEAD + "a,mxp,192.0.2.1,https=0;http;ssh=22;ssh=23;x=1,,,,\n", [
        (2, "ports"), (2, "ports.https"), (2, "ports.ssh"), (2, "ports.x")]),
    "tms and its fields": (HEAD + "t,tms,192.0.2.9,,t,rm204.txt,,\nb,mxp,192.0.2.1,,nix,,,\n", [
        (2, "saved_config"), (2, "tms"), (3, "tms")]),
    "same name": (HEAD + "a,mxp,192.0.2.1\n\na,mxp,192.0.2.2\n", [(4, "name")]),
    "after a cell of two lines": (
        HEAD + 'a,mxp,192.0.2.1,,,,,"x\ny"\nb,mpx,192.0.2.2\n', [(2, "tags[0]"), (4, "product")]),
    "open quotation mark": (HEAD + 'a,mxp,192.0.2.1\nb,mxp,"192.0.2.2\n', [(3, "")]),
    "control character": (HEAD + "a\x00,mxp,192.0.2.1\n", [(2, "")]),
    "latin-1": ((HEAD + "a,mxp,192.0.2.1,,,,,æ\n").encode("latin-1"), [(2, "")]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "places"), MISTAKES.values(), ids=MISTAKES.keys())
def test_every_mistake_has_its_line_and_column(
    refuse: Refuse, content: str | bytes, places: list[tuple[int, str]]
) -> None:
    """Exactly the mistakes of a table are told, by line and column; a password is not repeated."""
    error = refuse(content, "fleet.csv")
    assert sorted((p.line, p.field) for p in error.problems) == places
    assert "hunter2" not in str(error)


def test_problems_of_both_files_are_told_together(refuse: Refuse, beside: Path) -> None:
    """A bad row and a bad setting are one error, each with its own file; hosts do not belong beside the table."""
    beside.write_text("settings:\n  target_level: 7\nsystems: []\n", encoding="utf-8")
    error = refuse("name,product,address\na,mpx,192.0.2.1\n", "fleet.csv")
    assert [(Path(p.file).name, p.line, p.field) for p in error.problems] == [
        ("fleet.csv", 2, "product"),
        ("fleet.settings.yaml", 2, "settings.target_level"),
        ("fleet.settings.yaml", 3, "systems"),
    ]


def test_a_broken_settings_file_is_not_passed_over(refuse: Refuse, beside: Path) -> None:
    """A link to nowhere beside the table is a mistake, not an absence."""
    beside.unlink()
    beside.symlink_to("nowhere")
    error = refuse("name,product,address\na,mxp,192.0.2.1\n", "fleet.csv")
    assert [(p.file, p.line) for p in error.problems] == [(str(beside), 0)]
