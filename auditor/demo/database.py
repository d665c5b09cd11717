"""The database server behind a management server: it answers the packet before a login, and nothing more (MS-TDS).

What it says of encryption follows from what it is set to and what the client offers, as the table of MS-TDS 2.2.6.5
has it. A login, whatever its password, is counted and ends the conversation; there is nothing to be had.
"""

import contextlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace

from auditor.demo.device import DatabaseSays, ServiceSpec
from auditor.demo.host import Host
from auditor.demo.listener import Conversation, FilteredPort, Listener, misbehave
from auditor.demo.recorder import Kind

PRELOGIN, LOGIN, TLS_HANDSHAKE = 0x12, 0x10, 0x16
OFF, ON, NOT_SUPPORTED, REQUIRED = range(4)

ANSWERS: Mapping[DatabaseSays, Mapping[int, int]] = {
    "required": {OFF: REQUIRED, ON: ON, NOT_SUPPORTED: REQUIRED, REQUIRED: ON},
    "off": {OFF: OFF, ON: ON, NOT_SUPPORTED: NOT_SUPPORTED, REQUIRED: ON},
    "not-supported": {OFF: NOT_SUPPORTED, ON: NOT_SUPPORTED, NOT_SUPPORTED: NOT_SUPPORTED, REQUIRED: NOT_SUPPORTED},
}
"""By what the server is set to and what the client offers."""

RELEASE = bytes((9, 0)) + struct.pack(">HH", 5000, 0)
"""SQL Server 2005, Service Pack 4: of the years of these management servers."""


def listener(host: Host, address: str, says: DatabaseSays) -> Listener | FilteredPort:
    """Return the port of a management server's database, on the database's own address."""
    there = replace(host, address=address)
    if says in ("silent", "garbage", "filtered"):
        port = misbehave(there, ServiceSpec(name="database", behaviour=says))
        assert port is not None  # noqa: S101 - every behaviour but a normal one has a port
        return port

    async def talk(conversation: Conversation) -> None:
        with contextlib.suppress(_OddPacketError):
            waiting = b""
            while True:
                kind, message, waiting = await _packet(conversation, waiting)
                conversation.record(_kind(kind, message), f"packet {kind:#04x}", message)
                if kind != PRELOGIN or message[:1] == bytes([TLS_HANDSHAKE]):
                    return
                await conversation.send(_answer(ANSWERS[says][_offer(message)]))

    return Listener(there, "database", talk)


class _OddPacketError(Exception):
    """What came is no packet, or the client has gone."""


async def _packet(conversation: Conversation, waiting: bytes) -> tuple[int, bytes, bytes]:
    """Return type and content of the next packet, and what came behind it."""
    while len(waiting) < 8 or len(waiting) < int.from_bytes(waiting[2:4]):
        received = await conversation.receive()
        if not received:
            raise _OddPacketError
        waiting += received
    length = int.from_bytes(waiting[2:4])
    if length < 8:
        conversation.record(Kind.MALFORMED, "packet", waiting)
        raise _OddPacketError
    return waiting[0], waiting[8:length], waiting[length:]


def _kind(kind: int, message: bytes) -> Kind:
    """Tell what a packet would do. Anything that is not the question before a login, or one, counts as a write."""
    if kind == PRELOGIN:
        return Kind.MALFORMED if _options(message) is None else Kind.READ
    return Kind.LOGIN if kind == LOGIN else Kind.WRITE


def _options(message: bytes) -> Mapping[int, bytes] | None:
    """Return the options of a question, or None for what is none; a TLS handshake comes in packets of this type too."""
    if message[:1] == bytes([TLS_HANDSHAKE]):
        return {}
    table, end, _ = message.partition(b"\xff")
    if not end or len(table) % 5:
        return None
    return dict(_values(message, table))


def _values(message: bytes, table: bytes) -> Iterator[tuple[int, bytes]]:
    for token, offset, length in struct.iter_unpack(">BHH", table):
        yield token, message[offset : offset + length]


def _offer(message: bytes) -> int:
    """Return what a client offers of encryption; one that says nothing offers none."""
    value = (_options(message) or {}).get(1, b"")
    return value[0] if value and value[0] <= REQUIRED else NOT_SUPPORTED


def _answer(encryption: int) -> bytes:
    """Return the packet with the options that SQL Server 2005 sends: version, encryption, instance, thread, MARS."""
    values = ((0, RELEASE), (1, bytes([encryption])), (2, b"\0"), (3, b""), (4, b"\0"))
    table, data, start = b"", b"", 5 * len(values) + 1
    for token, value in values:
        table += struct.pack(">BHH", token, start + len(data), len(value))
        data += value
    message = table + b"\xff" + data
    return struct.pack(">BBHHBB", 4, 1, 8 + len(message), 0, 1, 0) + message
