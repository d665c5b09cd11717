"""Level 4: systems are tracked by host name."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested
from auditor.model.verdict import Verdict

from ._statement import BLIND_SPOTS, METHOD, judge_statement

_STATEMENT = "systems-by-hostname"


@control(
    "tms.systems-by-hostname",
    title="Every supported system is entered and tracked by host name",
    level=4,
    needs=(Need(Attested, _STATEMENT),),
    method=(
        f"{METHOD} So does the server's own list of systems, where the inventory names one (`system_list`): a system "
        "that it shows as tracked by an address is a breach, whatever was stated."
    ),
    blind_spots=(
        f"{BLIND_SPOTS} An exported list can refute it, and never proves it: it shows one day, and only the columns "
        "that were exported."
    ),
    section="TMS chapter, Additional TMS Server Requirements when Secure-Only is enabled",
)
def systems_by_hostname(evidence: Evidence, context: Context) -> Verdict:
    """Certificates are checked against the name under which the management server knows a device.

    A device that is tracked by its IP address cannot pass that check.
    """
    return judge_statement(evidence, context, _STATEMENT)
