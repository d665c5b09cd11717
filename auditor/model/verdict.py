"""Verdicts: what a control says of one host's evidence, and the finding that a report prints.

There are four, and each says why. `Met` and `NotMet` must point at what was observed: nothing is vacuously met, and no
breach is claimed without showing it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The four verdicts as `audit.json` spells them."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Met:
    """The requirement holds. `shown_by` are identifiers of observations; at least one.

    `despite` lists observations that ended in `Unknown` but are outweighed by what `shown_by` names, e.g. a filtered
    port whose setting was read as Off. An `Unknown` that a control needs and that is not listed makes the engine turn
    this verdict into `Undetermined`.
    """

    because: str
    shown_by: tuple[str, ...]
    despite: tuple[str, ...] = ()
    attested: bool = False

    def __post_init__(self) -> None:
        """Refuse a verdict that shows nothing."""
        if not self.shown_by:
            raise ValueError("Met needs at least one observation: nothing is vacuously met")


@dataclass(frozen=True, slots=True)
class NotMet:
    """The requirement is breached, and `shown_by` shows it; at least one observation."""

    because: str
    shown_by: tuple[str, ...]
    attested: bool = False

    def __post_init__(self) -> None:
        """Refuse a breach that shows nothing."""
        if not self.shown_by:
            raise ValueError("NotMet needs at least one observation")


@dataclass(frozen=True, slots=True)
class Undetermined:
    """Nobody can say from here. `because` tells what is missing; `shown_by` may point at what was tried."""

    because: str
    shown_by: tuple[str, ...] = ()
    fault: bool = False


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The requirement does not concern this host. `because` tells why."""

    because: str
    shown_by: tuple[str, ...] = ()


Verdict = Met | NotMet | Undetermined | NotApplicable


def status_of(verdict: Verdict) -> Status:
    """Return the verdict's word in `audit.json`."""
    match verdict:
        case Met():
            return Status.MET
        case NotMet():
            return Status.NOT_MET
        case NotApplicable():
            return Status.NOT_APPLICABLE
        case Undetermined():
            return Status.UNDETERMINED
