"""Level 4: certificates of devices are verified."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "verify-certificates"


@control(
    "tms.verify-certificates",
    title="Certificates of devices are verified",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=METHOD,
    blind_spots=BLIND_SPOTS,
    section="TMS chapter, Secure-Only Option in TMS Administrative Tools, Verify Certificates",
)
def verify_certificates(evidence: Evidence, context: Context) -> Verdict:
    """With Verify Certificates on, the management server refuses devices whose certificate does not pass.

    It also switches verification on in the devices. Without it, either side may be talking to an impostor.
    """
    return judge_statement(evidence, context, _STATEMENT)
