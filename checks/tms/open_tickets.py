"""Advisory: no ticket about certificates or HTTPS is open."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "open-tickets"


@control(
    "tms.open-tickets",
    title="No ticket about certificates or HTTPS is open",
    kind=Kind.ADVISORY,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Implementation Guide for Level 3, step 4",
)
def open_tickets(evidence: Evidence, context: Context) -> Verdict:
    """By tickets the management server itself reports devices that it cannot reach over HTTPS or cannot verify.

    The guide asks administrators to look for them after the change. An open ticket is a hint, not a breach of a level.
    """
    return judge_statement(evidence, context, _STATEMENT, good="no")
