"""Certificate revocation lists (RFC 5280 section 5) from DER: what a list says, and why it may be of no use here."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from auditor.trust import der
from auditor.trust.distinguished import Name, read_name
from auditor.trust.extensions import GeneralName, point_names, read_extension

LIST_NUMBER, AUTHORITY_KEY, FRESHEST = "2.5.29.20", "2.5.29.35", "2.5.29.46"
DELTA, ISSUING_POINT = "2.5.29.27", "2.5.29.28"
REASON, ENTRY_ISSUER = "2.5.29.21", "2.5.29.29"
KNOWN = frozenset({LIST_NUMBER, AUTHORITY_KEY, FRESHEST, DELTA, ISSUING_POINT, "2.5.29.18"})
KNOWN_IN_ENTRY = frozenset({REASON, "2.5.29.24", "2.5.29.23"})

ALL_REASONS = frozenset(range(1, 9))
REMOVED = 8
REASON_WORDS = {1: "key compromise", 2: "CA compromise", 3: "affiliation changed", 4: "superseded",
                5: "cessation of operation", 6: "on hold", 9: "privilege withdrawn", 10: "AA compromise"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list covers, as its issuing distribution point says."""

    names: tuple[GeneralName, ...] | None = None
    relative: bytes | None = None
    only_users: bool = False
    only_authorities: bool = False
    only_attributes: bool = False
    reasons: frozenset[int] = ALL_REASONS
    indirect: bool = False


@dataclass(slots=True)
class RevocationList:
    """One list. `unsupported` says why it cannot be used; `serials` maps to a reason (0: none given).

    `number_critical` is None for a list without a number; `names_key` tells whether it says which key signed it.
    """

    encoded: bytes = field(repr=False)
    issuer: Name = field(default_factory=lambda: Name((), ()))
    signed: bytes = field(default=b"", repr=False)
    algorithm: bytes = b""
    inner_algorithm: bytes = b""
    signature: bytes = field(default=b"", repr=False)
    this_update: datetime | None = None
    next_update: datetime | None = None
    bad_this_update: str | None = None
    bad_next_update: str | None = None
    serials: dict[int, int] = field(default_factory=dict, repr=False)
    scope: Scope = field(default_factory=Scope)
    critical_unknown: str | None = None
    number_critical: bool | None = None
    names_key: bool = False
    delta: bool = False
    unsupported: str | None = None

    @property
    def label(self) -> str:
        """How sentences name this list."""
        return f"the revocation list of {str(self.issuer)[:120]}"


@lru_cache(maxsize=512)
def read_list(encoded: bytes) -> RevocationList:
    """Take a list apart. Raises DerError for what is no list; a list that cannot be used says so in `unsupported`."""
    found = RevocationList(encoded)
    parts = der.children(der.read_whole(encoded, der.SEQUENCE, "revocation list"))
    if len(parts) != 3:
        raise der.DerError("revocation list that does not have three parts")
    found.signed, found.algorithm = parts[0].whole, parts[1].whole
    found.signature = der.bit_string(parts[2])
    body = der.children(parts[0].expect(der.SEQUENCE, "revocation list body"))
    if body and body[0].tag == der.INTEGER:
        body = body[1:]
    if len(body) < 3:
        raise der.DerError("revocation list body cut short")
    found.inner_algorithm = body[0].whole
    found.issuer = read_name(body[1].whole)
    rest = _times(body[2:], found)
    if rest and rest[0].tag == der.SEQUENCE:
        for entry in der.children(rest[0]):
            _entry(entry, found)
        rest = rest[1:]
    if rest and rest[0].tag == 0xA0:
        for node in der.children(der.read_whole(rest[0].content, der.SEQUENCE, "extensions")):
            _extension(node, found)
    return found


def _times(nodes: list[der.Node], found: RevocationList) -> list[der.Node]:
    try:
        found.this_update = der.time(nodes[0])
    except der.DerError as problem:
        found.bad_this_update = str(problem)
    if len(nodes) < 2 or nodes[1].tag not in (der.UTC_TIME, der.GENERALIZED_TIME):
        return nodes[1:]
    try:
        found.next_update = der.time(nodes[1])
    except der.DerError as problem:
        found.bad_next_update = str(problem)
    return nodes[2:]


def _entry(node: der.Node, found: RevocationList) -> None:
    parts = der.children(node.expect(der.SEQUENCE, "entry"))
    if len(parts) < 2:
        raise der.DerError("entry of a revocation list cut short")
    reason = 0
    for extension in der.children(parts[2]) if len(parts) > 2 else ():
        oid, critical, value = read_extension(extension)
        if oid == REASON:
            reason = der.integer(der.read_whole(value, 0x0A, "reason"), 0x0A)
        elif oid == ENTRY_ISSUER:
            found.unsupported = "it holds entries of other issuers (an indirect list)"
        elif critical and oid not in KNOWN_IN_ENTRY:
            found.critical_unknown = oid
    found.serials[der.integer(parts[0])] = reason


def _extension(node: der.Node, found: RevocationList) -> None:
    oid, critical, value = read_extension(node)
    if oid == DELTA:
        found.delta = True
        found.unsupported = "it is a delta list, which only makes sense beside its base"
    elif oid == ISSUING_POINT:
        found.scope = _scope(value)
        if found.scope.indirect:
            found.unsupported = "it is an indirect list"
    elif oid == AUTHORITY_KEY:
        found.names_key = True
    elif oid == LIST_NUMBER:
        found.number_critical = critical
    elif critical and oid not in KNOWN:
        found.critical_unknown = oid


def _scope(value: bytes) -> Scope:
    parts = {n.tag: n for n in der.children(der.read_whole(value, der.SEQUENCE, "issuing distribution point"))}
    names, relative = point_names(parts[0xA0]) if 0xA0 in parts else (None, None)

    def flag(tag: int) -> bool:
        return tag in parts and der.boolean(parts[tag], tag)

    return Scope(
        names=names,
        relative=relative,
        only_users=flag(0x81),
        only_authorities=flag(0x82),
        only_attributes=flag(0x85),
        reasons=der.named_bits(parts[0x83], 0x83) & ALL_REASONS if 0x83 in parts else ALL_REASONS,
        indirect=flag(0x84),
    )
