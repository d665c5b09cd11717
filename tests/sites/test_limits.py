"""Limits over many hosts hold at a site with several jobs and over several sites; troubles that nobody must miss."""

import asyncio
import errno
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from typer.testing import CliRunner

from auditor.cli.app import commands
from auditor.cli.assembly import assemble
from auditor.cli.many_sites import ground_of
from auditor.engine.plan import plan
from auditor.model.inventory import Inventory, Settings, Target
from auditor.model.politeness import Politeness
from auditor.sites import delivery
from auditor.sites.collector import Means, SiteCollector
from auditor.sites.delivery import Courier
from auditor.sites.executor import Inbox, SitesExecutor
from auditor.sites.parcel import Ground
from auditor.sites.runs import Run
from auditor.sites.settings import CollectorSettings
from auditor.sites.split import split
from auditor.sites.spool import Spool
from auditor.sites.ticket import Ticket, arguments
from auditor.wire.gate import utc_now
from auditor.wire.ledger import Ledger

GROUND = Ground(tool_version="1", catalogue_digest="c", profiles_digest="p")
NOWHERE = "host=/nonexistent dbname=x"
SIX = tuple(Target(name=f"rm{n}", product="mxp", address=f"127.0.0.{n + 1}", site="ab"[n % 2]) for n in range(6))


class Still(Courier):
    """A courier without a database."""

    async def measure(self) -> None:
        """Find the clocks equal."""

    async def emptied(self) -> None:
        """Have nothing to deliver."""


class Watched(SiteCollector):
    """A collector that counts how many of its jobs ask at the same time, and asks nobody."""

    def __init__(self, folder: Path) -> None:
        plain = {"database": NOWHERE, "networks": ["127.0.0.0/8"], "spool": str(folder), "jobs_at_once": 3}
        settings = msgspec.convert(plain, CollectorSettings, dec_hook=lambda kind, value: kind(value))
        super().__init__(
            "oslo", settings, Means(profiles={}, probes=(), ground=GROUND, logins=lambda *_: {}, clock=time.time)
        )
        self._courier = Still(NOWHERE, "oslo", self._spool, clock=time.time)
        self.asking = self.most = 0

    async def _ask(self, ticket: Ticket) -> None:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0.05)
        self.asking -= 1


@pytest.mark.parametrize(
    ("politeness", "side_by_side"),
    [
        (Politeness(), 3),
        (Politeness(pause_seconds=5.0), 3),
        (Politeness(requests_per_second=5.0), 1),
        (Politeness(requests_per_second_per_site=5.0), 1),
        (Politeness(per_site={"b": 5.0}), 1),
        (Politeness(hosts_at_once_per_site=1), 1),
    ],
)
async def test_jobs_with_limits_over_hosts_are_done_one_after_the_other(
    tmp_path: Path, politeness: Politeness, side_by_side: int
) -> None:
    """Each keeps the limits by itself, so together they would break them."""
    collector = Watched(tmp_path)
    run, settings = uuid4(), Settings(politeness=politeness)
    tickets = [arguments(Ticket.of(run, n, SIX[n : n + 1], settings))["ticket"] for n in range(3)]
    await asyncio.gather(*(collector._audit(ticket) for ticket in tickets), return_exceptions=True)
    assert collector.most == side_by_side


def test_each_site_gets_its_part_of_the_requests_over_all() -> None:
    """Together they make no more than one machine would; what holds for one site is not divided."""
    politeness = Politeness(requests_per_second=10.0, requests_per_second_per_site=3.0, per_site={"a": 1.0})
    inventory = Inventory(targets=SIX, settings=Settings(politeness=politeness))
    parts = split(inventory, uuid4(), {"a": "oslo", "b": "bergen"}, hosts_per_job=2)
    told = [ticket.how.politeness for tickets in parts.tickets.values() for ticket in tickets]
    assert told == [replace(politeness, requests_per_second=5.0)] * 4
    alone = split(inventory, uuid4(), {"a": "oslo", "b": "oslo"}, hosts_per_job=9)
    assert [ticket.how.politeness for ticket in alone.tickets["oslo"]] == [politeness]


@pytest.mark.parametrize("words", [("prepare",), ("add", "oslo")])
@pytest.mark.parametrize("address", ["postgresql://me:hunter2@127.0.0.1:1/x", "host=127.0.0.1 password=hunter2"])
def test_no_password_on_the_command_line(words: tuple[str, ...], address: str) -> None:
    """It is refused before anything is dialled, and not repeated."""
    done = CliRunner().invoke(commands, ["sites", *words, "--database", address])
    assert done.exit_code == 2, done.output
    assert "PGPASSFILE" in done.stderr
    assert "hunter2" not in done.output


class Full(Spool):
    """A spool on a disk that is full for a while."""

    fails = 2

    def payload(self, waiting: object) -> bytes:
        """Fail twice."""
        del waiting
        self.fails -= 1
        if self.fails >= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return b"parcel"


class NoDatabase(nullcontext[Any]):
    """What stands in for a connection."""

    def transaction(self) -> nullcontext[None]:
        """Begin one."""
        return nullcontext()


async def test_a_full_disk_does_not_end_the_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise nothing would be delivered until somebody starts the collector again, and nobody would hear of it."""
    delivered: list[bytes] = []

    async def deliver(_connection: object, _site: str, _run: UUID, _host: str, payload: bytes) -> bool:
        delivered.append(payload)
        return True

    async def measure(_self: Courier, _connection: object) -> None:
        return None

    monkeypatch.setattr(delivery, "connect", lambda _dsn: nullcontext(NoDatabase()))
    monkeypatch.setattr(delivery, "deliver", deliver)
    monkeypatch.setattr(Courier, "_measure", measure)
    spool = Full(tmp_path)
    courier = Courier(NOWHERE, "oslo", spool, clock=time.time)
    courier.hand(spool.put(uuid4(), "rm1", b"parcel"))
    running = asyncio.create_task(courier.run())
    try:
        async with asyncio.timeout(30):
            await courier.emptied()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert delivered == [b"parcel"]


@pytest.mark.parametrize("wait", [True, False])
async def test_a_database_that_is_down_is_no_silence_of_the_sites(*, wait: bool) -> None:
    """Nobody knows what they delivered: that is a fault of ours, and is told as one."""
    assembly = assemble()
    inventory = Inventory(targets=SIX)
    at = utc_now()
    head = replace(assembly.head(inventory), id=str(uuid4()))
    run = Run(
        head=head,
        site_of={target.name: "oslo" if target.site == "a" else "bergen" for target in SIX},
        deadlines=dict.fromkeys(("oslo", "bergen"), at + timedelta(seconds=-1 if wait else 600)),
    )
    inbox = Inbox(dsn=NOWHERE, profiles=assembly.profiles, own=ground_of(assembly), now=utc_now, wait=wait)
    executor = SitesExecutor(run, inbox, Ledger(lambda _entry: None))
    plans = plan(inventory, assembly.profiles, assembly.probes)
    assert [host async for host in executor.run(plans)] == []
    assert set(executor.remains.not_asked) == {target.name for target in SIX}
    assert all("is not known" in why for why in executor.remains.not_asked.values())
    assert len(executor.remains.faults) == 2
    assert all("could not be read" in fault for fault in executor.remains.faults)
