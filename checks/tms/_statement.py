"""The operator's statements about settings of the management server that no read-only view shows."""

from auditor.model.control import Context
from auditor.model.evidence import Evidence, Observation
from auditor.model.facts import Attested
from auditor.model.link import Contradiction
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

METHOD = (
    "Takes the operator's signed statement, while it is valid, and marks the result as attested. Settings of managed "
    "devices that contradict it win over it."
)
BLIND_SPOTS = "No read-only view shows this setting, so nobody has checked the statement against the server."


def judge_statement(evidence: Evidence, context: Context, statement: str, *, good: str = "yes") -> Verdict:
    """Judge by the statements that are valid at the time of the audit; `good` is the value that satisfies.

    The satisfying value alone is met; the other of yes and no is a breach; both, or another word, leaves it open.
    What managed devices show against the statement wins over it.
    """
    against = [o for o in evidence.observed(Contradiction, statement) if o.fact is not None]
    refuted = [o for o in against if o.fact and o.fact.refutes]
    if refuted:
        shown = tuple(o.id for o in refuted)
        return NotMet(" ".join(dict.fromkeys(o.fact.because for o in refuted if o.fact)), shown)
    verdict = _by_word(evidence, context, statement, good)
    if against and isinstance(verdict, Met):
        doubts = " ".join(dict.fromkeys(o.fact.because for o in against if o.fact))
        return Undetermined(f"{verdict.because} {doubts}", (*verdict.shown_by, *(o.id for o in against)))
    return verdict


def _by_word(evidence: Evidence, context: Context, statement: str, good: str) -> Verdict:
    """Judge by people's words alone."""
    asked = evidence.observed(Attested, statement)
    ids = tuple(o.id for o in asked)
    valid = [o for o in asked if _is_valid(o, context)]
    words = {o.fact.value.strip().casefold() for o in valid if o.fact}
    if not valid:
        why = "the statement that was given is not valid at the time of the audit" if ids else "none was given"
        return Undetermined(f"Needs the operator's statement '{statement}'; {why}.", ids)
    if len(words) > 1 or not words <= {"yes", "no"}:
        said = ", ".join(sorted(repr(word[:20]) for word in words))
        return Undetermined(f"The operator's statement '{statement}' is not a clear yes or no: {said}.", ids)
    newest = max((o.fact for o in valid if o.fact), key=lambda fact: fact.on)
    said = f"{_printable(newest.by)} stated '{statement}: {newest.value.strip():.20}' on {newest.on:%Y-%m-%d}."
    shown = tuple(o.id for o in valid)
    return Met(said, shown, attested=True) if words == {good} else NotMet(said, shown, attested=True)


def _is_valid(observation: Observation[Attested], context: Context) -> bool:
    """Tell whether the statement was made before the audit and has not expired."""
    fact = observation.fact
    return fact is not None and fact.on <= context.at < fact.expires


def _printable(text: str) -> str:
    """Return a person's name, short and without control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)[:60]
