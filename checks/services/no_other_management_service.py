"""Level 3: no other management service answers."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence, Seen
from auditor.model.facts import OpenService
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

from ._off import why_unknown


@control(
    "services.no-other-management-service",
    title="No other known management service answers",
    level=3,
    needs=(Need(OpenService, optional=True),),
    method="Connects to each further management port that the profile knows of the family and closes again.",
    blind_spots="Looks at the ports of the profile only; it is no port scan. What a port serves is not examined.",
    section="2 Technology Introduction – Security Levels",
)
def no_other_management_service(evidence: Evidence, context: Context) -> Verdict:
    """One management service that nobody thinks of undoes the protection of all the others.

    From Level 3 on, HTTPS and SSH are the only ways in, so every further port through which the family can be
    managed has to be closed.
    """
    others = [s for s in context.profile.services if s.protocol == "tcp" and s.management]
    if not others:
        return NotApplicable("No further management port is known of this family.")
    asked = {s.name: evidence.one(OpenService, s.name) for s in others}
    found = [o for o in asked.values() if o is not None]
    opened = [(s, o) for s in others if (o := asked[s.name]) is not None and isinstance(o.outcome, Seen)]
    if opened:
        names = ", ".join(f"{s.title} (port {o.fact.port if o.fact else s.port})" for s, o in opened)
        return NotMet(f"Further management services answer: {names}.", tuple(o.id for _, o in opened))
    unclear = [s.title for s in others if (o := asked[s.name]) is None or not isinstance(o.outcome, Absent)]
    if unclear:
        because = f"Not known of {', '.join(unclear)}: {why_unknown(tuple(found))}."
        return Undetermined(because, tuple(o.id for o in found))
    names = ", ".join(s.title for s in others)
    despite = tuple(o.id for o in evidence.gaps(OpenService))
    return Met(f"Every further management service is refused: {names}.", tuple(o.id for o in found), despite)
