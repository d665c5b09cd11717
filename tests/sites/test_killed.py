"""Collectors, the centre and the database are killed and stopped. Nothing is lost, and no host appears twice."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.reports.evidence_file import read_evidence
from auditor.sites.control import Control
from auditor.sites.queue import opened_queue
from auditor.wire.gate import utc_now
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.fleet import check, collectors, greeting
from tests.sites.world import (
    centre_settings,
    collector_settings,
    delivered,
    start,
    stop_all,
    swept,
    toml,
    until,
    working,
)

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites, on a database that survives being killed."""
    with installed("oslo", "bergen", crash_safe=True) as made:
        yield made


def restarted(database: Installed) -> bool:
    """Tell whether the server runs again; it does not begin before all of its old processes are gone."""
    try:
        database.server.start()
    except subprocess.CalledProcessError:
        return False
    return True


async def test_a_collector_that_is_killed_loses_nothing(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """Kill -9 in the middle; another process takes its place, the sweeper gives the jobs out again, nobody is twice."""
    async with greeting(40, 31, seconds=0.3) as fleet:
        settings = centre_settings(database, tmp_path, hosts_per_job=10)
        files = {
            site: toml(tmp_path / f"{site}.toml", collector_settings(database, site, tmp_path, hosts_at_once=4))
            for site in ("oslo", "bergen")
        }
        words = {site: ("collector", "run", "--site", site, "--config", str(path)) for site, path in files.items()}
        first = [start(tmp_path / f"{site}.log", *words[site]) for site in files]
        second = []
        try:
            run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
            await until(lambda: delivered(database, run.id) >= 6)
            first[0].kill()
            assert delivered(database, run.id) < 40
            second.append(start(tmp_path / "again.log", *words["oslo"]))
            control = Control(settings, lambda _run: asyncio.sleep(0), utc_now)
            controlling = asyncio.create_task(control.run())
            await asyncio.sleep(2.5)
            async with opened_queue(settings.database) as queue:
                await control.sweep(queue)
            performed = await many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
            control.stop()
            await controlling
            assert performed.run.complete
            check(tmp_path / "out", fleet)
            asked_again = [address for address, number in fleet.greeted.items() if number > 1]
            assert len(asked_again) <= 4, "those that were being asked when it died, and no other"
            assert [each.end() for each in (first[1], second[0])] == [0, 0]
        finally:
            stop_all(*first, *second)


async def test_sigterm_finishes_the_hosts_in_progress_and_gives_the_others_back(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """The command ends with 0 soon; the next collector does the rest, and no host is asked twice."""
    async with greeting(24, 32, seconds=0.4) as fleet:
        settings = centre_settings(database, tmp_path, hosts_per_job=50, sites={"oslo": {"called": ["oslo", "bergen"]}})
        file = toml(tmp_path / "oslo.toml", collector_settings(database, "oslo", tmp_path, hosts_at_once=4))
        words = ("collector", "run", "--site", "oslo", "--config", str(file))
        first = start(tmp_path / "first.log", *words)
        try:
            run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
            await until(lambda: delivered(database, run.id) >= 2)
            assert await asyncio.to_thread(first.end) == 0
            came = delivered(database, run.id)
            assert came < 24
            second = start(tmp_path / "second.log", *words)
            try:
                await many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
            finally:
                stop_all(second)
        finally:
            stop_all(first)
    check(tmp_path / "out", fleet)
    assert set(fleet.greeted.values()) == {1}


async def test_the_database_is_killed(database: Installed, assembly: Assembly, tmp_path: Path) -> None:
    """PostgreSQL dies with kill -9 and comes back: all of it arrives, and nobody is asked twice."""
    async with greeting(24, 33, seconds=0.2) as fleet:
        settings = centre_settings(database, tmp_path, hosts_per_job=5, stalled_seconds=4.0)
        both = collectors(database, assembly, tmp_path, hosts_at_once=2, jobs_at_once=1)
        async with working(*both), swept(settings):
            run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
            gathering = asyncio.create_task(
                many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
            )
            await until(lambda: delivered(database, run.id) >= 3)
            await asyncio.to_thread(database.server.kill)
            await until(lambda: restarted(database))
            async with asyncio.timeout(90):
                performed = await gathering
    assert performed.run.complete
    check(tmp_path / "out", fleet)
    assert set(fleet.greeted.values()) == {1}, "evidence waits in the spool; nobody is asked twice"


async def test_a_centre_that_is_killed_gathers_the_same_again(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """The command dies with kill -9 in the middle; its bundle is that of a killed audit, and a second one is whole."""
    async with greeting(30, 34, seconds=0.3) as fleet:
        settings = centre_settings(database, tmp_path, hosts_per_job=5)
        file = toml(tmp_path / "centre.toml", settings)
        async with working(*collectors(database, assembly, tmp_path, hosts_at_once=4)):
            run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
            words = ("sites", "gather", run.head.id[:13], "--settings", str(file), "--quiet")
            killed = start(tmp_path / "killed.log", *words, "--output", str(tmp_path / "killed"))
            try:
                evidence = tmp_path / "killed" / "evidence.jsonl"
                await until(lambda: evidence.exists() and evidence.read_bytes().count(b"\n") >= 4)
            finally:
                stop_all(killed)
            assert read_evidence(evidence).end is None
            again = start(tmp_path / "again.log", *words, "--output", str(tmp_path / "out"))
            try:
                assert await asyncio.to_thread(again.popen.wait, 60) in {1, 3}
            finally:
                stop_all(again)
    check(tmp_path / "out", fleet)
    assert (tmp_path / "out" / "manifest.json").exists()
