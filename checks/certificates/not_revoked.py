"""Level 4: no certificate on the path is revoked."""

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind, Revocation
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains

_NOT_LOOKED_UP = "no revocation list was at hand"
_WORDS = {
    Revocation.MISSING: "the revocation list of an issuer is missing",
    Revocation.STALE: "a revocation list is out of date",
    Revocation.UNUSABLE: "a revocation list cannot be relied on",
}
"""What kept the question open, for each outcome of the lookup that is no answer."""


@control(
    "certificates.not-revoked",
    title="No certificate on the path is revoked",
    level=4,
    needs=(Need(JudgedChain),),
    method="Looks the certificates up in the revocation lists that the operator gave, or that the operator allowed to "
    "be fetched. The policy switch require_revocation_check decides whether a check is demanded.",
    blind_spots="A revocation that is newer than the list is not seen. Without a list nothing is checked: the result is"
    " then not applicable, unless the policy demands a check.",
    section="Appendix A – Communications, Certificate and Key Primer; beside it RFC 5280 section 6.3",
)
def not_revoked(evidence: Evidence, context: Context) -> Verdict:
    """Authorities revoke a certificate when its key was lost or stolen.

    Until the certificate expires, only the list of revocations tells the owner from the thief.
    """

    def opine(report: ChainReport) -> Opinion:
        """Look for revocations, and for whether anybody looked."""
        revoked = details(report, ProblemKind.REVOKED)
        if revoked:
            return Opinion("", revoked)
        if not report.presented:
            return Opinion("", not_applicable="The server presented no certificate that could be revoked.")
        if report.revocation_checked and not report.has(ProblemKind.REVOCATION_UNKNOWN):
            return Opinion("no certificate on the path stands in a revocation list")
        why = details(report, ProblemKind.REVOCATION_UNKNOWN)
        if context.policy.require_revocation_check:
            return Opinion("", doubts=why or (_WORDS.get(report.revocation, _NOT_LOOKED_UP),))
        if report.revocation is Revocation.NOT_CHECKED and not why:
            return Opinion("", not_applicable="No revocation list was at hand, and the policy does not demand one.")
        said = f"{_WORDS.get(report.revocation, _NOT_LOOKED_UP)} ({'; '.join(why)})" if why else _NOT_LOOKED_UP
        return Opinion("", not_applicable=f"{said[:1].upper()}{said[1:]}; the policy does not demand the check.")

    return judge_chains(evidence, opine)
