"""The executor of many sites: what the collectors delivered becomes the audit's evidence, as if it was asked here."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from auditor.engine.executor import Remains
from auditor.engine.plan import HostPlan
from auditor.engine.saved import SavedFile, with_saved
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Evidence
from auditor.model.inventory import Target
from auditor.model.profile import Profile
from auditor.sites.beside import beyond_words
from auditor.sites.database import DatabaseError, Delivery, connect, received
from auditor.sites.logline import one_line
from auditor.sites.parcel import Ground, ParcelError, opened
from auditor.sites.queue import opened_queue
from auditor.sites.runs import Run
from auditor.sites.working import pause_until
from auditor.wire.ledger import Ledger

LONGEST_TRANSACTION = timedelta(minutes=3)
"""How much earlier than the latest delivery another one may be dated that can only be seen now. Where a site's jobs
have ended, everything is looked at once more, whatever its date."""
MOST_TOLD = 20
"""Refused deliveries that are told one by one; all are counted."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Where deliveries come from, how often to look, and what they are held against. `now` gives aware UTC times."""

    dsn: str
    profiles: Mapping[str, Profile]
    own: Ground
    now: Callable[[], datetime]
    saved: Mapping[str, SavedFile] = field(default_factory=dict)
    poll_seconds: float = 2.0
    wait: bool = True


