"""The centre's side of the queue: jobs are submitted, counted, given out again, given up and removed."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, ProcrastinateException
from procrastinate.jobs import Job, Status

from auditor.sites.database import DatabaseError, connect
from auditor.sites.ticket import TASK, Ticket, arguments

CENTRE_QUEUE = "(centre)"
"""The centre's own queue: no site can be called so, and so no collector can see it."""
ATTEMPTS_OF_OWN = 20
"""How often the centre takes up its own work again: what it has gathered by then is not asked anew."""
OPEN = (Status.TODO.value, Status.DOING.value)


@dataclass(frozen=True, slots=True)
class SiteJobs:
    """The jobs of one site in one run, by their state; `attempts` is the most that one of them has taken."""

    by_status: Mapping[str, int] = field(default_factory=dict)
    attempts: int = 0

    @property
    def open(self) -> int:
        """Jobs from which something may still come."""
        return sum(self.by_status.get(status, 0) for status in OPEN)


@asynccontextmanager
async def opened_queue(dsn: str) -> AsyncIterator["Queue"]:
    """Open the queue as the centre; DatabaseError where there is none, and where it is lost."""
    async with connect(dsn):
        pass  # a pool would try for half a minute, and say less
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=1, max_size=4, timeout=15, name="centre"))
    try:
        async with app.open_async():
            yield Queue(app)
    except (ProcrastinateException, psycopg.Error) as error:
        cause = error.__cause__ if isinstance(error, ConnectorException) and error.__cause__ else error
        raise DatabaseError(f"The queue cannot be used: {' '.join(str(cause).split())[:300]}") from error


class Queue:
    """The queue of all sites."""

    def __init__(self, app: App) -> None:
        """Use an app that is open."""
        self.app = app

    async def submit(self, tickets: Mapping[str, Iterable[Ticket]], run: UUID) -> int:
        """Submit the jobs of a run that are not there yet, and return how many these were: it may be called again."""
        there = {(site, number) for site, number, *_ in await self._rows(run)}
        submitted = 0
        for site, several in tickets.items():
            missing = [arguments(ticket) for ticket in several if (site, ticket.number) not in there]
            if missing:
                deferrer = self.app.configure_task(TASK, queue=site, allow_unknown=True)
                await deferrer.batch_defer_async(*missing)  # type: ignore[arg-type]
                submitted += len(missing)
        return submitted

    async def jobs(self, run: UUID) -> dict[str, SiteJobs]:
        """Return the jobs of a run by site."""
        counts: dict[str, Counter[str]] = {}
        attempts: Counter[str] = Counter()
        for site, _, status, tries in await self._rows(run):
            counts.setdefault(site, Counter())[status] += 1
            attempts[site] = max(attempts[site], tries)
        return {site: SiteJobs(dict(count), attempts[site]) for site, count in counts.items()}

    async def give_up(self, run: UUID, sites: Iterable[str]) -> None:
        """Cancel what is left of a run at these sites; collectors that are at it are told to stop."""
        rows = await self.app.connector.execute_query_all_async(
            "SELECT id FROM procrastinate_jobs WHERE task_name = %(task)s AND args->'ticket'->>'run' = %(run)s"
            " AND queue_name = ANY(%(sites)s) AND status IN ('todo', 'doing')",
            task=TASK, run=str(run), sites=list(sites),
        )  # fmt: skip
        for row in rows:
            await self.app.job_manager.cancel_job_by_id_async(row["id"], abort=True)

    async def sweep(self, attempts: int, stalled_seconds: float) -> tuple[int, int]:
        """Give out again what a dead worker had; give up what was tried too often. Return how many of each."""
        again = given_up = 0
        for job in await self.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds):
            if await self._is_over(job, attempts if job.task_name == TASK else ATTEMPTS_OF_OWN):
                given_up += 1
            else:
                again += 1
        await self.app.job_manager.prune_stalled_workers(max(stalled_seconds * 10, 3600))
        return again, given_up

    async def _is_over(self, job: Job, attempts: int) -> bool:
        over = job.attempts + 1 >= attempts
        try:
            if over:
                await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            else:
                await self.app.job_manager.retry_job(job)
        except ConnectorException:
            return over  # somebody else was quicker: the job is no longer running
        return over

    async def tidy(self, keep_days: int) -> None:
        """Remove jobs that ended long ago, however they ended."""
        await self.app.job_manager.delete_old_jobs(
            keep_days * 24, include_failed=True, include_cancelled=True, include_aborted=True
        )

    async def _rows(self, run: UUID) -> list[tuple[str, int, str, int]]:
        rows = await self.app.connector.execute_query_all_async(
            "SELECT queue_name, (args->'ticket'->>'number')::int AS number, status::text AS status, attempts"
            " FROM procrastinate_jobs WHERE task_name = %(task)s AND args->'ticket'->>'run' = %(run)s ORDER BY id",
            task=TASK, run=str(run),
        )  # fmt: skip
        return [(row["queue_name"], row["number"], row["status"], row["attempts"]) for row in rows]
