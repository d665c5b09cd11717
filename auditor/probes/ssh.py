"""What an SSH server shows before login: identification, algorithms and host keys."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation
from auditor.model.facts import SshFace
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire import ssh
from auditor.wire.failures import attempt
from auditor.wire.gate import Gate


class SshProbe:
    """Reads an SSH server's face and never logs in; the first connection also tells the port's state."""

    name = "ssh"
    order = 70

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take SSH services."""
        return service is not None and service.protocol == "ssh"

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>` and `ssh/<service>`."""
        assert question.service is not None  # noqa: S101 - `applies` admits services only
        result = await attempt(ssh.read_face(gate, question.port))
        yield port_observation(gate, question, result)
        yield observation(SshFace, self.name, question.service.name, gate, question.port, result)
