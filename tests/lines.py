"""Servers of few words for tests of the wire, and a gate that leads to them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from auditor.model.inventory import Settings, Target
from auditor.model.profile import Limits, Profile, Service
from auditor.probes.interface import Question
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.login import Login, LoginGuard
from auditor.wire.readlist import ReadList, Request
from auditor.wire.secret import Secret

LOOPBACK = "127.0.0.1"
QUICK = Limits(pause_seconds=0.0, question_seconds=3.0, answer_bytes=65_536)

READS = (
    Request("ftp", "COMMAND", "FEAT"),
    Request("ftp", "COMMAND", "QUIT"),
    Request("snmp", "GET", "1.3.6.1.2.1.1.1.0"),
    Request("http", "GET", "/"),
)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Recorder:
    """What reached a server: how many connections, and every byte."""

    port: int = 0
    connections: int = 0
    received: bytearray = field(default_factory=bytearray)


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[Recorder]:
    """Serve every connection with `talk`, on a free port of loopback, and record what arrives while it talks."""
    recorder = Recorder()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recorder.connections += 1
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                await talk(_Recording(reader, recorder), writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    recorder.port = server.sockets[0].getsockname()[1]
    try:
        yield recorder
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Recording(asyncio.StreamReader):
    """A reader that keeps a copy of what was read."""

    def __init__(self, inner: asyncio.StreamReader, recorder: Recorder) -> None:
        super().__init__()
        self._inner = inner
        self._recorder = recorder

    async def read(self, n: int = -1) -> bytes:
        """Read from the connection and remember."""
        data = await self._inner.read(n)
        self._recorder.received += data
        return data


def says(*parts: bytes | float, then: str = "wait") -> Talk:
    """Return a talk that sends the bytes and sleeps the seconds in turn; at the end it waits or hangs up (`close`)."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def listen() -> None:
            while await reader.read(4096):
                pass

        listening = asyncio.create_task(listen())
        try:
            for part in parts:
                if isinstance(part, bytes):
                    writer.write(part)
                    await writer.drain()
                else:
                    await asyncio.sleep(part)
            if then == "wait":
                await listening
            else:
                writer.close()
                await writer.wait_closed()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    return talk


def gate_to(
    entries: list[Entry] | None = None,
    *,
    address: str = LOOPBACK,
    limits: Limits = QUICK,
    reads: Iterable[Request] = READS,
    login: Login | None = None,
) -> Gate:
    """Return a gate to an address; the ledger's entries go into `entries`."""
    kept = entries if entries is not None else []
    permitted = ReadList(reads, login=login is not None)
    return Gate(host="lab", address=address, reads=permitted, limits=limits, ledger=Ledger(kept.append), login=login)


def login_as(password: str, username: str = "admin", **rules: Any) -> Login:
    """Return a login with a guard of its own; `rules` are further fields."""
    guard = rules.pop("guard", None) or LoginGuard()
    return Login(credential="lab", host=LOOPBACK, username=username, secret=Secret(password), guard=guard, **rules)


def question_about(service: Service | None, port: int, settings: Settings | None = None) -> Question:
    """Return a question about a service of a family made for the test."""
    profile = Profile(
        family="lab", title="Lab", vendor="", role="device", chapter="", documents=(), recognise=(), reads=(),
        services=(service,) if service else (), limits=QUICK, controls={},
    )  # fmt: skip
    target = Target(name="lab", product="lab", hostname="codec.example.test", address=LOOPBACK)
    return Question(target=target, profile=profile, service=service, port=port, settings=settings or Settings())
