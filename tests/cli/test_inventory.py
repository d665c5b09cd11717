"""`auditor inventory compare` and the warnings of `check`, as a script meets them. Real processes, nothing is sent."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"


def auditor(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `auditor inventory` in an empty folder, as a pipe would."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", "inventory", *map(str, words)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "300"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_samples_differ_as_they_say(tmp_path: Path) -> None:
    """One system on either side, two tracked by address, exit code 1; the JSON object says the same."""
    files = (SAMPLES / "inventory.yaml", SAMPLES / "tms-export.csv")
    done = auditor("compare", *files, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "line 5: atrium" in done.stdout
    assert "unknown-55" in done.stdout
    assert "tms.systems-by-hostname) (2):" in done.stdout
    told = auditor("compare", *files, "--json", cwd=tmp_path)
    document = json.loads(told.stdout)
    assert (told.returncode, document["differs"]) == (1, True)
    assert [s["name"] for s in document["only_in_export"]] == ["atrium"]
    assert [t["name"] for t in document["only_in_inventory"]] == ["unknown-55"]
    assert [s["tracking"] for s in document["not_by_hostname"]] == ["address", "address"]
    assert (document["duplicates"], document["disagreements"], document["tracking_not_shown"]) == ([], [], [])
    assert not list(tmp_path.iterdir())


def test_equal_lists_end_with_0(tmp_path: Path) -> None:
    """Nothing differs, though the export does not show how systems are tracked, which is said."""
    (tmp_path / "fleet.yaml").write_text("version: 1\nsystems: [{name: a, product: mxp, address: 192.0.2.1}]\n")
    (tmp_path / "export.csv").write_text("Navn;IP Address\na;192.0.2.1\n")
    (tmp_path / "map.yaml").write_text("version: 1\ncolumns: {name: [Navn]}\n")
    done = auditor("compare", "fleet.yaml", "export.csv", "--columns", "map.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "does not show how 1 of its systems" in done.stdout
    assert "Nothing differs." in done.stdout


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Inventory, export and column map: three lines with file, line and field, and exit code 2."""
    (tmp_path / "fleet.yaml").write_text("version: 1\nsystems: [{name: a, product: mpx, address: 192.0.2.1}]\n")
    (tmp_path / "export.csv").write_bytes(b"Name\n\xe5\n")
    (tmp_path / "map.yaml").write_text("version: 1\ncolumns: {nam: [Navn]}\n")
    done = auditor("compare", "fleet.yaml", "export.csv", "--columns", "map.yaml", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in lines[:3]] == ["fleet.yaml:2", "export.csv:2", "map.yaml:2"]
    assert "3 problems; nothing was sent." in lines[3]


def test_hostile_cells_are_made_visible(tmp_path: Path) -> None:
    """A name that would write to the terminal or turn text around does neither."""
    (tmp_path / "fleet.yaml").write_text("version: 1\nsystems: [{name: a, product: mxp, address: 192.0.2.1}]\n")
    (tmp_path / "export.csv").write_text('Name\n"evil\u202e[red]\nline"\n')
    done = auditor("compare", "fleet.yaml", "export.csv", cwd=tmp_path)
    assert done.returncode == 1
    assert "\u202e" not in done.stdout
    assert "[red]" in done.stdout
    assert not any(line.startswith("line") for line in done.stdout.splitlines())
    assert "\u202e" not in auditor("compare", "fleet.yaml", "export.csv", "--json", cwd=tmp_path).stdout


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the samples in which the inventory names the attestations."""
    folder = tmp_path / "samples"
    folder.mkdir()
    for file in SAMPLES.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    fleet = folder / "inventory.yaml"
    fleet.write_text(fleet.read_text().replace("# attestations: [", "attestations: ["))
    return folder


def test_the_sample_attestations_fit_the_catalogue(copied: Path) -> None:
    """Every statement of the sample is one that a control of the management server reads."""
    done = auditor("check", "inventory.yaml", cwd=copied)
    assert done.returncode == 0, done.stderr
    assert "7 attestations; no problem found" in done.stdout


def test_expired_statements_are_warned_of(copied: Path) -> None:
    """The inventory stays good; standard error names the statement that does not count."""
    file = copied / "attestations.yaml"
    text = file.read_text().replace("2026-10-01", "2001-10-01", 1).replace("2027-09-30T", "2002-09-30T", 1)
    file.write_text(text)
    done = auditor("check", "--quiet", "inventory.yaml", cwd=copied)
    assert (done.returncode, done.stdout) == (0, "")
    assert "tms: the statement 'secure-only' does not count now" in done.stderr


def test_statements_of_other_products_are_refused(copied: Path) -> None:
    """No control of a codec reads Secure-Only: to attest it there is a mistake, and nothing is sent."""
    file = copied / "attestations.yaml"
    file.write_text(file.read_text().replace("host: tms ", "host: rm204 ", 1))
    done = auditor("check", "inventory.yaml", cwd=copied)
    assert done.returncode == 2
    assert "attestations.yaml:9: attestations[0].statement: No control of a host of the product 'mxp'" in done.stderr
