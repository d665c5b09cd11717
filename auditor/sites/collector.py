"""A collector: takes the jobs of its site, asks the hosts, delivers what they showed. It accepts nothing but that.

It dials out to the database and to the hosts within its own networks, and listens to nobody. What a job asks for is
held against this machine's own profiles, read lists and configuration.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from procrastinate import App, PsycopgConnector, RetryStrategy

from auditor.engine.collect import Collector
from auditor.engine.plan import HostPlan, plan
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Evidence
from auditor.model.inventory import AUTO, Inventory, Settings, Target
from auditor.model.profile import Profile
from auditor.probes.interface import Probe
from auditor.reports.visible import visible
from auditor.sites.database import LARGEST_PAYLOAD, DatabaseError
from auditor.sites.delivery import Courier
from auditor.sites.parcel import MOST_BEYOND, Ground, packed
from auditor.sites.settings import CollectorSettings
from auditor.sites.spool import Spool
from auditor.sites.ticket import TASK, Ticket, read_ticket
from auditor.sites.working import keep_working, work_until
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.login import Login, LoginGuard

log = logging.getLogger(__name__)
MOST_NOTES = 20
"""Notes that are kept of a host whose evidence cannot be delivered."""
MOST_GUARDS = 16
"""Runs whose guards are kept in memory; what an older one knows is on the disk."""

Logins = Callable[[Sequence[Target], Settings, LoginGuard], Mapping[str, Login]]
"""How to log in at the targets, by their names; a target whose credentials are not configured here is left out."""


def utc(seconds: float) -> datetime:
    """Return a moment that is given in seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


class GivenBackError(Exception):
    """The job is given back to the queue, as this collector is being stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a collector audits with: its own profiles and probes, their digests, and the passwords of its site.

    `clock` tells the seconds since 1970 as this machine believes.
    """

    profiles: Mapping[str, Profile]
    probes: Sequence[Probe]
    ground: Ground
    logins: Logins
    clock: Callable[[], float]
    community: str | None = None


