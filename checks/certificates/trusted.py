"""Level 4: the certificate chains to a trusted root."""

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains, leaf_unreadable, name_of

_BREAKS_TRUST = (
    ProblemKind.BAD_SIGNATURE,
    ProblemKind.SELF_SIGNED_LEAF,
    ProblemKind.SELF_SIGNED_IN_CHAIN,
    ProblemKind.ISSUER_UNKNOWN,
    ProblemKind.MISSING_INTERMEDIATE,
    ProblemKind.NOT_A_CA,
    ProblemKind.PATH_TOO_LONG,
    ProblemKind.NAME_CONSTRAINT,
    ProblemKind.CRITICAL_EXTENSION,
)


@control(
    "certificates.trusted",
    title="The certificate chains to a trusted root",
    level=4,
    needs=(Need(JudgedChain),),
    method="Builds a path from the presented certificate to a root certificate that the operator gave for this audit.",
    blind_spots="Judges with the auditor's list of roots. Whether another party's own list would trust the certificate "
    "is judged with the links. Without a list of roots nothing can be said.",
    section="Verify Server Certificates Mode, fourth check",
)
def trusted(evidence: Evidence, context: Context) -> Verdict:
    """Anybody can make a certificate; only the signature of an authority that is trusted already gives it weight.

    The factory certificate of these systems is signed by the maker, whom no client trusts by default.
    """
    return judge_chains(evidence, _opine)


def _opine(report: ChainReport) -> Opinion:
    """Look for an anchor, and for whatever keeps the path from it."""
    if not report.presented:
        return Opinion("", not_applicable="The server presented no certificate, so there is none to trust.")
    if report.has(ProblemKind.NO_TRUST_ANCHORS):
        return Opinion("", doubts=("the operator gave no root certificates to judge with",))
    unreadable = leaf_unreadable(report)
    if unreadable:
        return Opinion("", doubts=(unreadable,))
    doubts = details(report, ProblemKind.TOO_COMPLEX)
    if not report.path and not doubts:
        doubts = ("no path to a trusted root was found",)
    anchor = name_of(report.path[-1]) if report.path else ""
    return Opinion(f"the certificate chains to {anchor}", details(report, *_BREAKS_TRUST), doubts)
