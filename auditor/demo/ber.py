"""The few types of BER that SNMP v1 and v2c need (X.690; RFC 1157, RFC 3416)."""

from dataclasses import dataclass

INTEGER, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30


class BerError(ValueError):
    """These bytes are not BER of the kind that is read here."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag and its content octets."""

    tag: int
    content: bytes

    def children(self) -> tuple["Element", ...]:
        """Return the elements inside. Raises BerError."""
        return parse_all(self.content)

    def encoded(self, *, long_length: bool = False) -> bytes:
        """Return the element as octets; `long_length` writes the length in three octets even where one would do."""
        size = len(self.content)
        short = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
        return bytes([self.tag]) + (b"\x82" + size.to_bytes(2, "big") if long_length else short) + self.content


def parse_all(octets: bytes) -> tuple[Element, ...]:
    """Return all elements in a row. Raises BerError for anything left over or cut off."""
    found, at = [], 0
    while at < len(octets):
        if at + 2 > len(octets):
            raise BerError("cut off in a header")
        tag, size, at = octets[at], octets[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(octets[at : at + count], "big"), at + count
        if at + size > len(octets):
            raise BerError("content is shorter than its length says")
        found.append(Element(tag, octets[at : at + size]))
        at += size
    return tuple(found)


def integer(element: Element) -> int:
    """Return the value of an INTEGER. Raises BerError for another tag."""
    if element.tag != INTEGER:
        raise BerError("not an INTEGER")
    return int.from_bytes(element.content, "big", signed=True)


def sequence(*elements: Element, tag: int = SEQUENCE, long_length: bool = False) -> Element:
    """Return a constructed element."""
    return Element(tag, b"".join(e.encoded(long_length=long_length) for e in elements))


def object_identifier(dotted: str) -> Element:
    """Return an OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray([first * 40 + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return Element(OBJECT_IDENTIFIER, bytes(content))
