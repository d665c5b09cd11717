"""Level 3: HTTPS is on."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import TlsFace
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

from ._off import gaps, why_unknown


@control(
    "services.https-on",
    title="HTTPS is on",
    level=3,
    needs=(Need(TlsFace, optional=True),),
    method="Connects to the HTTPS port and begins a TLS handshake that accepts versions and ciphers of any age.",
    blind_spots="A handshake that was answered but not finished shows the certificate, not the possession of its key. "
    "A handshake that fails leaves the question open: it is never taken as HTTPS being off.",
    section="2 Technology Introduction – Security Levels",
)
def https_on(evidence: Evidence, context: Context) -> Verdict:
    """HTTPS is the one service that can both encrypt the conversation and prove who answers.

    Levels 3 and 4 turn the unprotected services off, so without HTTPS the system could no longer be managed
    in the way that the guide describes. A cipher that neither encrypts nor authenticates protects nothing.
    """
    if all(service.protocol != "https" for service in context.profile.services):
        return NotApplicable("This family has no HTTPS service.")
    faces = evidence.observed(TlsFace)
    protecting = tuple(o for o in faces if o.fact and o.fact.protection == "full")
    bare = tuple(o for o in faces if o.fact and o.fact.protection == "none")
    refused = tuple(o for o in faces if isinstance(o.outcome, Absent))
    if protecting:
        said = ", ".join(f"port {o.fact.port} with {o.fact.version}" for o in protecting if o.fact)
        return Met(f"TLS is answered on {said}.", tuple(o.id for o in protecting), gaps(*faces))
    if gaps(*faces) or not faces:
        because = f"HTTPS could not be verified ({why_unknown(faces)})."
        return Undetermined(because, tuple(o.id for o in faces))
    reasons = [f"port {o.fact.port} agreed to {o.fact.cipher}, which protects nothing" for o in bare if o.fact]
    reasons += [f"{o.subject} is refused" for o in refused]
    return NotMet(f"No HTTPS service protects anything: {'; '.join(reasons)}.", tuple(o.id for o in (*bare, *refused)))
