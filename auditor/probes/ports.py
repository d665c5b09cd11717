"""Is a port open that no other probe speaks to? Connect, close, nothing sent."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, port_observation
from auditor.wire import tcp
from auditor.wire.failures import attempt
from auditor.wire.gate import Gate


class PortProbe:
    """Tells open, refused and filtered apart for services of protocol `tcp`."""

    name = "port"
    order = 20

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take the services that have no reader of their own."""
        return service is not None and service.protocol == "tcp"

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>`."""
        yield port_observation(gate, question, await attempt(tcp.connect(gate, question.port)))
