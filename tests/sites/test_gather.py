"""A run is gathered as often as one likes: each time into a bundle of its own, and none is touched."""

import asyncio
import fcntl
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.cli.site_bundles import clear_killed, place_of
from auditor.history import open_history, runs
from auditor.model.collected import AuditEnd
from auditor.model.inventory import Inventory, Target
from auditor.reports.bundle import BundleWriter
from auditor.reports.evidence_file import read_evidence
from auditor.sites.runs import Run, Runs
from auditor.wire.gate import utc_now
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.fleet import check, collectors, greeting
from tests.sites.world import centre_settings, delivered, start, stop_all, toml, until, working


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


def content(folder: Path) -> dict[str, str]:
    """Return the digest of every file."""
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}


async def command(log: Path, *words: str) -> tuple[int, str]:
    """Run a command to its end; return its exit code and what it said."""
    running = start(log, *words)
    try:
        code = await asyncio.to_thread(running.popen.wait, 60)
    finally:
        stop_all(running)
    return code, await asyncio.to_thread(log.read_text)


@needs_postgresql
async def test_it_may_be_repeated(database: Installed, assembly: Assembly, tmp_path: Path) -> None:
    """A look before everything has come, and then twice the whole: three bundles, and the first two stay as they were.

    The look is not what the history keeps, nor what `status` names.
    """
    history = str(tmp_path / "history.db")
    settings = centre_settings(database, tmp_path, history=history)
    file = ("--settings", str(toml(tmp_path / "centre.toml", settings)))
    async with greeting(4, 41) as fleet:
        run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
        words = ("sites", "gather", run.head.id, *file, "--quiet", "--format", "json")
        code, said = await command(tmp_path / "look.log", *words, "--no-wait")
        assert code == 3, said
        (look,) = settings.bundles.iterdir()
        kept = {look: content(look)}
        assert "manifest.json" in kept[look]
        assert Runs(settings.state).bundle(run.head.id) is None
        async with working(*collectors(database, assembly, tmp_path)):
            await until(lambda: delivered(database, run.id) == 4)
        for number in (2, 3):
            code, said = await command(tmp_path / f"{number}.log", *words)
            assert code in {1, 3}, said
            place = look.with_name(f"{look.name}-{number}")
            check(place, fleet)
            assert Runs(settings.state).bundle(run.head.id) == str(place)
            assert all(content(folder) == before for folder, before in kept.items())
            kept[place] = content(place)
        assert sorted(settings.bundles.iterdir()) == sorted(kept)
        code, said = await command(tmp_path / "named.log", *words, "--output", str(look))
        assert (code, "already holds an audit" in said) == (2, True), said
        assert content(look) == kept[look]
    (remembered,) = runs(open_history(history, create=False))
    assert remembered.complete


def a_run(assembly: Assembly) -> Run:
    """Return a run of one host."""
    inventory = Inventory(targets=(Target(name="rm1", product="mps", address="127.0.0.9", site="oslo"),))
    head = replace(assembly.head(inventory), id=str(uuid4()))
    return Run(head=head, site_of={"rm1": "oslo"}, deadlines={"oslo": utc_now()})


def test_a_control_worker_takes_away_nothing_but_what_was_left_unfinished(assembly: Assembly, tmp_path: Path) -> None:
    """Of its own run, without an end, and with nobody writing: of everything else it keeps clear."""
    run = a_run(assembly)
    stranger = replace(run, head=replace(run.head, id=run.head.id[:8] + str(uuid4())[8:]))
    killed, ended, foreign, writing = (tmp_path / f"{place_of(run, tmp_path).name}{n}" for n in ("", "-2", "-3", "-4"))
    for folder, head in ((killed, run.head), (ended, run.head), (foreign, stranger.head), (writing, run.head)):
        with BundleWriter(folder) as writer:
            writer.begin(head)
            if folder == ended:
                writer.end(AuditEnd(finished_at=utc_now(), complete=True))
    (tmp_path / f"{killed.name}-5").mkdir()
    with (writing / "transcript.jsonl").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        clear_killed(run, tmp_path)
    assert sorted(tmp_path.iterdir()) == [ended, foreign, writing, tmp_path / f"{killed.name}-5"]
    assert place_of(run, tmp_path) == killed
    killed.mkdir()
    assert place_of(run, tmp_path) == tmp_path / f"{killed.name}-6"
    assert read_evidence(ended / "evidence.jsonl").end is not None
