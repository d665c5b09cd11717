"""What a Telnet port says before login, and whether it asks for a password in clear, a challenge, or nothing."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation
from auditor.model.facts import TelnetGreeting
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire import telnet
from auditor.wire.failures import attempt
from auditor.wire.gate import Gate


class TelnetProbe:
    """Listens on Telnet and Telnet Challenge ports and types nothing; one connection tells of port and greeting."""

    name = "telnet"
    order = 30

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take both kinds of Telnet."""
        return service is not None and service.protocol in ("telnet", "telnet-challenge")

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>` and `telnet/<service>`. A port that accepts and stays silent is open and unknown."""
        assert question.service is not None  # noqa: S101 - `applies` admits services only
        pattern = question.profile.telnet_challenge_pattern
        result = await attempt(telnet.greet(gate, question.port, pattern))
        yield port_observation(gate, question, result)
        yield observation(TelnetGreeting, self.name, question.service.name, gate, question.port, result)
