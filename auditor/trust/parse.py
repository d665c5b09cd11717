"""Certificates (RFC 5280 section 4.1) from DER, whatever their state: what can be read is read, the rest is named.

`cryptography` refuses a whole certificate for one odd field; the fleets audited here are full of odd fields, so the
envelope is walked by hand and only the mathematics is left to the library.
"""

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from auditor.model.certificate import Certificate
from auditor.trust import der
from auditor.trust.distinguished import COMMON_NAME, Name, read_name
from auditor.trust.extensions import ADDRESS, DNS, URI, Extensions, read_extensions
from auditor.trust.keys import SCHEMES, Key, read_algorithm, read_key

T = TypeVar("T")

MAXIMUM_OCTETS = 262_144
"""A certificate larger than this is not taken apart; the largest honest ones have some tens of thousands."""

CACHED_OCTETS = 16_384
"""Larger certificates are read anew each time, so that hostile ones cannot fill the memory."""

MAXIMUM_SHOWN = 2000
"""How many characters of a name a report gets; the whole is in the DER."""

MOST_POINTS = 8
"""Distribution points of one certificate that are looked at."""

EMPTY = Name((), ())


@dataclass(slots=True, kw_only=True)
class Draft:
    """A certificate while it is being read."""

    complaints: list[str] = field(default_factory=list)
    signed: bytes = b""
    algorithm: bytes = b""
    inner_algorithm: bytes = b""
    signature: bytes = b""
    version: int | None = None
    serial: int | None = None
    serial_octets: int = 0
    issuer: Name | None = None
    subject: Name | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    bad_not_before: str | None = None
    bad_not_after: str | None = None
    generalized: tuple[bool, bool] = (False, False)
    key: Key | None = None
    spki: bytes | None = None
    extensions: Extensions = field(default_factory=Extensions)
    has_unique_ids: bool = False


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """One certificate, taken apart for judging. `draft` holds the fields; this adds what follows from them.

    Not slotted: what follows is worked out once, when it is asked for.
    """

    der: bytes
    sha256: str
    draft: Draft = field(repr=False, compare=False)

    @property
    def extensions(self) -> Extensions:
        """The decoded extensions; all absent where there are none."""
        return self.draft.extensions

    @property
    def subject(self) -> Name:
        """The subject, empty where it could not be read."""
        return self.draft.subject or EMPTY

    @property
    def issuer(self) -> Name:
        """The issuer, empty where it could not be read."""
        return self.draft.issuer or EMPTY

    @cached_property
    def label(self) -> str:
        """How sentences name this certificate: its subject, shortened and without line breaks."""
        text = str(self.subject) or ("no subject" if self.draft.subject else "unreadable certificate")
        return text if len(text) <= 120 else text[:117] + "…"

    @cached_property
    def self_issued(self) -> bool:
        """Subject and issuer are the same, non-empty name."""
        return bool(self.draft.subject and self.draft.subject.rdns) and self.subject.key == self.issuer.key

    @cached_property
    def self_signed(self) -> bool:
        """It claims to be signed by its own key: names, key identifiers and algorithm fit (OpenSSL's EXFLAG_SS)."""
        return self.self_issued and could_issue(self, self)

    @cached_property
    def digest_algorithm(self) -> str:
        """Object identifier of the signature algorithm, empty where it could not be read."""
        try:
            return read_algorithm(der.read_whole(self.draft.algorithm, der.SEQUENCE, "algorithm"))[0]
        except der.DerError:
            return ""

    @cached_property
    def certificate(self) -> Certificate:
        """The public form, for reports."""
        return _published(self)


