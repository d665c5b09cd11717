"""What HTTP and HTTPS services answer to one GET of each path of the profile."""

from collections.abc import AsyncIterator

from auditor.model.evidence import Absent, AnyObservation, Cause, Unknown
from auditor.model.facts import HttpFace
from auditor.model.inventory import Settings
from auditor.model.profile import Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire import http
from auditor.wire.failures import Answer, Failure, attempt
from auditor.wire.gate import Gate

HOPELESS = {Cause.FILTERED, Cause.UNREACHABLE, Cause.TIMED_OUT, Cause.TLS_FAILED}
"""Causes that another path would not change."""


class HttpProbe:
    """Asks for each path once, without credentials; of plain HTTP the first answer also tells the port's state.

    Of HTTPS the port is told by the TLS probe, which asks first.
    """

    name = "get"
    order = 60

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take HTTP and HTTPS services."""
        return service is not None and service.protocol in {"http", "https"}

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `port/<service>` (of plain HTTP) and `get/<service><path>` for each path.

        Once the port is found refused or dumb, the other paths are not asked for and get the same outcome.
        """
        assert question.service is not None  # noqa: S101 - `applies` admits services only
        service, port, name = question.service, question.port, question.target.hostname
        scheme = "https" if service.protocol == "https" else "http"
        result: Answer[HttpFace] | Failure | None = None
        made: list[AnyObservation] = []  # held back until the port's state is known
        told = scheme == "https"
        for path in question.profile.paths:
            if result is None or not _hopeless(result):
                asked = http.get(gate, scheme=scheme, port=port, path=path, host_header=name, sni=name)
                result = await attempt(asked)
            made.append(observation(HttpFace, self.name, service.name + path, gate, port, result))
            if not told and not (isinstance(result, Failure) and result.fault):
                yield port_observation(gate, question, result)
                told = True
            if told:
                for one in made:
                    yield one
                made.clear()
        if made and result is not None:  # every path was a fault of ours: so is what is missing of the port
            yield port_observation(gate, question, result)
            for one in made:
                yield one


def _hopeless(result: Answer[HttpFace] | Failure) -> bool:
    match result:
        case Failure(outcome=Absent()):
            return True
        case Failure(outcome=Unknown(cause=cause)):
            return cause in HOPELESS
        case _:
            return False
