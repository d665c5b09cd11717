"""Advisory: no certificate on the path expires soon."""

from datetime import timedelta

from auditor.model.certificate import ChainReport, JudgedChain
from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.verdict import Verdict

from ._chain import Opinion, judge_chains, name_of, on_path


@control(
    "certificates.expires-soon",
    title="No certificate on the path expires soon",
    kind=Kind.ADVISORY,
    needs=(Need(JudgedChain),),
    method="Compares the last day of every certificate on the path with the time of the audit plus the warning time of "
    "the policy (expiry_warning_days).",
    blind_spots="Roots that are loaded on other hosts and are not on this path are not looked at.",
    section="Implementation Guide for Level 4, closing remarks on upkeep",
)
def expires_soon(evidence: Evidence, context: Context) -> Verdict:
    """On the day a certificate expires, every verifying party ends the conversation at once.

    The guide asks administrators to know these days in advance and to replace certificates before them.
    """
    limit = context.at + timedelta(days=context.policy.expiry_warning_days)

    def opine(report: ChainReport) -> Opinion:
        """Look for last days before the limit."""
        if not report.presented:
            return Opinion("", not_applicable="The server presented no certificate that could expire.")
        soon = [(c, c.not_after) for c in on_path(report) if c.not_after is not None and c.not_after <= limit]
        breaches = tuple(f"{name_of(c)} {_when((last - context.at).days)}, on {last:%Y-%m-%d}" for c, last in soon)
        doubts = tuple(f"the last day of {name_of(c)} cannot be read" for c in on_path(report) if c.not_after is None)
        return Opinion(f"nothing on the path expires before {limit:%Y-%m-%d}", breaches, doubts)

    return judge_chains(evidence, opine)


def _when(days: int) -> str:
    """Say how far away the last day is."""
    return f"expires in {days} days" if days >= 0 else f"expired {-days} days ago"
