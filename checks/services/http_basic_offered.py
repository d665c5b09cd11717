"""Advisory: Basic is not offered over plain HTTP."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import HttpFace, OpenService
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

from ._http import Answer, answers, over_http
from ._off import gaps, why_unknown


@control(
    "services.http-basic-offered",
    title="Basic login is not offered over plain HTTP",
    kind=Kind.ADVISORY,
    needs=(Need(HttpFace, "http/", optional=True),),
    method="Reads every login scheme that the answers over plain HTTP offer.",
    blind_spots="Only the profile's paths are asked, and what a client would choose is not seen.",
    section="2 Technology Introduction – Security Levels; beside it RFC 7617 section 4",
)
def http_basic_offered(evidence: Evidence, context: Context) -> Verdict:
    """Where Digest and Basic are offered together, the client chooses, and a simple client chooses Basic.

    An attacker on the path can also strike the Digest offer out. The guide still rates such a server Level 2,
    so this is advice and no breach of a level.
    """
    pages, answered = over_http(evidence), answers(evidence)
    basic = [(id_, face) for id_, face, _ in answered if "basic" in face.auth_schemes]
    if basic:
        where = ", ".join(face.path for _, face in basic)
        return NotMet(f"HTTP offers Basic login in clear on {where}.", tuple(id_ for id_, _ in basic))
    closed = [o for o in evidence.observed(OpenService, "http") if isinstance(o.outcome, Absent)]
    if closed:
        return NotApplicable("HTTP is refused, so nothing is offered over it.", tuple(o.id for o in closed))
    if gaps(*pages) or not answered:
        return Undetermined(f"Not every page could be read ({why_unknown(pages)}).", tuple(o.id for o in pages))
    if all(kind is Answer.NEUTRAL for _, _, kind in answered):
        because = "The pages ask for no password; which schemes the server offers was not seen."
        return Undetermined(because, tuple(id_ for id_, _, _ in answered))
    return Met("No answer over HTTP offers Basic login.", tuple(id_ for id_, _, _ in answered))
