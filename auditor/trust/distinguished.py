"""Distinguished names: how they compare (RFC 5280 section 7.1, as OpenSSL does it) and how they are printed."""

from functools import lru_cache
from typing import NamedTuple

from auditor.trust import der

CACHED_OCTETS = 4096
"""Larger names are read anew each time, so that hostile ones cannot fill the memory."""

COMMON_NAME = "2.5.4.3"
EMAIL = "1.2.840.113549.1.9.1"

SHORT = {
    COMMON_NAME: "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
    EMAIL: "emailAddress",
}
"""Attribute names of RFC 4514, and the one that old certificates are full of."""


class Attribute(NamedTuple):
    """One attribute: its type, its text (None where it is no string that can be read), and its encoding."""

    oid: str
    text: str | None
    raw: bytes


Rdn = tuple[Attribute, ...]
Key = tuple[frozenset[tuple[str, str | bytes]], ...]


class Name(NamedTuple):
    """A distinguished name; `key` is equal for names that RFC 5280 calls the same."""

    rdns: tuple[Rdn, ...]
    key: Key

    def values(self, oid: str) -> tuple[str, ...]:
        """Return the texts of all attributes of this type, in order."""
        return tuple(a.text for rdn in self.rdns for a in rdn if a.oid == oid and a.text is not None)

    def __str__(self) -> str:
        """Return the name as RFC 4514 writes it, most specific part first."""
        return ",".join("+".join(_printed(a) for a in rdn) for rdn in reversed(self.rdns))


def read_name(encoded: bytes) -> Name:
    """Return the name that these octets encode. Raises DerError."""
    return _cached(encoded) if len(encoded) <= CACHED_OCTETS else _read(encoded)


def _read(encoded: bytes) -> Name:
    rdns = []
    for rdn in der.children(der.read_whole(encoded, der.SEQUENCE, "name")):
        attributes = tuple(_attribute(node) for node in der.children(rdn.expect(der.SET, "name")))
        if not attributes:
            raise der.DerError("name with an empty part")
        rdns.append(attributes)
    return Name(tuple(rdns), tuple(frozenset((a.oid, _compared(a)) for a in rdn) for rdn in rdns))


_cached = lru_cache(maxsize=4096)(_read)


def _attribute(node: der.Node) -> Attribute:
    parts = der.children(node.expect(der.SEQUENCE, "name attribute"))
    if len(parts) != 2:
        raise der.DerError("name attribute that is no pair")
    return Attribute(der.object_identifier(parts[0]), der.text(parts[1]), parts[1].whole)


def _compared(attribute: Attribute) -> str | bytes:
    """Strings compare without regard to ASCII case, to their type, and to extra spaces; all else octet by octet."""
    if attribute.text is None:
        return attribute.raw
    folded = "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in attribute.text)
    return " ".join(part for part in folded.replace("\t", " ").split(" ") if part)


def _printed(attribute: Attribute) -> str:
    if attribute.text is None:
        return f"{attribute.oid}=#{attribute.raw.hex()}"
    escaped = "".join(_escaped(c) for c in attribute.text)
    if escaped.startswith((" ", "#")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and len(escaped) > 1:
        escaped = escaped[:-1] + "\\ "
    return f"{SHORT.get(attribute.oid, attribute.oid)}={escaped}"


def _escaped(character: str) -> str:
    if character in '",+;<>\\':
        return "\\" + character
    if not character.isprintable():
        return "".join(f"\\{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
    return character