def could_issue(issuer: Parsed, subject: Parsed) -> bool:
    """Tell whether names, key identifiers and algorithms allow that one certificate signed the other.

    As OpenSSL decides it (likely issuer): an authority key identifier that contradicts rules the issuer out.
    """
    if subject.issuer.key != issuer.subject.key or subject.draft.issuer is None or issuer.draft.subject is None:
        return False
    authority = subject.extensions.authority
    if authority is not None:
        own = issuer.extensions.key_id
        if authority.key_id is not None and own is not None and authority.key_id != own:
            return False
        if authority.serial is not None and authority.serial != issuer.draft.serial:
            return False
        if not _names_issuer(authority.issuers, issuer):
            return False
    scheme = SCHEMES.get(subject.digest_algorithm)
    key = issuer.draft.key
    return scheme is None or key is None or key.oid in (scheme.key, subject.digest_algorithm)


def _names_issuer(stated: tuple[tuple[int, bytes], ...], issuer: Parsed) -> bool:
    directory = next((value for kind, value in stated if kind == 4), None)
    if directory is None:
        return True
    try:
        return read_name(directory).key == issuer.issuer.key
    except der.DerError:
        return False


def parsed(encoded: bytes) -> Parsed:
    """Take a certificate apart. Never raises; `draft.complaints` lists what could not be read."""
    return _cached(encoded) if len(encoded) <= CACHED_OCTETS else _parse(encoded)


def _parse(encoded: bytes) -> Parsed:
    draft = Draft()
    try:
        _envelope(encoded, draft)
    except der.DerError as problem:
        draft.complaints.append(str(problem))
    return Parsed(der=encoded, sha256=hashlib.sha256(encoded).hexdigest(), draft=draft)


_cached = lru_cache(maxsize=4096)(_parse)


def parse_certificate(encoded: bytes) -> Certificate:
    """Return what a certificate says of itself. Never raises: `unreadable` says what could not be read.

    >>> parse_certificate(b"nonsense").unreadable
    'element longer than what contains it'
    """
    return parsed(bytes(encoded)).certificate


def _envelope(encoded: bytes, draft: Draft) -> None:
    if len(encoded) > MAXIMUM_OCTETS:
        raise der.DerError(f"{len(encoded)} octets are more than is taken apart")
    if not encoded:
        raise der.DerError("certificate without a single octet")
    node = der.node_at(encoded, 0, len(encoded)).expect(der.SEQUENCE, "certificate")
    if node.end != len(encoded):
        draft.complaints.append(f"{len(encoded) - node.end} octets after the end of the certificate")
    parts = der.children(node)
    if len(parts) != 3:
        raise der.DerError(f"certificate of {len(parts)} parts instead of 3")
    draft.signed = parts[0].whole
    draft.algorithm = parts[1].whole
    _try(draft, "signature", lambda: _set_signature(draft, parts[2]))
    _body(parts[0].expect(der.SEQUENCE, "certificate body"), draft)


def _set_signature(draft: Draft, node: der.Node) -> None:
    draft.signature = der.bit_string(node)


def _body(node: der.Node, draft: Draft) -> None:
    parts = der.children(node)
    draft.version = 1
    if parts and parts[0].tag == 0xA0:
        version = _try(draft, "version", lambda: der.integer(der.read_whole(parts[0].content, der.INTEGER, "version")))
        draft.version = None if version is None else version + 1
        if version not in (None, 0, 1, 2):
            draft.complaints.append(f"version {draft.version} does not exist")
        parts = parts[1:]
    if len(parts) < 6:
        raise der.DerError("certificate body cut short")
    draft.serial = _try(draft, "serial number", lambda: der.integer(parts[0]))
    draft.serial_octets = len(parts[0].content)
    draft.inner_algorithm = parts[1].whole
    draft.issuer = _try(draft, "issuer", lambda: read_name(parts[2].whole))
    _validity(parts[3], draft)
    draft.subject = _try(draft, "subject", lambda: read_name(parts[4].whole))
    draft.spki = parts[5].whole
    draft.key = _try(draft, "public key", lambda: read_key(parts[5].whole))
    _tail(parts[6:], draft)


