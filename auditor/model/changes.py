"""What an audit adds to what was known of the findings before, for readers who want news and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from auditor.model.verdict import Status

OPEN = frozenset({Status.NOT_MET, Status.UNDETERMINED})
"""Verdicts that somebody has to look after. What was open is over only when the host itself shows so."""


class ChangeKind(StrEnum):
    """What is new about a finding.

    `FIRST`: nothing was known of it. `OPENED`: it was met or not applicable, and is not any more. `CHANGED`: another
    verdict, or another standing of its waiver, and still open. `RESOLVED`: it was open, and the host showed that it is
    met or not applicable.
    """

    FIRST = "first"
    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The last verdict that an earlier audit reached; `first_seen` is None where it cannot be told.

    `unsettled` is True where that verdict is undetermined and the one before it that was not was *not met*.
    """

    status: Status
    waiver: str | None = None
    first_seen: datetime | None = None
    unsettled: bool = False

    @property
    def stands(self) -> bool:
        """Tell whether a breach is known that nobody has seen to be over."""
        return self.status is Status.NOT_MET or self.unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was known before an audit: host → control → last verdict. `audit` is the newest audit that it rests on.

    A host is here although later audits did not reach it: its verdicts stand until it shows others.
    """

    audit: str
    at: datetime
    hosts: Mapping[str, Mapping[str, Known]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """How one finding differs from what was known; `before` is None for the first verdict."""

    kind: ChangeKind
    before: Status | None = None
    first_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Which findings of an audit are news since another one, and what is left out and why.

    `findings` are by fingerprint. Of the hosts in `not_reached` nothing new is known, and those in `not_listed` are not
    in this audit: `standing` counts their verdicts that were not met, which are not over. `not_judged` counts the same
    for controls that this audit did not judge on a host that it reached. `faults` counts verdicts that are missing
    because of a bug of ours.
    """

    since: str
    since_at: datetime
    findings: Mapping[str, FindingChange] = field(repr=False)
    unchanged: int = 0
    not_reached: tuple[str, ...] = ()
    not_listed: tuple[str, ...] = ()
    standing: int = 0
    not_judged: int = 0
    faults: int = 0

    def count(self, kind: ChangeKind) -> int:
        """Count the changes of one kind."""
        return sum(change.kind is kind for change in self.findings.values())
