"""Lock-down: external integrations use HTTPS."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "integrations-https"


@control(
    "tms.integrations-https",
    title="Every external integration uses HTTPS",
    kind=Kind.LOCK_DOWN,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Optional Level 3 Change – Restricting TMS to Secure-Only Operation",
)
def integrations_https(evidence: Evidence, context: Context) -> Verdict:
    """Integrations with calendars and other products log in to the management server with real accounts.

    Over plain HTTP, how well these passwords are protected depends on the product. Once HTTP is refused, they have to
    use HTTPS anyway.
    """
    return judge_statement(evidence, context, _STATEMENT)
