"""From findings to ordered steps: what to do first, what it settles, and which level that gives. Pure.

The order is data (`remedy.toml`). A step's score is computed by the same `score` that rated the host, with the step's
controls taken as met, so a plan promises nothing that an audit would not confirm. Nothing is raised by accepting a
finding: only a met control counts.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from auditor.engine.score import score
from auditor.model.assessment import AuditRun, Citation, Finding, HostAssessment, Score
from auditor.model.control import GUIDE, Control, Kind
from auditor.model.remedy import Action, Batch, FleetRemedy, HostRemedy, Step, StepKind
from auditor.model.verdict import Status

FIND_OUT, RESTART, SOFTWARE = "find-out", "restart", "software"
LINK_LEVEL = 4
"""Links are part of the way from this target level on: it is the level of verified identities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of the order; see `remedy.toml`."""

    name: str
    title: str
    reason: str
    after: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    reveals: tuple[str, ...] = ()
    restart: bool = False
    links: bool = False
    lock_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The whole order, how families restart, and how to find out a kind of fact."""

    phases: tuple[Phase, ...]
    restarts: Mapping[str, tuple[str, Citation]]
    how: Mapping[str, str]

    def phase(self, name: str) -> Phase:
        """Return the phase of this name; raises StopIteration for an unknown one."""
        return next(p for p in self.phases if p.name == name)

    def before(self, phase: Phase) -> frozenset[str]:
        """Return the names of all phases that must come before this one, directly or not."""
        above = frozenset(phase.after)
        return above.union(*(self.before(self.phase(name)) for name in phase.after)) if above else above


