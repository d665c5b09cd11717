"""Certificates and what a judgement of a presented chain says. Values only; `auditor.trust` makes them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from auditor.model.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What one certificate says of itself. Fields that cannot be read are None, and `unreadable` says why.

    `der` is what was on the wire. Names are RFC 4514 strings; `key` reads like `RSA 2048`; `sha256` and `spki_sha256`
    are lower-case hex.
    """

    der: bytes
    sha256: str
    subject: str | None = None
    issuer: str | None = None
    serial: int | None = None
    version: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    common_names: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    key: str | None = None
    key_algorithm: str | None = None
    key_bits: int | None = None
    spki_sha256: str | None = None
    signature_algorithm: str | None = None
    is_ca: bool | None = None
    self_issued: bool = False
    unreadable: str | None = None


class Revocation(StrEnum):
    """What the revocation lists that the operator gave say of a path as a whole; the worst certificate decides.

    `NOT_CHECKED`: no list was given (or no path was found). `GOOD`: current, rightly signed lists cover every
    certificate below the anchor, and none of them is on one. `MISSING`: there is no list of an issuer. `STALE`: the
    list is out of date, or not yet valid. `UNUSABLE`: signature, scope, or a form that is not supported.
    """

    NOT_CHECKED = "not_checked"
    GOOD = "good"
    REVOKED = "revoked"
    MISSING = "missing"
    STALE = "stale"
    UNUSABLE = "unusable"


class ProblemKind(StrEnum):
    """Everything that can be wrong with a presented chain. Each is found independently of the others."""

    NO_CERTIFICATE = "no_certificate"
    UNREADABLE = "unreadable"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED_DATE = "malformed_date"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    NAME_MISMATCH = "name_mismatch"
    NO_NAME_TO_MATCH = "no_name_to_match"
    SELF_SIGNED_LEAF = "self_signed_leaf"
    SELF_SIGNED_IN_CHAIN = "self_signed_in_chain"
    ISSUER_UNKNOWN = "issuer_unknown"
    MISSING_INTERMEDIATE = "missing_intermediate"
    NO_TRUST_ANCHORS = "no_trust_anchors"
    WRONG_PURPOSE = "wrong_purpose"
    NOT_A_CA = "not_a_ca"
    PATH_TOO_LONG = "path_too_long"
    NAME_CONSTRAINT = "name_constraint"
    CRITICAL_EXTENSION = "critical_extension"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation_unknown"
    WRONG_ORDER = "wrong_order"
    DUPLICATE = "duplicate"
    SUPERFLUOUS = "superfluous"
    WEAK_KEY = "weak_key"
    WEAK_SIGNATURE = "weak_signature"
    PROFILE = "profile"
    TOO_COMPLEX = "too_complex"


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """One thing wrong. `depth` counts from the leaf (0) in the order presented; None concerns the whole chain."""

    kind: ProblemKind
    detail: str
    depth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCheck:
    """Does the certificate name the host that was asked for? Both rules are reported.

    `by_common_name` is the guide's rule, `by_subject_alternative_name` today's (RFC 9525); `absent` means that the
    certificate has no name of that kind. `outcome` holds when either rule matches as the audit's policy combines them.
    """

    reference: str
    outcome: Literal["match", "mismatch"]
    by_common_name: Literal["match", "mismatch", "absent"]
    by_subject_alternative_name: Literal["match", "mismatch", "absent"]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """Everything that can be said of one presented chain at one time against one list of roots.

    `verify_code` and `verify_name` are OpenSSL's, judged without the name check; `path` lists the certificates from
    the leaf to the anchor where one was found, else it is empty. `problems` holds all of them, never only the first.
    `revocation_checked` is True when current revocation lists covered every certificate of the path below its anchor;
    `revocation` says more.
    """

    presented: tuple[Certificate, ...]
    path: tuple[Certificate, ...]
    verify_code: int
    verify_name: str
    name_check: NameCheck | None
    problems: tuple[ChainProblem, ...]
    checked_at: datetime
    device_log_line: str = ""
    revocation_checked: bool = False
    revocation: Revocation = Revocation.NOT_CHECKED

    @property
    def leaf(self) -> Certificate | None:
        """The certificate that the server presented first, or None where it presented none."""
        return self.presented[0] if self.presented else None

    def has(self, *kinds: ProblemKind) -> tuple[ChainProblem, ...]:
        """Return the problems of these kinds."""
        return tuple(p for p in self.problems if p.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspStaple:
    """The OCSP response that a server sent along with its certificate (RFC 6066 section 8), as far as it can be read.

    `status` is that of the server's own certificate: `none` where the response is about other certificates only.
    `signature` says whether the issuer's key, or one that the issuer vouches for, signed it; `not_checked` where no
    issuer was at hand. Nothing is decided by it. `unreadable` says why nothing could be read.
    """

    status: Literal["good", "revoked", "unknown", "none", "unreadable"]
    signature: Literal["right", "wrong", "not_checked"] = "not_checked"
    current: bool | None = None
    this_update: datetime | None = None
    next_update: datetime | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedChain(Fact):
    """Derived: the presented chain of one service, judged with this auditor's roots at the audit's time.

    `modern` is the same chain by today's practice and gives advice only. `at_device_clock` is the judgement by the
    device's rules at the time that the host's own clock shows; None where no clock was seen. `proven` tells whether the
    handshake was finished: else the chain was presented, but possession of its key is not proven.
    """

    port: int
    report: ChainReport = field(repr=False)
    modern: ChainReport | None = field(default=None, repr=False)
    at_device_clock: ChainReport | None = field(default=None, repr=False)
    staple: OcspStaple | None = None
    proven: bool | None = None
