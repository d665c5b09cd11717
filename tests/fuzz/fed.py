"""A gate whose connections are octets that lie ready: the verbs of the wire run as they are, without a network.

Each connection brings one part of the input, then the end of the stream; the last part is brought again to every
further connection. What the verbs send is kept.
"""

import asyncio
import atexit
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar, cast

from auditor.model.profile import Limits
from auditor.wire.gate import Gate, Line
from auditor.wire.ledger import Ledger
from auditor.wire.login import Login
from auditor.wire.readlist import ReadList, Request

T = TypeVar("T")

ADDRESS = "192.0.2.1"
NEXT = b"\n--next connection--\n"
"""Parts an input into connections."""

LIMITS = Limits(pause_seconds=0.0, question_seconds=30.0, host_seconds=60.0, answer_bytes=131_072)


class _Deaf:
    """The writing end: keeps what is sent."""

    def __init__(self, sent: bytearray) -> None:
        self.sent = sent
        self.transport = self

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        return

    def abort(self) -> None:
        return


class FedGate(Gate):
    """A gate that leads to octets. `sent` is what all connections were sent."""

    def __init__(self, data: bytes, reads: tuple[Request, ...], *, login: Login | None = None) -> None:
        """Bring these octets."""
        permitted = ReadList(reads, login=login is not None)
        super().__init__(
            host="lab", address=ADDRESS, reads=permitted, limits=LIMITS, ledger=Ledger(lambda _entry: None), login=login
        )
        self.parts = data.split(NEXT)
        self.sent = bytearray()
        self.connections = 0

    async def _connect(self, address: str, port: int, cap: int) -> Line:
        del address, port
        part = self.parts[min(self.connections, len(self.parts) - 1)]
        self.connections += 1
        return fed_line(part, cap, self.sent)


def fed_line(data: bytes, cap: int = LIMITS.answer_bytes, sent: bytearray | None = None) -> Line:
    """Return a connection on which these octets and the end of the stream have come already."""
    reader = asyncio.StreamReader(limit=65_536, loop=_loop())
    reader.feed_data(data)
    reader.feed_eof()
    return Line(reader, cast("Any", _Deaf(bytearray() if sent is None else sent)), cap)


def finished(question: Coroutine[Any, Any, T]) -> T:
    """Run a question to its end and return its answer."""
    return _loop().run_until_complete(question)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop
