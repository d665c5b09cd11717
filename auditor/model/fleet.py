"""Certificates seen across a whole fleet: which are shared, made by a factory, weak, self-signed, or about to end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["leaf", "intermediate", "root"]

HORIZONS = (30, 60, 90, 180, 365)
"""Days for which the forecast says what ends within them, counted from the audit's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCertificate:
    """One certificate and the hosts that depend on it: those on whose path it stands, or who presented it.

    `role` is what it is on these paths; where it plays several, the highest counts. `days_left` counts from the audit's
    time and is negative when the certificate has ended; both dates are None where they cannot be read. `weak_key` and
    `weak_signature` are sentences, empty where nothing is wrong.
    """

    sha256: str
    spki_sha256: str | None
    subject: str | None
    issuer: str | None
    role: Role
    not_after: datetime | None
    days_left: int | None
    key: str | None
    signature_algorithm: str | None
    hosts: tuple[str, ...]
    weak_key: str = ""
    weak_signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactoryCertificate:
    """A host that presents the certificate with which it left the factory. `by` says how that was told."""

    host: str
    subject: str | None
    by: tuple[Literal["name", "key"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedKey:
    """One public key that several hosts present as their own; `certificates` are the SHA-256 of what carries it."""

    spki_sha256: str
    key: str | None
    certificates: tuple[str, ...]
    hosts: tuple[str, ...]

    @property
    def same_certificate(self) -> bool:
        """Tell whether it is one certificate, and not only one key in several."""
        return len(self.certificates) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfSignedCluster:
    """Hosts whose self-signed certificates were made alike: the same name but for the CN, the same kind of key."""

    pattern: str
    key: str | None
    signature_algorithm: str | None
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What ends within `days` of the audit, what has ended already among it, and the hosts that fall with it."""

    days: int
    leaves: int
    intermediates: int
    roots: int
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCertificates:
    """The fleet's certificates, those that end first at the top; hosts stand in the inventory's order.

    `forecasts` hold one entry for each of `HORIZONS`, and one for the next audit where its day is known
    (`next_audit_days`, else 0). `without_certificate` are hosts that showed none, so that nothing is known of theirs.
    """

    certificates: tuple[FleetCertificate, ...]
    factory: tuple[FactoryCertificate, ...]
    shared_keys: tuple[SharedKey, ...]
    self_signed: tuple[SelfSignedCluster, ...]
    forecasts: tuple[Forecast, ...]
    next_audit_days: int = 0
    without_certificate: tuple[str, ...] = ()

    @property
    def weak_keys(self) -> tuple[FleetCertificate, ...]:
        """Certificates whose key is too weak for today."""
        return tuple(c for c in self.certificates if c.weak_key)

    @property
    def weak_signatures(self) -> tuple[FleetCertificate, ...]:
        """Certificates whose signature rests on a broken digest."""
        return tuple(c for c in self.certificates if c.weak_signature)

    def ending(self, days: int) -> tuple[FleetCertificate, ...]:
        """Certificates that end within these days of the audit, those that have ended among them."""
        return tuple(c for c in self.certificates if c.days_left is not None and c.days_left < days)
