"""Lists of systems exported by TMS: what is read under which headings, and what differs from the inventory."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.inventory import InventoryError
from auditor.inventory.comparison import compare
from auditor.inventory.problem import Spot
from auditor.inventory.tms_columns import FIELDS, Tracking, read_columns
from auditor.inventory.tms_export import Export, ExportedSystem, read_export
from auditor.model.inventory import Inventory, Target

HEADER = "System Name,System Type,Network Address,Hostname,IP Address,MAC Address,Software Version,Status\n"
ROW = "rm204,6000 MXP,RM204.example.test.,rm204.example.test,192.0.2.21,00:50:60:00:02:04,F7.1 PAL,Idle\n"

Read = Callable[..., Export]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes an export, and a column map where one is given, and reads it."""

    def read(content: str | bytes, columns: str | None = None) -> Export:
        path = tmp_path / "export.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        own = tmp_path / "columns.yaml"
        if columns is not None:
            own.write_text(columns, encoding="utf-8")
        return read_export(path, own if columns is not None else None)

    return read


def test_every_field_is_read(read: Read, tmp_path: Path) -> None:
    """Cells are as written; hostnames and addresses beside them in the form in which they are compared."""
    export = read(HEADER + ROW)
    assert export.systems == (
        ExportedSystem(
            line=2, name="rm204", type="6000 MXP", tracked="RM204.example.test.", mac="00:50:60:00:02:04",
            software="F7.1 PAL", status="Idle", tracking=Tracking.HOSTNAME,
            names=frozenset({"rm204.example.test"}), addresses=frozenset({"192.0.2.21"}),
        ),
    )  # fmt: skip
    assert export.systems[0].hardware == "005060000204"
    assert export.source == str(tmp_path / "export.csv")
    assert export.sha256 == hashlib.sha256((HEADER + ROW).encode()).hexdigest()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_habits_of_spreadsheets_are_understood(read: Read, delimiter: str, encoding: str, newline: str) -> None:
    """Marks, UTF-16 and delimiters are told from the file; columns that are not known are left out."""
    lines = [["Oddity", "SYSTEM  NAME", "ip address"], ["=1+1", "Tromsø", "192.0.2.1"], ["", "", ""], ["", "b", ""]]
    systems = read(newline.join(delimiter.join(line) for line in lines).encode(encoding)).systems
    assert [(s.line, s.name, sorted(s.addresses)) for s in systems] == [(2, "Tromsø", ["192.0.2.1"]), (4, "b", [])]
    assert "1+1" not in repr(systems)


def test_the_hint_of_spreadsheets_wins(read: Read) -> None:
    """`sep=` names the delimiter, and lines are counted with it."""
    assert [(s.line, s.name) for s in read("sep=|\nName|a,b,c\nx|y\n").systems] == [(3, "x")]


@pytest.mark.parametrize(
    ("cell", "tracking"),
    [
        ("rm204.example.test", Tracking.HOSTNAME),
        ("rm204", Tracking.HOSTNAME),
        ("Automatic", Tracking.NOT_SHOWN),
        ("192.0.2.21", Tracking.ADDRESS),
        ("2001:DB8::21", Tracking.ADDRESS),
        ("00:50:60:00:02:04", Tracking.MAC),
        ("00.50.60.00.02.04", Tracking.MAC),
        ("Hostname", Tracking.HOSTNAME),
        ("ip  ADDRESS", Tracking.ADDRESS),
        ("MAC Address", Tracking.MAC),
        ("", Tracking.NOT_SHOWN),
        ("N/A", Tracking.NOT_SHOWN),
        ("http://rm204.example.test/", Tracking.NOT_SHOWN),
        ("192.0.2.300", Tracking.NOT_SHOWN),
    ],
)
def test_how_a_system_is_tracked(read: Read, cell: str, tracking: Tracking) -> None:
    """An address of a kind or a word for it; a word that nobody knows shows nothing, and is no hostname."""
    (system,) = read(f"Name,Network Address,Hostname\nx,{cell},rm204\n").systems
    assert system.tracking is tracking


def test_an_export_without_that_column_shows_nothing(read: Read) -> None:
    """A column of hostnames does not tell by what a system is tracked."""
    (system,) = read("Name,Hostname,IP Address\nx,rm204.example.test,192.0.2.21\n").systems
    assert (system.tracking, system.tracked) == (Tracking.NOT_SHOWN, None)


