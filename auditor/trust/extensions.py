"""Certificate extensions (RFC 5280 section 4.2) that a judgement needs, decoded from DER.

An extension that cannot be decoded is reported and left out: nothing is guessed about it.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.trust import der
from auditor.trust.distinguished import Key, read_name

SUBJECT_KEY_ID = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
ALTERNATIVE_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
NAME_CONSTRAINTS = "2.5.29.30"
DISTRIBUTION_POINTS = "2.5.29.31"
POLICIES = "2.5.29.32"
AUTHORITY_KEY_ID = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
AUTHORITY_INFORMATION = "1.3.6.1.5.5.7.1.1"
NETSCAPE_TYPE = "2.16.840.1.113730.1.1"

UNDERSTOOD = frozenset({
    KEY_USAGE, ALTERNATIVE_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, DISTRIBUTION_POINTS, POLICIES, EXTENDED_KEY_USAGE,
    "2.5.29.33", "2.5.29.36", "2.5.29.54",  # policy mappings, policy constraints, inhibit any policy
    "1.3.6.1.5.5.7.48.1.5", NETSCAPE_TYPE,  # and OCSP no-check
})  # fmt: skip
"""What may be marked critical without being unknown to us; OpenSSL's list without proxies and resource ranges.

Key identifiers are not on it."""

EMAIL, DNS, DIRECTORY, URI, ADDRESS = 1, 2, 4, 6, 7
"""Kinds of general name (RFC 5280 section 4.2.1.6) by their tag number; the rest is only counted."""

SIGN_CERTIFICATES, SIGN_LISTS = 5, 6
"""Bits of the key usage that make a CA."""


class GeneralName(NamedTuple):
    """A name in an extension: its kind (tag number) and its content octets."""

    kind: int
    value: bytes


class AuthorityKey(NamedTuple):
    """Which key signed this certificate, in its own words."""

    key_id: bytes | None = None
    issuers: tuple[GeneralName, ...] = ()
    serial: int | None = None
    has_issuer: bool = False


class Subtrees(NamedTuple):
    """Name constraints: names that may occur below this CA and names that may not. `odd` says what is unsupported."""

    permitted: tuple[GeneralName, ...] = ()
    excluded: tuple[GeneralName, ...] = ()
    odd: str | None = None
    empty: bool = False


class DistributionPoint(NamedTuple):
    """Where revocation lists for this certificate are. `relative` is a part to be added to the issuer's name."""

    names: tuple[GeneralName, ...] = ()
    indirect: bool = False
    relative: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """All extensions of one certificate. `critical` maps every type that occurs to its mark; None is "not there".

    `complaints` are faults in extensions on which a judgement rests, `oddities` faults in others.
    """

    critical: dict[str, bool] = field(default_factory=dict)
    ca: bool | None = None
    path_length: int | None = None
    key_usage: frozenset[int] | None = None
    purposes: tuple[str, ...] | None = None
    names: tuple[GeneralName, ...] | None = None
    subtrees: Subtrees | None = None
    key_id: bytes | None = None
    authority: AuthorityKey | None = None
    points: tuple[DistributionPoint, ...] = ()
    netscape: frozenset[int] | None = None
    complaints: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()


def read_extensions(sequence: der.Node) -> Extensions:
    """Decode a SEQUENCE OF Extension; every failure becomes a complaint, and nothing is raised but `DerError`."""
    critical: dict[str, bool] = {}
    values: dict[str, object] = {}
    complaints: list[str] = []
    oddities: list[str] = []
    for node in der.children(sequence.expect(der.SEQUENCE, "extensions")):
        oid, mark, value = read_extension(node)
        if oid in critical:
            complaints.append(f"extension {oid} occurs twice")
            continue
        critical[oid] = mark
        reader = _READERS.get(oid)
        if reader is None:
            continue
        try:
            values |= reader(value)
        except der.DerError as problem:
            heap = oddities if oid in _INFORMATIVE else complaints
            heap.append(f"extension {oid} is malformed: {problem}")
    if not critical:
        oddities.append("empty list of extensions")
    return Extensions(
        critical=critical,
        complaints=tuple(complaints),
        oddities=tuple(oddities),
        **values,  # type: ignore[arg-type] # _READERS gives each field its type
    )