@cache
def order() -> Order:
    """Return the order of the data file; raises ValueError where it contradicts itself."""
    text = files("auditor.engine").joinpath("remedy.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    phases = tuple(_phase(row) for row in document["phase"])
    checked(phases)
    restarts = {
        family: (row["text"], Citation(document=GUIDE, section=row["section"], step=row["step"]))
        for row in document["restart"]
        for family in row["families"]
    }
    return Order(phases=phases, restarts=restarts, how=document["how"])


def _phase(row: Mapping[str, Any]) -> Phase:
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Phase(**plain)


def checked(phases: Sequence[Phase]) -> None:
    """Raise ValueError where a phase stands before one that it needs, or a control in two phases."""
    seen: set[str] = set()
    controls: set[str] = set()
    for phase in phases:
        early = set(phase.after) - seen
        if early:
            raise ValueError(f"phase {phase.name} stands before {', '.join(sorted(early))}")
        twice = controls & set(phase.controls)
        if twice:
            raise ValueError(f"phase {phase.name}: {', '.join(sorted(twice))} stands in two phases")
        seen.add(phase.name)
        controls |= set(phase.controls)


def plan_remedy(
    run: AuditRun, *, hosts: Iterable[str] | None = None, level: int | None = None, lock_down: bool = False
) -> FleetRemedy:
    """Return the way to the target level (each host's own, unless `level` is given) for these hosts, or for all."""
    wanted = None if hosts is None else set(hosts)
    ways = tuple(
        remedy_of(host, run.catalogue, level or host.target.target_level, lock_down=lock_down)
        for host in run.hosts
        if wanted is None or host.target.name in wanted
    )
    return FleetRemedy(hosts=ways, batches=batched(ways))


def remedy_of(host: HostAssessment, catalogue: Sequence[Control], level: int, *, lock_down: bool = False) -> HostRemedy:
    """Return the way of one host to a level."""
    way = _Way(host, catalogue, level)
    now = score(host.findings, answered=way.answered, target_level=level)
    excluded = host.identity.excluded if host.identity else None
    if not way.answered:
        steps: tuple[Step, ...] = (_reach(host, now),)
    else:
        steps = tuple(way.steps(lock_down=lock_down, hopeless=bool(excluded)))
    return HostRemedy(
        host=host.target.name,
        product=host.product,
        target_level=level,
        now=now,
        steps=steps,
        out_of_reach=excluded if steps else None,
    )


def _reach(host: HostAssessment, now: Score) -> Step:
    return Step(
        number=1,
        phase=FIND_OUT,
        title="Make the host answer",
        kind=StepKind.REACH,
        reason=host.unreachable_because or "No management service answered, so nothing can be planned.",
        actions=(),
        after=now,
        raises=False,
    )


class _Way:
    """One host's steps while they are put together: the findings change as steps settle them."""

    def __init__(self, host: HostAssessment, catalogue: Sequence[Control], level: int) -> None:
        self._host = host
        self._needs = {c.id: tuple(n.kind.__name__ for n in c.needs) for c in catalogue}
        self._level = level
        self._order = order()
        self._findings = _revealed(host.findings)
        self.answered = host.score.proven is not None

    def steps(self, *, lock_down: bool, hopeless: bool) -> Iterator[Step]:
        """Yield the steps in order; `hopeless` means that the software can never be made to fit."""
        number, restart = 0, False
        before = self._score()
        for phase, kind, controls in self._work(lock_down=lock_down):
            actions = tuple(self._action(self._findings[c], kind) for c in controls)
            if not (hopeless and phase.name == SOFTWARE):
                for control in controls:
                    self._findings[control] = replace(self._findings[control], status=Status.MET)
            after, number = self._score(), number + 1
            restart |= phase.restart and kind is StepKind.CHANGE
            yield _step(number, phase, kind, actions, (before, after))
            before = after
        if restart and self._host.product in self._order.restarts:
            phase = self._order.phase(RESTART)
            yield _step(number + 1, phase, StepKind.RESTART, (self._restart(phase),), (before, before))

    def _work(self, *, lock_down: bool) -> list[tuple[Phase, StepKind, tuple[str, ...]]]:
        """Return what is to be done: unknowns first, unless they cannot be found out before something is changed."""
        work: list[tuple[Phase, StepKind, tuple[str, ...]]] = []
        first: list[str] = []
        failing = {p.name for p in self._order.phases if self._open(p, Status.NOT_MET, lock_down=lock_down)}
        for phase in self._order.phases:
            change = self._open(phase, Status.NOT_MET, lock_down=lock_down)
            unknown = self._open(phase, Status.UNDETERMINED, lock_down=lock_down)
            if change:
                work.append((phase, StepKind.CHANGE, change))
            if unknown and failing & self._order.before(phase):
                work.append((phase, StepKind.FIND_OUT, unknown))
            else:
                first += unknown
        if first:
            work.insert(0, (self._order.phase(FIND_OUT), StepKind.FIND_OUT, tuple(first)))
        return work

    def _open(self, phase: Phase, status: Status, *, lock_down: bool) -> tuple[str, ...]:
        """Return the phase's controls of this status that the target level asks for."""
        found = (self._findings.get(control) for control in phase.controls)
        return tuple(f.control for f in found if f and f.status is status and self._asked(f, phase, lock_down))

    def _asked(self, finding: Finding, phase: Phase, lock_down: bool) -> bool:  # noqa: FBT001 - a private predicate
        if finding.kind == Kind.LEVEL.value:
            return finding.level is not None and finding.level <= self._level
        return (phase.links and self._level >= LINK_LEVEL) or (phase.lock_down and lock_down)

    def _action(self, finding: Finding, kind: StepKind) -> Action:
        text = finding.remediation.strip()
        if kind is StepKind.FIND_OUT:
            how = (self._order.how.get(name, "") for name in self._needs.get(finding.control, ()))
            text = " ".join([*dict.fromkeys(h for h in how if h), text])
        return Action(
            control=finding.control,
            title=finding.title,
            level=finding.level,
            because=finding.because,
            text=text,
            citation=finding.citation,
        )

    def _restart(self, phase: Phase) -> Action:
        text, citation = self._order.restarts[self._host.product]
        return Action(control="", title=phase.title, level=None, because=phase.reason, text=text, citation=citation)

    def _score(self) -> Score:
        return score(list(self._findings.values()), answered=self.answered, target_level=self._level)


def _revealed(findings: Sequence[Finding]) -> dict[str, Finding]:
    """Return findings by control; what does not apply until a failing phase is done counts as not known.

    Without HTTPS there is no certificate to judge. Once HTTPS is on there is one, and nobody knows whether it is good.
    """
    found = {f.control: f for f in findings}
    for phase in order().phases:
        if any(f.control in phase.controls and f.status is Status.NOT_MET for f in findings):
            for control in phase.reveals:
                hidden = found.get(control)
                if hidden is not None and hidden.status is Status.NOT_APPLICABLE:
                    because = f"Not known before this is done: {phase.title}. {hidden.because}"
                    found[control] = replace(hidden, status=Status.UNDETERMINED, because=because)
    return found


def _step(number: int, phase: Phase, kind: StepKind, actions: tuple[Action, ...], scores: tuple[Score, Score]) -> Step:
    before, after = scores
    return Step(
        number=number,
        phase=phase.name,
        title=phase.title,
        kind=kind,
        reason=phase.reason,
        actions=actions,
        after=after,
        raises=(after.proven, after.possible) != (before.proven, before.possible),
    )


def batched(ways: Sequence[HostRemedy]) -> tuple[Batch, ...]:
    """Return the same work on several hosts as one, in the order of the phases; every prerequisite comes before."""
    places = {phase.name: place for place, phase in enumerate(order().phases)}
    found: dict[tuple[str, StepKind, str, str], list[str]] = {}
    words: dict[str, tuple[str, str]] = {}
    for way in ways:
        for step in way.steps:
            words[step.phase] = (step.title, step.reason)
            pairs = [(a.control, a.text) for a in step.actions] or [("", step.title)]
            for control, text in pairs:
                found.setdefault((step.phase, step.kind, control, text), []).append(way.host)
    ranked = sorted(found, key=lambda key: (places[key[0]], _rank(key[0], key[2]), key[1] is StepKind.FIND_OUT))
    return tuple(
        Batch(
            number=number, phase=phase, title=words[phase][0], kind=kind, reason=words[phase][1],
            control=control or None, text=text, hosts=tuple(found[phase, kind, control, text]),
        )
        for number, (phase, kind, control, text) in enumerate(ranked, 1)
    )  # fmt: skip


def _rank(phase: str, control: str) -> int:
    controls = order().phase(phase).controls
    return controls.index(control) if control in controls else len(controls)
