"""Level 4: the host's clock is right."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence, Observation, Unknown
from auditor.model.facts import DeviceClock
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict


@control(
    "prerequisites.clock",
    title="The clock is right",
    level=4,
    needs=(Need(DeviceClock),),
    method="Compares the time in the host's own answers with the auditor's clock, allowing the policy's tolerance "
    "(clock_tolerance_seconds).",
    blind_spots="Trusts the auditor's clock. Something between, such as a proxy, may have written the time that was "
    "read.",
    section="Additional Settings Required for VerifyServerCertificate",
)
def clock(evidence: Evidence, context: Context) -> Verdict:
    """Whether a certificate is within its dates is decided by the clock of the system that verifies it.

    A clock that is far off makes every such decision wrong, whatever the NTP settings say.
    """
    seen = [(o, o.fact) for o in evidence.observed(DeviceClock) if o.fact is not None]
    tolerance = context.policy.clock_tolerance_seconds
    wrong = [(o, fact) for o, fact in seen if abs(fact.ahead_seconds) > tolerance]
    if wrong:
        return NotMet(f"The clock is {_list(wrong)}; {tolerance} seconds are allowed.", tuple(o.id for o, _ in wrong))
    gaps = evidence.gaps(DeviceClock)
    if seen:
        return Met(f"The clock is {_list(seen)}.", tuple(o.id for o, _ in seen), tuple(o.id for o in gaps))
    why = "; ".join(o.outcome.detail.rstrip(".") for o in gaps if isinstance(o.outcome, Unknown))
    because = f"Needs the host's own time; {why or 'no answer carried it'}."
    return Undetermined(because, tuple(o.id for o in evidence.observed(DeviceClock)))


def _list(clocks: list[tuple[Observation[DeviceClock], DeviceClock]]) -> str:
    """Say how far each clock is off."""
    return ", ".join(
        f"{abs(fact.ahead_seconds):.0f} seconds {'ahead' if fact.ahead_seconds >= 0 else 'behind'}"
        for _, fact in clocks
    )