def read_extension(node: der.Node) -> tuple[str, bool, bytes]:
    """Return type, critical mark and value of one Extension. Raises DerError."""
    parts = der.children(node.expect(der.SEQUENCE, "extension"))
    if len(parts) not in (2, 3):
        raise der.DerError("extension that is neither pair nor triple")
    mark = der.boolean(parts[1]) if len(parts) == 3 else False
    return der.object_identifier(parts[0]), mark, parts[-1].expect(der.OCTET_STRING, "extension value").content


def general_names(node: der.Node) -> tuple[GeneralName, ...]:
    """Return the names of a GeneralNames, whatever its own tag. Raises DerError for an element that is none."""
    return tuple(_general_name(child) for child in der.children(node))


def _general_name(node: der.Node) -> GeneralName:
    if node.tag & 0xC0 != 0x80 or node.tag & 0x1F > 8:
        raise der.DerError(f"tag {node.tag:#04x} is no general name")
    kind = node.tag & 0x1F
    if bool(node.tag & 0x20) != (kind in (0, 3, DIRECTORY, 5)):
        raise der.DerError("general name of the wrong form")
    return GeneralName(kind, node.content)


def _basic(value: bytes) -> dict[str, object]:
    parts = der.children(der.read_whole(value, der.SEQUENCE, "basic constraints"))
    ca = bool(parts) and parts[0].tag == der.BOOLEAN and der.boolean(parts[0])
    rest = parts[1:] if parts and parts[0].tag == der.BOOLEAN else parts
    if len(rest) > 1:
        raise der.DerError("more than two parts")
    length = der.integer(rest[0]) if rest else None
    if length is not None and length < 0:
        raise der.DerError("negative path length")
    return {"ca": ca, "path_length": length}


def _usage(value: bytes) -> dict[str, object]:
    bits = der.named_bits(der.read_whole(value, der.BIT_STRING, "key usage"))
    if not bits:
        raise der.DerError("not a single usage")
    return {"key_usage": bits}


def _netscape(value: bytes) -> dict[str, object]:
    return {"netscape": der.named_bits(der.read_whole(value, der.BIT_STRING, "Netscape certificate type"))}


def _purposes(value: bytes) -> dict[str, object]:
    nodes = der.children(der.read_whole(value, der.SEQUENCE, "extended key usage"))
    if not nodes:
        raise der.DerError("empty list of purposes")
    return {"purposes": tuple(der.object_identifier(node) for node in nodes)}


def _alternative(value: bytes) -> dict[str, object]:
    names = general_names(der.read_whole(value, der.SEQUENCE, "alternative names"))
    if not names:
        raise der.DerError("empty list of names")
    return {"names": names}


def _key_id(value: bytes) -> dict[str, object]:
    return {"key_id": der.read_whole(value, der.OCTET_STRING, "subject key identifier").content}


def _authority(value: bytes) -> dict[str, object]:
    found = {n.tag: n for n in der.children(der.read_whole(value, der.SEQUENCE, "authority key identifier"))}
    if found.keys() - {0x80, 0xA1, 0x82}:
        raise der.DerError("authority key identifier with an unknown part")
    return {
        "authority": AuthorityKey(
            found[0x80].content if 0x80 in found else None,
            general_names(found[0xA1]) if 0xA1 in found else (),
            der.integer(found[0x82], 0x82) if 0x82 in found else None,
            0xA1 in found,
        )
    }


