"""Level 2: SNMP is off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import OpenService, Setting, SnmpFace
from auditor.model.verdict import Verdict

from ._off import judge_off


@control(
    "services.snmp-off",
    title="SNMP v1/v2c is off, traps included",
    level=2,
    needs=(
        Need(OpenService, "snmp", optional=True),
        Need(SnmpFace, "snmp", optional=True),
        Need(Setting, "snmp.mode", optional=True),
    ),
    method="Sends one small GET of the system description, last of all questions. An answer proves that SNMP is on, an "
    "ICMP refusal that it is off. Where settings can be read, every mode but Off counts as on.",
    blind_spots="Silence proves nothing: an agent with another community name does not answer. Traps are sent by the "
    "host and cannot be asked for; only the setting tells of them. The question can be switched off by the operator.",
    section="2 Technology Introduction – Security Levels",
)
def snmp_off(evidence: Evidence, context: Context) -> Verdict:
    """SNMP v1 and v2c use a community name as their only password and send it in clear text.

    Whoever overhears it can read the system's state, and change it where writing is allowed.
    Traps carry the same name the other way. Some releases of this software also crash on malformed SNMP packets.
    """
    seen_at = (*evidence.observed(OpenService, "snmp"), *evidence.observed(SnmpFace))
    return judge_off(evidence, "SNMP", seen_at, "snmp.mode")