def test_a_site_names_its_own_headings(read: Read) -> None:
    """Fields that the map names are replaced, others keep their headings, and words of its own join."""
    columns = "version: 1\ncolumns:\n  name: [Systemnavn]\n  tracked: [Hostname]\ntracked_by: {address: [IP-adresse]}\n"
    systems = read("Systemnavn;Hostname;Status\na;IP-adresse;Klar\nb;b.example.test;\n", columns).systems
    assert [(s.name, s.status, s.tracking) for s in systems] == [
        ("a", "Klar", Tracking.ADDRESS), ("b", None, Tracking.HOSTNAME),
    ]  # fmt: skip
    assert systems[1].names == {"b.example.test"}


def test_the_map_that_ships_names_every_field() -> None:
    """It is accepted by its own reader, and no field was forgotten."""
    spot = Spot("", 0, "", [])
    known = read_columns(None, spot)
    assert known is not None
    assert (tuple(known.headings), spot.found) == (FIELDS, [])
    assert all(known.headings.values())


MISTAKES: dict[str, tuple[str | bytes, str | None, list[tuple[str, int, str]], str]] = {
    "no header": ("", None, [("export.csv", 1, "")], "no header row"),
    "no column of names": ("Systemnavn;Type\na;b\n", None, [("export.csv", 1, "")], "--columns FILE"),
    "column twice": ("Name,Status,Status\na,b,c\n", None, [("export.csv", 1, "status")], "twice"),
    "row of nobody": ("Name,Status\na,b\n,Idle\n-,x\n", None,
                      [("export.csv", 3, "name"), ("export.csv", 4, "name")], "neither a name"),
    "quotes": ('Name\n"a\n', None, [("export.csv", 2, "")], "not CSV"),
    "not utf-8": (b"Name\n\xe5s\n", None, [("export.csv", 2, "")], "UTF-8"),
    "map without version": ("Name\na\n", "columns: {name: [Name]}\n", [("columns.yaml", 1, "version")], "version: 1"),
    "map of nothing known": (
        "Name\na\n", "version: 1\ncolumns: {nam: [Name]}\n", [("columns.yaml", 2, "columns.nam")], "'name'"),
    "map with a text": (
        "Name\na\n", "version: 1\ncolumns: {name: Name}\n", [("columns.yaml", 2, "columns.name")], "list"),
    "heading of two fields": (
        "Name\na\n", "version: 1\ncolumns: {name: [X], type: [x]}\n", [("columns.yaml", 2, "columns.type[0]")],
        "already"),
    "passwords": (
        "Name\na\n", "version: 1\ncolumns: {status: [Password]}\n", [("columns.yaml", 2, "columns.status[0]")],
        "without"),
    "both files": ("Name\n,\n\x07\n", "version: 2\n",
                   [("columns.yaml", 1, "version"), ("export.csv", 3, "")], "U+0007"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "columns", "places", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_told_with_file_line_and_field(
    read: Read, content: str | bytes, columns: str | None, places: list[tuple[str, int, str]], words: str
) -> None:
    """Every problem of the export and of the map, at once."""
    with pytest.raises(InventoryError) as caught:
        read(content, columns)
    assert [(Path(p.file).name, p.line, p.field) for p in caught.value.problems] == places, str(caught.value)
    assert words in str(caught.value)


def test_missing_files_are_told_together(tmp_path: Path) -> None:
    """An export and a map that are not there are two problems."""
    with pytest.raises(InventoryError) as caught:
        read_export(tmp_path / "a.csv", tmp_path / "b.yaml")
    assert [(Path(p.file).name, p.line) for p in caught.value.problems] == [("a.csv", 0), ("b.yaml", 0)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=200)
    | st.lists(st.lists(st.text(max_size=8) | st.sampled_from(["Name", "rm204", "192.0.2.1", "-"]), max_size=9)).map(
        lambda rows: (HEADER + "\n".join(",".join(row) for row in rows)).encode("utf-8", "surrogatepass")
    )
)
def test_whatever_the_file_holds_there_is_a_list_or_a_refusal(tmp_path: Path, data: bytes) -> None:
    """Any bytes and any cells; what was read can be compared."""
    (tmp_path / "export.csv").write_bytes(data)
    with suppress(InventoryError):
        systems = read_export(tmp_path / "export.csv").systems
        assert len(compare(Inventory(targets=()), systems).only_in_export) == len(systems)


def fleet(*targets: Target) -> Inventory:
    """Return an inventory of these targets."""
    return Inventory(targets=targets)


RM204 = Target(name="rm204", product="mxp", hostname="rm204.example.test", address="192.0.2.21")
BORDER = Target(name="border", product="vcs", hostname="border.example.test", address="2001:db8::41")
TMS = Target(name="manager", product="tms", hostname="tms.example.test")


def systems(*rows: str) -> Callable[[Read], tuple[ExportedSystem, ...]]:
    """Return a function that reads these rows below the usual header."""
    return lambda read: read(HEADER + "\n".join(rows) + "\n").systems


def test_equal_lists_do_not_differ(read: Read) -> None:
    """Case, final dots and the written form of IPv6 do not matter, and the server is not expected in its own list."""
    rows = systems(ROW.strip(), "Edge,VCS,Border.Example.Test,,2001:0db8:0::41,,X4.0,")(read)
    result = compare(fleet(TMS, RM204, BORDER), rows)
    assert not result.differs
    assert result.tracking_not_shown == ()


def test_systems_that_either_side_lacks(read: Read) -> None:
    """A name, hostname or address that is the same makes two systems one; likeness does not."""
    rows = systems("RM204,,,,,,,", "rm2044,,rm204.example.tes,,192.0.2.2,,,", "manager,,tms.example.test,,,,,")(read)
    result = compare(fleet(TMS, RM204, BORDER), rows)
    assert [s.name for s in result.only_in_export] == ["rm2044"]
    assert [t.name for t in result.only_in_inventory] == ["border"]
    assert result.differs


def test_systems_tracked_by_address(read: Read) -> None:
    """They are listed, by MAC address too; those of which nothing is shown are listed apart and are no difference."""
    rows = systems(
        "rm204,,192.0.2.21,,,,,", "border,,00-50-60-00-02-04,,,,,", "rm204,,,,,,,", "border,,border.example.test,,,,,"
    )(read)
    result = compare(fleet(RM204, BORDER), rows)
    assert [(s.line, s.tracking) for s in result.not_by_hostname] == [(2, Tracking.ADDRESS), (3, Tracking.MAC)]
    assert [s.line for s in result.tracking_not_shown] == [4]
    assert not compare(fleet(RM204), systems("rm204,,,,,,,")(read)).differs


def test_a_tracked_address_alone_is_a_difference(read: Read) -> None:
    """Both lists hold the same system, but the server knows it by its address."""
    assert compare(fleet(RM204), systems("rm204,,192.0.2.21,,,,,")(read)).differs


def test_duplicates_are_told_once_with_all_that_is_the_same(read: Read) -> None:
    """Two rows of one device; a third that shares the MAC address only; empty and disabled fields are nobody's."""
    rows = systems(
        "a,,a.example.test,,192.0.2.1,00:50:60:00:00:01,,",
        "A,,A.example.test.,,192.0.2.1,0050.6000.0001,,",
        "b,,b.example.test,unknown,127.0.0.1,00:00:00:00:00:00,,",
        "c,,c.example.test,unknown,127.0.0.1,00:00:00:00:00:00,,",
        "d,,d.example.test,,0.0.0.0,00-50-60-00-00-01,,",
    )(read)
    found = {tuple(s.line for s in d.systems): d.same for d in compare(fleet(), rows).duplicates}
    assert found == {
        (2, 3): ("name a", "hostname a.example.test", "address 192.0.2.1"),
        (2, 3, 6): ("MAC address 005060000001",),
    }


def test_disagreements(read: Read) -> None:
    """The same name at another address, the same address under another hostname, and a row that fits two hosts."""
    rows = systems(
        "rm204,,rm204.example.test,,192.0.2.99,,,",
        "x,,other.example.test,,2001:db8::41,,,",
        "rm204,,border.example.test,,,,,",
    )(read)
    result = compare(fleet(RM204, BORDER), rows)
    assert [(d.row.line, [t.name for t in d.targets]) for d in result.disagreements] == [
        (2, ["rm204"]), (3, ["border"]), (4, ["rm204", "border"]),
    ]  # fmt: skip
    said = [d.because for d in result.disagreements]
    assert said[0] == "For rm204, the address is 192.0.2.99 in the export and 192.0.2.21 in the inventory."
    assert "hostname is other.example.test" in said[1]
    assert "2 hosts of the inventory: rm204, border" in said[2]
