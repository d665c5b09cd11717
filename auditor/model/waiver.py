"""Waivers: breaches that somebody accepts for a time. It changes no verdict and no level, only how a miss reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ScopeKind = Literal["host", "tag", "site", "fleet"]
"""What a waiver covers: one host, all hosts with a tag, all hosts of a site, or every host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A breach of one control that is accepted where the scope says so, as the operator wrote it down.

    `scope_name` is the name of the host, tag or site, and empty for the fleet. It counts from `created` until just
    before `expires` (both UTC).
    """

    id: str
    control: str
    scope: ScopeKind
    scope_name: str
    reason: str
    owner: str
    approver: str
    created: datetime
    expires: datetime

    def counts(self, at: datetime) -> bool:
        """Tell whether the waiver had been created by this time and has not expired."""
        return self.created <= at < self.expires

    @property
    def scope_words(self) -> str:
        """The scope for a person, e.g. `host rm204`, or `the fleet`."""
        return f"{self.scope} {self.scope_name}" if self.scope_name else "the fleet"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedWaiver:
    """The waiver that covers a finding at the audit's time. It stands beside the verdict and never in its place."""

    id: str
    reason: str
    owner: str
    approver: str
    created: datetime
    expires: datetime
    scope: str


WaiverTrouble = Literal["unknown-control", "unused", "expired", "not-yet", "expires-soon"]
"""What may be wrong with a waiver, at the time of an audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverProblem:
    """One thing that whoever keeps the waivers should know. `message` is a sentence that names the waiver."""

    waiver: str
    kind: WaiverTrouble
    message: str
