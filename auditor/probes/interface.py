"""What a probe is: the question it asks, when it applies, and how its answer becomes observations."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from auditor.model.evidence import AnyObservation, Observation, Seen, Unknown
from auditor.model.facts import Fact, OpenService
from auditor.model.inventory import Settings, Target
from auditor.model.profile import Profile, Service
from auditor.wire.failures import Answer, Failure
from auditor.wire.gate import Gate

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to one host, about a service of its profile on the port that inventory or profile give."""

    target: Target
    profile: Profile
    service: Service | None
    port: int
    settings: Settings


class Probe(Protocol):
    """Asks one kind of question. `order` sorts the questions of a host: lower first, hazards last."""

    name: str
    order: int

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Tell whether this probe has a question about the service (None: about the host as a whole)."""
        ...

    def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Ask, and yield each observation as soon as it is made. Raises nothing but cancellation."""
        ...


@runtime_checkable
class ConcernedProbe(Probe, Protocol):
    """A probe whose question makes sense for some targets only, for reasons beyond their services."""

    def concerns(self, target: Target, profile: Profile) -> bool:
        """Tell whether there is a question to this target."""
        ...


def port_observation(gate: Gate, question: Question, result: Answer[object] | Failure) -> Observation[OpenService]:
    """Tell the port's state from how a question to it ended: whoever spoke or hung up had accepted the connection."""
    assert question.service is not None  # noqa: S101 - the planner pairs service probes with services
    service, port = question.service, question.port
    if isinstance(result, Failure) and not result.connected:
        return Observation(OpenService, "port", service.name, gate.now(), result.outcome, port)
    fact = OpenService(service=service.name, transport=service.transport, port=port)
    return Observation(OpenService, "port", service.name, gate.now(), Seen(fact), port)


def observation(
    kind: type[F], probe: str, subject: str, gate: Gate, port: int | None, result: Answer[F] | Failure
) -> Observation[F]:
    """Make the observation of a question's answer or failure."""
    outcome = Seen(result.value) if isinstance(result, Answer) else result.outcome
    return Observation(kind, probe, subject, gate.now(), outcome, port)


def is_fault(made: AnyObservation) -> bool:
    """Tell whether the observation is missing because of a fault of ours."""
    return isinstance(made.outcome, Unknown) and made.outcome.cause.value in {"bug", "not_permitted"}
