"""`auditor audit --resume`: real audits of simulated devices, interrupted and killed; and what is refused."""

import asyncio
import json
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from auditor.cli.app import commands
from auditor.demo.fleet import FLEET, start_fleet
from auditor.wire.gate import utc_now
from tests.cli.test_commands import auditor, environment, one_host

HOSTS = ("rm101", "vcs1", "tms", "rm102")


@asynccontextmanager
async def devices(folder: Path) -> AsyncIterator[Path]:
    """Run a few simulated devices, and yield their inventory, which has them asked one after another."""
    specs = tuple(spec for spec in FLEET if spec.name in HOSTS)
    assert len(specs) == len(HOSTS)
    async with start_fleet(folder, specs=specs, now=utc_now()) as fleet:
        yield fleet.inventory_path


async def start(*words: str | Path, cwd: Path) -> asyncio.subprocess.Process:
    """Start an audit that asks one host at a time."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auditor", "audit", *map(str, words), "--format", "json", "--max-hosts-at-once", "1",
        cwd=cwd, env=environment(), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def until_lines(path: Path, number: int) -> None:
    """Wait until a file has that many lines."""
    async with asyncio.timeout(120):
        while lines_of(path) < number:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)


def lines_of(path: Path) -> int:
    """Return how many whole lines a file has."""
    return path.read_bytes().count(b"\n") if path.exists() else 0


def found(folder: Path) -> dict[str, Any]:
    """Return outcome, levels and verdicts by host."""
    document = json.loads((folder / "audit.json").read_text())
    assert document["audit"]["complete"]
    return {
        host["name"]: (host["outcome"], host["level"], {f["control"]: f["status"] for f in host["findings"]})
        for host in document["hosts"]
    }


async def test_stopped_and_killed_it_comes_to_the_same_end(tmp_path: Path) -> None:
    """Ctrl-C after the first host, kill -9 after the second, then to the end: the verdicts of the uninterrupted one."""
    async with devices(tmp_path / "fleet") as inventory:
        whole = await start(inventory, "-o", "whole", cwd=tmp_path)
        _, told = await asyncio.wait_for(whole.communicate(), 120)
        assert whole.returncode == 1, told.decode()
        evidence = tmp_path / "parts" / "evidence.jsonl"
        for number, (lines, ending) in enumerate(((2, signal.SIGINT), (5, signal.SIGKILL))):
            words = ("--resume", "parts") if number else ("-o", "parts")
            running = await start(inventory, *words, cwd=tmp_path)
            await until_lines(evidence, lines)
            running.send_signal(ending)
            _, told = await asyncio.wait_for(running.communicate(), 60)
            assert running.returncode in {130, -signal.SIGKILL}, told.decode()
        last = await start(inventory, "--resume", "parts", cwd=tmp_path)
        _, told = await asyncio.wait_for(last.communicate(), 120)
        assert last.returncode == 1, told.decode()
    assert found(tmp_path / "parts") == found(tmp_path / "whole")
    records = [json.loads(line) for line in evidence.read_bytes().splitlines()]
    assert [record["record"] for record in records].count("resumed") == 2
    (first, second) = [record["resumed"] for record in records if record["record"] == "resumed"]
    assert (first["requests_lost"], second["requests_lost"]) == (False, True)
    assert records[-1]["record"] == "end"
    notes = json.loads((tmp_path / "parts" / "audit.json").read_text())["audit"]["notes"]
    assert any("It was at work in 3 periods (UTC)" in note for note in notes)
    verified = auditor("verify", "parts", cwd=tmp_path)
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.count("resumed at") == 1


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an inventory of one host, and two audits of it: `out`, and `off` without a packet."""
    folder = tmp_path_factory.mktemp("audited")
    path = one_host(folder, 9)
    for words in (("-o", "out"), ("-o", "off", "--offline")):
        done = auditor("audit", path, *words, "--format", "json", "-q", cwd=folder)
        assert done.returncode == 3, done.stderr
    return folder


