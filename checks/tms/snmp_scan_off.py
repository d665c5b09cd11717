"""Lock-down: scanning of systems by SNMP is off."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "snmp-scan-off"


@control(
    "tms.snmp-scan-off",
    title="Scanning of SNMP capable systems is off",
    kind=Kind.LOCK_DOWN,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Optional Level 3 Change – Restricting TMS to Secure-Only Operation",
)
def snmp_scan_off(evidence: Evidence, context: Context) -> Verdict:
    """Scanning by SNMP sends the community name in clear to every address that is scanned.

    The guide's optional restriction switches it off.
    """
    return judge_statement(evidence, context, _STATEMENT)
