"""Level 4: the server's own DNS is configured."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "server-dns"


@control(
    "tms.server-dns",
    title="The server itself has working DNS servers",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Additional TMS Server Requirements when Secure-Only is enabled",
)
def server_dns(evidence: Evidence, context: Context) -> Verdict:
    """To reach devices by name, the management server has to resolve their names itself.

    Without DNS it would fall back to numbers, which no certificate check can pass.
    """
    return judge_statement(evidence, context, _STATEMENT)
