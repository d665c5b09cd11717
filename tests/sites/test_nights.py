"""Audits by the schedule, jobs that are given up, sites that are silent: each is told, and nothing is passed."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.model.inventory import Inventory, Target
from auditor.sites.control import Control, night_of
from auditor.sites.queue import opened_queue
from auditor.wire.gate import utc_now
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.fleet import collectors, greeting
from tests.sites.world import (
    audit,
    centre_settings,
    until,
    working,
)

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


async def test_a_night_is_one_night(database: Installed, assembly: Assembly, tmp_path: Path) -> None:
    """Three control workers at the same minute carry out one audit; one that is too late carries out none."""
    settings = centre_settings(database, tmp_path, schedule="* * * * *")
    begun: Counter[str] = Counter()

    async def carry_out(run: object) -> None:
        begun[str(run)] += 1
        (settings.state / str(run)).mkdir(parents=True, exist_ok=True)
        await asyncio.sleep(0.5)

    several = [Control(settings, carry_out, utc_now) for _ in range(3)]
    tasks = [asyncio.create_task(each.run()) for each in several]
    await until(lambda: sum(begun.values()) >= 1, seconds=70)
    await asyncio.sleep(2)
    for each in several:
        each.stop()
    await asyncio.gather(*tasks)
    assert set(begun.values()) == {1}
    late = utc_now() - timedelta(hours=5)
    await several[0].night(int(late.timestamp()))
    assert str(night_of(int(late.timestamp()))) not in begun


async def test_a_job_that_kills_its_collectors_is_given_up(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """The sweeper gives it out so often and no oftener; its hosts are not looked at, and the report says so."""
    settings = centre_settings(database, tmp_path, attempts=3)
    inventory = Inventory(targets=(Target(name="rm1", product="mps", address="127.0.0.9", site="oslo"),))
    run = await many_sites.begin(settings, assembly, inventory, uuid4())
    for attempt in range(3):
        with psycopg.connect(database.site("oslo"), autocommit=True) as connection:
            worker = connection.execute("SELECT procrastinate_register_worker_v1()").fetchone()
            assert worker is not None
            taken = connection.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker[0]]).fetchone()
            assert taken is not None, f"attempt {attempt}"
            connection.execute("SELECT procrastinate_unregister_worker_v1(%s)", [worker[0]])
        async with opened_queue(settings.database) as queue:
            again, given_up = await queue.sweep(3, 2.0)
        assert (again, given_up) == ((0, 1) if attempt == 2 else (1, 0))
    performed = await many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
    (host,) = performed.run.hosts
    assert performed.run.not_looked_at == ("rm1",)
    assert not performed.run.complete
    assert "no job left that could bring it (1 failed)" in (host.unreachable_because or "")


async def test_a_site_that_does_not_report_is_not_looked_at(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """Its hosts stand in the report as not looked at, without a level and with nothing passed; the rest is complete."""
    async with greeting(4, 35) as fleet:
        settings = centre_settings(database, tmp_path, sites={"oslo": {}, "bergen": {"deadline_minutes": 0.05}})
        async with working(*collectors(database, assembly, tmp_path)[:1]):
            run, performed = await audit(settings, assembly, fleet.inventory(), tmp_path / "out")
    silent = [host for host in performed.run.hosts if host.target.site == "bergen"]
    assert set(performed.run.not_looked_at) == {host.target.name for host in silent} != set()
    assert not performed.run.complete
    for host in silent:
        assert host.score.proven is None
        assert "bergen had not reported by its deadline" in (host.unreachable_because or "")
        assert {finding.status.value for finding in host.findings} <= {"undetermined", "not_applicable"}
    assert all(host.reachable for host in performed.run.hosts if host.target.site == "oslo")
    document = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert set(document["audit"]["not_looked_at"]) == {host.target.name for host in silent}
    async with opened_queue(settings.database) as queue:
        assert (await queue.jobs(run.id))["bergen"].by_status == {"cancelled": 1}
