"""What DNS knows of a target: the addresses of its hostname, the names of its address."""

import ipaddress
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from auditor.model.evidence import Absent, AnyObservation, Cause, Observation, Seen, Unknown
from auditor.model.facts import Fact, NameLookup, ReverseLookup
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question
from auditor.wire import dns
from auditor.wire.failures import Answer, attempt
from auditor.wire.gate import Gate

F = TypeVar("F", bound=Fact)


class NamesProbe:
    """Asks the resolvers of the inventory, not the target itself."""

    name = "dns"
    order = 10

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take the host as a whole."""
        return service is None

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `dns/forward` and `dns/reverse`; `Absent` only where DNS itself answered that there is nothing."""
        servers = question.settings.dns_servers
        name = question.target.hostname
        if name is None or _is_address(name):
            outcome = Unknown(Cause.NOT_ASKED, "the inventory gives no hostname, so there is none to look up")
            yield Observation(NameLookup, self.name, "forward", gate.now(), outcome)
        else:
            outcome_of_name = await self._outcome(dns.forward(gate, name, servers))
            yield Observation(NameLookup, self.name, "forward", gate.now(), outcome_of_name)
        outcome_of_address = await self._outcome(dns.reverse(gate, gate.address, servers))
        yield Observation(ReverseLookup, self.name, "reverse", gate.now(), outcome_of_address)

    async def _outcome(self, question: Awaitable[F]) -> Seen[F] | Absent | Unknown:
        result = await attempt(question)
        if isinstance(result, Answer):
            return Seen(result.value)
        if isinstance(result.outcome, Unknown) and result.outcome.cause is Cause.NAME_NOT_FOUND:
            return Absent(result.outcome.detail)
        return result.outcome


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