def _validity(node: der.Node, draft: Draft) -> None:
    times = _try(draft, "validity", lambda: der.children(node.expect(der.SEQUENCE, "validity")))
    if times is None or len(times) != 2:
        draft.bad_not_before = draft.bad_not_after = "the validity is no pair of times"
        return
    draft.generalized = (times[0].tag == der.GENERALIZED_TIME, times[1].tag == der.GENERALIZED_TIME)
    try:
        draft.not_before = der.time(times[0])
    except der.DerError as problem:
        draft.bad_not_before = str(problem)
    try:
        draft.not_after = der.time(times[1])
    except der.DerError as problem:
        draft.bad_not_after = str(problem)


def _tail(nodes: list[der.Node], draft: Draft) -> None:
    for node in nodes:
        if node.tag == 0xA3:
            found = _try(draft, "extensions", lambda inner=node: _extensions(inner))  # type: ignore[misc] # bound in loop
            draft.extensions = found or Extensions()
            draft.complaints += draft.extensions.complaints
        elif node.tag in (0x81, 0x82):
            draft.has_unique_ids = True
        else:
            draft.complaints.append(f"unknown part with tag {node.tag:#04x} in the certificate body")


def _extensions(node: der.Node) -> Extensions:
    return read_extensions(der.read_whole(node.content, der.SEQUENCE, "extensions"))


def _try(draft: Draft, what: str, read: Callable[[], T]) -> T | None:
    """Return what `read` gives; where it cannot, note why under the field's name and return None."""
    try:
        return read()
    except der.DerError as problem:
        draft.complaints.append(f"{what}: {problem}")
        return None


def _published(it: Parsed) -> Certificate:
    draft, key = it.draft, it.draft.key
    malformed = [f"{what}: {why}" for what, why in (
        ("not before", draft.bad_not_before), ("not after", draft.bad_not_after)) if why]  # fmt: skip
    complaints = [*draft.complaints, *malformed]
    scheme = SCHEMES.get(it.digest_algorithm)
    return Certificate(
        der=it.der,
        sha256=it.sha256,
        subject=None if draft.subject is None else _shown(draft.subject),
        issuer=None if draft.issuer is None else _shown(draft.issuer),
        serial=draft.serial,
        version=draft.version,
        not_before=draft.not_before,
        not_after=draft.not_after,
        common_names=it.subject.values(COMMON_NAME),
        dns_names=tuple(
            n.value.decode("ascii", "backslashreplace") for n in it.extensions.names or () if n.kind == DNS
        ),
        ip_addresses=tuple(_address(n.value) for n in it.extensions.names or () if n.kind == ADDRESS),
        key=None if key is None else str(key),
        key_algorithm=None if key is None else key.algorithm,
        key_bits=None if key is None else key.bits,
        spki_sha256=None if draft.spki is None else hashlib.sha256(draft.spki).hexdigest(),
        signature_algorithm=scheme.name if scheme else it.digest_algorithm or None,
        is_ca=bool(it.extensions.ca) if draft.spki is not None else None,
        self_issued=it.self_issued,
        unreadable="; ".join(complaints)[:500] or None,
    )


def _shown(name: Name) -> str:
    text = str(name)
    return text if len(text) <= MAXIMUM_SHOWN else text[: MAXIMUM_SHOWN - 1] + "…"


def _address(value: bytes) -> str:
    """Return an address in its usual form; octets of a wrong number as they are, in hex, so that they never match."""
    return str(ipaddress.ip_address(value)) if len(value) in (4, 16) else f"#{value.hex()}"


def list_addresses(encoded: bytes) -> tuple[str, ...]:
    """Return the addresses (URIs) at which a certificate says that its revocation list is; never raises.

    They are a stranger's words: nothing may be asked there only because a certificate says so.
    """
    points = parsed(bytes(encoded)).extensions.points[:MOST_POINTS]
    names = (name for point in points for name in (point.names or ()) if name.kind == URI)
    return tuple(dict.fromkeys(name.value.decode("ascii", "backslashreplace") for name in names))
