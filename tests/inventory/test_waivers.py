"""Files of waivers: what is accepted, and that everything wrong is told at once with line and field."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.inventory import InventoryError, read_inventory
from auditor.inventory.waivers import read_waiver_files
from auditor.model.inventory import Inventory
from auditor.model.waiver import Waiver

GOOD = """version: 1
waivers:
  - id: W-1
    control: services.telnet-off
    scope: {host: rm204}
    reason: The room closes in May.
    owner: Ann Berg
    approver: Bo Dahl
    created: 2026-03-01T09:00:00+01:00
    expires: 2026-06-01T00:00:00+02:00
"""


def waivers(folder: Path, text: str) -> tuple[Waiver, ...]:
    """Read a file of waivers."""
    path = folder / "waivers.yaml"
    path.write_text(text)
    return read_waiver_files([path])


def refused(folder: Path, text: str) -> list[str]:
    """Return everything that is wrong with a file."""
    with pytest.raises(InventoryError) as caught:
        waivers(folder, text)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def inventory(folder: Path, settings: str) -> Inventory:
    """Read an inventory of one host with these settings."""
    path = folder / "fleet.yaml"
    path.write_text(f"version: 1\nsettings: {settings}\nsystems: [{{name: rm204, product: toy, address: 192.0.2.1}}]\n")
    return read_inventory(path, families=["toy"], services={"toy": []})


def test_a_waiver_is_read(tmp_path: Path) -> None:
    """Times come out in UTC."""
    assert waivers(tmp_path, GOOD) == (
        Waiver(
            id="W-1", control="services.telnet-off", scope="host", scope_name="rm204", reason="The room closes in May.",
            owner="Ann Berg", approver="Bo Dahl", created=datetime(2026, 3, 1, 8, tzinfo=UTC),
            expires=datetime(2026, 5, 31, 22, tzinfo=UTC),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "scope"),
    [
        ("{host: rm1}", ("host", "rm1")), ("{tag: boardroom}", ("tag", "boardroom")),
        ("{site: oslo}", ("site", "oslo")), ("{fleet: true}", ("fleet", "")),
    ],
)  # fmt: skip
def test_scopes(tmp_path: Path, written: str, scope: tuple[str, str]) -> None:
    """Each kind of scope."""
    [waiver] = waivers(tmp_path, GOOD.replace("{host: rm204}", written))
    assert (waiver.scope, waiver.scope_name) == scope


def test_an_inventory_names_files_of_waivers(tmp_path: Path) -> None:
    """Paths are against the inventory's folder; without any there are none."""
    (tmp_path / "w.yaml").write_text(GOOD)
    assert [w.id for w in inventory(tmp_path, "{waivers: [w.yaml]}").waivers] == ["W-1"]
    assert inventory(tmp_path, "{}").waivers == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-06-01T00:00:00+02:00", "2026-06-01", "waivers.yaml:10: waivers[0].expires: A date alone"),
        ("+02:00", "", "waivers.yaml:10: waivers[0].expires: The time has no zone"),
        ("2026-06-01T", "2026-06-31T", "waivers.yaml:10: waivers[0].expires: '2026-06-31T00:00:00+02:00' is not"),
        ("2026-06-01T", "2026-02-01T", "waivers.yaml:10: waivers[0].expires: The waiver would expire before"),
        ("    owner: Ann Berg\n", "", "waivers.yaml:3: waivers[0].owner: The field is missing."),
        ("    approver: Bo Dahl\n", "", "waivers.yaml:3: waivers[0].approver: The field is missing."),
        ("reason: The room closes in May.", "reason: ''", "waivers.yaml:6: waivers[0].reason: There is no value."),
        ("{host: rm204}", "{host: a, tag: b}", "waivers.yaml:5: waivers[0].scope: A waiver covers exactly one"),
        ("{host: rm204}", "{}", "waivers.yaml:5: waivers[0].scope: A waiver covers exactly one"),
        ("{host: rm204}", "{fleet: false}", "waivers.yaml:5: waivers[0].scope.fleet: A waiver for the fleet says so."),
        ("{host: rm204}", "rm204", "waivers.yaml:5: waivers[0].scope: A table of keys"),
        ("{host: rm204}", "{room: x}", "waivers.yaml:5: waivers[0].scope.room: There is no field"),
        ("owner:", "onwer:", "waivers.yaml:7: waivers[0].onwer: There is no field of the name 'onwer'. Did you mean"),
        ("version: 1", "version: 2", "waivers.yaml:1: version: '2' is not a version of waivers."),
        ("id: W-1", "id: 17", "waivers.yaml:3: waivers[0].id: YAML reads '17' as a whole number"),
    ],
)  # fmt: skip
def test_one_mistake_is_told_with_its_line_and_field(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """Each mistake by itself."""
    assert old in GOOD
    assert any(problem.startswith(expected) for problem in refused(tmp_path, GOOD.replace(old, new)))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Of several waivers, and of the inventory that names them."""
    bad = GOOD.replace("2026-06-01T00:00:00+02:00", "2026-06-01").replace("owner", "onwer")
    (tmp_path / "w.yaml").write_text(bad + bad.split("waivers:\n")[1])
    with pytest.raises(InventoryError) as caught:
        inventory(tmp_path, "{waivers: [w.yaml, none.yaml], target_level: 9}")
    fields = [(problem.file.rpartition("/")[2], problem.line, problem.field) for problem in caught.value.problems]
    for expected in (
        ("fleet.yaml", 2, "settings.target_level"), ("fleet.yaml", 2, "settings.waivers[1]"),
        ("w.yaml", 7, "waivers[0].onwer"), ("w.yaml", 10, "waivers[0].expires"), ("w.yaml", 11, "waivers[1].id"),
        ("w.yaml", 18, "waivers[1].expires"),
    ):  # fmt: skip
        assert expected in fields, fields


def test_identifiers_are_unique_over_all_files(tmp_path: Path) -> None:
    """The same identifier in the inventory's file and in one of the command line."""
    path = tmp_path / "more.yaml"
    path.write_text(GOOD)
    with pytest.raises(InventoryError, match=r"more\.yaml:3: waivers\[0\]\.id: The identifier 'W-1' is given twice"):
        read_waiver_files([path], waivers(tmp_path, GOOD))


@pytest.mark.parametrize("text", ["", "[]", "waivers: 3\nversion: 1", "version: 1\nwaivers: [x]", "a: &a [*a]", "\0"])
def test_what_is_no_file_of_waivers_is_refused(tmp_path: Path, text: str) -> None:
    """Always with a problem, never with an exception of another kind."""
    assert refused(tmp_path, text)
