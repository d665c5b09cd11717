"""What is to be done to reach a level, in order: text for a person, never sent to a device."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.model.assessment import Citation, Score


class StepKind(StrEnum):
    """`CHANGE` something, `FIND_OUT` what is not known, `RESTART` so that changes take effect, `REACH` the host."""

    CHANGE = "change"
    FIND_OUT = "find_out"
    RESTART = "restart"
    REACH = "reach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One control to be settled: why it stands as it does, and what a person does about it.

    `control` is empty for a restart, which settles none by itself.
    """

    control: str
    title: str
    level: int | None
    because: str
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on one host. `after` is the score once its controls are met; `raises` is False where it stays the same.

    `reason` says why the step stands at this place of the order.
    """

    number: int
    phase: str
    title: str
    kind: StepKind
    reason: str
    actions: tuple[Action, ...]
    after: Score
    raises: bool

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls that the step settles."""
        return tuple(action.control for action in self.actions if action.control)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRemedy:
    """The way of one host to a level. `out_of_reach` says why no step can take it there, where that is so."""

    host: str
    product: str
    target_level: int
    now: Score
    steps: tuple[Step, ...]
    out_of_reach: str | None = None

    @property
    def projected(self) -> Score:
        """The score after the last step."""
        return self.steps[-1].after if self.steps else self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The same work on several hosts; batches stand in the order in which a fleet is best worked through."""

    number: int
    phase: str
    title: str
    kind: StepKind
    reason: str
    control: str | None
    text: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRemedy:
    """The ways of all hosts, and the same work put together."""

    hosts: tuple[HostRemedy, ...]
    batches: tuple[Batch, ...]

    @property
    def nothing_left(self) -> bool:
        """Tell whether no host has a step left."""
        return not any(host.steps or host.out_of_reach for host in self.hosts)
