"""Without the extra nothing of it is needed: not to install, not to import, not to audit; commands say what to do."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = {"procrastinate", "psycopg", "psycopg-pool"}
BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"procrastinate", "psycopg", "psycopg_pool"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
import auditor.cli.app
sys.argv = ["auditor", *sys.argv[1:]]
auditor.cli.app.app()
"""


def names(requirements: list[str]) -> set[str]:
    """Return the names of distributions in a list of requirements."""
    return {re.split(r"[\[<>=~! ]", each)[0].lower() for each in requirements}


def test_the_program_asks_for_neither_engine_nor_driver() -> None:
    """They stand in extras only."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not names(project["dependencies"]) & ENGINE
    assert {"procrastinate", "psycopg"} <= names(project["optional-dependencies"]["sites"])


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command where the extra cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", BLOCKED, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_everything_else_works_without_them() -> None:
    """The command line is imported as a whole, and says what it always said."""
    done = run("controls", "show", "services.telnet-off")
    assert done.returncode == 0, done.stderr
    assert "services.telnet-off" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("sites", "plan", "--settings", "centre.toml"),
        ("sites", "gather", "1", "--settings", "centre.toml"),
        ("collector", "run", "--site", "oslo", "--config", "collector.toml"),
    ],
)
def test_the_commands_say_which_extra_is_missing(words: tuple[str, ...]) -> None:
    """With the exit code of a usage error, and no traceback."""
    done = run(*words)
    assert done.returncode == 2
    assert "vc-fleet-auditor[sites]" in done.stderr
    assert "Traceback" not in done.stderr
