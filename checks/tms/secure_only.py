"""Level 3: Secure-Only mode is on."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "secure-only"


@control(
    "tms.secure-only",
    title="Secure-Only mode is on",
    level=3,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Secure-Only Option in TMS Administrative Tools",
)
def secure_only(evidence: Evidence, context: Context) -> Verdict:
    """Without Secure-Only mode, the management server tells devices to talk to it over plain HTTP.

    It uses HTTPS towards devices where it can, but it falls back to weaker protocols. With the mode on it uses secure
    protocols alone with every device that supports them.
    """
    return judge_statement(evidence, context, _STATEMENT)
