"""`auditor plan` as a person or a script meets it: words, JSON and exit codes, from a bundle written by hand."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.model.collected import HostEvidence
from auditor.model.evidence import Evidence
from auditor.model.facts import DeviceClock, Identity
from auditor.reports.evidence_file import end_line, head_line, host_line
from tests.engine.managed import END, device, head_of, server, telnet
from tests.engine.parties import PROTOCOL, VERIFY, setting

ROOT = Path(__file__).parents[2]


def plan(bundle: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", "plan", str(bundle), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def storable(host: HostEvidence) -> HostEvidence:
    """Return what an evidence file keeps: what was observed, and not what was concluded."""
    kept = tuple(o for o in host.evidence.observations if o.asks not in {Identity, DeviceClock})
    return replace(host, evidence=Evidence(kept))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle of two devices, one of them behind in everything, and their server."""
    hosts = [
        storable(host)
        for host in (
            device(),
            device(
                *telnet(), setting("telnet.mode", "On"), setting(PROTOCOL, "HTTP"), setting(VERIFY, "Off"), name="rm205"
            ),
            server(),
        )
    ]
    lines = (head_line(head_of(*hosts)), *map(host_line, hosts), end_line(END))
    (tmp_path / "evidence.jsonl").write_bytes(b"".join(lines))
    return tmp_path


def test_the_fleets_plan_is_ordered_and_says_why(bundle: Path) -> None:
    """Batches first, then a line for each host and step; exit code 1 while something is left to do."""
    done = plan(bundle)
    assert done.returncode == 1, done.stderr
    assert "Steps for a person, in this order. Nothing is sent." in done.stdout
    assert done.stdout.index("clients.external-manager-https") < done.stdout.index("services.telnet-off")
    assert "xconfig telnet mode: off" in done.stdout
    assert "why now:" in done.stdout
    assert "rm205: Level 1, target 4" in done.stdout
    assert "changes no level by itself" in done.stdout
    assert sorted(p.name for p in bundle.iterdir()) == ["evidence.jsonl"]


def test_one_host_is_planned_in_full(bundle: Path) -> None:
    """Every step with its reason, the finding, the remedy and the level that it leads to."""
    done = plan(bundle, "--host", "rm205", "--level", "3")
    assert done.returncode == 1
    assert "rm204" not in done.stdout
    assert "services.telnet-off: Telnet answers without protection" in done.stdout
    assert "then: Level 3" in done.stdout
    assert "xcom boot" in done.stdout


def test_json_holds_everything(bundle: Path) -> None:
    """Steps in order, controls, texts, and the level after each."""
    document = json.loads(plan(bundle, "--json").stdout)
    way = next(host for host in document["hosts"] if host["host"] == "rm205")
    assert document["plan_version"] == "1.0"
    assert [step["number"] for step in way["steps"]] == list(range(1, len(way["steps"]) + 1))
    assert way["projected"] == {"proven": 4, "possible": 4}
    assert way["steps"][-1]["kind"] == "restart"
    assert all(step["reason"] and step["title"] for step in way["steps"])
    assert all(action["text"] for step in way["steps"] for action in step["actions"])
    assert document["batches"]
    assert document["nothing_left"] is False


def test_nothing_left_is_exit_code_0(bundle: Path) -> None:
    """The hardened device meets Level 2 as it stands."""
    done = plan(bundle, "--host", "rm204", "--level", "2")
    assert (done.returncode, done.stdout) == (0, "Nothing is left to do: every host meets its target.\n")


@pytest.mark.parametrize("words", [("--host", "rm999"), ("--level", "5"), ("--nonsense",)])
def test_mistakes_are_exit_code_2(bundle: Path, words: tuple[str, ...]) -> None:
    """An unknown host, an impossible level, an unknown option."""
    done = plan(bundle, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr


def test_no_bundle_is_exit_code_2(tmp_path: Path) -> None:
    """A folder without evidence cannot be planned from."""
    assert plan(tmp_path).returncode == 2
