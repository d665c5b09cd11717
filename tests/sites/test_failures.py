"""What breaks: collectors, the centre, the database, the line. Nothing is lost, and no host appears twice."""

import asyncio
import json
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly, assemble
from auditor.cli.many_sites import ground_of, means_of
from auditor.model.inventory import Inventory, Settings, Target
from auditor.reports.evidence_file import read_evidence
from auditor.sites.collector import SiteCollector
from auditor.sites.control import Control, night_of
from auditor.sites.database import connect, deliver
from auditor.sites.parcel import packed
from auditor.sites.queue import opened_queue
from auditor.wire.gate import utc_now
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.proxy import cable
from tests.sites.test_parcel import HOST
from tests.sites.world import (
    audit,
    centre_settings,
    collector_settings,
    delivered,
    start,
    stop_all,
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


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The program as installed."""
    return assemble()


class Fleet:
    """Hosts whose Telnet port greets after a while, each with its own name; it counts who was asked how often."""

    def __init__(self, hosts: int, block: int, seconds: float) -> None:
        """Describe the hosts; the even ones stand at oslo, the odd ones at bergen."""
        self.addresses = [f"127.{block}.0.{number + 1}" for number in range(hosts)]
        self.greeted: Counter[str] = Counter()
        self._seconds = seconds
        self.port = 0

    def inventory(self) -> Inventory:
        """Return the fleet as an inventory: generic hosts, of which one port is open."""
        closed = dict.fromkeys(("ssh", "http", "https", "ftp"), 9)
        targets = tuple(
            Target(
                name=f"rm{number}", product="mps", address=address, ports={"telnet": self.port, **closed},
                site="bergen" if number % 2 else "oslo",
            )
            for number, address in enumerate(self.addresses)
        )  # fmt: skip
        return Inventory(targets=targets, settings=Settings(snmp=False, question_seconds=5.0, hosts_at_once=20))

    async def greet(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet one connection."""
        address = writer.get_extra_info("sockname")[0]
        self.greeted[address] += 1
        await asyncio.sleep(self._seconds)
        writer.write(f"I am {address}\r\npassword: ".encode())
        writer.close()


@asynccontextmanager
async def greeting(hosts: int, block: int, seconds: float = 0.1) -> AsyncIterator[Fleet]:
    """Run a fleet on loopback."""
    fleet, servers = Fleet(hosts, block, seconds), []
    try:
        for address in fleet.addresses:
            servers.append(await asyncio.start_server(fleet.greet, address, fleet.port))
            fleet.port = servers[0].sockets[0].getsockname()[1]
        yield fleet
    finally:
        for server in servers:
            server.close()


def collectors(database: Installed, assembly: Assembly, folder: Path, **more: object) -> list[SiteCollector]:
    """Return the collectors of both sites."""
    made = []
    for site in ("oslo", "bergen"):
        own = collector_settings(database, site, folder, **more)
        made.append(SiteCollector(site, own, means_of(own, assembly)))
    return made


def restarted(database: Installed) -> bool:
    """Tell whether the server runs again; it does not begin before all of its old processes are gone."""
    try:
        database.server.start()
    except subprocess.CalledProcessError:
        return False
    return True


def check(folder: Path, fleet: Fleet) -> None:
    """Every host is in the bundle once, complete, with its own greeting."""
    stored = read_evidence(folder / "evidence.jsonl")
    names = [host.target.name for host in stored.hosts]
    assert sorted(names) == sorted(target.name for target in fleet.inventory().targets)
    for host in stored.hosts:
        assert host.complete, host.notes
        assert f"I am {host.target.address}" in repr(host.evidence), host.target.name
    assert stored.end is not None
    assert (stored.end.complete, stored.end.faults, stored.end.not_asked) == (True, (), {})


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


async def test_the_database_is_killed_and_the_line_is_cut(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """PostgreSQL dies with kill -9 and comes back, then one site's line is silent for a while: all of it arrives."""
    async with greeting(30, 33, seconds=0.2) as fleet, cable(database.server.port) as line:
        settings = centre_settings(database, tmp_path, hosts_per_job=5, stalled_seconds=4.0)
        ways = {"oslo": database.site("oslo"), "bergen": database.tcp("bergen", line.port)}
        both = []
        for site, way in ways.items():
            own = collector_settings(database, site, tmp_path, hosts_at_once=2, jobs_at_once=1)
            own = msgspec.structs.replace(own, database=way)
            both.append(SiteCollector(site, own, means_of(own, assembly)))
        async with working(*both):
            run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
            control = Control(settings, lambda _run: asyncio.sleep(0), utc_now)
            controlling = asyncio.create_task(control.run())
            gathering = asyncio.create_task(
                many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
            )
            await until(lambda: delivered(database, run.id) >= 3)
            await asyncio.to_thread(database.server.kill)
            await until(lambda: restarted(database))
            await until(lambda: delivered(database, run.id) >= 8)
            line.cut()
            await asyncio.sleep(2)
            line.mend()

            async def sweeping() -> None:
                while True:
                    await asyncio.sleep(2)
                    async with opened_queue(settings.database) as queue:
                        await control.sweep(queue)

            sweeper = asyncio.create_task(sweeping())
            try:
                async with asyncio.timeout(90):
                    performed = await gathering
            finally:
                sweeper.cancel()
                control.stop()
                await asyncio.gather(sweeper, controlling, return_exceptions=True)
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


async def test_a_wrong_clock_and_an_older_catalogue_are_told(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """Nobody's clock is judged by the wrong one; the centre's catalogue judges, and the host's notes say so."""
    async with greeting(2, 36) as fleet:
        settings = centre_settings(database, tmp_path, sites={"oslo": {"called": ["oslo", "bergen"]}})
        own = collector_settings(database, "oslo", tmp_path)
        means = means_of(own, assembly)
        older = replace(means.ground, tool_version="0.1", catalogue_digest="older")
        wrong = replace(means, ground=older, clock=lambda: time.time() - 3600)
        async with working(SiteCollector("oslo", own, wrong)):
            _, performed = await audit(settings, assembly, fleet.inventory(), tmp_path / "out")
    assert performed.run.catalogue_digest == assembly.catalogue_digest
    assert performed.run.tool_faults == ()
    for host in performed.run.hosts:
        words = " ".join(host.notes)
        assert "3600." in words or "3599." in words
        assert "behind the centre's, so no clock is judged by it" in words
        assert "version 0.1" in words
        assert "judged by the catalogue of the centre" in words
        assert {f.status.value for f in host.findings if f.control == "prerequisites.clock"} <= {
            "undetermined", "not_applicable",
        }  # fmt: skip
    stored = read_evidence(tmp_path / "out" / "evidence.jsonl")
    assert all("behind" in host.clock_doubt for host in stored.hosts)
    assert all(host.started_at < datetime.now(UTC) - timedelta(minutes=50) for host in stored.hosts)


async def test_a_hostile_collector_is_refused_counted_and_visible(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """Another site's host, an unknown host, another run, rubbish, and twice: nothing of it becomes evidence."""
    async with greeting(4, 37) as fleet:
        settings = centre_settings(database, tmp_path)
        inventory = fleet.inventory()
        run = await many_sites.begin(settings, assembly, inventory, uuid4())
        own, other = (next(t for t in inventory.targets if t.site == site) for site in ("oslo", "bergen"))
        ground = replace(ground_of(assembly), clock_ahead=0.0)
        forged = packed(run.id, "oslo", replace(HOST, target=other, product="mps", address=other.address), (), ground)
        async with connect(database.site("oslo")) as connection:
            assert await deliver(connection, "oslo", run.id, other.name, forged)
            assert await deliver(connection, "oslo", run.id, "nobody", b"x")
            assert await deliver(connection, "oslo", run.id, own.name, b"\0" * 2_000_000)
            assert not await deliver(connection, "oslo", run.id, own.name, b"once more")
            assert await deliver(connection, "oslo", uuid4(), own.name, b"another run")
        async with working(*collectors(database, assembly, tmp_path)):
            performed = await many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
    stored = {host.target.name: host for host in read_evidence(tmp_path / "out" / "evidence.jsonl").hosts}
    assert f"I am {other.address}" in repr(stored[other.name].evidence), "the true site's evidence counts"
    assert own.name not in stored
    assert performed.run.not_looked_at == (own.name,)
    faults = "\n".join(performed.run.tool_faults)
    assert faults.count("a delivery of the site oslo") == 3
    for words in ("belongs to another site", "is no host of this audit", "cannot be unpacked"):
        assert words in faults
    assert "cannot be unpacked" in str(json.loads((tmp_path / "out" / "audit.json").read_text()))


async def test_a_centre_that_was_taken_over_cannot_aim_a_collector(
    database: Installed, assembly: Assembly, tmp_path: Path
) -> None:
    """Hosts outside its networks are not touched; a job that is no ticket fails, and so does any other task."""
    async with greeting(2, 38) as fleet:
        settings = centre_settings(database, tmp_path, sites={"oslo": {"called": ["oslo", "bergen"]}})
        own = collector_settings(database, "oslo", tmp_path, networks=["127.38.0.1/32"])
        async with working(SiteCollector("oslo", own, means_of(own, assembly))):
            _, performed = await audit(settings, assembly, fleet.inventory(), tmp_path / "out")
            async with opened_queue(settings.database) as queue:
                for task, words in (("auditor.audit", {"ticket": {"command": "reboot"}}), ("os.system", {"c": "id"})):
                    await queue.app.configure_task(task, queue="oslo", allow_unknown=True).defer_async(**words)

            def ended() -> list[tuple[object, ...]]:
                jobs = "SELECT task_name, status::text FROM auditor_sites.procrastinate_jobs ORDER BY id DESC LIMIT 2"
                return database.all_seeing(jobs)

            await until(lambda: {status for _, status in ended()} == {"failed"})
    assert set(fleet.greeted) == {"127.38.0.1"}
    beyond = next(host for host in performed.run.hosts if host.target.address == "127.38.0.2")
    assert beyond.score.proven is None
    assert "127.38.0.2 is outside the networks" in (beyond.unreachable_because or "")
