"""What settings and people say: small readers shared by `prerequisites.*`."""

from auditor.model.control import Context
from auditor.model.evidence import Evidence, Observation
from auditor.model.facts import Attested, Fact, Setting


def value(evidence: Evidence, path: str) -> str | None:
    """Return the setting's value, printable and without quotes around it, or None where it was not read."""
    seen = evidence.one(Setting, path)
    if seen is None or seen.fact is None:
        return None
    return "".join(c if c.isprintable() else "?" for c in seen.fact.value.strip()).strip('"').strip()


def statement(evidence: Evidence, context: Context, name: str) -> tuple[Observation[Attested], bool] | None:
    """Return the operator's yes (True) or no that counts at the time of the audit, with its observation."""
    for observation in evidence.observed(Attested, name):
        fact = observation.fact
        if fact is not None and fact.on <= context.at < fact.expires:
            word = fact.value.strip().casefold()
            if word in {"yes", "no"}:
                return observation, word == "yes"
    return None


def seen_ids(evidence: Evidence, kind: type[Fact], *subjects: str) -> tuple[str, ...]:
    """Return the identifiers of the observations that showed a fact."""
    return tuple(o.id for subject in subjects for o in evidence.observed(kind, subject) if o.fact is not None)


def gap_ids(evidence: Evidence, kind: type[Fact], *subjects: str) -> tuple[str, ...]:
    """Return the identifiers of the observations that ended in `Unknown`."""
    return tuple(o.id for subject in subjects for o in evidence.gaps(kind, subject))
