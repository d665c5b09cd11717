"""Level 4: everybody reaches the management server by one name."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import Attested, NameLookup
from auditor.model.verdict import NotMet, Verdict

from ._statement import METHOD, judge_statement

_STATEMENT = "one-name-for-all"


@control(
    "tms.one-name-for-all",
    title="Every system reaches the server by the same name",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=f"{METHOD} A host name of the inventory that DNS does not know is a breach, whatever was stated.",
    blind_spots="DNS is asked from the auditor's place only; what devices in other networks get is known"
    " by the statement alone.",
    section="TMS chapter, Additional TMS Server Requirements when Secure-Only is enabled",
)
def one_name_for_all(evidence: Evidence, context: Context) -> Verdict:
    """Web sites have one certificate, and a certificate names one host.

    So all devices, on the inner and on the public network, have to know the server by the same name.
    """
    unknown = [o for o in evidence.observed(NameLookup, "forward") if isinstance(o.outcome, Absent)]
    if unknown and context.target.hostname:
        because = f"DNS does not know {context.target.hostname}, so nobody can reach the server by this name."
        return NotMet(because, tuple(o.id for o in unknown))
    return judge_statement(evidence, context, _STATEMENT)
