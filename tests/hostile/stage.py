"""Puts hostile peers, honest twins and neighbours on addresses of their own and audits them by the real command."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

import dns.message
import dns.rcode
import yaml

from tests.hostile.table import Answers, Hostile, served

ROOT = Path(__file__).parents[2]
FIRST = IPv4Address("127.83.0.10")
RESOLVER = "127.83.0.1"
ELSEWHERE = "127.83.255.254"
"""From where liars answer whom they were not asked."""
CLOSED = {"ftp": 1, "ssh": 2, "telnet": 3, "telnet-challenge": 4, "http": 5, "https": 6, "snmp": 7}
"""Ports on which nothing listens on the addresses of the stage: every service that a peer does not play is refused."""
SERVER_CLOSED = {"http": 1, "https": 2, "tcp-1433": 3}
"""The same for a management server."""
QUESTION_SECONDS, HOST_SECONDS = 3.0, 60.0


@dataclass(slots=True)
class Stage:
    """What stands there: the systems of the inventory, and what their peers noticed."""

    systems: list[dict[str, Any]] = field(default_factory=list)
    servers: list[dict[str, Any]] = field(default_factory=list)
    connections: dict[str, int] = field(default_factory=dict)
    liars: dict[str, Answers] = field(default_factory=dict)
    resolver: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def address(self) -> str:
        """Return the address of the next host."""
        return str(FIRST + len(self.systems) + len(self.servers))


@asynccontextmanager
async def stage(peers: Sequence[Hostile]) -> AsyncIterator[Stage]:
    """Serve every peer on an address of its own until the end of the block."""
    made = Stage()
    async with AsyncExitStack() as stack:
        made.resolver = await stack.enter_async_context(
            datagrams_at(
                RESOLVER,
                partial(_resolve, made),
                elsewhere=lambda question: b"dns-from-another-address" in question,
            )
        )
        for peer in peers:
            address = made.address()
            port = await stack.enter_async_context(served_at(made, peer, address))
            if peer.service == "database":
                database = {"address": address, "port": port}
                server = {"name": peer.name, "address": address, "hostname": f"{peer.name}.example.test"}
                made.servers.append({**server, "database": database, "ports": dict(SERVER_CLOSED)})
                continue
            system: dict[str, Any] = {"name": peer.name, "product": "mxp", "address": address}
            system["ports"] = CLOSED | ({peer.service: port} if peer.service in CLOSED else {})
            system |= {"credentials": "lab"} if peer.login else {}
            system |= {"hostname": f"{peer.name}.example.test"} if peer.service == "dns" else {}
            made.systems.append(system)
        try:
            yield made
        finally:
            for task in made.tasks:
                task.cancel()
            await asyncio.gather(*made.tasks, return_exceptions=True)


@asynccontextmanager
async def served_at(made: Stage, peer: Hostile, address: str) -> AsyncIterator[int]:
    """Serve one peer on an address, and yield its port."""
    if peer.hosted is not None:
        async with peer.hosted(address) as port:
            yield port
    elif peer.answers is not None and peer.service == "dns":
        made.liars[f"{peer.name}.example.test."] = peer.answers
        yield 0
    elif peer.answers is not None:
        async with datagrams_at(
            address, peer.answers, elsewhere=lambda _question: "another-address" in peer.name
        ) as port:
            yield port
    else:
        async with _streams(made, peer, address) as port:
            yield port


@asynccontextmanager
async def _streams(made: Stage, peer: Hostile, address: str) -> AsyncIterator[int]:
    talk = peer.talk
    assert talk is not None

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.connections[peer.name] = made.connections.get(peer.name, 0) + 1
        task = asyncio.current_task()
        assert task is not None
        made.tasks.add(task)
        task.add_done_callback(made.tasks.discard)
        await served(talk, reader, writer)

    context = None if peer.tls is None else peer.tls()
    server = await asyncio.start_server(serve, address, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


class _Answering(asyncio.DatagramProtocol):
    def __init__(self, made: Answers, other: socket.socket, elsewhere: Callable[[bytes], bool]) -> None:
        self.made, self.other, self.elsewhere = made, other, elsewhere

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for answer in self.made(data):
            if self.elsewhere(data):
                self.other.sendto(answer, addr)
            else:
                self.transport.sendto(answer, addr)


@asynccontextmanager
async def datagrams_at(
    address: str, made: Answers, *, elsewhere: Callable[[bytes], bool] = lambda _question: False
) -> AsyncIterator[int]:
    """Serve on an address; questions of which `elsewhere` is true are answered from another one."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((ELSEWHERE, 0))
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Answering(made, other, elsewhere), local_addr=(address, 0)
        )
        try:
            yield transport.get_extra_info("sockname")[1]
        finally:
            transport.close()


def _resolve(made: Stage, question: bytes) -> list[bytes]:
    """Answer for the whole stage: by a liar where the name is one's, else that there is no such name."""
    asked = dns.message.from_wire(question)
    liar = made.liars.get(str(asked.question[0].name))
    if liar is not None:
        return liar(question)
    answer = dns.message.make_response(asked, recursion_available=True)
    answer.set_rcode(dns.rcode.NXDOMAIN)
    return [answer.to_wire()]


def write_inventory(made: Stage, path: Path, **settings: Any) -> Path:
    """Write the inventory of the stage."""
    limits = {"question_seconds": QUESTION_SECONDS, "host_seconds": HOST_SECONDS, "hosts_at_once": 24}
    document = {
        "version": 1,
        "settings": {**limits, "dns_servers": [f"{RESOLVER}:{made.resolver}"], **settings},
        "credentials": {"lab": {"username": "admin", "password_env": "HOSTILE_PASSWORD"}},
        "systems": made.systems,
        "tms": made.servers,
    }
    path.write_text(yaml.safe_dump(document))
    return path


@dataclass(frozen=True, slots=True)
class Ran:
    """How the command ended: exit code, peak memory in bytes, and everything that it printed."""

    code: int
    peak: int
    printed: str


async def run_audit(inventory: Path, bundle: Path, *, password: str, seconds: float) -> Ran:
    """Run `auditor audit` as a process of its own, so that its memory can be told; it is ended after `seconds`."""
    environment: Mapping[str, str] = {
        **os.environ, "PYTHONPATH": str(ROOT), "HOSTILE_PASSWORD": password, "COLUMNS": "200",
    }  # fmt: skip
    log = bundle.with_suffix(".log")
    command = (sys.executable, "-m", "auditor", "audit", str(inventory), "--output", str(bundle), "--format", "json")
    process = _started(command, log, inventory.parent, environment)
    loop = asyncio.get_running_loop()
    late = loop.call_later(seconds, process.kill)
    try:
        peak = await asyncio.to_thread(_ended, process)
    finally:
        late.cancel()
    return Ran(process.returncode, peak, log.read_text(errors="surrogateescape"))


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process; return the peak of its memory in bytes, as the kernel told it last.

    The usage that the system reports at the end would be that of the process which started it, if that was larger.
    """
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{process.pid}/status").read_text().partition("VmHWM:")[2].split()
            peak = int(told[0]) * 1024 if told else peak
        time.sleep(0.05)
    return peak


def _started(
    command: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder
        )
