"""What is kept of an audit for comparison: each host's outcome, verdicts and a few facts, without its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditor.model.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One control's verdict on one host, with what it rests on. `waiver` is the identifier of what accepts it."""

    status: Status
    level: int | None
    because: str
    evidence: tuple[str, ...] = ()
    waiver: str | None = None
    fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """A service's port, and whether it is `open`, `closed`, `filtered` or `unknown`."""

    port: int
    transport: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """The certificate that a service presents as its own. `serial` is in upper-case hex, `not_after` in UTC."""

    sha256: str
    subject: str | None = None
    issuer: str | None = None
    serial: str | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What a host showed, as far as it is compared. None and missing keys mean that it is not known.

    `certificates` are by port, e.g. `443`. `others` are further facts by name: settings, SSH host keys, root lists.
    """

    product: str
    address: str | None = None
    software: str | None = None
    services: Mapping[str, ServiceState] = field(default_factory=dict)
    certificates: Mapping[str, CertificateFacts] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """One host as an audit left it. `reached` is False where nothing came back: then nothing new is known of it.

    `outcome` is the word of `audit.json`; `accepted` tells that waivers cover all that holds the host back.
    """

    name: str
    outcome: str
    reached: bool
    target_level: int
    proven: int | None
    possible: int | None
    accepted: bool
    facts: HostFacts
    verdicts: Mapping[str, Verdict]
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One audit for comparison. `catalogue_digest` is that of the catalogue which judged it; `hosts` are by name."""

    audit: str
    started_at: datetime
    finished_at: datetime
    complete: bool
    tool_version: str
    catalogue_digest: str
    inventory_digest: str
    hosts: Mapping[str, HostState]