@pytest.fixture
def killed(audited: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inventory, beside it the folders as audits leave them that are killed behind their heads; we are there."""
    folder = Path(shutil.copytree(audited, tmp_path / "copy"))
    for name in ("out", "off"):
        cut(folder / name, 1)
    monkeypatch.chdir(folder)
    return folder / "fleet.yaml"


def here(*words: str | Path) -> Result:
    """Run the command within this process."""
    return CliRunner().invoke(commands, [str(word) for word in words])


def cut(folder: Path, lines: int) -> None:
    """Leave that many lines of the evidence, and no report."""
    evidence = folder / "evidence.jsonl"
    evidence.write_bytes(b"".join(evidence.read_bytes().splitlines(keepends=True)[:lines]) + b'{"record":')
    for name in ("audit.json", "manifest.json"):
        (folder / name).unlink()


def test_it_goes_on_with_the_same_inventory_only(killed: Path) -> None:
    """Another target level, another host, another file: refused, with what differs; the file alone, with leave."""
    evidence = killed.parent / "out" / "evidence.jsonl"
    before, text = evidence.read_bytes(), killed.read_text()
    for changed, options, says in (
        (text.replace("name: box", "name: boy"), (), "(targets differ)"),
        (text.replace("question_seconds: 2", "question_seconds: 3"), (), "(settings differ)"),
        (text, ("--no-snmp", "--target-level", "4"), "(targets differ)"),
        (text + "# a remark\n", (), "say --changed-inventory"),
        (text.replace("name: box", "name: boy"), ("--changed-inventory",), "(targets differ)"),
    ):
        killed.write_text(changed)
        done = here("audit", killed, "--resume", "out", *options)
        assert done.exit_code == 2, done.stderr
        assert says in done.stderr
        assert "Nothing was sent" in done.stderr
        assert evidence.read_bytes() == before
    killed.write_text(text + "# a remark\n")
    done = here("audit", killed, "--resume", "out", "--changed-inventory", "--json", "--format", "json")
    assert done.exit_code == 3, done.stderr
    assert any("inventory's file had changed" in note for note in json.loads(done.stdout)["audit"]["notes"])
    assert here("verify", "out").exit_code == 0


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("catalogue_digest", "the catalogue of controls changed"),
        ("profiles_digest", "the product profiles changed"),
        ("tool_version", "the auditor's version (0.0.1"),
        ("versions", "a library changed"),
        ("started_at", "Audit anew"),
    ],
)
def test_it_goes_on_with_the_same_program_only(killed: Path, field: str, says: str) -> None:
    """Half of an audit by one catalogue is not the half of another; and an old one is not finished today."""
    evidence = killed.parent / "out" / "evidence.jsonl"
    head = json.loads(evidence.read_bytes().splitlines()[0])
    other = {"tool_version": "0.0.1", "versions": {"python": "2.7"}, "started_at": "2026-01-01T00:00:00Z"}
    head["audit"][field] = other.get(field, "0" * 64)
    evidence.write_bytes(json.dumps(head).encode() + b"\n")
    done = here("audit", killed, "--resume", "out")
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Nothing was sent" in done.stderr


def test_where_only_the_reports_are_missing_nothing_is_asked(killed: Path, audited: Path) -> None:
    """Killed while it wrote its reports: they are made, and the audit counts as never interrupted."""
    folder = killed.parent
    shutil.copytree(audited / "out", folder / "again")
    manifest = (folder / "again" / "manifest.json").read_bytes()
    evidence = (folder / "again" / "evidence.jsonl").read_bytes()
    (folder / "again" / "manifest.json").unlink()
    done = here("audit", killed, "--resume", "again", "--format", "json")
    assert done.exit_code == 3, done.stderr
    assert (folder / "again" / "evidence.jsonl").read_bytes() == evidence
    assert (folder / "again" / "manifest.json").read_bytes() == manifest
    done = here("audit", killed, "--resume", "again")
    assert done.exit_code == 2
    assert "came to its end" in done.stderr


def test_options_that_have_no_meaning_there(killed: Path) -> None:
    """One folder, and no dry run."""
    for options in (("-o", "elsewhere"), ("--dry-run",)):
        done = here("audit", killed, "--resume", "out", *options)
        assert done.exit_code == 2
        assert "--resume" in done.stderr
    done = here("audit", killed, "--resume", "nowhere")
    assert done.exit_code == 2


def test_an_offline_audit_goes_on_too(killed: Path, audited: Path) -> None:
    """Without a packet, from the head on."""
    folder = killed.parent
    verdicts = json.loads((audited / "off" / "audit.json").read_text())["hosts"]
    done = here("audit", killed, "--offline", "--resume", "off", "--format", "json", "-q")
    assert done.exit_code == 3, done.stderr
    assert json.loads((folder / "off" / "audit.json").read_text())["hosts"] == verdicts
    assert (folder / "off" / "transcript.jsonl").read_bytes() == b""
