"""Faults of this machine and of this program: nothing learnt is lost, nothing is said of a host, and the code is 4."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from auditor.cli.assembly import Assembly, assemble
from auditor.cli.exits import Exit, exit_code
from auditor.cli.options import load_inventory
from auditor.cli.perform import Performed, judge_bundle, perform
from auditor.model.assessment import AuditRun
from auditor.model.evidence import AnyObservation, Evidence
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.model.verdict import Verdict
from auditor.probes.interface import Question
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, TRANSCRIPT
from auditor.reports.registry import report_named
from auditor.wire.gate import Gate
from tests.faults.fleets import HOSTS, run, running, small_fleet, unsound
from tests.peers import free_port

Findings = Mapping[tuple[str, str], str]
JSON = (report_named("json"),)


def findings(audit: bytes) -> Findings:
    """Return the status of every finding by host and control."""
    return {(h["name"], f["control"]): f["status"] for h in json.loads(audit)["hosts"] for f in h["findings"]}


def claims(hurt: Findings, well: Findings) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Return what a hurt audit says of a host that a whole one does not say."""
    silent = {"undetermined", "not_applicable"}
    return {key: (now, well.get(key)) for key, now in hurt.items() if now not in silent and well.get(key) != now}


@dataclass(frozen=True)
class Audited:
    """A whole audit of the small fleet, and the inventory of its devices, which still run."""

    inventory: Path
    folder: Path

    @property
    def findings(self) -> Findings:
        """What a whole audit finds."""
        return findings((self.folder / AUDIT).read_bytes())


async def audit(inventory: Path, folder: Path, assembly: Assembly | None = None) -> Performed:
    """Audit in this process."""
    used = assembly or assemble()
    return await perform(used, load_inventory(inventory, used), folder, JSON, quiet=True)


@pytest.fixture
async def well(tmp_path: Path) -> AsyncIterator[Audited]:
    """The small fleet, audited once."""
    async with small_fleet(tmp_path / "fleet") as inventory:
        await audit(inventory, tmp_path / "well")
        yield Audited(inventory, tmp_path / "well")


def replayed(folder: Path) -> AuditRun:
    """Judge what lies in a folder."""
    return judge_bundle(assemble(), folder)


class _Odd:
    """A probe of every host that misbehaves."""

    name, order = "odd", 15

    def applies(self, service: Service | None, settings: Settings) -> bool:
        return service is None

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        self.misbehave(question)
        nothing: tuple[AnyObservation, ...] = ()
        for each in nothing:
            yield each

    def misbehave(self, question: Question) -> None:
        raise NotImplementedError


class Raising(_Odd):
    """Raises for one host."""

    def misbehave(self, question: Question) -> None:
        if question.target.name == HOSTS[0]:
            raise RuntimeError("a bug of ours")