class SiteCollector:
    """The collector of one site."""

    def __init__(self, site: str, settings: CollectorSettings, means: Means) -> None:
        """Prepare everything; nothing is dialled yet. Raises OSError where the spool cannot be used."""
        self._site, self._settings, self._means = site, settings, means
        self._spool = Spool(Path(settings.spool))
        self._courier = Courier(settings.database, site, self._spool, clock=means.clock)
        self._fence = settings.fence()
        self._own = settings.own(means.community)
        self._draining = asyncio.Event()
        self._running: set[Collector] = set()
        self._turns = asyncio.Semaphore(settings.jobs_at_once)
        self._guards: dict[UUID, LoginGuard] = {}
        self._beyond: dict[UUID, set[str]] = defaultdict(set)
        self._one_at_a_time = asyncio.Lock()

    def drain(self) -> None:
        """Begin nothing new, finish the hosts that are being asked, deliver, give the other hosts back, and end."""
        self._draining.set()
        for collector in self._running:
            collector.drain()

    async def run(self) -> None:
        """Work until drained, through whatever happens to the line and to the database."""
        for waiting in self._spool.waiting():
            self._courier.hand(waiting)
        delivering = asyncio.create_task(self._courier.run())
        try:
            await keep_working(self._work, self._draining, f"site {self._site}")
            async with asyncio.timeout(self._settings.drain_seconds):
                await self._courier.emptied()
        except TimeoutError:
            log.warning("site %s: parcels wait in the spool for the next start", self._site)
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)

    async def _work(self) -> None:
        """Take jobs until drained, or until the database is lost."""
        await self._courier.measure()
        database = PsycopgConnector(
            conninfo=self._settings.database, min_size=1, max_size=4, timeout=15, reconnect_timeout=30, name=self._site
        )
        app = App(connector=database)
        app.task(name=TASK, retry=RetryStrategy(retry_exceptions={GivenBackError, DatabaseError}))(self._audit)
        async with app.open_async():
            worker = app.run_worker_async(
                queues=[self._site],
                name=self._site,
                # Twice as many jobs as may ask: while one delivers and is finished, another one asks.
                concurrency=self._settings.jobs_at_once * 2,
                listen_notify=False,
                install_signal_handlers=False,
                fetch_job_polling_interval=self._settings.poll_seconds,
                abort_job_polling_interval=self._settings.poll_seconds,
                update_heartbeat_interval=self._settings.heartbeat_seconds,
                shutdown_graceful_timeout=self._settings.drain_seconds,
                delete_jobs="never",
            )
            await work_until(self._draining, worker)

    async def _audit(self, ticket: object = None) -> None:
        """Carry out one job. Raises `TicketError` for what is not one: the job then counts as failed."""
        asked = read_ticket(ticket)
        await self._courier.measure()
        # Each job keeps the limits of its ticket, so jobs with limits side by side would break them together.
        async with self._one_at_a_time if asked.how.politeness.over_hosts else nullcontext(), self._turns:
            if self._draining.is_set():
                raise GivenBackError
            await self._ask(asked)
        await self._courier.emptied()
        if any(not self._spool.has(asked.run, target.name) for target in asked.targets):
            raise GivenBackError

    async def _ask(self, ticket: Ticket) -> None:
        settings = ticket.settings(self._own)
        due = [target for target in ticket.targets if not self._spool.has(ticket.run, target.name)]
        targets = [target for target in due if target.product in {*self._means.profiles, AUTO}]
        for target in due:
            if target not in targets:
                self._keep(ticket.run, self._not_asked(target), ())
        logins = self._means.logins(targets, settings, self._guard(ticket.run))
        entries: dict[str, list[Entry]] = defaultdict(list)
        ledger = Ledger(lambda entry: entries[entry.host].append(entry))
        collector = Collector(
            profiles=self._means.profiles,
            probes=self._means.probes,
            settings=settings,
            ledger=ledger,
            now=lambda: utc(self._means.clock()),
            logins=logins,
            fence=self._fence,
        )
        self._running.add(collector)
        try:
            async for host in collector.run(self._plans(targets, settings)):
                beyond = ledger.beyond.pop(host.target.name, set())
                self._tell_beyond(ticket.run, beyond)
                self._keep(ticket.run, self._told(host, logins), entries.pop(host.target.name, ()), beyond)
        finally:
            self._running.discard(collector)

    def _guard(self, run: UUID) -> LoginGuard:
        """Return the guard of a run, which all its jobs share; with a new run, old ones are forgotten."""
        if run not in self._guards:
            self._spool.tidy(self._means.clock() - self._settings.keep_days * 86_400)
            while len(self._guards) >= MOST_GUARDS:
                oldest = next(iter(self._guards))
                del self._guards[oldest]
                self._beyond.pop(oldest, None)
            self._guards[run] = self._spool.guard(run)
        return self._guards[run]

    def _plans(self, targets: Sequence[Target], settings: Settings) -> tuple[HostPlan, ...]:
        inventory = Inventory(targets=tuple(targets), settings=settings)
        return plan(inventory, self._means.profiles, self._means.probes)

    def _tell_beyond(self, run: UUID, addresses: Iterable[str]) -> None:
        """Tell the people of this site of each address that an audit wants to be asked and that is not, once."""
        for address in sorted(set(addresses) - self._beyond[run]):
            self._beyond[run].add(address)
            log.warning(
                "site %s: audit %s wants %s to be asked, which is outside the networks of this collector: nothing is "
                "sent there", self._site, run, visible(address),
            )  # fmt: skip

    def _keep(self, run: UUID, host: HostEvidence, entries: Sequence[Entry], beyond: Iterable[str] = ()) -> None:
        ground = replace(
            self._means.ground, clock_ahead=self._courier.clock_ahead, beyond=tuple(sorted(beyond)[:MOST_BEYOND])
        )
        payload = packed(run, self._site, host, entries, ground)
        if len(payload) > LARGEST_PAYLOAD:
            payload = packed(run, self._site, _too_large(host, len(payload)), (), ground)
        self._courier.hand(self._spool.put(run, host.target.name, payload))

    def _told(self, host: HostEvidence, logins: Mapping[str, Login]) -> HostEvidence:
        """Note where a job names credentials that this site does not have."""
        name = host.target.credentials
        if name is None or host.target.name in logins:
            return host
        note = f"The collector at {self._site} has no credentials called {name!r}, so it asked without."
        return replace(host, notes=(*host.notes, note))

    def _not_asked(self, target: Target) -> HostEvidence:
        """A family that this collector's version does not know cannot be asked: its read list is not here."""
        now = utc(self._means.clock())
        note = f"Not looked at: the collector at {self._site} does not know the product {target.product!r}."
        return HostEvidence(
            target=target, product=target.product, address=target.address, evidence=Evidence(), started_at=now,
            finished_at=now, complete=False, notes=(note,),
        )  # fmt: skip


def _too_large(host: HostEvidence, size: int) -> HostEvidence:
    """What no database takes must not keep other parcels waiting for ever; that the host was asked is told."""
    note = f"What the host showed is lost: {size:,} bytes are more than the {LARGEST_PAYLOAD:,} that can be delivered."
    return replace(host, evidence=Evidence(), complete=False, notes=(*host.notes, note)[-MOST_NOTES:], faults=(note,))
