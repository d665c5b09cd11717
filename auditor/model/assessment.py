"""The result: what was found of each host, and of the fleet. Reports render from this and nothing else."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from auditor.model.certificate import ChainReport
from auditor.model.changes import Changes
from auditor.model.control import Control
from auditor.model.evidence import Evidence
from auditor.model.facts import Identity
from auditor.model.fleet import FleetCertificates
from auditor.model.inventory import Target
from auditor.model.link import Direction, LinkOutcome
from auditor.model.policy import Policy
from auditor.model.politeness import Politeness
from auditor.model.verdict import Status
from auditor.model.waiver import AppliedWaiver, WaiverProblem


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

    `evidence` are sentences that begin with the identifier of an observation. `fault` marks a verdict that is missing
    because of a bug of ours. `waiver` is who accepted it; the verdict stays what it is.
    """

    control: str
    host: str
    title: str
    kind: str
    level: int | None
    status: Status
    because: str
    evidence: Sequence[str]
    citation: Citation
    remediation: str
    checklist: str | None
    attested: bool = False
    fault: bool = False
    waiver: AppliedWaiver | None = None

    @property
    def fingerprint(self) -> str:
        """Identifier of "this control on this host", the same in every audit (SHA-256, first 32 hex digits)."""
        named = f"1\0{self.control}\0{self.host}"
        return hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()[:32]


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
class Interaction:
    """One row of the guide's table of the management server's interactions, filled in from evidence.

    `level` is None where the interaction does not take place (`in_use` False) or where it is not known (`in_use` None,
    or True with a level that cannot be told). `by_default` is the level that the guide's table gives.
    """

    row: str
    title: str
    level: int | None
    in_use: bool | None
    because: str
    by_default: int
    citation: Citation


class ItemState(StrEnum):
    """How an item of a readiness checklist stands."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"
    BY_PERSON = "by_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One item of the guide's readiness checklist, in our words and numbered by us (the guide gives no numbers).

    `controls` are those that bear on it. `confirm` is what a person has to confirm beside them, empty where nothing is;
    an item that no control covers has the state `by_person`.
    """

    number: int
    text: str
    state: ItemState
    because: str
    controls: tuple[str, ...]
    citation: Citation
    confirm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAssessment:
    """Everything that the audit says of one host.

    `product` is the family (recognised, where the inventory says auto); `address` is where
    packets went. `reachable` is True when anything at all came
    back from the host, a refusal included. `unreachable_because` says why there is no level. `accepted` holds where the
    host misses its target and a waiver covers every control that holds it back: "misses, accepted".
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
    interactions: tuple[Interaction, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSide:
    """One direction of a link: its level and why. `outcome` says what happens, also where there is no level."""

    level: int | None
    because: str
    outcome: LinkOutcome = LinkOutcome.UNKNOWN
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A device and its management server, judged in both directions; `level` is the lower one."""

    device: str
    tms: str
    level: int | None
    device_to_tms: LinkSide
    tms_to_device: LinkSide


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCause:
    """One reason why links of the same management server stand below Level 4, and the devices that share it."""

    tms: str
    direction: Direction
    outcome: LinkOutcome
    cause: str
    devices: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How gently the fleet was asked.

    `hosts_at_once` is None where collectors asked: each has a setting of its own, which the centre does not know.
    """

    politeness: Politeness
    hosts_at_once: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRun:
    """One audit. `complete` is False where it was interrupted.

    `not_looked_at` names the targets of which nobody asked anything: those that an interruption left out, and those
    outside their maintenance windows. `pace` is None where nothing was asked by this program. `changes` is there
    only where what is new since an earlier audit is wanted, and nothing else.
    """

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
    link_causes: tuple[LinkCause, ...] = ()
    notes: tuple[str, ...] = ()
    certificates: FleetCertificates | None = None
    waiver_problems: tuple[WaiverProblem, ...] = ()
    pace: Pacing | None = None
    changes: Changes | None = None