class Vandal(_Odd):
    """Takes the folder of the audit away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def misbehave(self, question: Question) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


async def test_a_full_disk(well: Audited, tmp_path: Path) -> None:
    """While evidence is written, and while reports are: what was written before can be judged, and the code is 4."""
    evidence = (well.folder / EVIDENCE).stat().st_size
    head = (well.folder / EVIDENCE).read_bytes().index(b"\n")
    for name, limit in (("early", (head + evidence) // 2), ("late", evidence + 20_000)):
        folder = tmp_path / name
        lines = (
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
        )
        done = await run("audit", well.inventory, "-o", folder, "-q", "--format", "html", limit=lines)
        assert done.code == Exit.FAULT, done.told
        assert "File too large" in done.told
        assert "Traceback" not in done.told
        assert unsound(folder) == []
        assert not (folder / MANIFEST).exists()
        judged = replayed(folder)
        assert {host.target.name for host in judged.hosts} == set(HOSTS)
        assert judged.complete == (name == "late")
        if name == "early":
            assert f"auditor replay {folder}" in done.told
        else:
            assert "report.html" in done.told


async def test_a_folder_that_vanishes(well: Audited, tmp_path: Path) -> None:
    """Everything that was learnt is in the bundle all the same."""
    folder = tmp_path / "gone"
    assembly = assemble()
    done = await audit(well.inventory, folder, replace(assembly, probes=(*assembly.probes, Vandal(folder))))
    assert (folder / MANIFEST).exists()
    assert done.run.complete
    assert unsound(folder) == []
    assert claims(findings((folder / AUDIT).read_bytes()), well.findings) == {}
    assert len((folder / TRANSCRIPT).read_bytes().splitlines()) == done.run.requests_made
    assert findings((folder / AUDIT).read_bytes()).keys() == well.findings.keys()


async def test_a_folder_that_cannot_come_back(well: Audited, tmp_path: Path) -> None:
    """A file stands where the folder was: a fault, with a sentence."""

    class Squatter(Vandal):
        def misbehave(self, question: Question) -> None:
            super().misbehave(question)
            self._folder.touch()

    folder = tmp_path / "gone"
    assembly = assemble()
    with pytest.raises(OSError, match="the evidence cannot be written"):
        await audit(well.inventory, folder, replace(assembly, probes=(*assembly.probes, Squatter(folder))))


@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)], ids=["TERM", "INT twice"])
async def test_signals(well: Audited, tmp_path: Path, numbers: tuple[signal.Signals, ...]) -> None:
    """Code 130; after one signal the bundle is finished and says that it is partial, after two it can be judged."""
    folder = tmp_path / "out"

    def begun() -> bool:
        return (folder / EVIDENCE).exists() and (folder / EVIDENCE).stat().st_size > 0

    async with running("audit", well.inventory, "-o", folder, "--format", "json") as process:
        await process.until(begun)
        for number in numbers:
            process.send(number)
            await asyncio.sleep(0.05)
        done = await process.end()
    assert done.code == Exit.INTERRUPTED, done.told
    assert "Traceback" not in done.told
    assert unsound(folder) == []
    assert not replayed(folder).complete
    if len(numbers) == 1:
        assert "SIGTERM: writing what was learnt" in done.told
        assert json.loads((folder / AUDIT).read_bytes())["audit"]["complete"] is False
        assert (folder / MANIFEST).exists()


@pytest.mark.parametrize("when", ["atexit.register(late)", "threading.Thread(target=late).start()"])
async def test_an_interrupt_after_the_end(well: Audited, tmp_path: Path, when: str) -> None:
    """Ctrl-C while the process goes down, or while it waits for a thread that hangs: the exit code stands."""
    lines = (
        "import atexit, os, threading, time, auditor.cli.app as app\n"
        "def late():\n"
        "    time.sleep(0.2)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(0.2 if threading.current_thread() is threading.main_thread() else 60)\n"
        "settle = app._settle\n"
        f"def settled(code):\n    settle(code)\n    {when}\n"
        "app._settle = settled"
    )
    folder = tmp_path / "out"
    done = await run("audit", well.inventory, "-o", folder, "-q", "--format", "json", limit=lines)
    assert done.code == exit_code(replayed(well.folder)), done.told
    assert "Traceback" not in done.told
    assert replayed(folder).complete


@pytest.mark.parametrize("fewer", [True, False], ids=["fewer at once", "raised"])
async def test_few_file_descriptors(well: Audited, tmp_path: Path, *, fewer: bool) -> None:
    """Fewer hosts at once, and a word about it, unless the limit may be raised: and the findings of a whole audit."""
    folder = tmp_path / "out"
    lines = (
        "import os, auditor.cli.app\n"
        "from auditor.cli.descriptors import PER_CONVERSATION, RESERVE\n"
        "hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "here = len(os.listdir('/proc/self/fd')) + RESERVE + 3 * PER_CONVERSATION - 1\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (here, {'here' if fewer else 'hard'}))"
    )
    done = await run("audit", well.inventory, "-o", folder, "-q", "--format", "json", limit=lines)
    assert done.code == exit_code(replayed(well.folder)), done.told
    assert ("too few open files" in done.told) == fewer, done.told
    judged = replayed(folder)
    assert (judged.complete, judged.tool_faults) == (True, ())
    assert findings((folder / AUDIT).read_bytes()) == well.findings
    assert judged.pace is not None
    wanted = load_inventory(well.inventory, assemble()).settings.hosts_at_once
    at_once = judged.pace.hosts_at_once
    assert at_once in ({1, 2} if fewer else {wanted})
    assert any(f"open files for {wanted} hosts at once: at most {at_once} w" in note for note in judged.notes) == fewer


async def test_too_few_file_descriptors(well: Audited, tmp_path: Path) -> None:
    """No host gets a finding that it has not earned, and the end is a fault of ours: not even one host can be asked."""
    folder = tmp_path / "out"
    lines = (
        "import os, auditor.cli.app\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')) + 5,) * 2)"
    )
    done = await run("audit", well.inventory, "-o", folder, "-q", "--format", "json", limit=lines)
    assert done.code == Exit.FAULT, done.told
    judged = replayed(folder)
    assert any("Too many open files" in fault for fault in judged.tool_faults), done.told
    hurt = {(h.target.name, f.control): f.status.value for h in judged.hosts for f in h.findings}
    assert claims(hurt, well.findings) == {}


async def test_a_probe_that_raises(well: Audited, tmp_path: Path) -> None:
    """A fault, told with the host's name; the neighbours are as they were."""
    assembly = assemble()
    done = await audit(well.inventory, tmp_path / "out", replace(assembly, probes=(*assembly.probes, Raising())))
    assert done.run.tool_faults == (f"{HOSTS[0]}: RuntimeError: a bug of ours",)
    assert exit_code(done.run) is Exit.FAULT
    hurt = findings((tmp_path / "out" / AUDIT).read_bytes())
    assert claims(hurt, well.findings) == {}
    assert {k: v for k, v in hurt.items() if k[0] != HOSTS[0]} == {
        k: v for k, v in well.findings.items() if k[0] != HOSTS[0]
    }


