"""Advisory: signatures use a sound hash."""

from auditor.model.certificate import Certificate, ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains, name_of, on_path

_BROKEN = ("md2", "md4", "md5", "sha1")


@control(
    "certificates.signature-algorithm",
    title="Certificates are signed with a sound hash",
    kind=Kind.ADVISORY,
    needs=(Need(JudgedChain),),
    method="Reads the signature algorithm of every certificate on the path. A root's signature on itself is left out, "
    "since nobody relies on it.",
    blind_spots="Looks at the certificates only, not at the signatures made during the TLS handshake.",
    section="Appendix A – Communications, Certificate and Key Primer; beside it NIST SP 800-131A Rev. 2",
)
def signature_algorithm(evidence: Evidence, context: Context) -> Verdict:
    """With MD5 or SHA-1, two certificates can be made that bear the same signature.

    Certificates of the guide's time were signed that way. This is advice beside the guide and decides no level.
    """
    return judge_chains(evidence, _opine)


def _opine(report: ChainReport) -> Opinion:
    """Look for broken hashes and for algorithms that cannot be read."""
    if not report.presented:
        return Opinion("", not_applicable="The server presented no certificate, so there is no signature to look at.")
    relied_on = [c for c in on_path(report) if not (c.self_issued and c is not report.leaf)]
    weak = tuple(f"{name_of(c)} is signed with {c.signature_algorithm}" for c in relied_on if _is_broken(c))
    doubts = tuple(f"the signature of {name_of(c)} cannot be read" for c in relied_on if c.signature_algorithm is None)
    good = "no certificate on the path is signed with MD5 or SHA-1"
    return Opinion(good, weak or details(report, ProblemKind.WEAK_SIGNATURE), doubts)


def _is_broken(certificate: Certificate) -> bool:
    """Tell whether the algorithm's name holds a broken hash, however it is spelt."""
    name = (certificate.signature_algorithm or "").casefold().replace("-", "").replace("_", "")
    return any(hash_ in name for hash_ in _BROKEN)
