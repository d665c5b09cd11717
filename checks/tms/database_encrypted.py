"""Advisory: the connection to an external database is encrypted."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "database-encrypted"


@control(
    "tms.database-encrypted",
    title="The connection to the database is local or encrypted",
    kind=Kind.ADVISORY,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, TMS Interaction with the Database",
)
def database_encrypted(evidence: Evidence, context: Context) -> Verdict:
    """Everything that the management server knows passes to its database.

    A database on the same machine is not exposed. An external one protects the conversation only where encryption was
    switched on there. The guide leaves this to the owner, so it decides no level.
    """
    return judge_statement(evidence, context, _STATEMENT)
