"""Lock-down: the management server refuses plain HTTP."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import HttpFace, OpenService
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._face import asked_over, leads_to, why_unknown


@control(
    "tms.http-refused",
    title="Plain HTTP is refused on every tested path",
    kind=Kind.LOCK_DOWN,
    needs=(Need(OpenService, "http", optional=True), Need(HttpFace, "http/", optional=True)),
    method="Asks each path of the profile over plain HTTP. A refused port, the answer 403 and a redirect to HTTPS "
    "count as refusals.",
    blind_spots="Only the profile's paths are asked. Settings that were made on single directories are lost when the "
    "server is upgraded, so this has to be looked at again afterwards.",
    section="TMS chapter, Optional Level 3 Change – Restricting TMS to Secure-Only Operation",
)
def http_refused(evidence: Evidence, context: Context) -> Verdict:
    """While plain HTTP is open, users and older devices keep using it, and passwords and call data with it.

    The guide calls this restriction optional, because it shuts out every device that knows no HTTPS.
    """
    ports, asked = evidence.observed(OpenService, "http"), asked_over(evidence, "http")
    served = [(o.id, o.fact) for o in asked if o.fact is not None and not _turns_away(o.fact)]
    if served:
        said = ", ".join(f"{face.path} ({face.status})" for _, face in served)
        return NotMet(f"Pages are served over plain HTTP: {said}.", tuple(id_ for id_, _ in served))
    closed = tuple(o.id for o in ports if isinstance(o.outcome, Absent))
    if closed:
        return Met("The HTTP port is refused.", closed, tuple(o.id for o in asked if o.fact is None))
    away = tuple(o.id for o in asked if o.fact is not None or isinstance(o.outcome, Absent))
    if not asked or len(away) < len(asked):
        because = f"It is not known whether every path is refused over plain HTTP ({why_unknown(asked)})."
        return Undetermined(because, tuple(o.id for o in (*ports, *asked)))
    return Met("Every tested path is refused over plain HTTP or leads to HTTPS.", away)


def _turns_away(face: HttpFace) -> bool:
    """Tell whether the answer refuses plain HTTP; newer web servers hide that 403 means 'use HTTPS'."""
    return face.ssl_required or face.status == 403 or leads_to(face, "https")
