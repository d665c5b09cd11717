"""Advisory: SSH offers no weak algorithms."""

import re

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import SshFace
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

_WEAK = {
    "kex": re.compile(r"group1-sha1|group-exchange-sha1|rsa1024-sha1"),
    "host_key_algorithms": re.compile(r"^ssh-(?:dss|rsa)(?:-cert-v01@openssh\.com)?$"),
    "ciphers": re.compile(r"^arcfour|^none$|-cbc(?:@|$)"),
    "macs": re.compile(r"md5|-96(?:@|-etm@|$)|^none$"),
}

_RSA = {"rsa-sha2-512", "rsa-sha2-256"}


@control(
    "ssh.weak-algorithms",
    title="SSH offers no weak algorithms",
    kind=Kind.ADVISORY,
    needs=(Need(SshFace),),
    method="Reads the lists of algorithms that the SSH server offers before login, and the length of its RSA and DSA "
    "host keys (policy minimum_key_bits).",
    blind_spots="Which of the offered algorithms a client would use is not seen.",
    section="2 Technology Introduction – Security Levels; beside it RFC 9142, RFC 8332 and RFC 8758",
)
def weak_algorithms(evidence: Evidence, context: Context) -> Verdict:
    """SSH is as strong as the weakest algorithm on which both sides agree.

    Servers of the guide's time offer ones that are broken or withdrawn today. The guide rates SSH as a whole, so this
    is advice and decides no level.
    """
    faces = evidence.observed(SshFace)
    seen = [(o.id, o.fact) for o in faces if o.fact is not None]
    weak = {id_: found for id_, face in seen if (found := _weak_in(face, context.policy.minimum_key_bits))}
    if weak:
        said = ", ".join(dict.fromkeys(_printable(name) for names in weak.values() for name in names))
        return NotMet(f"The SSH server offers weak algorithms: {said}.", tuple(weak))
    gaps = [o.outcome.detail.rstrip(".") for o in faces if isinstance(o.outcome, Unknown)]
    gaps += ["its RSA host key, whose length counts, was not shown"] * any(_without_key(face) for _, face in seen)
    if gaps or not faces or any(not face.kex or not face.ciphers for _, face in seen):
        why = "; ".join(gaps) or "the lists of algorithms were not read"
        return Undetermined(f"It is not known which algorithms SSH offers ({why}).", tuple(o.id for o in faces))
    if seen:
        return Met("The SSH server offers no algorithm that is known as weak.", tuple(id_ for id_, _ in seen))
    closed = tuple(o.id for o in faces if isinstance(o.outcome, Absent))
    return NotApplicable("No SSH service answers.", closed)


def _weak_in(face: SshFace, minimum_bits: int) -> tuple[str, ...]:
    """Return every weak algorithm and every short host key."""
    offered = {
        "kex": face.kex,
        "host_key_algorithms": face.host_key_algorithms,
        "ciphers": face.ciphers,
        "macs": face.macs,
    }
    names = [name for list_, names in offered.items() for name in names if _WEAK[list_].search(name)]
    short = [
        f"{key.algorithm} host key of {key.bits} bits"
        for key in face.host_keys
        if key.algorithm in {"ssh-rsa", "ssh-dss"} and key.bits < minimum_bits
    ]
    return (*dict.fromkeys(names), *short)


def _without_key(face: SshFace) -> bool:
    """Tell whether RSA keys are offered by algorithms that are not weak by themselves, and none was shown."""
    return bool(_RSA & set(face.host_key_algorithms)) and not any(key.algorithm == "ssh-rsa" for key in face.host_keys)


def _printable(name: str) -> str:
    """Return a name from the wire, short and without control characters."""
    return "".join(c if c.isprintable() else "?" for c in name)[:60]
