"""Level 4: the server's full name is configured."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "fqdn-configured"


@control(
    "tms.fqdn-configured",
    title="The server's fully qualified host name is configured",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Implementation Guide for Level 4, step 4",
)
def fqdn_configured(evidence: Evidence, context: Context) -> Verdict:
    """Devices are told to reach the management server by the name that is configured here.

    If it is missing or no full name, their check of the server's certificate fails.
    """
    return judge_statement(evidence, context, _STATEMENT)
