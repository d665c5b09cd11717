"""What the database server behind a management server demands before login, at its own address."""

from collections.abc import AsyncIterator

from auditor.model.evidence import AnyObservation, Observation, Seen
from auditor.model.facts import DatabaseFace
from auditor.model.inventory import Database, Settings, Target
from auditor.model.profile import Profile, Service
from auditor.probes.interface import Question
from auditor.wire import tds
from auditor.wire.dns import resolve
from auditor.wire.failures import Answer, attempt
from auditor.wire.gate import Gate


class DatabaseProbe:
    """Asks the database host that the inventory names; what it answers is no answer of the management server."""

    name = "database"
    order = 80

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take the host as a whole."""
        del settings
        return service is None

    def concerns(self, target: Target, profile: Profile) -> bool:
        """Tell whether a database is named, and this family's list permits the question."""
        listed = any((read.protocol, read.operation) == ("tds", "PRELOGIN") for read in profile.reads)
        return target.database is not None and listed

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `database/encryption`."""
        database = question.target.database
        if database is None:
            return
        result = await attempt(_ask(gate, database, question.settings))
        outcome = Seen(result.value) if isinstance(result, Answer) else result.outcome
        yield Observation(DatabaseFace, self.name, "encryption", gate.now(), outcome, database.port)


async def _ask(gate: Gate, database: Database, settings: Settings) -> DatabaseFace:
    address = database.address
    if address is None:
        address = (await resolve(gate, database.hostname or "", settings.dns_servers))[0]
    return await tds.ask(gate, address, database.port)
