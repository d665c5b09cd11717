"""Advisory: SSH protocol 1 is not offered."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import SshFace
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict


@control(
    "ssh.protocol-1",
    title="SSH protocol 1 is not offered",
    kind=Kind.ADVISORY,
    needs=(Need(SshFace),),
    method="Reads the protocol version in the identification line that the SSH server sends first.",
    blind_spots="A server may accept protocol 1 and not say so in this line.",
    section="2 Technology Introduction – Security Levels; beside it RFC 4253 section 5",
)
def protocol_1(evidence: Evidence, context: Context) -> Verdict:
    """SSH protocol 1 has flaws that let an attacker insert data into a session.

    A server that says 1.99 speaks both versions, and an attacker on the path can ask for the old one.
    """
    faces = evidence.observed(SshFace)
    seen = [(o.id, o.fact) for o in faces if o.fact is not None]
    old = [(id_, face.protocol) for id_, face in seen if face.protocol.startswith("1")]
    if old:
        said = ", ".join(repr(protocol[:10]) for _, protocol in old)
        return NotMet(f"The SSH server offers protocol {said}.", tuple(id_ for id_, _ in old))
    gaps = [o.outcome.detail.rstrip(".") for o in faces if isinstance(o.outcome, Unknown)]
    odd = [face.protocol for _, face in seen if face.protocol != "2.0"]
    if gaps or odd or not faces:
        why = "; ".join(gaps) or (f"the server says {odd[0][:10]!r}" if odd else "SSH was not asked")
        return Undetermined(f"It is not known which protocols SSH offers ({why}).", tuple(o.id for o in faces))
    if seen:
        return Met("The SSH server offers protocol 2 alone.", tuple(id_ for id_, _ in seen))
    closed = tuple(o.id for o in faces if isinstance(o.outcome, Absent))
    return NotApplicable("No SSH service answers.", closed)
