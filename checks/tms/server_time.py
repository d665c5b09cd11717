"""Level 4: the server's time is synchronised."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "server-time"


@control(
    "tms.server-time",
    title="The server's time is synchronised",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Additional TMS Server Requirements when Secure-Only is enabled",
)
def server_time(evidence: Evidence, context: Context) -> Verdict:
    """Certificates have dates, and the server judges those of all its devices by its own clock.

    A wrong clock there breaks the links to the whole fleet at once.
    """
    return judge_statement(evidence, context, _STATEMENT)
