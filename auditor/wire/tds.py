"""What a database server says of encryption before anybody logs in: one PRELOGIN packet, its answer, and we hang up.

PRELOGIN is the first packet of a conversation with SQL Server (MS-TDS, 2.2.6.5) and carries no credential. We offer
ENCRYPT_OFF, the least that a client can ask for, because only then does the answer tell who decides: REQ where the
server takes nobody without encryption, OFF where it leaves the conversation to the client and encrypts the login alone,
NOT_SUP where it cannot encrypt. To a client that offers ON, a server that insists and one that merely agrees say the
same. No login packet exists in this package, and no TLS handshake is begun.
"""

import struct
from dataclasses import dataclass

from auditor.model.facts import DatabaseEncryption, DatabaseFace
from auditor.wire.failures import MalformedError, TooLargeError
from auditor.wire.gate import Gate, Line
from auditor.wire.readlist import Request

PRELOGIN = Request("tds", "PRELOGIN")
PORT = 1433

PRELOGIN_PACKET, ANSWER_PACKET = 0x12, 0x04
"""Types of a packet (MS-TDS 2.2.3.1.1): the client's PRELOGIN, and any answer of a server."""
END_OF_MESSAGE = 0x01
HEADER = struct.Struct(">BBHHBB")
"""Type, status, length with this header, process, number of the packet, window."""

OPTION = struct.Struct(">BHH")
"""Token, offset from the start of the message, length of the value."""
VERSION, ENCRYPTION, TERMINATOR = 0x00, 0x01, 0xFF
MOST_OPTIONS = 32
MOST_ANSWER = 4096
"""Bytes of a whole answer. Real ones have some forty."""

ENCRYPT_OFF = 0x00
WORDS: dict[int, DatabaseEncryption] = {0x00: "off", 0x01: "on", 0x02: "not_supported", 0x03: "required"}
"""Values of the option in an answer. A flag for client certificates (0x80) is not among what we asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The two options that are read: the server's release, and what it says of encryption."""

    version: str
    encryption: DatabaseEncryption


def question() -> bytes:
    """Return the PRELOGIN packet, the same one for everybody: version 0, and the offer of no encryption."""
    values = {VERSION: bytes(6), ENCRYPTION: bytes([ENCRYPT_OFF])}
    offset = OPTION.size * len(values) + 1
    table, data = b"", b""
    for token, value in values.items():
        table += OPTION.pack(token, offset + len(data), len(value))
        data += value
    message = table + bytes([TERMINATOR]) + data
    return HEADER.pack(PRELOGIN_PACKET, END_OF_MESSAGE, HEADER.size + len(message), 0, 1, 0) + message


async def ask(gate: Gate, address: str, port: int = PORT) -> DatabaseFace:
    """Return what the server at this address answers; it is seldom the host that the gate leads to.

    Raises a `WireError`: `MalformedError` for what is no answer to PRELOGIN, `TooLargeError` for one without an end.
    """
    async with gate.line(PRELOGIN, port, address=address, cap=MOST_ANSWER + HEADER.size) as line:
        await line.send(question())
        answer = parse(await _message(line))
    return DatabaseFace(address=address, port=port, version=answer.version, encryption=answer.encryption)


async def _message(line: Line) -> bytes:
    """Return the message of the server's packets, without their headers."""
    message = b""
    while True:
        kind, status, length, _process, _number, _window = HEADER.unpack(await line.read_exactly(HEADER.size))
        if kind != ANSWER_PACKET:
            raise MalformedError(f"the peer does not speak TDS: a packet of type {kind:#04x} instead of an answer")
        if length <= HEADER.size:
            raise MalformedError(f"a TDS packet that says it is {length} bytes long")
        if len(message) + length - HEADER.size > MOST_ANSWER:
            raise TooLargeError(f"an answer to PRELOGIN of more than {MOST_ANSWER:,} bytes")
        message += await line.read_exactly(length - HEADER.size)
        if status & END_OF_MESSAGE:
            return message


def parse(message: bytes) -> Answer:
    """Return the options of an answer to PRELOGIN; raise `MalformedError` where it is none. Others are passed over."""
    options = dict(_options(message))
    if not {VERSION, ENCRYPTION} <= set(options):
        raise MalformedError("an answer to PRELOGIN without a version or without a word on encryption")
    version, encryption = options[VERSION], options[ENCRYPTION]
    if len(version) != 6 or len(encryption) != 1:
        raise MalformedError("an answer to PRELOGIN whose options have wrong lengths")
    if encryption[0] not in WORDS:
        raise MalformedError(f"an answer to PRELOGIN with an unknown word on encryption ({encryption[0]:#04x})")
    major, minor, build = struct.unpack(">BBH", version[:4])
    return Answer(version=f"{major}.{minor}.{build}", encryption=WORDS[encryption[0]])


def _options(message: bytes) -> list[tuple[int, bytes]]:
    """Return token and value of each option; none may stand twice, or beyond the end, or inside the table."""
    found: list[tuple[int, int, int]] = []
    at = 0
    while (token := message[at] if at < len(message) else None) != TERMINATOR:
        if token is None or len(message) - at < OPTION.size:
            raise MalformedError("an answer to PRELOGIN whose list of options does not end")
        if len(found) == MOST_OPTIONS or any(token == known for known, _, _ in found):
            raise MalformedError("an answer to PRELOGIN with too many options, or one of them twice")
        found.append(OPTION.unpack_from(message, at))
        at += OPTION.size
    if any(offset <= at or offset + length > len(message) for _, offset, length in found if length):
        raise MalformedError("an answer to PRELOGIN with an option that does not lie inside it")
    return [(token, message[offset : offset + length]) for token, offset, length in found]
