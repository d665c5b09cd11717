"""Does SNMP answer, and what does the agent call itself? One GET, after everything else."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation
from auditor.model.facts import SnmpFace
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire import snmp
from auditor.wire.failures import attempt
from auditor.wire.gate import Gate


class SnmpProbe:
    """Asks for sysDescr.0, once. It comes last: old software of these families may not survive SNMP."""

    name = "snmp"
    order = 1000

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take SNMP services, unless the inventory switches the question off."""
        return settings.snmp and service is not None and service.protocol == "snmp"

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>` and `snmp/<service>`; silence leaves both unknown."""
        assert question.service is not None  # noqa: S101 - `applies` admits services only
        result = await attempt(snmp.describe(gate, question.port, question.settings.snmp_community))
        yield port_observation(gate, question, result)
        yield observation(SnmpFace, self.name, question.service.name, gate, question.port, result)
