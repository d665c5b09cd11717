"""The line is cut."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.cli.many_sites import means_of
from auditor.sites.collector import SiteCollector
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.fleet import check, greeting
from tests.sites.proxy import cable
from tests.sites.world import (
    centre_settings,
    collector_settings,
    delivered,
    swept,
    until,
    working,
)

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


CUT_SECONDS = float(os.environ.get("AUDITOR_CUT_SECONDS", "2"))
"""How long the line is cut: seconds with every run of the tests, and minutes where the variable says so."""


async def test_the_line_is_cut(database: Installed, assembly: Assembly, tmp_path: Path) -> None:
    """One site's line is silent for a while: all of it arrives, and nobody is asked twice.

    `AUDITOR_CUT_SECONDS=120` cuts it for two minutes.
    """
    async with greeting(24, 39, seconds=0.2) as fleet, cable(database.server.port) as line:
        settings = centre_settings(database, tmp_path, hosts_per_job=5, stalled_seconds=4.0)
        ways = {"oslo": database.site("oslo"), "bergen": database.tcp("bergen", line.port)}
        both = []
        for site, way in ways.items():
            own = collector_settings(database, site, tmp_path, hosts_at_once=2, jobs_at_once=1)
            own = msgspec.structs.replace(own, database=way)
            both.append(SiteCollector(site, own, means_of(own, assembly)))
        async with working(*both), swept(settings):
            run = await many_sites.begin(settings, assembly, fleet.inventory(), uuid4())
            gathering = asyncio.create_task(
                many_sites.gathered(settings, assembly, run, tmp_path / "out", ("json",), signals=False)
            )
            await until(lambda: delivered(database, run.id) >= 4)
            line.cut()
            await asyncio.sleep(CUT_SECONDS)
            assert not gathering.done(), "what the cut site had left to say is waited for"
            line.mend()
            async with asyncio.timeout(90):
                performed = await gathering
    assert performed.run.complete
    check(tmp_path / "out", fleet)
    assert set(fleet.greeted.values()) == {1}, "evidence waits in the spool; nobody is asked twice"