async def test_a_check_that_raises(well: Audited, tmp_path: Path) -> None:
    """Undetermined with the fault; every other control is judged as ever."""

    def broken(evidence: Evidence, context: object) -> Verdict:
        raise ZeroDivisionError("a bug of ours")

    assembly = assemble()
    first = assembly.controls[0]
    controls = (replace(first, judge=broken), *assembly.controls[1:])
    done = await audit(well.inventory, tmp_path / "out", replace(assembly, controls=controls))
    assert exit_code(done.run) is Exit.FAULT
    hurt = findings((tmp_path / "out" / AUDIT).read_bytes())
    assert {k for k, v in hurt.items() if v != well.findings[k]} <= {(name, first.id) for name in HOSTS}
    assert {v for k, v in hurt.items() if k[1] == first.id} <= {"undetermined", "not_applicable"}


async def test_a_resolver_that_is_down(tmp_path: Path) -> None:
    """Hosts that are known by name were not reached; nothing is said of their settings, and it is no fault of ours."""
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(
        f'version: 1\nsettings: {{dns_servers: ["127.0.0.1:{free_port()}"], question_seconds: 1}}\n'
        "systems:\n  - {name: box, product: mxp, hostname: box.example.test}\n"
    )
    done = await audit(fleet, tmp_path / "out")
    (host,) = done.run.hosts
    assert "No address for box.example.test" in str(host.unreachable_because)
    assert (host.score.proven, host.score.possible) == (None, None)
    assert exit_code(done.run) is Exit.INCONCLUSIVE


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)], ids=["back", "forth"])
async def test_a_clock_that_jumps(
    well: Audited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """The audit ends, its bundle is read again, and certificates are judged at the one time of its beginning."""
    calls = 0

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            nonlocal calls
            calls += 1
            return datetime.now(UTC) + (jump if calls > 12 else timedelta())

    monkeypatch.setattr("auditor.wire.gate.datetime", Jumping)
    done = await audit(well.inventory, tmp_path / "out")
    assert calls > 12
    assert done.run.complete
    assert done.run.tool_faults == ()
    assert replayed(tmp_path / "out").started_at == done.run.started_at
    certificates = {k: v for k, v in well.findings.items() if k[1].startswith("certificates.")}
    hurt = findings((tmp_path / "out" / AUDIT).read_bytes())
    assert {key: hurt[key] for key in certificates} == certificates


async def test_odd_places(well: Audited, tmp_path: Path) -> None:
    """The same bytes at home and in Kathmandu, under the plainest locale."""
    places = {
        "home": {"TZ": "UTC", "LC_ALL": "C.UTF-8"},
        "odd": {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"},
    }
    for name, variables in places.items():
        words = ("report", well.folder, "-o", tmp_path / name, "--format", "json,html,csv,ecs,junit,pdf")
        done = await run(*words, variables=variables)
        assert done.code == 0, done.told
    home, odd = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in places)
    assert len(home) == 6
    assert {name for name in home if home[name] != odd[name]} == set()


async def test_a_bug_is_never_a_miss() -> None:
    """An exception that nobody foresaw ends with 4, not with Python's 1, which would mean that a host misses."""
    lines = "import auditor.cli.controls as c\ndef f(): raise KeyError('\\x1b[31m')\nc.load_assembly = f"
    done = await run("controls", "list", limit=lines)
    assert done.code == Exit.FAULT
    assert "fault of the auditor: KeyError" in done.told
    assert "\x1b" not in done.told
