"""The fleet as the operator describes it: targets, what they trust, and how to audit them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from auditor.model.policy import Policy

AUTO = "auto"
"""The product of a target whose family the auditor is to find out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFile:
    """A file of CA certificates: where it was, and the certificates in it as DER."""

    path: str
    certificates: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRef:
    """Where a password is to be had. It never holds the password itself."""

    name: str
    username: str
    password_env: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One host to audit.

    `hostname` is the name that certificates must carry and DNS must know; `address` is where packets go (None: resolve
    the hostname). `ports` replaces the profile's port of a service. `credentials` is the name of a `CredentialRef`.
    `roots` is the list loaded on the host itself, as the operator states it.
    """

    name: str
    product: str
    hostname: str | None = None
    address: str | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    credentials: str | None = None
    roots: tuple[RootFile, ...] = ()
    saved_config: Path | None = None
    tms: str | None = None
    target_level: int = 3
    site: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the audit is done. Times are seconds.

    `roots` are the CAs that this auditor trusts. `dns_servers` are `address:port`; empty means the system resolver.
    `snmp` switches the one SNMP question off. `question_seconds` and `host_seconds` replace the profile's limits.
    """

    target_level: int = 3
    roots: tuple[RootFile, ...] = ()
    dns_servers: tuple[str, ...] = ()
    hosts_at_once: int = 20
    snmp: bool = True
    snmp_community: str = field(default="public", repr=False)
    question_seconds: float | None = None
    host_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A person's statement about one target that no read-only view shows, as the operator wrote it down.

    `host` is a target's name. `value` is `yes` or `no`, or text where the statement is one of text. It counts from
    `on` until just before `expires` (both UTC). `document` is the file that backs it, as it was named, and
    `document_sha256` that file's SHA-256 in hex, which was compared when the inventory was read.
    """

    host: str
    statement: str
    value: str
    by: str
    on: datetime
    expires: datetime
    document: str
    document_sha256: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """A checked inventory. `digest` is the SHA-256 of the file as it was read, in hex; `taken_at` is in UTC.

    `attestations` stand in the order of their files, expired ones among them: what counts is told at the audit's time.
    """

    targets: tuple[Target, ...]
    settings: Settings = field(default_factory=Settings)
    policy: Policy = field(default_factory=Policy)
    credentials: tuple[CredentialRef, ...] = ()
    source: str = ""
    digest: str = ""
    taken_at: datetime | None = None
    attestations: tuple[Attestation, ...] = ()
