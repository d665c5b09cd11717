"""How a fleet stood from audit to audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Requirements that are not met at an audit, by who has seen them: none of them is over.

    `seen`: this audit saw them. `unseen`: an earlier one did, and this one did not reach the host, did not judge the
    control, or could not tell. `not_listed`: an earlier one did, and the host is not in this audit. `waived` counts
    those among `seen` that waivers accept.
    """

    seen: int = 0
    unseen: int = 0
    not_listed: int = 0
    waived: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One audit's numbers. `outcomes` and `proven` count hosts; `accepted` are those among the misses under waivers."""

    audit: str
    at: datetime
    complete: bool
    hosts: int
    not_reached: int
    accepted: int
    outcomes: Mapping[str, int] = field(default_factory=dict)
    proven: Mapping[int, int] = field(default_factory=dict)
    breaches: Standing

    @property
    def without_level(self) -> int:
        """Hosts on which no management service answered."""
        return self.hosts - sum(self.proven.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Audits in the order of time, the one that is reported last; `left_out` counts older ones of the history."""

    moments: tuple[Moment, ...]
    left_out: int = 0
