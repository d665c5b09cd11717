"""The table of hostile peers: each is a short conversation, and the outcome that an audit must tell of it."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from itertools import count


class Line:
    """One connection of a peer that misbehaves."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Wrap an accepted connection."""
        self.reader, self.writer = reader, writer

    async def hear(self, size: int = 65_536) -> bytes:
        """Return what came, empty at the end."""
        return await self.reader.read(size)

    async def say(self, *parts: bytes) -> None:
        """Send, and wait until the other side takes it."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def hold(self) -> None:
        """Keep the line open and say nothing until the other side leaves."""
        while await self.reader.read(65_536):
            pass

    async def flood(self, piece: bytes) -> None:
        """Send the same for ever: it ends when the other side hangs up."""
        many = piece * max(1, 16_384 // len(piece))
        while True:
            await self.say(many)

    async def drip(self, data: Callable[[], bytes] | bytes, seconds: float = 0.2) -> None:
        """Send one octet after the other, slowly, for ever (a text again and again)."""
        for at in count():
            piece = data() if callable(data) else data[at % len(data) :][:1]
            await self.say(piece)
            await asyncio.sleep(seconds)


Talk = Callable[[Line], Awaitable[None]]
Answers = Callable[[bytes], list[bytes]]
"""What a datagram peer makes of a question: its answers."""
Hosted = Callable[[str], AbstractAsyncContextManager[int]]
"""Serves on an address, and tells the port: for peers that need more than a conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One peer. `asked` is the observation that tells of it, `outcome` what that must be, `says` a word of its reason.

    `outcome` is `seen`, `absent`, or the cause why the answer is not known; two with `or` where it hangs on the moment.
    """

    name: str
    story: str
    service: str
    asked: str
    outcome: str
    says: str = ""
    talk: Talk | None = None
    answers: Answers | None = None
    hosted: Hosted | None = None
    tls: Callable[[], ssl.SSLContext] | None = None
    login: bool = False
    most_connections: int | None = None


PEERS: dict[str, Hostile] = {}
ASKED = {
    "telnet": "telnet/telnet",
    "ftp": "ftp/ftp",
    "ssh": "ssh/ssh",
    "http": "get/http/",
    "https": "tls/https",
    "snmp": "snmp/snmp",
    "database": "database/encryption",
}


def _entered(name: str, peer: Hostile) -> None:
    assert name not in PEERS, f"two peers are called {name}"
    PEERS[name] = peer


def talks(
    service: str, outcome: str, says: str = "", *, asked: str = "", tls: Callable[[], ssl.SSLContext] | None = None,
    login: bool = False, most_connections: int | None = None,
) -> Callable[[Talk], Talk]:  # fmt: skip
    """Enter a conversation into the table; its docstring is the story."""

    def entered(talk: Talk) -> Talk:
        name = talk.__name__.replace("_", "-")
        peer = Hostile(
            name=name, story=(talk.__doc__ or "").strip(), service=service, asked=asked or ASKED[service],
            outcome=outcome, says=says, talk=talk, tls=tls, login=login, most_connections=most_connections,
        )  # fmt: skip
        _entered(name, peer)
        return talk

    return entered


def answers(service: str, outcome: str, says: str = "", *, asked: str = "") -> Callable[[Answers], Answers]:
    """Enter a peer of datagrams into the table."""

    def entered(made: Answers) -> Answers:
        name = made.__name__.replace("_", "-")
        peer = Hostile(
            name=name, story=(made.__doc__ or "").strip(), service=service, asked=asked or ASKED[service],
            outcome=outcome, says=says, answers=made,
        )  # fmt: skip
        _entered(name, peer)
        return made

    return entered


def hosts(
    service: str, outcome: str, says: str = "", *, asked: str = "", login: bool = False
) -> Callable[[Hosted], Hosted]:
    """Enter a peer with a server of its own into the table."""

    def entered(hosted: Hosted) -> Hosted:
        name = hosted.__name__.replace("_", "-")
        peer = Hostile(
            name=name, story=(hosted.__doc__ or "").strip(), service=service, asked=asked or ASKED[service],
            outcome=outcome, says=says, hosted=hosted, login=login,
        )  # fmt: skip
        _entered(name, peer)
        return hosted

    return entered


async def served(talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry on one conversation; however it ends, the connection is dropped."""
    try:
        with suppress(OSError, EOFError, ssl.SSLError):
            await talk(Line(reader, writer))
    finally:
        writer.transport.abort()
