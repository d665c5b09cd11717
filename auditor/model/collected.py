"""What collecting brings: the head of an audit, and the evidence of one host after another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auditor.model.evidence import Evidence
from auditor.model.facts import NtpAnswer
from auditor.model.inventory import Inventory, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """How this auditor's own clock stood before the audit, by the NTP servers of the inventory.

    `doubt` is a sentence where the clock cannot be relied on; then no device's clock is judged by it. It is empty where
    the clock is right, and `words` say by how much and by whom.
    """

    answers: tuple[NtpAnswer, ...]
    words: str
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """What is known when an audit begins. Digests are SHA-256 in hex; `versions` are those of libraries that matter.

    `sites` are those whose collectors asked, by their names in the database; empty where this machine asked by itself.
    `hosts_at_once` is set where fewer hosts were asked at once than the inventory says, as this machine could not more.
    """

    id: str
    tool_version: str
    started_at: datetime
    inventory: Inventory
    catalogue_digest: str
    profiles_digest: str
    versions: Mapping[str, str] = field(default_factory=dict)
    clock: ClockCheck | None = None
    sites: tuple[str, ...] = ()
    hosts_at_once: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEvidence:
    """Everything observed of one target.

    `product` is the family whose profile was used (`unknown` where nothing was recognised). `address` is None where the
    name could not be resolved. `complete` is False where the host's time ran out or the audit was interrupted before
    every planned question was asked; `notes` are sentences about that. `faults` are bugs of ours, never the host's.
    `clock_doubt` says why the times of this evidence cannot be relied on, where somebody else's clock told them (empty:
    they can); then the host's own clock is not judged by them.
    `spared` tells that the host was asked no more for its own sake: its error budget was used up, or it showed signs of
    distress. It is not asked again in the same audit, resumed or not.
    `transcript_chain` is the chain of the transcript at the moment in which this was written: all requests of this host
    stand before it.
    """

    target: Target
    product: str
    address: str | None
    evidence: Evidence
    started_at: datetime
    finished_at: datetime
    complete: bool = True
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    clock_doubt: str = ""
    transcript_chain: str = ""
    spared: bool = False

    def judged_at(self, sessions: Sequence[datetime]) -> datetime:
        """Return the time at which this host is judged: when the part of its audit began in which it was looked at.

        `sessions` are the times at which the audit began and went on, the first one first. At each of them our clock
        was checked; it may jump in between, so the time of the look itself judges nothing. Nor does it where somebody
        else's clock told it and cannot be relied on.
        """
        if self.clock_doubt:
            return sessions[0]
        return max((at for at in sessions if at <= self.finished_at), default=sessions[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedList:
    """A revocation list that a certificate points at: what came (PEM or DER), or `because`, why nothing did."""

    url: str
    at: datetime
    content: bytes | None = field(default=None, repr=False)
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEnd:
    """How an audit ended. `complete` is False where it was interrupted. `lists` are the revocation lists fetched.

    `transcript_chain` is the chain of the transcript's last line (SHA-256, hexadecimal). `not_asked` says by the
    targets' names why nobody looked at them, where that is known. `notes` are sentences that concern no single host.
    """

    finished_at: datetime
    complete: bool
    requests_made: int = 0
    requests_refused: int = 0
    faults: tuple[str, ...] = ()
    transcript_chain: str = ""
    lists: tuple[FetchedList, ...] = ()
    not_asked: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """Where an audit that had been interrupted or killed went on, `at` that time.

    `stopped_at` is the last sign of life before. With `requests_lost` nothing says how the audit had ended, or the end
    of the transcript was gone: requests that were under way are then missing from it. `again` names the hosts whose
    evidence was incomplete, or whose requests are not all in the transcript: they are asked once more, and until then
    what is there counts.
    `transcript_chain` is the chain with which the transcript goes on, `clock` the check of our clock before going on,
    `inventory_digest` the digest of the inventory's file where it is not the head's, `hosts_at_once` as in the head.
    """

    at: datetime
    stopped_at: datetime
    requests_lost: bool
    again: tuple[str, ...]
    transcript_chain: str
    clock: ClockCheck | None = None
    inventory_digest: str = ""
    hosts_at_once: int | None = None
