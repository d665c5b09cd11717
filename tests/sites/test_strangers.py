"""Collectors and centres that are wrong, old or hostile: what they say is told, refused or has no effect."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.cli.many_sites import ground_of, means_of
from auditor.reports.evidence_file import read_evidence
from auditor.sites.collector import SiteCollector
from auditor.sites.database import connect, deliver
from auditor.sites.parcel import packed
from auditor.sites.queue import opened_queue
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.fleet import collectors, greeting
from tests.sites.test_parcel import HOST
from tests.sites.world import (
    audit,
    centre_settings,
    collector_settings,
    until,
    working,
)

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


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
