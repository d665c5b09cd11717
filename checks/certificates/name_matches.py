"""Level 4: the certificate names the host."""

import ipaddress

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains, leaf_unreadable


@control(
    "certificates.name-matches",
    title="The certificate names the host",
    level=4,
    needs=(Need(JudgedChain),),
    method="Compares the host name of the inventory with the common name (the guide's rule) and with the subject "
    "alternative names (today's rule); a match by either is enough, and both results are reported.",
    blind_spots="Judges the name that the inventory gives. Other names by which people or servers reach the host are "
    "not tried.",
    section="Verify Server Certificates Mode, third check",
)
def name_matches(evidence: Evidence, context: Context) -> Verdict:
    """Valid certificates of another host prove only that somebody else is trustworthy.

    The name in the certificate has to be the name by which the host is addressed. An address made of numbers is no
    name, and the guide asks for names wherever certificates are verified.
    """
    return judge_chains(evidence, _opine)


def _opine(report: ChainReport) -> Opinion:
    """Read the name check, and refuse numbers in place of a name."""
    check = report.name_check
    if not report.presented:
        return Opinion("", not_applicable="The server presented no certificate, so there is no name to compare.")
    if check is None:
        why = leaf_unreadable(report) or "the inventory gives no host name to compare with"
        return Opinion("", doubts=(why,))
    rules = f"common name: {check.by_common_name}, alternative names: {check.by_subject_alternative_name}"
    if _is_number(check.reference):
        return Opinion("", (f"the host is addressed by {check.reference} and not by a name ({rules})",))
    if check.outcome == "mismatch":
        unreadable = leaf_unreadable(report)
        if unreadable:
            return Opinion("", doubts=(unreadable,))
        said = details(report, ProblemKind.NAME_MISMATCH, ProblemKind.NO_NAME_TO_MATCH) or (check.because.rstrip("."),)
        return Opinion("", (*said, f"asked for {check.reference:.120} ({rules})"))
    return Opinion(f"the certificate names {check.reference:.120} ({rules})")


def _is_number(reference: str) -> bool:
    """Tell whether the reference is an IP address."""
    try:
        ipaddress.ip_address(reference.strip("[]"))
    except ValueError:
        return False
    return True
