"""Many hosts at once, each with a mark of its own on everything it says, random delays, and bad company.

Whatever order the answers come in and whatever the neighbours do, every fact stands with the host that showed it.
"""

import asyncio
import json
import os
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.model.evidence import Seen
from auditor.reports.evidence_file import Stored, read_evidence
from auditor.reports.registry import report_named
from auditor.wire.ssh_message import packet
from tests.hostile import logged_in, shells, streams, tls, web
from tests.hostile.datagrams import request_id, response
from tests.hostile.stage import CLOSED, RESOLVER, Stage, served_at, stage, write_inventory
from tests.hostile.table import ASKED, Answers, Hostile, Line, Talk
from tests.trust import certificates as shop

HOSTS = 12
SEEDS = range(min(250, int(os.environ.get("NEIGHBOUR_RUNS", "3"))))
"""Runs, each with a play of its own; `NEIGHBOUR_RUNS=200` for a night."""
WITH_TLS = 3
"""Every how manieth host serves HTTPS: handshakes are what this test would spend its time on."""
MARK = re.compile(r"mark-\d{4}")
BAD: Mapping[str, Talk] = {
    "telnet": streams.endless_banner,
    "ftp": streams.ftp_lines_without_end,
    "http": web.endless_chunks,
    "https": tls.storm_of_warnings,
    "ssh": shells.ssh_banner_flood,
}
"""What a host does instead, where it is bad company for the others."""


@dataclass(frozen=True, slots=True)
class Room:
    """One host: its mark, and the services on which it behaves."""

    mark: str
    good: frozenset[str]


def talk_of(service: str, mark: bytes, random_: random.Random) -> Talk:
    """Return the conversation of an honest host, each part of which comes after a delay of its own."""

    async def rest() -> None:
        await asyncio.sleep(random_.random() * 0.15)

    async def telnet(line: Line) -> None:
        await rest()
        await line.say(b"Welcome to " + mark)
        await rest()
        await line.say(b"\r\nPassword:")
        await line.hold()

    async def ftp(line: Line) -> None:
        await rest()
        await line.say(b"220 " + mark + b"\r\n")
        await line.hear()
        await rest()
        await line.say(b"211-f\r\n " + mark + b"\r\n211 end\r\n")
        await line.hold()

    async def ssh(line: Line) -> None:
        await rest()
        await line.say(b"SSH-2.0-" + mark + b"\r\n")
        await rest()
        await line.say(packet(shells.lists(mark, mark + b"-key", mark, mark)))

    async def http(line: Line) -> None:
        await rest()
        request = await line.hear()
        await rest()
        if b"configuration.xml" in request:
            if b"authorization" not in request.lower():
                await line.say(logged_in.DENIED)
                return
            name = b"<SystemUnit><Name>" + mark + b"</Name></SystemUnit>"
            await line.say(logged_in.document(b"<Configuration>" + name + b"</Configuration>"))
            return
        body = b"<title>" + mark + b"</title>"
        await line.say(
            b"HTTP/1.1 200 OK\r\nServer: %s\r\nLocation: /%s\r\nContent-Length: %d\r\n\r\n" % (mark, mark, len(body)),
            body,
        )

    return {"telnet": telnet, "ftp": ftp, "ssh": ssh, "http": http, "https": http}[service]


def agent_of(mark: bytes) -> Answers:
    """Return an agent that answers with the mark."""

    def agent(question: bytes) -> list[bytes]:
        return [response(request_id(question), mark)]

    return agent


@asynccontextmanager
async def building(seed: int) -> AsyncIterator[tuple[Stage, dict[str, Room]]]:
    """Serve the hosts of one run. Each plays every service, on one address."""
    chance = random.Random(seed)  # noqa: S311 - a play that can be repeated
    rooms: dict[str, Room] = {}
    systems = []
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(stage([]))
        for number in range(HOSTS):
            room = Room(
                f"mark-{chance.randrange(10)}{number:03}", frozenset(s for s in (*BAD, "snmp") if chance.random() < 0.8)
            )
            name, address, ports = (
                f"room{number}",
                f"127.84.{seed}.{number + 1}",
                {"telnet-challenge": CLOSED["telnet-challenge"]},
            )
            for service in (*BAD, "snmp"):
                if (service == "https" and number % WITH_TLS) or (service == "snmp" and service not in room.good):
                    ports[service] = CLOSED[service]
                    continue
                peer = _peer(service, room, chance)
                ports[service] = await stack.enter_async_context(served_at(made, peer, address))
            rooms[name] = room
            systems.append({"name": name, "product": "mxp", "address": address, "ports": ports, "credentials": "lab"})
        chance.shuffle(systems)
        made.systems = systems
        yield made, rooms


def _peer(service: str, room: Room, chance: random.Random) -> Hostile:
    mark, good = room.mark.encode(), service in room.good
    named = shop.make(f"CN={room.mark}", None, key=shop.ec_key("hostile"))
    return Hostile(
        name=f"{room.mark}-{service}", story="", service=service, asked=ASKED[service], outcome="",
        talk=None if service == "snmp" else talk_of(service, mark, chance) if good else BAD[service],
        answers=agent_of(mark) if service == "snmp" else None,
        tls=(lambda: tls.served(named)) if good and service == "https" else None,
    )  # fmt: skip


async def _audited(folder: Path, seed: int) -> tuple[dict[str, Room], Stored, Mapping[str, str]]:
    whole = assemble()
    quick = {family: replace(p, limits=replace(p.limits, pause_seconds=0.0)) for family, p in whole.profiles.items()}
    assembly = replace(whole, profiles=quick)
    async with building(seed) as (made, rooms):
        path = write_inventory(made, folder / "fleet.yaml", question_seconds=20, host_seconds=240, hosts_at_once=HOSTS)
        inventory = load_inventory(path, assembly)
        bundle = folder / "bundle"
        await perform(assembly, inventory, bundle, [report_named("json")], quiet=True, sources=gather(inventory))
    addresses = {system["name"]: system["address"] for system in made.systems}
    stored = read_evidence(bundle / "evidence.jsonl")
    document = json.loads((bundle / "audit.json").read_text())
    for host in document["hosts"]:
        found = set(MARK.findall(json.dumps(host)))
        assert found <= {rooms[host["name"]].mark}, host["name"]
    for line in (bundle / "transcript.jsonl").read_text().splitlines():
        entry = json.loads(line)
        assert entry["address"] in {addresses[entry["host"]], RESOLVER}, entry
    return rooms, stored, addresses


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fact_stands_with_its_own_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Each good service of each host shows the host's own mark; no host shows another's, in evidence or report."""
    monkeypatch.setenv("HOSTILE_PASSWORD", logged_in.PASSWORD)
    rooms, stored, addresses = asyncio.run(_audited(tmp_path, seed))
    assert {host.target.name for host in stored.hosts} == rooms.keys()
    for host in stored.hosts:
        room, shown, missed = rooms[host.target.name], {}, {}
        assert host.address == addresses[host.target.name]
        assert host.faults == ()
        served = {service for service, port in host.target.ports.items() if port != CLOSED[service]}
        for made in host.evidence.observations:
            if not isinstance(made.outcome, Seen):
                missed[made.id] = made.outcome
            else:
                shown[made.id] = set(MARK.findall(repr(made.outcome.fact)))
                assert shown[made.id] <= {room.mark}, (host.target.name, made.id)
        for service in room.good & served:
            assert shown.get(ASKED[service]) == {room.mark}, (host.target.name, service, missed.get(ASKED[service]))
        if "http" in room.good:
            assert shown["setting/systemunit.name"] == {room.mark}
