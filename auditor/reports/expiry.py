"""When certificates end: the calendar of the fleet."""

from dataclasses import dataclass
from datetime import datetime

from auditor.model.assessment import AuditRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """The end of one host's certificate; `days_left` is counted from the end of the audit, negative when it is past."""

    host: str
    subject: str
    not_after: datetime
    days_left: int
    soon: bool

    @property
    def words(self) -> str:
        """Say how far away it is, e.g. `in 41 days` or `12 days ago`."""
        if self.days_left < 0:
            return f"{-self.days_left:,} days ago" if self.days_left < -1 else "within the last day"
        return "within a day" if self.days_left == 0 else f"in {self.days_left:,} days"

    @property
    def state(self) -> str:
        """One word for the calendar: `Expired`, `Soon` or `Later`."""
        if self.days_left < 0:
            return "Expired"
        return "Soon" if self.soon else "Later"


def expiries(run: AuditRun) -> tuple[Expiry, ...]:
    """Return the end of every certificate that a host presented first, the earliest first."""
    found = []
    for host in run.hosts:
        leaf = host.chain.leaf if host.chain else None
        if leaf is None or leaf.not_after is None:
            continue
        days = (leaf.not_after - run.finished_at).days
        found.append(
            Expiry(
                host=host.target.name,
                subject=leaf.subject or "no subject",
                not_after=leaf.not_after,
                days_left=days,
                soon=days <= run.policy.expiry_warning_days,
            )
        )
    return tuple(sorted(found, key=lambda e: (e.not_after, e.host)))
