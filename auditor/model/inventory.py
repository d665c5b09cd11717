"""The fleet as the operator describes it: targets, what they trust, and how to audit them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from auditor.model.policy import Policy
from auditor.model.politeness import Politeness
from auditor.model.waiver import Waiver

AUTO = "auto"
"""The product of a target whose family the auditor is to find out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFile:
    """A file of CA certificates: where it was, and the certificates in it as DER."""

    path: str
    certificates: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlFile:
    """A file of revocation lists: its path as written in the inventory, and each list in it as DER."""

    path: str
    lists: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRef:
    """Where a password is to be had. It never holds the password itself.

    `password_command` is a program with its arguments, whose first line of output is the password. `keyring` is the
    name of a service in the system's keyring. `allow_cleartext` permits a scheme that shows the password to everybody
    on the way (HTTP Basic without TLS); no other setting does.
    """

    name: str
    username: str
    password_env: str | None = None
    password_file: Path | None = None
    password_command: tuple[str, ...] | None = None
    keyring: str | None = None
    allow_cleartext: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The database server behind a management server; it has a hostname, an address (None: resolve the name), or both.

    It is asked one question before login, and is no host of the audit itself.
    """

    hostname: str | None = None
    address: str | None = None
    port: int = 1433


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemList:
    """A management server's own list of its systems, exported by the operator and held against the inventory.

    `path` is as it was named and `sha256` the file's digest in hex. `systems` counts its rows. `by_address` are the
    systems that the server finds by an IP or MAC address, `tracking_not_shown` counts those of which the list does
    not tell it. `not_in_inventory` are rows that fit no target, `not_listed` targets of this server that no row fits.
    """

    path: str
    sha256: str
    systems: int
    by_address: tuple[str, ...] = ()
    tracking_not_shown: int = 0
    not_in_inventory: tuple[str, ...] = ()
    not_listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One host to audit.

    `hostname` is the name that certificates must carry and DNS must know; `address` is where packets go (None: resolve
    the hostname). `ports` replaces the profile's port of a service. `credentials` is the name of a `CredentialRef`.
    `roots` is the list loaded on the host itself, as the operator states it. `pause_seconds` is a longer rest
    between two requests to this host than others get. Management servers alone have a `database` and a `system_list`.
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
    pause_seconds: float | None = None
    database: Database | None = None
    system_list: SystemList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the audit is done. Times are seconds.

    `roots` are the CAs that this auditor trusts. `dns_servers` are `address:port`; empty means the system resolver.
    `snmp` switches the one SNMP question off. `question_seconds` and `host_seconds` replace the profile's limits.

    `known_hosts` are lines of SSH host keys in OpenSSH's form. With `ssh_host_keys` strict, a password goes only to a
    host whose key is among them; with accept-new also to one of which they say nothing, and never to one whose key
    differs. `ntp_servers` are asked for the true time before the audit, as `address:port` or `name:port`;
    `ask_ntp_servers` permits to ask those that the devices have configured as well.

    `crls` are the revocation lists that the operator gives. `intermediates` are CA certificates that may explain what a
    server did not send; they make no chain good. With `fetch_crls`, lists are fetched from the addresses that
    certificates name as well, but from `crl_hosts` (`name` or `name:port`) only. `next_audit_days` is when the next
    audit is due, 0 where nobody said. `politeness` is how gently the fleet is asked.
    """

    target_level: int = 3
    roots: tuple[RootFile, ...] = ()
    dns_servers: tuple[str, ...] = ()
    hosts_at_once: int = 20
    snmp: bool = True
    snmp_community: str = field(default="public", repr=False)
    question_seconds: float | None = None
    host_seconds: float | None = None
    known_hosts: tuple[str, ...] = ()
    ssh_host_keys: Literal["strict", "accept-new"] = "accept-new"
    ntp_servers: tuple[str, ...] = ()
    ask_ntp_servers: bool = False
    crls: tuple[CrlFile, ...] = ()
    intermediates: tuple[RootFile, ...] = ()
    next_audit_days: int = 0
    fetch_crls: bool = False
    crl_hosts: tuple[str, ...] = ()
    politeness: Politeness = field(default_factory=Politeness)


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
    So do `waivers`.
    """

    targets: tuple[Target, ...]
    settings: Settings = field(default_factory=Settings)
    policy: Policy = field(default_factory=Policy)
    credentials: tuple[CredentialRef, ...] = ()
    source: str = ""
    digest: str = ""
    taken_at: datetime | None = None
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()
