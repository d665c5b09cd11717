"""A line between a collector and the database that can be cut: a TCP proxy on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.peers import LOOPBACK


class Cable:
    """Connections that pass, until somebody cuts them. A cut line is silent: nothing is closed, nothing arrives."""

    def __init__(self, to: int) -> None:
        """Lead to a port on loopback."""
        self._to = to
        self._whole = asyncio.Event()
        self._whole.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def cut(self) -> None:
        """Let nothing pass any more."""
        self._whole.clear()

    def mend(self) -> None:
        """Let new connections pass; those that were cut are dropped, as after a restart of a firewall."""
        for task in self._tasks:
            task.cancel()
        self._whole.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        await self._whole.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._to)
        except OSError:
            writer.transport.abort()
            return
        ways = [
            asyncio.create_task(self._way(reader, far_writer)), asyncio.create_task(self._way(far_reader, writer))
        ]  # fmt: skip
        self._tasks.update(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for task in ways:
            task.cancel()
            self._tasks.discard(task)
        for each in (writer, far_writer):
            each.transport.abort()

    async def _way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            return


@asynccontextmanager
async def cable(to: int) -> AsyncIterator[Cable]:
    """Lay a line to a port on loopback."""
    made = Cable(to)
    server = await asyncio.start_server(made.carry, LOOPBACK, 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in list(made._tasks):
            task.cancel()
