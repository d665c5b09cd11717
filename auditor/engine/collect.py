"""Carry out a plan: the task groups and the limits live here, and nowhere else.

Hosts are handed on as they finish, so memory does not grow with the fleet. Work for a host is made when a worker is
free for it. Whatever happens to one host, the others go on; whatever was observed before a host's deadline or an
interruption is kept.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from auditor.engine.executor import NOTHING_REMAINS, Remains
from auditor.engine.identify import identify
from auditor.engine.paces import Paces, outside
from auditor.engine.plan import HostPlan, plan_host
from auditor.engine.saved import SavedFile, with_saved
from auditor.engine.turns import Turn, Turns
from auditor.engine.windows import Admission
from auditor.model.collected import HostEvidence
from auditor.model.evidence import AnyObservation, Cause, Evidence, Unknown
from auditor.model.inventory import AUTO, Settings, Target
from auditor.model.profile import Limits, Profile
from auditor.probes.interface import Probe, is_fault
from auditor.wire.dns import resolve
from auditor.wire.failures import Answer, attempt
from auditor.wire.fence import Fence
from auditor.wire.gate import Gate, utc_now
from auditor.wire.ledger import Ledger
from auditor.wire.login import Login
from auditor.wire.pace import Pace
from auditor.wire.readlist import ReadList


@dataclass(slots=True)
class _Host:
    """One host while it is being asked."""

    plan: HostPlan
    started_at: datetime
    address: str | None = None
    profile: Profile | None = None
    observations: dict[str, AnyObservation] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    complete: bool = False
    barred: bool = False
    pace: Pace | None = None

    def keep(self, made: AnyObservation) -> None:
        """Keep an observation; the first answer to a question stands."""
        if made.id not in self.observations:
            self.observations[made.id] = made
            if is_fault(made) and isinstance(made.outcome, Unknown):
                self.faults.append(f"{self.plan.target.name}: {made.id}: {made.outcome.detail}")


class Collector:
    """The executor of one machine: asks all planned questions and yields each host's evidence when it is done.

    `stop` ends the collection early: hosts in progress are handed on as far as they got, marked incomplete.
    """

    def __init__(  # noqa: PLR0913 - everything that a collection needs, each by its name
        self,
        *,
        profiles: Mapping[str, Profile],
        probes: Sequence[Probe],
        settings: Settings,
        ledger: Ledger,
        now: Callable[[], datetime] = utc_now,
        on_start: Callable[[Target], None] = lambda target: None,
        logins: Mapping[str, Login] | None = None,
        saved: Mapping[str, SavedFile] | None = None,
        fence: Fence | None = None,
        paces: Paces | None = None,
    ) -> None:
        """Take everything that a collection needs; raise `ForbiddenReadError` for a profile that lists a write.

        `logins` and `saved` are by the targets' names: how to log in there, and the configuration taken earlier.
        A host beyond the `fence` is not looked at, and its notes say so. `paces` are for an audit that asks for its
        own sake too, and shares its rates with this.
        """
        self._profiles = profiles
        self._probes = probes
        self._settings = settings
        self._ledger = ledger
        self._now = now
        self._on_start = on_start
        self._logins = logins or {}
        self._saved = saved or {}
        self._fence = fence
        self._reads = {
            (family, login): ReadList.of(profile.reads, login=login)
            for family, profile in profiles.items()
            for login in (False, True)
        }
        self._paces = paces or Paces(settings.politeness)
        self._turns: Turns | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End the collection as soon as the running questions can be dropped."""
        self._stopped.set()
        if self._turns is not None:
            self._turns.stop()

    def drain(self) -> None:
        """Begin no further host; those that are being asked are asked to their end."""
        if self._turns is not None:
            self._turns.stop()

    @property
    def remains(self) -> Remains:
        """Nothing: a host that was not asked before the end is told by its absence."""
        return NOTHING_REMAINS

    async def run(self, plans: Iterable[HostPlan]) -> AsyncIterator[HostEvidence]:
        """Yield the evidence of each planned host as it finishes."""
        turns = self._turns = Turns(plans, self._settings.politeness, self._now)
        done: asyncio.Queue[HostEvidence | None] = asyncio.Queue()
        room = asyncio.Semaphore(self._settings.hosts_at_once)

        async def worker() -> None:
            while not self._stopped.is_set() and (turn := await turns.next()) is not None:
                self._on_start(turn.plan.target)
                host = await self._until_stopped(turn)
                turns.done(turn.plan)
                await room.acquire()
                done.put_nowait(host)

        async def all_workers() -> None:
            # The end is told in any case: a worker that falls must not leave the reader waiting.
            try:
                async with self._paces.watched(), asyncio.TaskGroup() as group:
                    for _ in range(self._settings.hosts_at_once):
                        group.create_task(worker())
            finally:
                done.put_nowait(None)

        running = asyncio.create_task(all_workers())
        try:
            while (host := await done.get()) is not None:
                room.release()
                yield host
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _until_stopped(self, turn: Turn) -> HostEvidence:
        plan = turn.plan
        host = _Host(plan, self._now(), profile=plan.profile)
        asking = asyncio.create_task(self._ask_host(host, turn.admission))
        stopping = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                host.notes.append("The audit was interrupted while this host was being asked.")
        finally:
            for task in (asking, stopping):
                task.cancel()
            ended, _ = await asyncio.gather(asking, stopping, return_exceptions=True)
        if isinstance(ended, Exception):
            host.faults.append(f"{plan.target.name}: {type(ended).__name__}: {ended}")
            host.notes.append("A fault of the auditor ended the questions to this host early.")
        if host.pace is not None:
            host.notes += host.pace.notes
            host.complete = host.complete and not host.pace.stopped
        assert host.profile is not None  # noqa: S101 - set from the plan
        made, notes = with_saved(
            host.observations.values(), self._saved.get(plan.target.name), host.profile, started_at=host.started_at
        )
        host.notes += notes
        return HostEvidence(
            target=plan.target,
            product=host.profile.family,
            address=host.address,
            evidence=Evidence(made),
            started_at=host.started_at,
            finished_at=self._now(),
            complete=host.complete,
            notes=tuple(host.notes),
            faults=tuple(host.faults),
            spared=host.pace is not None and host.pace.spared,
        )

    async def _ask_host(self, host: _Host, admission: Admission) -> None:
        if not admission.allowed:
            host.notes.append(outside(admission))
            return
        limits = _limits(host.plan, self._settings)
        try:
            async with asyncio.timeout(limits.host_seconds) as deadline:
                host.pace = self._paces.of(host.plan.target, limits.pause_seconds, deadline, admission, now=self._now())
                host.address = host.plan.target.address or await self._find(host, limits)
                if host.barred or self._beyond(host):
                    return
                if host.address is not None:
                    await self._ask_all(host, host.plan, limits)
                    await self._ask_as_recognised(host, limits)
                host.complete = True
        except TimeoutError:
            host.notes.append(f"The time limit of {limits.host_seconds:g} s for one host was used up.")

    def _beyond(self, host: _Host) -> bool:
        """Tell whether the host stands beyond the fence, which is noted: then nothing is sent to it."""
        reason = self._fence.refusal(host.address) if self._fence and host.address else None
        if reason:
            host.notes.append(f"Not looked at: {reason}.")
        return reason is not None

    async def _find(self, host: _Host, limits: Limits) -> str | None:
        gate = self._gate(host, host.plan.profile, limits)
        hostname = host.plan.target.hostname or ""
        found = await attempt(resolve(gate, hostname, self._settings.dns_servers))
        if isinstance(found, Answer):
            return found.value[0]
        if isinstance(found.outcome, Unknown) and found.outcome.cause is Cause.NOT_ASKED:
            host.notes.append(f"Not looked at: nobody was asked for {hostname}'s address ({found.outcome.detail}).")
            host.barred = True
            return None
        reason = found.outcome.reason if not isinstance(found.outcome, Unknown) else found.outcome.detail
        if found.fault:
            host.faults.append(f"{host.plan.target.name}: {found.fault}")
        host.notes.append(f"No address for {hostname}: {reason}.")
        return None

    async def _ask_all(self, host: _Host, plan: HostPlan, limits: Limits) -> None:
        gate = self._gate(host, plan.profile, limits)
        for probe, question in plan.questions:
            async for made in probe.ask(gate, question):
                host.keep(made)

    async def _ask_as_recognised(self, host: _Host, limits: Limits) -> None:
        """Ask the rest of a target whose product was left to us, once its family is recognised."""
        if host.plan.target.product != AUTO:
            return
        identity = identify(Evidence(tuple(host.observations.values())), self._profiles.values())
        if identity is None:
            host.notes.append("The product could not be recognised from what the host shows.")
            return
        host.profile = self._profiles[identity.family]
        plan = plan_host(host.plan.target, host.profile, self._probes, self._settings)
        asked = {(probe.name, q.service.name if q.service else "", q.profile.paths) for probe, q in host.plan.questions}
        rest = [
            (probe, q)
            for probe, q in plan.questions
            if (probe.name, q.service.name if q.service else "", q.profile.paths) not in asked
        ]
        await self._ask_all(host, replace(plan, questions=tuple(rest)), limits)

    def _gate(self, host: _Host, profile: Profile, limits: Limits) -> Gate:
        login = self._logins.get(host.plan.target.name) if host.address else None
        return Gate(
            host=host.plan.target.name,
            address=host.address or "",
            login=login and replace(login, host=host.address or ""),
            reads=self._reads[profile.family, login is not None],
            limits=limits,
            ledger=self._ledger,
            now=self._now,
            pace=host.pace,
            fence=self._fence,
        )


def _limits(plan: HostPlan, settings: Settings) -> Limits:
    """Return the profile's limits with those that the inventory replaces."""
    profile, politeness = plan.profile, settings.politeness
    return replace(
        profile.limits,
        pause_seconds=politeness.pause(profile.limits.pause_seconds, plan.target.pause_seconds),
        question_seconds=settings.question_seconds or profile.limits.question_seconds,
        host_seconds=settings.host_seconds or profile.limits.host_seconds,
    )
