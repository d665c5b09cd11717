"""Advisory: no outdated protocol version is accepted."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import TlsFace, TlsVersions
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

_CURRENT = ("TLSv1.2", "TLSv1.3")
_MUST_BE_REFUSED = ("SSLv3", "TLSv1.0", "TLSv1.1")
_SPELLINGS = {"TLSv1": "TLSv1.0"}


@control(
    "tls.protocol-version",
    title="No protocol version before TLS 1.2 is accepted",
    kind=Kind.ADVISORY,
    needs=(Need(TlsVersions), Need(TlsFace)),
    method="Offers each protocol version alone, one connection after the other, and records which are accepted.",
    blind_spots="A version that only works with ciphers or extensions that were not offered may be missed.",
    section="2 Technology Introduction – Security Levels; beside it RFC 8996, RFC 7568 and NIST SP 800-52 Rev. 2",
)
def protocol_version(evidence: Evidence, context: Context) -> Verdict:
    """SSL 3.0, TLS 1.0 and TLS 1.1 have known weaknesses and are withdrawn.

    The systems of the guide's time may know nothing newer, so this is advice and decides no level.
    """
    versions, faces = evidence.observed(TlsVersions), evidence.observed(TlsFace)
    old = {o.id: [v for v in o.fact.accepted if _name(v) not in _CURRENT] for o in versions if o.fact}
    old |= {o.id: [o.fact.version] for o in faces if o.fact and _name(o.fact.version) not in _CURRENT}
    accepted = {id_: names for id_, names in old.items() if names}
    if accepted:
        said = ", ".join(dict.fromkeys(name for names in accepted.values() for name in names))
        return NotMet(f"Outdated protocol versions are accepted: {said}.", tuple(accepted))
    asked = (*versions, *faces)
    shown = tuple(o.id for o in asked)
    if asked and all(isinstance(o.outcome, Absent) for o in asked):
        return NotApplicable("No TLS service answers.", shown)
    seen = [o.fact for o in versions if o.fact is not None]
    open_ = {n for f in seen for n in _MUST_BE_REFUSED if n not in {_name(v) for v in f.refused}}
    gaps = [o.outcome.detail.rstrip(".") for o in asked if isinstance(o.outcome, Unknown)]
    if gaps or open_ or not seen or {f.subject for f in faces if f.fact} - {v.subject for v in versions if v.fact}:
        why = "; ".join(dict.fromkeys(gaps)) or ", ".join(sorted(open_)) or "no version was offered alone"
        return Undetermined(f"It is not known whether outdated versions are accepted ({why}).", shown)
    return Met("No protocol version before TLS 1.2 is accepted.", tuple(o.id for o in versions if o.fact))


def _name(version: str) -> str:
    """Return one spelling for one version."""
    return _SPELLINGS.get(version, version)