class SitesExecutor:
    """Gathers one run. Without `wait`, it takes what is there and ends."""

    def __init__(self, run: Run, inbox: Inbox, ledger: Ledger) -> None:
        """Take everything; nothing is dialled yet."""
        self._run, self._inbox, self._ledger = run, inbox, ledger
        self._targets: dict[str, Target] = {}
        self._missing: set[str] = set()
        self._known: set[tuple[str, str]] = set()
        self._refused: list[str] = []
        self._refusals: Counter[str] = Counter()
        self._beyond: dict[str, Counter[str]] = {}
        self._why: dict[str, str] = {}
        self._over: dict[str, str] = {}
        self._lost = ""
        self._blind: set[str] = set()
        self._latest: datetime | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Gather no more: what has not come by now is not looked at."""
        self._stopped.set()

    @property
    def standing(self) -> str:
        """How far each site is, for the person at the terminal."""
        total = Counter(self._run.site_of.values())
        missing = Counter(self._run.site_of[name] for name in self._missing)
        return ", ".join(f"{site} {total[site] - missing[site]}/{total[site]}" for site in sorted(total))

    @property
    def remains(self) -> Remains:
        """Which hosts did not come and why, what was refused, and what no collector could ask."""
        sites = self._run.site_of
        untold = "Not looked at: the audit ended before this host's turn."
        not_asked = {name: self._why.get(name) or self._over.get(sites[name], untold) for name in sorted(self._missing)}
        number = sum(self._refusals.values())
        more = [f"{number} deliveries of collectors were refused in all"] if number > MOST_TOLD else []
        blind = [f"what the site {site} delivered could not be read: {self._lost}" for site in sorted(self._blind)]
        notes = tuple(beyond_words(site, count) for site, count in sorted(self._beyond.items()))
        return Remains(not_asked=not_asked, faults=(*self._refused, *more, *blind), notes=notes)

    async def run(self, plans: Iterable[HostPlan]) -> AsyncIterator[HostEvidence]:
        """Yield each host as its delivery comes, until all have come or nothing more can."""
        self._targets = {plan.target.name: plan.target for plan in plans}
        self._missing = set(self._targets)
        while self._missing and not self._stopped.is_set():
            try:
                async for host in self._gathered():
                    yield host
            except DatabaseError as error:
                self._lost = str(error)
                log.warning("%s It is tried again.", one_line(error))
            self._pass_deadlines()
            if not self._inbox.wait or all(self._run.site_of[name] in self._over for name in self._missing):
                break
            await pause_until(self._stopped, self._inbox.poll_seconds)
        await self._give_up()

    async def _gathered(self) -> AsyncIterator[HostEvidence]:
        """Yield what comes, until nothing is missing or the deadlines need to be looked at."""
        async with connect(self._inbox.dsn) as connection, opened_queue(self._inbox.dsn) as queue:
            while self._missing and not self._stopped.is_set():
                # Jobs first: whatever a job that has ended by now delivered is then in what is read afterwards.
                jobs = await queue.jobs(self._run.id)
                ended = [site for site in self._sites_missing() if site not in jobs or not jobs[site].open]
                since = None if ended or self._latest is None else self._latest - LONGEST_TRANSACTION
                async for delivery in received(connection, self._run.id, self._known, since):
                    self._known.add((delivery.site, delivery.host))
                    self._latest = max(delivery.received_at, self._latest or delivery.received_at)
                    if (host := self._taken(delivery)) is not None:
                        yield host
                    if self._stopped.is_set():
                        return
                self._see_again()
                for site in self._sites_missing():
                    if site not in jobs or not jobs[site].open:
                        states = dict(jobs[site].by_status) if site in jobs else {}
                        self._over.setdefault(site, _ended_without(site, states))
                self._pass_deadlines()
                if not self._inbox.wait or self._sites_missing() <= self._over.keys():
                    return
                await pause_until(self._stopped, self._inbox.poll_seconds)

    def _see_again(self) -> None:
        """The inbox was read: what was not known for want of the database is known now."""
        self._lost = ""
        for site in self._blind:
            del self._over[site]
        self._blind.clear()

    def _sites_missing(self) -> set[str]:
        return {self._run.site_of[name] for name in self._missing}

    def _pass_deadlines(self) -> None:
        now = self._inbox.now()
        for site in self._sites_missing():
            deadline = self._run.deadlines[site]
            if self._lost and (now >= deadline or not self._inbox.wait):
                told = f"Not looked at: whether the site {site} had reported is not known. {self._lost}"
                if self._over.setdefault(site, told) == told:
                    self._blind.add(site)
            elif now >= deadline:
                told = (
                    f"Not looked at: the site {site} had not reported by its deadline, {deadline:%Y-%m-%d %H:%M} UTC."
                )
                self._over.setdefault(site, told)
            elif not self._inbox.wait:
                self._over.setdefault(site, f"Not looked at: the site {site} had not reported when this was gathered.")

    def _taken(self, delivery: Delivery) -> HostEvidence | None:
        target = self._targets.get(delivery.host)
        if target is None or self._run.site_of[target.name] != delivery.site:
            whose = "is no host of this audit" if target is None else "belongs to another site"
            self._refuse(delivery, whose, None)
            return None
        try:
            parcel = opened(
                delivery.payload, run=self._run.id, site=delivery.site, target=target,
                received_at=delivery.received_at, own=self._inbox.own, families=self._inbox.profiles,
            )  # fmt: skip
        except ParcelError as error:
            self._refuse(delivery, str(error), target)
            return None
        self._missing.discard(target.name)
        for entry in parcel.entries:
            self._ledger.record(entry)
        if parcel.beyond:
            self._beyond.setdefault(delivery.site, Counter()).update(parcel.beyond)
        return self._with_saved(parcel.host)

    def _refuse(self, delivery: Delivery, why: str, target: Target | None) -> None:
        self._refusals[delivery.site] += 1
        if len(self._refused) < MOST_TOLD:
            self._refused.append(
                f"a delivery of the site {delivery.site} for {delivery.host[:64]!r} was refused: {why}"
            )
        if target is not None:
            self._why[target.name] = f"Not looked at: what the site {delivery.site} delivered was refused, as {why}."

    def _with_saved(self, host: HostEvidence) -> HostEvidence:
        """Saved configurations lie at the centre; what they hold comes behind what was observed, as it does locally."""
        saved = self._inbox.saved.get(host.target.name)
        if saved is None:
            return host
        profile = self._inbox.profiles[host.product]
        made, notes = with_saved(host.evidence.observations, saved, profile, started_at=host.started_at)
        return replace(host, evidence=Evidence(made), notes=(*host.notes, *notes))

    async def _give_up(self) -> None:
        """Cancel the jobs of sites that are not waited for any longer, unless somebody only wanted to look."""
        if not self._missing or not self._inbox.wait:
            return
        try:
            async with opened_queue(self._inbox.dsn) as queue:
                await queue.give_up(self._run.id, self._sites_missing())
        except DatabaseError as error:
            log.warning("%s Jobs that are left were not cancelled.", one_line(error))


def _ended_without(site: str, by_status: Mapping[str, int]) -> str:
    states = ", ".join(f"{number} {status}" for status, number in sorted(by_status.items())) or "none found"
    return f"Not looked at: the site {site} has no job left that could bring it ({states})."
