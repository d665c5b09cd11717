"""The gate: every request to one host passes here, is held against the read list, limited, timed and recorded."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from auditor.model.profile import Limits
from auditor.wire.failures import (
    BeyondError,
    FilteredError,
    MalformedError,
    SilentError,
    TooLargeError,
    WireError,
    translated,
)
from auditor.wire.fence import Fence
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.login import Login
from auditor.wire.pace import Pace
from auditor.wire.readlist import NotPermittedError, ReadList, Request
from auditor.wire.strain import Ended


def utc_now() -> datetime:
    """Return the machine's clock, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Tally:
    """Bytes of one request, filled in by whoever carries it out, for the ledger."""

    sent: int = 0
    received: int = 0
    unheard: str = ""
    """The peer, as long as nothing at all has come back from it: its silence is then no sign that it is there."""


@contextmanager
def _heard(tally: Tally) -> Iterator[None]:
    """Where this machine was too busy to keep the short deadline of a connection, have the long one say the same."""
    try:
        yield
    except SilentError as error:
        if tally.unheard:
            raise FilteredError(f"no answer from {tally.unheard} to the first packet") from error
        raise


class Line:
    """One TCP connection that counts what crosses it and gives up at its cap.

    `send` is for the modules of this package only, which build every byte themselves from a permitted request.
    """

    __slots__ = ("_cap", "_reader", "_writer", "received", "sent", "told")

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cap: int) -> None:
        """Wrap an open connection; `cap` is the most that may be received, in bytes."""
        self._reader = reader
        self._writer = writer
        self._cap = cap
        self.received = 0
        self.sent = 0
        self.told = Tally()

    async def send(self, data: bytes) -> None:
        """Write bytes that this package made."""
        with translated():
            self._writer.write(data)
            self.sent += len(data)
            await self._writer.drain()

    async def read(self, size: int = 4096) -> bytes:
        """Return up to `size` bytes as soon as some are there; empty at the end of the stream."""
        with translated():
            data = await self._reader.read(size)
        self._count(len(data))
        return data

    async def read_exactly(self, size: int) -> bytes:
        """Return exactly `size` bytes; raise `ClosedEarlyError` where the peer hangs up before."""
        if size > self._cap - self.received:
            behind = f" behind {self.received:,}" if self.received else ""
            raise TooLargeError(f"the peer announced {size:,} bytes{behind}, more than the cap of {self._cap:,}")
        with translated():
            data = await self._reader.readexactly(size)
        self._count(size)
        return data

    async def read_line(self, longest: int = 1024) -> bytes:
        """Return one line without its end (LF or CR LF); raise `MalformedError` where none ends within `longest`."""
        with translated():
            try:
                data = await self._reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                raise MalformedError(f"no end of line within {longest:,} bytes") from error
        self._count(len(data))
        if len(data) > longest + 2:
            raise MalformedError(f"a line of {len(data):,} bytes where {longest:,} are the most")
        return data.rstrip(b"\r\n")

    @property
    def streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The bare streams, for a library of this package that must drive them itself."""
        return self._reader, self._writer

    def abort(self) -> None:
        """Drop the connection at once."""
        self._writer.transport.abort()

    def _count(self, size: int) -> None:
        self.received += size
        if self.received > self._cap:
            raise TooLargeError(f"the peer sent more than {self._cap:,} bytes")


class Gate:
    """All traffic to one host: as many conversations at a time as its profile allows, spaced, bounded and recorded.

    `now` gives aware UTC times for the ledger. The read list is fixed for the life of the gate.
    """

    def __init__(  # noqa: PLR0913 - one host's traffic in full, each by its name
        self,
        *,
        host: str,
        address: str,
        reads: ReadList,
        limits: Limits,
        ledger: Ledger,
        now: Callable[[], datetime] = utc_now,
        login: Login | None = None,
        pace: Pace | None = None,
        fence: Fence | None = None,
    ) -> None:
        """Bind the gate to a host's name (for the ledger) and address; `login` is how to log in there, if at all.

        `pace` is the host's, which its gates share; without one, only the pause of `limits` is kept. Nothing is sent
        beyond the `fence`, where there is one.
        """
        self.host = host
        self.address = address
        self.limits = limits
        self.now = now
        self.login = login
        self._reads = reads
        self._fence = fence
        self._ledger = ledger
        self._slots = asyncio.Semaphore(limits.conversations)
        self._pace = pace or Pace(limits.pause_seconds)

    @asynccontextmanager
    async def passage(
        self,
        request: Request,
        port: int,
        transport: str = "tcp",
        *,
        address: str | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[Tally]:
        """Admit one request, for at most the question's deadline (or `seconds`), and record it whatever happens inside.

        Raises `NotPermittedError`, `BeyondError` (which leaves no record, as there is no request) and `StoppedError`
        before anything is sent, and `SilentError` or `FilteredError` at the deadline, which begins when the pace lets
        the request leave.
        """
        tally = Tally()
        self._refuse(request, port, transport, address)
        async with self._slots:
            await self._pace.turn(to_host=address is None)
            try:
                async with self._recorded(request, port, transport, tally, address, seconds, whole=True):
                    yield tally
            finally:
                if address is None:
                    self._pace.rest()

    @asynccontextmanager
    async def line(
        self,
        request: Request,
        port: int,
        *,
        address: str | None = None,
        seconds: float | None = None,
        cap: int | None = None,
    ) -> AsyncIterator[Line]:
        """Open a TCP connection for one permitted request; it is dropped at the end, whatever happened.

        `address` is for the resolvers, which are not the host that the gate leads to. `seconds` and `cap` replace the
        question's deadline and the most bytes that may be received.
        """
        async with self.passage(request, port, address=address, seconds=seconds) as tally:
            tally.unheard = f"{address or self.address}:{port}"
            line = await self._connect(address or self.address, port, cap or self.limits.answer_bytes)
            tally.unheard = ""
            told = line.told
            try:
                yield line
            finally:
                tally.sent, tally.received = line.sent - told.sent, line.received - told.received
                line.abort()

    @asynccontextmanager
    async def step(self, request: Request, port: int, line: Line) -> AsyncIterator[None]:
        """Admit a further request on an open line, with the deadline of a question and a record of its own.

        Its bytes are counted here, and not once more with the request that opened the line.
        """
        self._refuse(request, port)
        self._pace.further()
        tally, sent, received = Tally(), line.sent, line.received
        async with self._recorded(request, port, "tcp", tally):
            try:
                yield
            finally:
                tally.sent, tally.received = line.sent - sent, line.received - received
                line.told.sent += tally.sent
                line.told.received += tally.received

    def check(self, request: Request, port: int) -> None:
        """Hold a further request on an open line against the list; raise `NotPermittedError` and record a refusal."""
        self._refuse(request, port)

    @asynccontextmanager
    async def _recorded(
        self,
        request: Request,
        port: int,
        transport: str,
        tally: Tally,
        address: str | None = None,
        seconds: float | None = None,
        *,
        whole: bool = False,
    ) -> AsyncIterator[None]:
        started, at, outcome = time.monotonic(), self.now(), "interrupted"
        failure: WireError | None = None
        try:
            with _heard(tally), translated():
                async with asyncio.timeout(seconds or self.limits.question_seconds):
                    yield
            outcome = "answered"
        except WireError as error:
            outcome, failure = f"{type(error).__name__.removesuffix('Error')}: {error}", error
            raise
        finally:
            took = time.monotonic() - started
            milliseconds = round(took * 1000)
            if whole and transport == "tcp" and address is None and outcome != "interrupted":
                outcome += self._follows(request, port, took, failure)
            entry = self._entry(request, port, transport, address, at=at, outcome=outcome)
            entry = replace(entry, sent_bytes=tally.sent, received_bytes=tally.received, milliseconds=milliseconds)
            self._ledger.record(entry)

    def _follows(self, request: Request, port: int, seconds: float, failure: WireError | None) -> str:
        """Have the pace judge a conversation with the host; return what follows from it, for the transcript."""
        started = asyncio.get_running_loop().time() - seconds
        ended = Ended(
            request=request, port=port, seconds=seconds, error=failure, timely=self._pace.punctual(started)
        )  # fmt: skip
        words = self._pace.ended(ended)
        return f"; {words}" if words else ""

    def _refuse(self, request: Request, port: int, transport: str = "tcp", address: str | None = None) -> None:
        if reason := self._reads.refusal(request):
            refused = self._entry(
                request, port, transport, address, at=self.now(), outcome="refused by the read list", permitted=False
            )
            self._ledger.record(refused)
            raise NotPermittedError(request, reason)
        if self._fence and (reason := self._fence.refusal(address or self.address, port, request.protocol)):
            self._ledger.keep_off(self.host, address or self.address)
            raise BeyondError(f"{reason}, so nothing was sent there")

    def _entry(
        self,
        request: Request,
        port: int,
        transport: str,
        address: str | None,
        *,
        at: datetime,
        outcome: str,
        permitted: bool = True,
    ) -> Entry:
        return Entry(
            at=at, host=self.host, address=address or self.address, port=port, transport=transport,
            protocol=request.protocol, operation=request.operation, argument=request.argument,
            permitted=permitted, outcome=outcome,
        )  # fmt: skip

    async def _connect(self, address: str, port: int, cap: int) -> Line:
        # Half of the question's time for the connection: what is left is for the peer to speak.
        peer = f"{address}:{port}"
        with translated(connecting=peer):
            async with asyncio.timeout(self.limits.question_seconds / 2):
                reader, writer = await asyncio.open_connection(address, port, limit=65_536)
        return Line(reader, writer, cap)
