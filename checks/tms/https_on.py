"""Level 3: the management server answers over HTTPS."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import HttpFace
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._face import asked_over, leads_to, why_unknown


@control(
    "tms.https-on",
    title="Every tested path of the management server answers over HTTPS",
    level=3,
    needs=(Need(HttpFace, "https/", optional=True),),
    method="Asks each path of the profile over HTTPS without credentials; a demand for a login is an answer.",
    blind_spots="Only the profile's paths are asked. That a path answers does not tell whether its pages work.",
    section="TMS chapter, Implementation Guide for Level 3, step 1",
)
def https_on(evidence: Evidence, context: Context) -> Verdict:
    """Users, devices and integrations can protect what they say to the server only where it answers over HTTPS.

    It is not set up when the server is installed: somebody has to give the web server a certificate first.
    """
    asked = asked_over(evidence, "https")
    reasons: dict[str, str] = {}
    doubts: dict[str, str] = {}
    for observation in asked:
        face = observation.fact
        if isinstance(observation.outcome, Absent):
            reasons[observation.id] = f"{observation.subject} is refused"
        elif face is None:
            doubts[observation.id] = f"{observation.subject} could not be asked ({why_unknown((observation,))})"
        elif leads_to(face, "http"):
            reasons[observation.id] = f"{face.path} sends the client back to plain HTTP"
        elif face.status == 404 or face.status >= 500:
            doubts[observation.id] = f"{face.path} answered with the error {face.status}"
    if reasons:
        return NotMet(f"Not every path answers over HTTPS: {'; '.join(reasons.values())}.", tuple(reasons))
    if doubts or not asked:
        said = "; ".join(doubts.values()) or "no path was asked over HTTPS"
        return Undetermined(f"It is not known whether every path answers over HTTPS: {said}.", tuple(doubts))
    paths = ", ".join(o.fact.path for o in asked if o.fact)
    return Met(f"Every tested path answers over HTTPS: {paths}.", tuple(o.id for o in asked))
