"""The fleet in numbers. Every report takes its totals from here, so that they agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.assessment import AuditRun, HostAssessment, Outcome
from auditor.model.verdict import Status

LEVELS = (1, 2, 3, 4)
"""The guide's levels, lowest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCounts:
    """How many hosts stand where. `answered` counts those on which a management service answered.

    `proven` and `possible` hold one number for each level; hosts without a level are in neither.
    """

    hosts: int
    answered: int
    meets: int
    misses: int
    inconclusive: int
    unreachable: int
    proven: tuple[int, int, int, int]
    possible: tuple[int, int, int, int]

    @property
    def without_level(self) -> int:
        """Hosts on which no management service answered."""
        return self.hosts - self.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was looked at and what was not.

    `listed` counts the inventory's targets; `decided` of `applicable` level controls came out met or not met.
    """

    listed: int
    looked_at: int
    answered: int
    applicable: int
    decided: int
    undetermined: int
    not_applicable: int
    attested: int
    faults: int


def fleet_counts(hosts: Sequence[HostAssessment]) -> FleetCounts:
    """Count hosts by outcome and by level."""
    outcomes = Counter(host.outcome for host in hosts)
    proven = Counter(host.score.proven for host in hosts)
    possible = Counter(host.score.possible for host in hosts)
    return FleetCounts(
        hosts=len(hosts),
        answered=sum(host.score.proven is not None for host in hosts),
        meets=outcomes[Outcome.MEETS],
        misses=outcomes[Outcome.MISSES],
        inconclusive=outcomes[Outcome.INCONCLUSIVE],
        unreachable=outcomes[Outcome.UNREACHABLE],
        proven=(proven[1], proven[2], proven[3], proven[4]),
        possible=(possible[1], possible[2], possible[3], possible[4]),
    )


def coverage(run: AuditRun) -> Coverage:
    """Count what the audit could and could not decide."""
    findings = [finding for host in run.hosts for finding in host.findings if finding.level is not None]
    status = Counter(finding.status for finding in findings)
    decided = status[Status.MET] + status[Status.NOT_MET]
    names, left_out = {host.target.name for host in run.hosts}, set(run.not_looked_at)
    return Coverage(
        listed=len(names | left_out),
        looked_at=len(names - left_out),
        answered=fleet_counts(run.hosts).answered,
        applicable=decided + status[Status.UNDETERMINED],
        decided=decided,
        undetermined=status[Status.UNDETERMINED],
        not_applicable=status[Status.NOT_APPLICABLE],
        attested=sum(finding.attested for finding in findings),
        faults=sum(finding.fault for host in run.hosts for finding in host.findings),
    )
