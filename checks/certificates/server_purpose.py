"""Level 4: the certificate may be used by a TLS server."""

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains, leaf_unreadable


@control(
    "certificates.server-purpose",
    title="The certificate is meant for a TLS server",
    level=4,
    needs=(Need(JudgedChain),),
    method="Reads key usage and extended key usage of the certificates; one without these extensions may be used for"
    " everything.",
    blind_spots="Judges by the rules of today's clients. Very old clients do not look at all of these.",
    section="Appendix A – Communications, Certificate and Key Primer; beside it RFC 5280 section 4.2.1",
)
def server_purpose(evidence: Evidence, context: Context) -> Verdict:
    """Certificates that were issued for another use, such as signing mail, are refused by TLS clients.

    The host then works with every client that looks away, and with none that verifies.
    """
    return judge_chains(evidence, _opine)


def _opine(report: ChainReport) -> Opinion:
    """Look for uses that do not fit."""
    if not report.presented:
        return Opinion("", not_applicable="The server presented no certificate, so there is no purpose to read.")
    unreadable = leaf_unreadable(report)
    breaches = details(report, ProblemKind.WRONG_PURPOSE)
    return Opinion("the certificate may be used by a TLS server", breaches, (unreadable,) if unreadable else ())
