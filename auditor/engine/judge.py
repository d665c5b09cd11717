"""Controls times evidence: findings. The rules that make a verdict honest stand here, once.

1. Nothing was looked at that the control needs: undetermined, and never "not applicable" either.
2. A proven breach stands, whatever else is unknown. *Met* with a gap that the check did not outweigh: undetermined;
   a question that was left out to spare the host is outweighed by nothing.
3. A check that raises is a fault of ours: undetermined, counted, never a pass and never a missing row.
4. Nothing is vacuously met (`Met` cannot be made without an observation), nor does a verdict rest on an unknown alone.
5. A control that the profile does not list does not apply to the family.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from auditor.engine.describe import Sentences
from auditor.model.assessment import Citation, Finding
from auditor.model.control import GUIDE, Context, Control, Kind, Need
from auditor.model.evidence import AnyObservation, Cause, Evidence, Unknown
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict, status_of

OUR_FAULTS = {Cause.BUG, Cause.NOT_PERMITTED}
"""Causes of an unknown that are bugs of this program: they end in exit code 4 and say nothing about the host."""


def judge_host(
    controls: Sequence[Control], evidence: Evidence, context: Context, *, looked_at: bool = True
) -> tuple[Finding, ...]:
    """Return one finding for each control that the profile lists, in the catalogue's order.

    `looked_at` False means that no question reached the host: everything applicable is undetermined.
    """
    known = {o.id: o for o in evidence.observations}
    told = _Told(evidence)
    return tuple(
        _finding(control, _verdict(control, evidence, context, known, looked_at=looked_at), told, context)
        for control in controls
        if control.id in context.profile.controls
    )


def _verdict(
    control: Control, evidence: Evidence, context: Context, known: Mapping[str, AnyObservation], *, looked_at: bool
) -> Verdict:
    if not looked_at:
        return Undetermined("The host was not looked at.")
    observed: list[AnyObservation] = []
    missing: list[Need] = []
    for need in control.needs:
        found = evidence.observed(need.kind, need.subject)
        observed += found
        if not found and not need.optional:
            missing.append(need)
    try:
        verdict = control.judge(evidence, context)
    except Exception as error:  # noqa: BLE001 - rule 3: a fault of ours is never a finding about a host
        return Undetermined(f"Fault of the auditor: {type(error).__name__}: {error}", fault=True)
    return _honest(verdict, observed, missing, known)


def _honest(
    verdict: Verdict,
    observed: Sequence[AnyObservation],
    missing: Sequence[Need],
    known: Mapping[str, AnyObservation],
) -> Verdict:
    """Apply rules 1, 2 and 4 to what a check says, and mark what is missing because of a fault of ours."""
    strangers = [i for i in verdict.shown_by if i not in known]
    if strangers:
        names = ", ".join(strangers)
        return Undetermined(f"Fault of the auditor: the check points at {names}, which is not there.", fault=True)
    gaps = [o for o in observed if isinstance(o.outcome, Unknown)]
    doubt = _doubt(verdict, gaps, missing, known)
    if doubt is not None:
        verdict = Undetermined(doubt, tuple(dict.fromkeys((*verdict.shown_by, *(o.id for o in gaps)))))
    ours = any(isinstance(o.outcome, Unknown) and o.outcome.cause in OUR_FAULTS for o in gaps)
    return replace(verdict, fault=True) if isinstance(verdict, Undetermined) and ours else verdict


def _doubt(
    verdict: Verdict,
    gaps: Sequence[AnyObservation],
    missing: Sequence[Need],
    known: Mapping[str, AnyObservation],
) -> str | None:
    """Return why a verdict cannot stand, as a sentence, or None where it can."""
    not_asked = f"Not looked at: {', '.join(_named(need) for need in missing)}."
    match verdict:
        case NotApplicable() if missing and not verdict.shown_by:
            return not_asked
        case Met() | NotMet() if all(isinstance(known[i].outcome, Unknown) for i in verdict.shown_by):
            return f"{verdict.because} But nothing was seen that shows it."
        case Met():
            left = [
                o.outcome.detail
                for o in gaps
                if isinstance(o.outcome, Unknown) and (o.id not in verdict.despite or o.outcome.cause is Cause.STOPPED)
            ]
            if left:
                return f"{verdict.because} But not all could be looked at: {'; '.join(left)}."
            return f"{verdict.because} But not all is known. {not_asked}" if missing else None
        case _:
            return None


class _Told:
    """The observations of one host as sentences; findings that rest on the same ones share them."""

    __slots__ = ("_made", "_observations", "_places")

    def __init__(self, evidence: Evidence) -> None:
        self._observations = evidence.observations
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, made in enumerate(self._observations):
            self._places[made.id].append(place)
        self._made: dict[tuple[int, ...], Sentences] = {}

    def of(self, names: Iterable[str]) -> Sentences:
        """Return the sentences of these observations, in the order in which they were made."""
        places = tuple(sorted(at for name in names for at in self._places.get(name, ())))
        if places not in self._made:
            self._made[places] = Sentences(tuple(self._observations[at] for at in places))
        return self._made[places]


def _finding(control: Control, verdict: Verdict, told: _Told, context: Context) -> Finding:
    guidance = context.profile.controls[control.id]
    shown = set(verdict.shown_by) | set(verdict.despite if isinstance(verdict, Met) else ())
    return Finding(
        control=control.id,
        host=context.target.name,
        title=control.title,
        kind=control.kind.value,
        level=control.level if control.kind is Kind.LEVEL else None,
        status=status_of(verdict),
        because=sys.intern(verdict.because),  # most hosts of a fleet fail in the same words
        evidence=told.of(shown),
        citation=_citation(guidance.section, guidance.step),
        remediation=guidance.remediation if not isinstance(verdict, (Met, NotApplicable)) else "",
        checklist=guidance.checklist,
        attested=verdict.attested if isinstance(verdict, (Met, NotMet)) else False,
        fault=verdict.fault if isinstance(verdict, Undetermined) else False,
    )


@lru_cache(maxsize=4096)
def _citation(section: str, step: str) -> Citation:
    return Citation(document=GUIDE, section=section, step=step)


def _named(need: Need) -> str:
    return f"{need.kind.__name__} of {need.subject}" if need.subject else need.kind.__name__
