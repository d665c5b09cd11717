"""Level 4: every certificate on the path is within its dates."""

from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, details, judge_chains, leaf_unreadable, name_of, on_path


@control(
    "certificates.in-date",
    title="Every certificate on the path is within its dates",
    level=4,
    needs=(Need(JudgedChain),),
    method="Compares the time of the audit with the dates of every certificate on the path, or of every certificate "
    "that was presented where no path was found.",
    blind_spots="Uses the auditor's clock. A device whose own clock is wrong may judge otherwise (see "
    "prerequisites.clock).",
    section="Verify Server Certificates Mode, second check",
)
def in_date(evidence: Evidence, context: Context) -> Verdict:
    """Outside its dates a certificate vouches for nothing, and a verifying device ends the conversation.

    An expired root or intermediate takes every certificate below it along.
    """
    return judge_chains(evidence, _opine)


def _opine(report: ChainReport) -> Opinion:
    """Look for dates that are over, not yet reached, or not readable."""
    breaches = details(report, ProblemKind.EXPIRED, ProblemKind.NOT_YET_VALID, ProblemKind.MALFORMED_DATE)
    if not report.presented:
        return Opinion("", not_applicable="The server presented no certificate, so there are no dates to compare.")
    dateless = [c for c in on_path(report) if c.not_before is None or c.not_after is None]
    doubts = tuple(f"the dates of {name_of(c)} cannot be read" for c in dateless)
    unreadable = leaf_unreadable(report)
    last = min((c.not_after for c in on_path(report) if c.not_after is not None), default=None)
    good = f"every certificate on the path is within its dates, until {last:%Y-%m-%d}" if last else ""
    return Opinion(good, breaches, (unreadable, *doubts) if unreadable else doubts)
