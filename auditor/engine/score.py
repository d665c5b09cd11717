"""Findings to levels, by the one rule of the product: proven and possible. Pure.

`proven` is the highest N such that every applicable control of levels 2 to N is met; `possible` the highest N such that
none of them is not met. Both are None where no management service answered.
"""

from collections.abc import Iterable, Sequence

from auditor.model.assessment import Finding, Outcome, Score
from auditor.model.control import Kind
from auditor.model.verdict import Status

LEVELS = (2, 3, 4)


def score(findings: Sequence[Finding], *, answered: bool, target_level: int) -> Score:
    """Score one host. `held_back_by` and `doubts` name the controls up to the target level that stand in its way."""
    if not answered:
        return Score(proven=None, possible=None)
    rated = [f for f in findings if f.kind == Kind.LEVEL.value and f.level is not None]
    return Score(
        proven=_highest(rated, {Status.NOT_MET, Status.UNDETERMINED}),
        possible=_highest(rated, {Status.NOT_MET}),
        held_back_by=_named(rated, Status.NOT_MET, target_level),
        doubts=_named(rated, Status.UNDETERMINED, target_level),
    )


def outcome(result: Score, target_level: int) -> Outcome:
    """Tell where a host stands against its target. No level at all is `unreachable`, never a pass or a miss."""
    if result.proven is None or result.possible is None:
        return Outcome.UNREACHABLE
    if result.proven >= target_level:
        return Outcome.MEETS
    return Outcome.MISSES if result.possible < target_level else Outcome.INCONCLUSIVE


def _highest(findings: Iterable[Finding], stops: set[Status]) -> int:
    in_the_way = [f.level for f in findings if f.status in stops and f.level is not None]
    lowest = min(in_the_way, default=LEVELS[-1] + 1)
    return max(1, lowest - 1)


def _named(findings: Iterable[Finding], status: Status, target_level: int) -> tuple[str, ...]:
    return tuple(f.control for f in findings if f.status is status and f.level is not None and f.level <= target_level)
