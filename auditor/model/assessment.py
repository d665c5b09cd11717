"""The result: what was found of each host, and of the fleet. Reports render from this and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from auditor.model.certificate import ChainReport
from auditor.model.control import Control
from auditor.model.evidence import Evidence
from auditor.model.facts import Identity
from auditor.model.inventory import Target
from auditor.model.policy import Policy
from auditor.model.verdict import Status


class Outcome(StrEnum):
    """Where a host stands against its target level."""

    MEETS = "meets"
    MISSES = "misses"
    INCONCLUSIVE = "inconclusive"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where the guide says so."""

    document: str
    section: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One control's verdict on one host, ready to print.

    `evidence` are sentences that begin with the identifier of an observation. `fingerprint` is the same for the same
    control and host in every audit. `fault` marks a verdict that is missing because of a bug of ours.
    """

    control: str
    title: str
    kind: str
    level: int | None
    status: Status
    because: str
    evidence: tuple[str, ...]
    citation: Citation
    remediation: str
    checklist: str | None
    fingerprint: str
    attested: bool = False
    fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """One service of the profile as observed, with the guide's level for what was seen (None: closed or not rated)."""

    service: str
    title: str
    port: int
    transport: str
    state: Literal["open", "closed", "filtered", "unknown"]
    level: int | None
    detail: str
    management: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Proven and possible level (None where no management service answered), what holds the host back, and doubts."""

    proven: int | None
    possible: int | None
    held_back_by: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAssessment:
    """Everything that the audit says of one host.

    `product` is the family (recognised, where the inventory says auto); `address` is where
    packets went. `reachable` is True when anything at all came
    back from the host, a refusal included. `unreachable_because` says why there is no level.
    """

    target: Target
    product: str
    product_title: str
    identity: Identity | None
    evidence: Evidence = field(repr=False)
    services: tuple[ServiceView, ...] = ()
    chain: ChainReport | None = None
    findings: tuple[Finding, ...] = ()
    score: Score
    outcome: Outcome
    reachable: bool
    unreachable_because: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    notes: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSide:
    """One direction of a link: its level (None where it could not be judged) and why."""

    level: int | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A device and its management server, judged in both directions; `level` is the lower one."""

    device: str
    tms: str
    level: int | None
    device_to_tms: LinkSide
    tms_to_device: LinkSide


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRun:
    """One audit. `complete` is False where it was interrupted: `not_looked_at` then names the targets left out."""

    id: str
    tool_version: str
    started_at: datetime
    finished_at: datetime
    complete: bool
    policy: Policy
    catalogue: tuple[Control, ...]
    catalogue_digest: str
    inventory_digest: str
    inventory_source: str
    hosts: tuple[HostAssessment, ...]
    links: tuple[Link, ...] = ()
    tool_faults: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    requests_made: int = 0
    requests_refused: int = 0
