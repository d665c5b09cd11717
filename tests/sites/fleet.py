"""Hosts that greet, the collectors that ask them, and what a bundle must hold of them then."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from auditor.cli.assembly import Assembly
from auditor.cli.many_sites import means_of
from auditor.model.inventory import Inventory, Settings, Target
from auditor.reports.evidence_file import read_evidence
from auditor.sites.collector import SiteCollector
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed
from tests.sites.world import (
    collector_settings,
)

pytestmark = needs_postgresql


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