def _subtrees(value: bytes) -> dict[str, object]:
    parts = {n.tag: n for n in der.children(der.read_whole(value, der.SEQUENCE, "name constraints"))}
    if parts.keys() - {0xA0, 0xA1}:
        raise der.DerError("name constraints with an unknown part")
    odd: list[str] = []
    permitted = _bases(parts[0xA0], odd) if 0xA0 in parts else ()
    excluded = _bases(parts[0xA1], odd) if 0xA1 in parts else ()
    empty = not (permitted or excluded) or any(not node.content for node in parts.values())
    return {"subtrees": Subtrees(permitted, excluded, odd[0] if odd else None, empty)}


def _bases(node: der.Node, odd: list[str]) -> tuple[GeneralName, ...]:
    names = []
    for subtree in der.children(node):
        parts = der.children(subtree.expect(der.SEQUENCE, "subtree"))
        if not parts:
            raise der.DerError("empty subtree")
        if len(parts) > 1 and not (len(parts) == 2 and parts[1].tag == 0x80 and der.integer(parts[1], 0x80) == 0):
            odd.append("a subtree has minimum or maximum")
        names.append(_general_name(parts[0]))
    return tuple(names)


def _points(value: bytes) -> dict[str, object]:
    nodes = der.children(der.read_whole(value, der.SEQUENCE, "distribution points"))
    return {"points": tuple(_point(n) for n in nodes)}


def _point(node: der.Node) -> DistributionPoint:
    parts = {n.tag: n for n in der.children(node.expect(der.SEQUENCE, "distribution point"))}
    names, relative = point_names(parts[0xA0]) if 0xA0 in parts else ((), None)
    return DistributionPoint(names, 0xA2 in parts, relative)


def point_names(node: der.Node) -> tuple[tuple[GeneralName, ...], bytes | None]:
    """Return the full names of a DistributionPointName, or the one relative to the issuer's. Raises DerError."""
    inner = der.children(node)
    if len(inner) != 1 or inner[0].tag not in (0xA0, 0xA1):
        raise der.DerError("distribution point name of an unknown form")
    if inner[0].tag == 0xA0:
        return general_names(inner[0]), None
    return (), der.wrap(der.SEQUENCE, der.wrap(der.SET, inner[0].content))


def comparable(names: tuple[GeneralName, ...], relative: bytes | None, issuer: Key) -> frozenset[object]:
    """Return the names of a distribution point in a form in which equal names are equal. Raises DerError."""
    found: set[object] = {name if name.kind != DIRECTORY else read_name(name.value).key for name in names}
    if relative is not None:
        found.add((*issuer, *read_name(relative).key))
    return frozenset(found)


def _access(value: bytes) -> dict[str, object]:
    for node in der.children(der.read_whole(value, der.SEQUENCE, "authority information access")):
        parts = der.children(node.expect(der.SEQUENCE, "access description"))
        if len(parts) != 2:
            raise der.DerError("access description that is no pair")
        der.object_identifier(parts[0])
        _general_name(parts[1])
    return {}


def _checked_policies(value: bytes) -> dict[str, object]:
    for node in der.children(der.read_whole(value, der.SEQUENCE, "certificate policies")):
        parts = der.children(node.expect(der.SEQUENCE, "policy"))
        if not parts:
            raise der.DerError("empty policy")
        der.object_identifier(parts[0])
    return {}


_READERS = {
    BASIC_CONSTRAINTS: _basic,
    KEY_USAGE: _usage,
    EXTENDED_KEY_USAGE: _purposes,
    ALTERNATIVE_NAME: _alternative,
    SUBJECT_KEY_ID: _key_id,
    AUTHORITY_KEY_ID: _authority,
    NAME_CONSTRAINTS: _subtrees,
    DISTRIBUTION_POINTS: _points,
    AUTHORITY_INFORMATION: _access,
    POLICIES: _checked_policies,
    NETSCAPE_TYPE: _netscape,
}
_INFORMATIVE = frozenset({AUTHORITY_INFORMATION, POLICIES, DISTRIBUTION_POINTS})
