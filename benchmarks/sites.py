"""How long many sites take: simulated hosts (0.5 s each, no network), two collectors, one centre, one PostgreSQL.

The collectors are processes of their own with the program's own code; only the one probe is simulated. The same hosts
are then asked by the executor of one machine. Run: python -m benchmarks.sites HOSTS HOSTS_AT_ONCE_PER_COLLECTOR
"""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import msgspec

from auditor.cli.assembly import assemble
from auditor.cli.many_sites import begin, ground_of
from auditor.engine.collect import Collector
from auditor.engine.executor import Executor
from auditor.engine.plan import plan
from auditor.model.collected import AuditEnd, AuditHead
from auditor.model.evidence import AnyObservation, Observation, Seen
from auditor.model.facts import TelnetGreeting
from auditor.model.inventory import Inventory, Settings, Target
from auditor.model.profile import Service
from auditor.probes.interface import Probe, Question
from auditor.reports.bundle import BundleWriter
from auditor.sites.collector import Means, SiteCollector
from auditor.sites.executor import Inbox, SitesExecutor
from auditor.sites.settings import CentreSettings, CollectorSettings
from auditor.wire.gate import Gate, utc_now
from auditor.wire.ledger import Ledger
from tests.sites.database.installed import Installed, installed

SECONDS = 0.5
SITES = ("oslo", "bergen")
FAMILY = "mxp"
TICK = os.sysconf("SC_CLK_TCK")


class SleepyProbe:
    """Takes half a second over each host, and shows forty greetings: about as much as a real host has to tell."""

    name = "telnet"
    order = 0

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """One question to each host."""
        return service is None

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Sleep, and yield."""
        await asyncio.sleep(SECONDS)
        for number in range(40):
            fact = TelnetGreeting(port=23, banner=f"I am {question.target.name}", prompt="password")
            yield Observation(TelnetGreeting, "telnet", f"telnet-{number}", gate.now(), Seen(fact), 23)


PROBES: tuple[Probe, ...] = (SleepyProbe(),)


def fleet(hosts: int) -> Inventory:
    """Return an inventory of hosts, one half at each site."""
    targets = tuple(
        Target(name=f"rm{n}", product=FAMILY, address=f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", site=SITES[n % 2])
        for n in range(hosts)
    )
    return Inventory(targets=targets)


def collect(site: str, dsn: str, spool: str, at_once: str) -> None:
    """Be a collector, until terminated."""
    assembly = assemble()
    jobs = max(1, int(at_once) // 50)
    settings = CollectorSettings(
        database=dsn, networks=("10.0.0.0/8",), spool=Path(spool), hosts_at_once=int(at_once), jobs_at_once=jobs,
        poll_seconds=0.5,
    )  # fmt: skip
    means = Means(
        profiles=assembly.profiles, probes=PROBES, ground=ground_of(assembly), logins=lambda *_: {}, clock=time.time
    )

    async def run() -> None:
        collector = SiteCollector(site, settings, means)
        asyncio.get_running_loop().add_signal_handler(15, collector.drain)
        await collector.run()

    asyncio.run(run())


async def gathered(executor: Executor, inventory: Inventory, head: AuditHead, folder: Path, ledger: Ledger) -> str:
    """Write a bundle's evidence as an audit does, and say how the memory of this process went meanwhile."""
    plans, seen, marks = plan(inventory, assemble().profiles, PROBES), 0, []
    with BundleWriter(folder, repeatable=isinstance(executor, SitesExecutor)) as writer:
        writer.begin(head)
        async for host in executor.run(plans):
            await asyncio.to_thread(writer.host, host)
            seen += 1
            if seen % max(1, len(plans) // 5) == 0:
                marks.append(f"{resident():.0f}")
        writer.end(AuditEnd(finished_at=utc_now(), complete=True, requests_made=ledger.made))
    assert seen == len(plans)
    assert executor.remains.faults == ()
    return " → ".join(marks)


def resident() -> float:
    """Return this process's memory in MB, as it is now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def busy(pid: int) -> float:
    """Return the processor time of a process in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def across(database: Installed, inventory: Inventory, folder: Path, at_once: int) -> None:
    """Audit by two collectors."""
    assembly = assemble()
    plain = {
        "database": database.centre, "inventory": "x", "state": str(folder / "state"), "bundles": str(folder),
        "sites": {site: {} for site in SITES}, "hosts_per_job": 50,
    }  # fmt: skip
    settings = msgspec.convert(plain, CentreSettings, dec_hook=lambda _kind, value: Path(value))
    urls = {site: database.site(site) for site in SITES}
    workers = [
        subprocess.Popen(  # noqa: ASYNC220 - nothing else runs yet
            [sys.executable, "-m", "benchmarks.sites", "collect", site, urls[site], folder / site, str(at_once)]
        )
        for site in SITES
    ]
    try:
        await asyncio.sleep(6)  # they are up and wait
        idle, own = [busy(each.pid) for each in workers], time.process_time()
        started = time.perf_counter()
        run = await begin(settings, assembly, inventory, UUID(int=1))
        submitted = time.perf_counter() - started
        own_ground = ground_of(assembly)
        inbox = Inbox(dsn=database.centre, profiles=assembly.profiles, own=own_ground, now=utc_now, poll_seconds=0.5)
        ledger = Ledger(lambda _entry: None)
        memory = await gathered(SitesExecutor(run, inbox, ledger), inventory, run.head, folder / "sites", ledger)
        took, own = time.perf_counter() - started, time.process_time() - own
        theirs = sum(busy(each.pid) - before for each, before in zip(workers, idle, strict=True))
    finally:
        for each in workers:
            each.terminate()
            each.wait(60)
    hosts = len(inventory.targets)
    ideal = hosts * SECONDS / (at_once * len(SITES))
    print(f"submitted in {submitted:.1f} s; {hosts:,} hosts, {at_once} at once for each collector")
    print(f"done in {took:.1f} s, ideal {ideal:.1f} s: {took / ideal:.2f} times")
    print(f"processor time a host: collectors {theirs / hosts * 1e3:.2f} ms, centre {own / hosts * 1e3:.2f} ms")
    print(f"memory of the centre at each fifth of the hosts: {memory} MB")


async def here(inventory: Inventory, folder: Path, at_once: int) -> None:
    """Audit by the executor of one machine."""
    assembly, settings = assemble(), replace(inventory.settings, hosts_at_once=at_once)
    ledger = Ledger(lambda _entry: None)
    own, started = time.process_time(), time.perf_counter()
    collector = Collector(profiles=assembly.profiles, probes=PROBES, settings=settings, ledger=ledger)
    memory = await gathered(collector, inventory, assembly.head(inventory), folder / "local", ledger)
    took, own, hosts = time.perf_counter() - started, time.process_time() - own, len(inventory.targets)
    ideal = hosts * SECONDS / at_once
    print(f"one machine, {at_once} at once: {took:.1f} s, ideal {ideal:.1f} s: {took / ideal:.2f} times")
    print(f"processor time a host: {own / hosts * 1e3:.2f} ms; memory {memory} MB")


def main(hosts: int = 30_000, at_once: int = 250) -> None:
    """Print the figures."""
    inventory = fleet(hosts)
    with tempfile.TemporaryDirectory() as scratch, installed(*SITES, crash_safe=True) as database:
        folder = Path(scratch)
        asyncio.run(across(database, inventory, folder, at_once))
        asyncio.run(here(inventory, folder, at_once * len(SITES)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["collect"]:
        collect(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
