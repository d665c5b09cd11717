"""One direction of a link, as it was judged with the evidence of both parties: the shared rule of `trust.*`."""

from auditor.model.evidence import Evidence, Unknown
from auditor.model.link import Direction, JudgedLink, LinkOutcome
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict


def judge_side(evidence: Evidence, direction: Direction, tms: str | None) -> Verdict:
    """Judge by what happens when the one party calls the other; only a certificate that passes is met."""
    if tms is None:
        return NotApplicable("The inventory names no management server for this device.")
    made = evidence.one(JudgedLink, direction)
    if made is None:
        return Undetermined(f"Needs the evidence of both this device and {_printable(tms)}.")
    if made.fact is None:
        missing = made.outcome.detail if isinstance(made.outcome, Unknown) else "the link was not judged"
        return Undetermined(f"{missing.rstrip('.')}.", (made.id,))
    known = {o.id for o in evidence.observations}
    return _by_outcome(made.fact, (made.id, *(i for i in made.fact.rests_on if i in known)))


def _by_outcome(side: JudgedLink, shown: tuple[str, ...]) -> Verdict:
    match side.outcome:
        case LinkOutcome.ACCEPTED:
            return Met(side.because, shown, attested=side.attested)
        case LinkOutcome.OFF:
            return NotApplicable(side.because, shown)
        case LinkOutcome.UNKNOWN:
            return Undetermined(side.because, shown)
        case _:
            return NotMet(side.because, shown, attested=side.attested)


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:80]
