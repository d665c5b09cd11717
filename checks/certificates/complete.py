"""Level 4: the certificate and its path are complete and undamaged."""

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains


@control(
    "certificates.complete",
    title="The certificate is complete and its signatures are right",
    level=4,
    needs=(Need(JudgedChain),),
    method="Parses every certificate that is presented and checks the signature on each certificate of the path.",
    blind_spots="Where the issuer's certificate is not at hand, its signature cannot be checked, and the result stays "
    "open. A certificate that only this program cannot read counts as unreadable.",
    section="Verify Server Certificates Mode, first check",
)
def complete(evidence: Evidence, context: Context) -> Verdict:
    """Damaged or altered certificates prove nothing.

    The first of the four checks that the devices make is that a certificate is whole and that its checksums fit.
    """
    return judge_chains(evidence, _opine)


def _opine(report: ChainReport) -> Opinion:
    """Look for what cannot be parsed and for signatures that do not fit."""
    kinds = (ProblemKind.NO_CERTIFICATE, ProblemKind.UNREADABLE, ProblemKind.BAD_SIGNATURE)
    breaches = details(report, *kinds)
    if not report.presented and not breaches:
        breaches = ("the server presented no certificate",)
    checkable = bool(report.path) or any(c.self_issued for c in report.presented)
    doubts = () if checkable else ("the issuer's certificate is not at hand, so its signature cannot be checked",)
    if report.has(ProblemKind.TOO_COMPLEX):
        doubts = (*doubts, *details(report, ProblemKind.TOO_COMPLEX))
    return Opinion("every certificate can be read and every signature on the path is right", breaches, doubts)
