"""The documents: every command in them exists, the blocks marked `sh` run, and the site builds without a warning."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.reference.commands import Command, all_commands

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "samples/*.md", "packaging/**/*.md")
    for path in ROOT.glob(pattern)
    if "reference" not in path.parts and path.name != "CHANGELOG.md"
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^    (auditor .+)$", re.MULTILINE)
INLINE = re.compile(r"`(auditor [^`]+)`")
COMMANDS = {command.name: command for command in all_commands()}
GROUPS = {name.rpartition(" ")[0] for name in COMMANDS} - {""}


def commands_in(text: str) -> Iterator[str]:
    """Yield every call of the program in a document: in blocks, indented, and within a sentence."""
    for kind, block in FENCE.findall(text):
        if kind in {"sh", "console", ""}:
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line.strip() for line in lines if re.match(r"\s*(\$ )?(\S*/)?auditor ", line))
    without = FENCE.sub("", text)
    yield from (line.replace("\\", " ") for line in INDENTED.findall(without))
    yield from INLINE.findall(without)


def faults_of(call: str) -> list[str]:
    """Say what is wrong with a call: no such command, or an option that the command does not have."""
    words = shlex.split(call.removeprefix("$ ").partition(" | ")[0].partition(" > ")[0].split(" || ")[0], comments=True)
    words = [word.removesuffix("…") for word in words]
    command, rest = _command(["auditor", *words[1:]])
    if command is None:
        general = {"--help", "--version", "--install-completion", "--show-completion", "COMMAND"}
        named = " ".join(words[:2])
        fine = named in GROUPS or set(words[1:]) <= general or len(words) == 1
        return [] if fine else [f"no command: {call}"]
    options = {name for p in command.parameters if p.is_option for name in re.findall(r"--?[a-z-]+", p.written)}
    given = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    return [f"{command.name} has no {name}: {call}" for name in sorted(given - options - {"--help"})]


def _command(words: list[str]) -> tuple[Command | None, list[str]]:
    for length in (3, 2):
        name = " ".join(words[:length])
        for alternative in name.split("|")[:1]:
            if alternative in COMMANDS:
                return COMMANDS[alternative], words[length:]
    return None, []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_in_the_documents_exists(path: Path) -> None:
    """Commands and options, wherever a page calls the program."""
    faults = [fault for call in commands_in(path.read_text(encoding="utf-8")) for fault in faults_of(call)]
    assert not faults, "\n".join(faults)


def test_the_check_finds_what_is_wrong() -> None:
    """A command and an option that do not exist."""
    assert faults_of("auditor adit fleet.yaml") == ["no command: auditor adit fleet.yaml"]
    assert faults_of("auditor audit fleet.yaml --fast") == [
        "auditor audit has no --fast: auditor audit fleet.yaml --fast"
    ]
    assert faults_of("auditor inventory check fleet.yaml") == []
    assert list(commands_in("```sh\nauditor plan x > y\n```\nand `auditor verify B`")) == [
        "auditor plan x > y",
        "auditor verify B",
    ]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program on the path, in which the tutorial was carried out from beginning to end."""
    folder = tmp_path_factory.mktemp("workshop")
    programs = folder / ".bin"
    programs.mkdir()
    program = programs / "auditor"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m auditor "$@"\n')
    program.chmod(0o755)
    run_blocks(ROOT / "docs/tutorial.md", folder)
    (folder / "audit").symlink_to("first")
    record = "auditor history import first second --history history.db"
    _run(record, folder)
    return folder


def run_blocks(page: Path, folder: Path) -> int:
    """Run every block of a page that is marked `sh`, in its order; return their number."""
    blocks = [block for kind, block in FENCE.findall(page.read_text(encoding="utf-8")) if kind == "sh"]
    for block in blocks:
        _run(block, folder)
    return len(blocks)


def _run(script: str, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{folder}/.bin:{os.environ['PATH']}", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def test_the_tutorial_leaves_what_it_promises(workshop: Path) -> None:
    """Its files are there, and say what the text says."""
    assert (workshop / "first/report.html").exists()
    assert (workshop / "reports/findings.ocsf.ndjson").exists()
    assert "HTTP" in (workshop / "plan.txt").read_text()
    assert (workshop / "changes.txt").stat().st_size > 0


HOW_TO = ("first-audit", "waivers", "siem", "periodic-audit", "add-a-product")


def test_the_how_tos_run(workshop: Path) -> None:
    """Every block marked `sh`, page by page, in the folder of the tutorial; each page has at least one."""
    for name in HOW_TO:
        assert run_blocks(ROOT / f"docs/how-to/{name}.md", workshop) > 0, name


def test_the_readme_blocks_for_ones_own_fleet_run(tmp_path: Path, workshop: Path) -> None:
    """All but its first line, an installation, and its last, an audit of addresses that nobody has."""
    [block] = [b for _, b in FENCE.findall((ROOT / "README.md").read_text()) if b.startswith("pipx install")]
    lines = block.splitlines()
    assert lines[-1].startswith("auditor audit fleet.yaml --output")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    (tmp_path / ".bin").symlink_to(workshop / ".bin")
    _run("\n".join(lines[1:-1]), tmp_path)


def test_the_readme_names_targets_that_exist() -> None:
    """`make demo`, `make test` and every other target in the documents."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCUMENTS:
        assert set(re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))) <= targets, path


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Strict: a broken link, a missing anchor or a page outside the navigation is an error."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    page = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!squidfunk)', page), "a reader's browser would fetch this"
