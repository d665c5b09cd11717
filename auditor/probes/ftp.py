"""What an FTP port says before login: greeting and features."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation
from auditor.model.facts import FtpGreeting
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire import ftp
from auditor.wire.failures import attempt
from auditor.wire.gate import Gate


class FtpProbe:
    """Hears the greeting, asks FEAT, says QUIT; never logs in."""

    name = "ftp"
    order = 40

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take FTP services."""
        return service is not None and service.protocol == "ftp"

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>` and `ftp/<service>`."""
        assert question.service is not None  # noqa: S101 - `applies` admits services only
        result = await attempt(ftp.greet(gate, question.port))
        yield port_observation(gate, question, result)
        yield observation(FtpGreeting, self.name, question.service.name, gate, question.port, result)
