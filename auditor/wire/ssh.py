"""Reads what an SSH server shows before login: identification, algorithms, host keys. It never logs in.

Identification and algorithms are read by hand, on one connection. The host keys come on one more connection for each
kind of key: keys are exchanged, as any client must to be shown one, and we hang up before a user is named. The usual
exchanges are made by hand too; asyncssh knows the rest.
"""

import asyncio
import secrets
import socket
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncssh

from auditor import __version__
from auditor.model.facts import SshFace, SshHostKey
from auditor.wire.failures import STUMBLES, ClosedEarlyError, MalformedError, WireError, translated
from auditor.wire.gate import Gate, Line
from auditor.wire.readlist import Request
from auditor.wire.ssh_exchange import KINDS, Exchange
from auditor.wire.ssh_message import (
    CIPHERS,
    DISCONNECT,
    HOST_KEYS,
    KEX,
    LARGEST_PACKET,
    MACS,
    Identification,
    KexInit,
    kexinit,
    packet,
    parse_identification,
    parse_kexinit,
    read_host_key,
    unwrap,
)

OPENING = Request("ssh", "KEXINIT")
SOFTWARE = f"vc-fleet-auditor_{__version__}"
MOST_LINES = 50
"""Lines that a server may send before its identification."""
MOST_PACKETS = 8
"""Packets that may come before the algorithms: SSH lets a server send messages to be ignored."""
MOST_HOST_KEYS = 3
"""Kinds of host key that are asked for: each costs the device a key exchange."""

# Short primes and 3DES are what an old device has to offer. We know, and protect nothing by them.
warnings.filterwarnings("ignore", category=UserWarning, module=r"asyncssh\.")

RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")


async def read_face(gate: Gate, port: int) -> SshFace:
    """Return what the server shows.

    A server that introduces itself and then fails gives a face without algorithms; one whose key exchange we cannot
    finish gives one without host keys: empty means not known. Raises the wire errors where no identification comes.
    """
    who, offer = await _opening(gate, port)
    keys: list[SshHostKey] = []
    if offer is not None:
        for algorithms in _kinds(offer.host_keys)[:MOST_HOST_KEYS]:
            with suppress(WireError):
                key = await _host_key(gate, port, offer, algorithms)
                keys += [] if key is None else [key]
    return SshFace(
        port=port,
        banner=who.line,
        protocol=who.protocol,
        software=who.software,
        kex=offer.kex if offer else (),
        host_key_algorithms=offer.host_keys if offer else (),
        ciphers=offer.ciphers if offer else (),
        macs=offer.macs if offer else (),
        host_keys=tuple(keys),
    )


async def _opening(gate: Gate, port: int) -> tuple[Identification, KexInit | None]:
    async with gate.line(OPENING, port) as line:
        who = await _identification(line)
        if not who.protocol.startswith("2.") and who.protocol != "1.99":
            return who, None
        try:
            async with asyncio.timeout(gate.limits.question_seconds / 2):
                await line.send(f"SSH-2.0-{SOFTWARE}\r\n".encode("ascii"))
                await line.send(packet(kexinit(secrets.token_bytes(16))))
                return who, await _offer(line)
        except (WireError, TimeoutError):
            return who, None


async def _identification(line: Line) -> Identification:
    for _ in range(MOST_LINES):
        if who := parse_identification(await line.read_line()):
            return who
    raise MalformedError(f"no SSH identification within {MOST_LINES} lines")


async def _offer(line: Line) -> KexInit:
    return parse_kexinit(await _message(line))


async def _message(line: Line) -> bytes:
    """Return the next message that is not to be ignored."""
    for _ in range(MOST_PACKETS):
        size = int.from_bytes(await line.read_exactly(4), "big")
        if not 5 <= size <= LARGEST_PACKET:
            raise MalformedError(f"an SSH packet of {size:,} bytes was announced")
        message = unwrap(await line.read_exactly(size))
        if message[0] == DISCONNECT:
            raise ClosedEarlyError("the SSH server ended the conversation before it named its algorithms")
        if message[0] > 4:
            return message
    raise MalformedError("the SSH server does not come to its algorithms")


def _kinds(offered: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the algorithms that we share with the server, those of one key together, in the server's order."""
    kinds = [tuple(name for name in RSA if name in offered) if o in RSA else (o,) for o in offered if o in HOST_KEYS]
    return list(dict.fromkeys(kinds))


async def _host_key(gate: Gate, port: int, offer: KexInit, algorithms: tuple[str, ...]) -> SshHostKey | None:
    shared = [[name for name in ours if name in theirs]
              for ours, theirs in ((KEX, offer.kex), (CIPHERS, offer.ciphers), (MACS, offer.macs))]  # fmt: skip
    if not all(shared):
        return None
    if shared[0][0] in KINDS:
        return await _host_key_by_hand(gate, port, shared, algorithms)
    options = asyncssh.SSHClientConnectionOptions(
        config=None, username="nobody", client_keys=None, agent_path=None, known_hosts=None, gss_host=None,
        client_version=SOFTWARE, kex_algs=shared[0], encryption_algs=shared[1], mac_algs=shared[2],
        server_host_key_algs=list(algorithms),
    )  # fmt: skip
    async with gate.line(OPENING, port) as line, _mirrored(line) as far:
        try:
            # The address is given beside the socket because asyncssh wants a name for its peer; it connects nowhere.
            key = await asyncssh.get_server_host_key(
                gate.address, sock=far, config=None, options=options, client_version=SOFTWARE, kex_algs=shared[0],
                server_host_key_algs=list(algorithms),
            )  # fmt: skip
        except asyncssh.Error as error:
            raise MalformedError(f"no SSH key exchange: {error.reason}") from error
        except STUMBLES as error:
            raise MalformedError(f"no SSH key exchange: the server's values make no sense ({error})") from error
        return read_host_key(key.public_data) if key else None


async def _host_key_by_hand(
    gate: Gate, port: int, shared: Sequence[Sequence[str]], algorithms: tuple[str, ...]
) -> SshHostKey:
    kex, ciphers, macs = shared
    exchange = Exchange(kex[0])
    software = f"SSH-2.0-{SOFTWARE}".encode("ascii")
    opening = kexinit(secrets.token_bytes(16), kex[:1], algorithms, ciphers, macs)
    async with gate.line(OPENING, port) as line:
        who = await _identification(line)
        await line.send(software + b"\r\n" + packet(opening))
        theirs = await _message(line)
        parse_kexinit(theirs)
        await line.send(packet(exchange.opening))
        reply = await _message(line)
        return read_host_key(exchange.proven(reply, (software, who.line.encode("latin-1"), opening, theirs)))


@asynccontextmanager
async def _mirrored(line: Line) -> AsyncIterator[socket.socket]:
    """Yield a local socket whose other end is the gated line: the library never holds one that leads to the network."""
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
