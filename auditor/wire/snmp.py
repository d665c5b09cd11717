"""SNMP: one small, well-formed GET of sysDescr.0, sent once (SNMPv1, RFC 1157; sysDescr: RFC 3418; BER: X.690).

Version 1 is asked for because every agent of the families knows it. Old software of these devices crashes on odd SNMP
packets, so the question is the plainest there can be: shortest lengths, one variable, no walk, no second try.
"""

import secrets
from dataclasses import dataclass

from auditor.model.facts import SnmpFace
from auditor.wire.datagram import exchange
from auditor.wire.failures import MalformedError, TooLargeError
from auditor.wire.gate import Gate
from auditor.wire.readlist import Request

SYS_DESCR = Request("snmp", "GET", "1.3.6.1.2.1.1.1.0")

INTEGER, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
GET_REQUEST, GET_RESPONSE = 0xA0, 0xA2
VERSION_1 = 0

MOST_ANSWER = 8192
MOST_TEXT = 2048
SHARE_OF_QUESTION = 0.75
"""How much of the question's time the answer may take, so that silence is told before the gate's deadline."""


async def describe(gate: Gate, port: int, community: str) -> SnmpFace:
    """Return the answer to one GET; raise `RefusedError` for a closed port and `FilteredError` for silence.

    Silence has many reasons: a closed port behind a filter, another community, a list of permitted managers. The
    community is sent in clear, as SNMPv1 has it, and kept nowhere.
    """
    request_id = 0x4000_0000 | secrets.randbits(30)  # always four bytes
    question = get_request(community.encode(), request_id, SYS_DESCR.argument)

    def accept(data: bytes) -> Response:
        return parse_response(data, request_id, SYS_DESCR.argument)

    async with gate.passage(SYS_DESCR, port, "udp") as tally:
        seconds = gate.limits.question_seconds * SHARE_OF_QUESTION
        answer = await exchange(tally, gate.address, port, question, accept=accept, seconds=seconds)
    return SnmpFace(port=port, version="v1", description=answer.description, error_status=answer.error_status)


def get_request(community: bytes, request_id: int, oid: str) -> bytes:
    """Return a GetRequest for one variable, in the shortest encoding."""
    variable = tlv(SEQUENCE, tlv(OBJECT_IDENTIFIER, encode_oid(oid)) + tlv(NULL, b""))
    body = encode_integer(request_id) + encode_integer(0) + encode_integer(0) + tlv(SEQUENCE, variable)
    return tlv(SEQUENCE, encode_integer(VERSION_1) + tlv(OCTET_STRING, community) + tlv(GET_REQUEST, body))


def tlv(tag: int, content: bytes) -> bytes:
    """Return one BER element with the shortest definite length."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def encode_integer(value: int) -> bytes:
    """Return an INTEGER in two's complement, as short as may be."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def encode_oid(oid: str) -> bytes:
    """Return the content of an OBJECT IDENTIFIER given in dotted form."""
    first, second, *rest = (int(part) for part in oid.split("."))
    encoded = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        encoded += bytes(reversed(septets))
    return bytes(encoded)


@dataclass(frozen=True, slots=True)
class Response:
    """What a GetResponse says: its error status (0: none) and the text (empty with an error)."""

    error_status: int
    description: str


class Elements:
    """Takes BER elements off the front of some bytes. Lengths may be longer than needed, but never beyond the end."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data = data
        self._at = 0

    def take(self, tag: int) -> bytes:
        """Return the content of the next element, which must have this tag."""
        found, content = self.take_any()
        if found != tag:
            raise MalformedError(f"an SNMP element with tag {found:#04x} where {tag:#04x} belongs")
        return content

    def take_any(self) -> tuple[int, bytes]:
        """Return the next element's tag and content."""
        tag, length = self._byte(), self._byte()
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise MalformedError("an SNMP element with an indefinite or absurd length")
            length = int.from_bytes(bytes(self._byte() for _ in range(count)), "big")
        if length > len(self._data) - self._at:
            raise MalformedError("an SNMP element that is longer than the datagram")
        content = self._data[self._at : self._at + length]
        self._at += length
        return tag, content

    def take_integer(self) -> int:
        """Return the next element as an INTEGER of at most eight bytes."""
        content = self.take(INTEGER)
        if not 1 <= len(content) <= 8:
            raise MalformedError("an SNMP number of absurd length")
        return int.from_bytes(content, "big", signed=True)

    def _byte(self) -> int:
        if self._at >= len(self._data):
            raise MalformedError("an SNMP message that breaks off")
        self._at += 1
        return self._data[self._at - 1]


def parse_response(data: bytes, request_id: int, oid: str) -> Response:
    """Read a GetResponse to our question; raise `MalformedError` for anything else, whatever its bytes."""
    if len(data) > MOST_ANSWER:
        raise TooLargeError(f"an SNMP answer of more than {MOST_ANSWER:,} bytes")
    message = Elements(Elements(data).take(SEQUENCE))
    if message.take_integer() != VERSION_1:
        raise MalformedError("the answer has another version of SNMP than the question")
    message.take(OCTET_STRING)
    body = Elements(message.take(GET_RESPONSE))
    if body.take_integer() != request_id:
        raise MalformedError("an answer to a question that was not asked")
    error_status = body.take_integer()
    body.take_integer()
    if error_status:
        return Response(error_status, "")
    variable = Elements(Elements(body.take(SEQUENCE)).take(SEQUENCE))
    if variable.take(OBJECT_IDENTIFIER) != encode_oid(oid):
        raise MalformedError("an answer about another object")
    return Response(0, _text(variable.take(OCTET_STRING)))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")[:MOST_TEXT]
    except UnicodeDecodeError:
        return data.decode("latin-1")[:MOST_TEXT]
