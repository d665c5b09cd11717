"""One UDP question and its answer, over a socket that is connected to the peer.

Being connected, the socket takes datagrams from the asked address and port only, and hears ICMP errors.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from auditor.wire.failures import FilteredError, MalformedError, translated
from auditor.wire.gate import Tally

T = TypeVar("T")

MOST_WAITING = 16
"""Answers beyond this number that nobody has looked at are dropped."""


class _Mailbox(asyncio.DatagramProtocol):
    """Keeps what arrives, errors too, until somebody looks."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[bytes | Exception] = asyncio.Queue(MOST_WAITING)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._keep(data)

    def error_received(self, exc: Exception) -> None:
        self._keep(exc)

    def _keep(self, item: bytes | Exception) -> None:
        if not self.arrived.full():
            self.arrived.put_nowait(item)


async def exchange(
    tally: Tally, address: str, port: int, question: bytes, *, accept: Callable[[bytes], T], seconds: float
) -> T:
    """Send one datagram, once, and return what `accept` makes of the first answer that fits.

    `accept` raises `MalformedError` for what does not fit; then the next datagram is waited for. Raises
    `RefusedError` for ICMP port unreachable, `UnreachableError` for other ICMP errors, `FilteredError` where nothing
    came back within `seconds`, and `MalformedError` where only unfitting answers came.
    """
    stray: MalformedError | None = None
    peer = f"{address}:{port}"
    with translated(connecting=peer):
        loop = asyncio.get_running_loop()
        transport, mailbox = await loop.create_datagram_endpoint(_Mailbox, remote_addr=(address, port))
    try:
        tally.unheard = peer
        transport.sendto(question)
        tally.sent += len(question)
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return accept(await _next(mailbox, peer, tally))
                except MalformedError as error:
                    stray = error
    except TimeoutError:
        raise (stray or FilteredError(f"no answer from {peer} to one question over UDP")) from None
    finally:
        transport.abort()


async def _next(mailbox: _Mailbox, peer: str, tally: Tally) -> bytes:
    arrived = await mailbox.arrived.get()
    if isinstance(arrived, bytes):
        tally.received += len(arrived)
        tally.unheard = ""
        return arrived
    with translated(connecting=peer):
        raise arrived
