"""Read DER (X.690) without trusting it: definite, minimal lengths only, every length checked against its parent.

All readers raise `DerError` and nothing else for octets that do not fit.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OID = 0x06
SEQUENCE = 0x30
SET = 0x31
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18

STRINGS = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""Encodings of the string types by tag; TeletexString is read as Latin-1, which is what issuers put into it."""


class DerError(ValueError):
    """The octets are not the DER that was expected; the message says where they stop making sense."""


class Node(NamedTuple):
    """One element: its identifier octet, and where it and its content lie in the whole."""

    data: bytes
    tag: int
    start: int
    begin: int
    end: int

    @property
    def content(self) -> bytes:
        """The content octets."""
        return self.data[self.begin : self.end]

    @property
    def whole(self) -> bytes:
        """Identifier, length and content octets."""
        return self.data[self.start : self.end]

    def expect(self, tag: int, what: str) -> "Node":
        """Return the node itself. Raises DerError where its tag is another one."""
        if self.tag != tag:
            raise DerError(f"{what}: tag {self.tag:#04x} where {tag:#04x} belongs")
        return self


def node_at(data: bytes, position: int, limit: int) -> Node:
    """Return the element that begins at `position` and ends at or before `limit`."""
    if position + 2 > limit:
        raise DerError("ends in the middle of an element")
    tag, length, begin = data[position], data[position + 1], position + 2
    if tag & 0x1F == 0x1F:
        raise DerError("tag number above 30")
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or begin + octets > limit:
            raise DerError("length of indefinite form, too long or cut off")
        length = int.from_bytes(data[begin : begin + octets], "big")
        if length < 0x80 or (octets > 1 and data[begin] == 0):
            raise DerError("length not in its shortest form")
        begin += octets
    if begin + length > limit:
        raise DerError("element longer than what contains it")
    return Node(data, tag, position, begin, begin + length)


def read_whole(data: bytes, tag: int, what: str) -> Node:
    """Return the one element that fills `data`. Raises DerError for another tag or octets left over."""
    node = node_at(data, 0, len(data)).expect(tag, what)
    if node.end != len(data):
        raise DerError(f"{what}: {len(data) - node.end} octets after its end")
    return node


def children(node: Node) -> list[Node]:
    """Return the elements inside a constructed one."""
    return list(walk(node.data, node.begin, node.end))


def walk(data: bytes, position: int, limit: int) -> Iterator[Node]:
    """Yield elements one after another until `limit` is reached exactly."""
    while position < limit:
        node = node_at(data, position, limit)
        yield node
        position = node.end


def wrap(tag: int, body: bytes) -> bytes:
    """Return these octets as the content of a new element."""
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(node: Node, tag: int = INTEGER) -> int:
    """Return a signed integer; `tag` is another one where it is implicitly tagged."""
    body = node.expect(tag, "integer").content
    if not body:
        raise DerError("integer without content")
    if len(body) > 1 and ((body[0] == 0 and body[1] < 0x80) or (body[0] == 0xFF and body[1] >= 0x80)):
        raise DerError("integer not in its shortest form")
    return int.from_bytes(body, "big", signed=True)


def boolean(node: Node, tag: int = BOOLEAN) -> bool:
    """Return a truth value; DER knows 0x00 and 0xFF only."""
    body = node.expect(tag, "boolean").content
    if body not in (b"\x00", b"\xff"):
        raise DerError("boolean that is neither 00 nor FF")
    return body == b"\xff"


def object_identifier(node: Node) -> str:
    """Return an object identifier in dotted form."""
    body = node.expect(OID, "object identifier").content
    if not body or body[-1] & 0x80 or len(body) > 64:
        raise DerError("object identifier empty, cut off or too long")
    arcs: list[int] = []
    value = 0
    for index, octet in enumerate(body):
        if octet == 0x80 and (index == 0 or not body[index - 1] & 0x80):
            raise DerError("object identifier not in its shortest form")
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def bit_string(node: Node, tag: int = BIT_STRING) -> bytes:
    """Return the octets of a bit string without its count of unused bits, which must be 0 to 7 and zero bits."""
    body = node.expect(tag, "bit string").content
    if not body or body[0] > 7 or (body[0] and len(body) == 1):
        raise DerError("bit string with an impossible count of unused bits")
    if body[0] and body[-1] & (1 << body[0]) - 1:
        raise DerError("bit string with unused bits that are set")
    return body[1:]


def named_bits(node: Node, tag: int = BIT_STRING) -> frozenset[int]:
    """Return the numbers of the bits that are set."""
    body = bit_string(node, tag)
    return frozenset(8 * i + j for i, octet in enumerate(body) for j in range(8) if octet & 0x80 >> j)


def text(node: Node) -> str | None:
    """Return a string, or None for a type that is no string or for octets that its encoding does not allow."""
    encoding = STRINGS.get(node.tag)
    if encoding is None:
        return None
    try:
        return node.content.decode(encoding)
    except UnicodeDecodeError:
        return None


def time(node: Node) -> datetime:
    """Return a time in UTC, in the one form that RFC 5280 section 4.1.2.5 allows (seconds given, `Z` at the end)."""
    digits = 12 if node.tag == UTC_TIME else 14
    body = node.content
    if node.tag not in (UTC_TIME, GENERALIZED_TIME):
        raise DerError(f"tag {node.tag:#04x} is no time")
    if len(body) != digits + 1 or not body[:digits].isdigit() or body[digits:] != b"Z":
        raise DerError(f"time written as {body[:24]!r}")
    year = int(body[: digits - 10])
    if node.tag == UTC_TIME:
        year += 1900 if year >= 50 else 2000
    month, day, hour, minute, second = (int(body[i : i + 2]) for i in range(digits - 10, digits, 2))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise DerError(f"time written as {body[:24]!r}") from None
