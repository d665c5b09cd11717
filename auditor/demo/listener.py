"""A TCP port of a simulated device: open, filtered, or open and badly behaved; closes fast and leaves nothing behind.

Accepting is done by hand, not with `asyncio.start_server`, because a TLS handshake that is still going on must be
ended as well when the fleet stops.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from random import Random

from auditor.demo.device import PORTS, ServiceSpec
from auditor.demo.host import Host
from auditor.demo.recorder import KEPT_BYTES, Kind

HANDSHAKE_SECONDS = 10.0
SHUTDOWN_SECONDS = 0.3
IDLE_SECONDS = 60.0


class Conversation:
    """One accepted connection: both streams, and the means to record what comes in."""

    __slots__ = ("_host", "_reader", "_service", "_writer", "peer")

    def __init__(
        self, host: Host, service: str, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._host, self._service, self.peer = host, service, peer
        self._reader, self._writer = reader, writer

    def record(self, kind: Kind, what: str, received: bytes = b"") -> None:
        """Keep one request of this conversation."""
        self._host.record(self._service, kind, what, received, self.peer)

    async def send(self, data: bytes) -> None:
        """Send bytes. Raises ConnectionError when the peer has gone."""
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self, limit: int = KEPT_BYTES) -> bytes:
        """Return what has come, or nothing at the end of the stream or after a minute of silence."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                return await self._reader.read(limit)
        except TimeoutError:
            return b""


Talk = Callable[[Conversation], Awaitable[None]]


class Listener:
    """A listening TCP socket and everything that was accepted from it."""

    __slots__ = ("_accepting", "_context", "_host", "_service", "_socket", "_talk", "_tasks")

    def __init__(self, host: Host, service: str, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self._host, self._service, self._talk, self._context = host, service, talk, context
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on the device's address. Raises OSError when the port is taken."""
        self._socket = listening_socket(self._host.address, PORTS[self._service], backlog=64)
        self._accepting = asyncio.create_task(self._accept(self._socket))

    async def close(self) -> None:
        """Stop listening, end every conversation at once, and wait until all sockets are closed."""
        tasks = [task for task in (self._accepting, *self._tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()

    async def _accept(self, listening: socket.socket) -> None:
        """Serve every connection in a task of its own."""
        loop = asyncio.get_running_loop()
        while True:
            accepted, (address, port, *_) = await loop.sock_accept(listening)
            task = asyncio.create_task(self._serve(accepted, f"{address}:{port}"))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, accepted: socket.socket, peer: str) -> None:
        """Do the handshake where there is one, talk, and close."""
        self._host.record(self._service, Kind.CONNECT, "connect", peer=peer)
        try:
            reader, writer = await _streams(accepted, self._context)
        except OSError:
            # ssl.SSLError is an OSError too: the peer broke off, or offered nothing that this device speaks.
            self._host.record(self._service, Kind.MALFORMED, "handshake not finished", peer=peer)
            accepted.close()
            return
        try:
            with contextlib.suppress(OSError):
                await self._talk(Conversation(self._host, self._service, peer, reader, writer))
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()
            # The transport closes its socket in the loop's next rounds: one for plain TCP, one more below TLS.
            for _ in range(3):
                await asyncio.sleep(0)


async def _streams(
    accepted: socket.socket, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return the streams of an accepted socket, with TLS where a context is given. Raises OSError."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        accepted,
        ssl=context,
        ssl_handshake_timeout=HANDSHAKE_SECONDS if context else None,
        ssl_shutdown_timeout=SHUTDOWN_SECONDS if context else None,
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def listening_socket(address: str, port: int, *, backlog: int) -> socket.socket:
    """Return a non-blocking listening socket. Raises OSError when the address is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.settimeout(0)
        listening.bind((address, port))
        listening.listen(backlog)
    except OSError:
        listening.close()
        raise
    return listening


class FilteredPort:
    """A port behind a packet filter: connecting to it times out.

    Done without privileges by a socket whose queue of accepted connections is full: Linux then drops further SYNs.
    The connections that fill the queue come from here, which is no probe: they never leave this object.
    """

    __slots__ = ("_fillers", "_host", "_service", "_socket")

    MOST_FILLERS = 8
    UNANSWERED_SECONDS = 0.05

    def __init__(self, host: Host, service: str) -> None:
        self._host, self._service = host, service
        self._socket: socket.socket | None = None
        self._fillers: list[socket.socket] = []

    async def start(self) -> None:
        """Listen, and fill the queue. Raises OSError when the port is taken or the queue will not fill."""
        address = (self._host.address, PORTS[self._service])
        self._socket = listening_socket(*address, backlog=0)
        loop = asyncio.get_running_loop()
        for _ in range(self.MOST_FILLERS):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.settimeout(0)
            try:
                async with asyncio.timeout(self.UNANSWERED_SECONDS):
                    await loop.sock_connect(filler, address)
            except TimeoutError:
                filler.close()
                return
            self._fillers.append(filler)
        raise OSError(f"the queue of {address} does not fill; this system cannot imitate a filtered port")

    async def close(self) -> None:
        """Close the port and the connections that filled it."""
        for opened in (*self._fillers, self._socket):
            if opened is not None:
                opened.close()


async def silent(conversation: Conversation) -> None:
    """Accept and say nothing, whatever comes, until the peer leaves."""
    while received := await conversation.receive():
        conversation.record(Kind.READ, "bytes", received)


async def hangup(conversation: Conversation) -> None:
    """Accept and close."""
    del conversation


def garbage(seed: str) -> Talk:
    """Return a talk that sends bytes of no protocol, the same ones for the same seed, and answers with more."""
    noise = Random(seed)  # noqa: S311 - noise, not a secret

    async def talk(conversation: Conversation) -> None:
        await conversation.send(noise.randbytes(200))
        received = await conversation.receive()
        if received:
            conversation.record(Kind.READ, "bytes", received)
            await conversation.send(noise.randbytes(200))

    return talk


def misbehave(host: Host, service: ServiceSpec) -> Listener | FilteredPort | None:
    """Return the port of a TCP service that is on but does not work, or None for a normal one."""
    match service.behaviour:
        case "filtered":
            return FilteredPort(host, service.name)
        case "silent":
            return Listener(host, service.name, silent)
        case "hangup":
            return Listener(host, service.name, hangup)
        case "garbage":
            return Listener(host, service.name, garbage(f"{host.spec.name}/{service.name}"))
        case "normal":
            return None
