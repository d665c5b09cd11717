"""Advisory: no weak cipher suite is used."""

import re

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import TlsFace, TlsVersions
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

_WEAK = re.compile(r"NULL|ANON|ADH|AECDH|EXP(?:ORT)?|RC2|RC4|DES|IDEA|SEED|MD5", re.IGNORECASE)
"""Parts of suite names, in OpenSSL's and IANA's spelling, that no suite of today has."""


@control(
    "tls.weak-cipher",
    title="No weak cipher suite is used",
    kind=Kind.ADVISORY,
    needs=(Need(TlsFace), Need(TlsVersions, optional=True)),
    method="Reads the cipher suite that the host chooses, and the weak suites that it accepts when these are offered.",
    blind_spots="Suites are weak here when they encrypt with RC4, DES, 3DES, RC2, IDEA or SEED, use export lengths or "
    "MD5, or protect nothing. CBC mode and missing forward secrecy are not counted.",
    section="2 Technology Introduction – Security Levels; beside it NIST SP 800-52 Rev. 2 and RFC 7465",
)
def weak_cipher(evidence: Evidence, context: Context) -> Verdict:
    """Old ciphers let a patient listener read what was meant to be encrypted.

    The systems of the guide's time may know nothing better, so this is advice and decides no level.
    """
    faces, versions = evidence.observed(TlsFace), evidence.observed(TlsVersions)
    weak: dict[str, tuple[str, ...]] = {o.id: (o.fact.cipher,) for o in faces if o.fact and _is_weak(o.fact)}
    weak |= {o.id: o.fact.weak_suites for o in versions if o.fact and o.fact.weak_suites}
    if weak:
        said = ", ".join(dict.fromkeys(name for names in weak.values() for name in names))
        return NotMet(f"Weak cipher suites are accepted: {said}.", tuple(weak))
    asked = (*faces, *versions)
    shown = tuple(o.id for o in asked)
    if asked and all(isinstance(o.outcome, Absent) for o in asked):
        return NotApplicable("No TLS service answers.", shown)
    gaps = [o.outcome.detail.rstrip(".") for o in asked if isinstance(o.outcome, Unknown)]
    seen = {o.subject for o in versions if o.fact is not None}
    if gaps or not seen or {o.subject for o in faces if o.fact is not None} - seen:
        why = "; ".join(dict.fromkeys(gaps)) or "weak suites were not offered"
        return Undetermined(f"It is not known whether weak cipher suites are accepted ({why}).", shown)
    return Met("The host chose a sound cipher suite and accepted none of the weak ones.", shown)


def _is_weak(face: TlsFace) -> bool:
    """Tell whether the chosen suite is weak by its name or protects nothing."""
    return face.protection == "none" or _WEAK.search(face.cipher) is not None
