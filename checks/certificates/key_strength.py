"""Advisory: the keys are long enough for today."""

from collections.abc import Iterator

from auditor.model.certificate import Certificate, ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains, name_of, on_path

_ELLIPTIC_BITS = 224
_FIXED = ("ED25519", "ED448")


@control(
    "certificates.key-strength",
    title="Keys are long enough for today",
    kind=Kind.ADVISORY,
    needs=(Need(JudgedChain),),
    method="Compares the length of every key on the path with the policy (minimum_key_bits for RSA and DSA) and with "
    "224 bits for elliptic curves.",
    blind_spots="Length is not everything: keys made by a faulty generator are found only where they are known.",
    section="Appendix C – Creating and Working with Certificates; beside it NIST SP 800-131A Rev. 2",
)
def key_strength(evidence: Evidence, context: Context) -> Verdict:
    """Keys of 1024 bits were usual in 2008, and the guide's own examples use them.

    They are within reach of a well-equipped attacker now. This is advice beside the guide and decides no level.
    """
    minimum = context.policy.minimum_key_bits

    def opine(report: ChainReport) -> Opinion:
        """Look for short keys and for keys whose length is not known."""
        if not report.presented:
            return Opinion("", not_applicable="The server presented no certificate, so there is no key to measure.")
        known = details(report, ProblemKind.WEAK_KEY)
        short = tuple(f"{name_of(c)} has {c.key or 'a short key'}" for c in _short(on_path(report), minimum))
        doubts = tuple(f"the key of {name_of(c)} cannot be measured" for c in on_path(report) if _bits(c) is None)
        good = f"every key on the path has at least {minimum} bits (224 for elliptic curves)"
        return Opinion(good, short or known, doubts)

    return judge_chains(evidence, opine)


def _short(certificates: tuple[Certificate, ...], minimum: int) -> Iterator[Certificate]:
    """Yield the certificates whose key is too short for its kind."""
    for certificate in certificates:
        bits, kind = _bits(certificate), (certificate.key_algorithm or "").upper()
        limit = minimum if kind in {"RSA", "RSA-PSS", "DSA"} else _ELLIPTIC_BITS
        if bits is not None and kind not in _FIXED and bits < limit:
            yield certificate


def _bits(certificate: Certificate) -> int | None:
    """Return the key's length; kinds with a fixed length always have one."""
    return 256 if (certificate.key_algorithm or "").upper() in _FIXED else certificate.key_bits
