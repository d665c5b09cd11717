"""Lock-down: SNMP broadcast is disabled."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "snmp-broadcast-disabled"


@control(
    "tms.snmp-broadcast-disabled",
    title="The SNMP broadcast address is the server itself",
    kind=Kind.LOCK_DOWN,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Optional Level 3 Change – Restricting TMS to Secure-Only Operation",
)
def snmp_broadcast_disabled(evidence: Evidence, context: Context) -> Verdict:
    """Discovery by SNMP broadcast shouts the community name across the network.

    The guide's optional restriction points the broadcast at the server itself, so that nothing leaves it.
    """
    return judge_statement(evidence, context, _STATEMENT)
