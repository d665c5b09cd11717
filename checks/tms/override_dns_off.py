"""Level 4: Override DNS is set to No."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "override-dns-off"


@control(
    "tms.override-dns-off",
    title="Override DNS is set to No",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Additional TMS Server Requirements when Secure-Only is enabled",
)
def override_dns_off(evidence: Evidence, context: Context) -> Verdict:
    """With Override DNS on, devices are given the server's IP address in place of its name.

    Their check of the server's certificate then has no name to compare.
    """
    return judge_statement(evidence, context, _STATEMENT)
