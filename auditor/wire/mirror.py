"""A local socket whose other end is a gated line, for a library that wants to drive a socket itself."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from auditor.wire.failures import translated
from auditor.wire.gate import Line


@asynccontextmanager
async def mirrored(line: Line) -> AsyncIterator[socket.socket]:
    """Yield the socket: every byte still crosses the line, and the library never holds a way to the network."""
    near, far = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=near)

    async def outwards() -> None:
        while data := await reader.read(16_384):
            await line.send(data)

    async def inwards() -> None:
        try:
            while data := await line.read(16_384):
                writer.write(data)
                with translated():
                    await writer.drain()
        finally:
            writer.close()

    pumps = [asyncio.create_task(outwards()), asyncio.create_task(inwards())]
    try:
        yield far
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        writer.transport.abort()
        far.close()
