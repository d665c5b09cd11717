"""Off means off twice: the shared rule for services that must not answer and must not be switched on.

An open port is a breach whatever the settings say. A refused port satisfies, unless the setting was read and says On:
then the service is back at the next restart. Where nothing comes back, the setting decides if it was read.
"""

from auditor.model.evidence import Absent, AnyObservation, Evidence, Observation, Seen, Unknown
from auditor.model.facts import Setting
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict


def configured_on(evidence: Evidence, path: str) -> bool | None:
    """Tell whether the setting says on: every value but Off is on, and None means that it was not read."""
    mode = evidence.one(Setting, path)
    if mode is None or mode.fact is None:
        return None
    return mode.fact.value.strip().strip('"').casefold() != "off"


def setting_ids(evidence: Evidence, *paths: str) -> tuple[str, ...]:
    """Return the identifiers of the settings that were read."""
    return tuple(o.id for path in paths for o in evidence.observed(Setting, path) if isinstance(o.outcome, Seen))


def gaps(*observations: AnyObservation) -> tuple[str, ...]:
    """Return the identifiers of those observations that ended in `Unknown`."""
    return tuple(o.id for o in observations if isinstance(o.outcome, Unknown))


def why_unknown(observations: tuple[AnyObservation, ...]) -> str:
    """Put the causes of all observations that ended in `Unknown` into one clause."""
    details = dict.fromkeys(o.outcome.detail for o in observations if isinstance(o.outcome, Unknown))
    return "; ".join(detail.rstrip(".") for detail in details) or "the question was not asked"


def judge_off(
    evidence: Evidence,
    name: str,
    seen_at: tuple[AnyObservation, ...],
    path: str,
    beside: tuple[AnyObservation, ...] = (),
) -> Verdict:
    """Judge a service from the observations that tell whether it answers, and from the setting at `path`.

    `beside` are dependent observations: their gaps do not matter where the port or the setting decides.
    """
    settings: tuple[Observation[Setting], ...] = evidence.observed(Setting, path)
    read = setting_ids(evidence, path)
    on = configured_on(evidence, path)
    answering = tuple(o.id for o in seen_at if isinstance(o.outcome, Seen))
    refused = tuple(o.id for o in seen_at if isinstance(o.outcome, Absent))
    despite = gaps(*seen_at, *settings, *beside)
    if answering:
        setting = " although the setting says Off (a restart may be due)" if on is False else ""
        return NotMet(f"{name} answers{setting}.", (*answering, *read))
    if on:
        now = "is refused now, but is" if refused else "gave no answer that tells, and is"
        return NotMet(f"{name} {now} configured on: it is served, or will be after a restart.", (*refused, *read))
    if refused:
        setting = " and configured off" if on is False else "; its setting was not read"
        return Met(f"{name} is refused{setting}.", (*refused, *read), despite)
    if on is False and seen_at:
        return Met(f"{name} is configured off; its port gave no answer that tells.", read, despite)
    because = f"It cannot be told from here whether {name} is on ({why_unknown(seen_at)}); it needs the setting {path}."
    return Undetermined(because, tuple(o.id for o in seen_at))
