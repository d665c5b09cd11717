"""What differs between two audits of a fleet, the worst first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Category(StrEnum):
    """What a difference means, in the order in which it is reported.

    `REGRESSION`: it is worse, or a breach is seen that nobody knew of. `UNKNOWN`: something was known and is not any
    more, a host that did not answer among it; nothing of that is ever an improvement. `IMPROVEMENT`: a breach is shown
    to be gone, or what was not known is shown to be met. `CHANGED`: a fact is another one, neither good nor bad by
    itself.
    """

    REGRESSION = "regression"
    UNKNOWN = "newly_unknown"
    IMPROVEMENT = "improvement"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `subject` names what changed: a control, `level`, `outcome`, a service, a certificate.

    `before` and `after` are the values as words, empty where there was none. `sentence` says it for a person; `because`
    is the new verdict's reason.
    """

    host: str
    category: Category
    kind: str
    subject: str
    before: str
    after: str
    sentence: str
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Which audit is compared. `catalogue_digest` is that of the catalogue which first judged it."""

    audit: str
    started_at: datetime
    complete: bool
    hosts: int
    reached: int
    catalogue_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two audits compared. `notes` are sentences about what weakens the comparison. `unchanged` counts verdicts."""

    old: Side
    new: Side
    apart: timedelta
    changes: tuple[Change, ...]
    unchanged: int
    notes: tuple[str, ...] = ()

    def of(self, *categories: Category) -> tuple[Change, ...]:
        """Return the changes of these categories, in order."""
        return tuple(change for change in self.changes if change.category in categories)
