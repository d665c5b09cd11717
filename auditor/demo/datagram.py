"""A UDP port that answers each datagram with at most one, and closes without leaving anything behind."""

import asyncio
from collections.abc import Callable

Answer = Callable[[bytes, str], bytes]
"""From a datagram and its sender (`address:port`) to the answer; empty for none."""


class DatagramPort(asyncio.DatagramProtocol):
    """One UDP port on one address."""

    def __init__(self, address: str, port: int, answer: Answer) -> None:
        self._address, self._answer = (address, port), answer
        self._transport: asyncio.DatagramTransport | None = None
        self._closed = asyncio.Event()

    async def start(self) -> None:
        """Bind the port. Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self._address)

    async def close(self) -> None:
        """Close the port, and wait until it is closed."""
        if self._transport is not None:
            self._transport.abort()
            await self._closed.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the socket is closed."""
        del exc
        self._closed.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a datagram where there is an answer."""
        answer = self._answer(data, f"{addr[0]}:{addr[1]}")
        if answer and self._transport is not None:
            self._transport.sendto(answer, addr)
