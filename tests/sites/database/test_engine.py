"""The engine itself under the rights: a collector's worker with a site's role, and what the centre does."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import procrastinate
import psycopg
import pytest
from procrastinate.jobs import Status

from auditor.sites.database import connect, deliver, received
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, engine, installed

pytestmark = needs_postgresql
NIGHT = 1_800_000_000


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


@pytest.fixture(autouse=True)
def _empty(database: Installed) -> None:
    """No jobs, events and workers of an earlier test."""
    with psycopg.connect(database.centre, autocommit=True) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")
        connection.execute("DELETE FROM procrastinate_workers")


async def submit(database: Installed, site: str, run: UUID, *hosts: str) -> None:
    """Defer one job for each host, as the centre."""
    app = engine(database.centre)
    async with app.open_async():
        for host in hosts:
            deferrer = app.configure_task("audit", queue=site, lock=f"{site}:{host}", allow_unknown=True)
            await deferrer.defer_async(run=str(run), host=host)


def jobs(database: Installed, site: str) -> list[tuple[object, ...]]:
    """Return status and attempts of a site's jobs."""
    query = "SELECT queue_name, status::text, attempts FROM auditor_sites.procrastinate_jobs ORDER BY id"
    return [row[1:] for row in database.all_seeing(query) if row[0] == site]


async def test_a_collector_drains_its_queue_and_delivers(database: Installed) -> None:
    """Registers, takes, delivers, finishes and unregisters; it asks for every queue and gets its own."""
    run = uuid4()
    await submit(database, "oslo", run, "rm1", "rm2", "rm3")
    await submit(database, "bergen", run, "rm9")
    app = engine(database.site("oslo"))

    @app.task(name="audit", retry=procrastinate.RetryStrategy(max_attempts=2))
    async def audit(run: str, host: str) -> None:
        if host == "rm2" and jobs(database, "oslo")[1][1] == 0:
            raise RuntimeError("once more, please")
        async with connect(database.site("oslo")) as connection:
            assert await deliver(connection, "oslo", UUID(run), host, host.encode())

    async with app.open_async():
        await app.run_worker_async(wait=False, listen_notify=False, concurrency=2, delete_jobs="never")
    assert jobs(database, "oslo") == [("succeeded", 1), ("succeeded", 2), ("succeeded", 1)]
    assert jobs(database, "bergen") == [("todo", 0)]
    assert database.all_seeing("SELECT * FROM auditor_sites.procrastinate_workers") == []
    async with connect(database.centre) as connection:
        got = [(each.site, each.host, each.payload) async for each in received(connection, run)]
    assert got == [("oslo", host, host.encode()) for host in ("rm1", "rm2", "rm3")]


async def test_a_collector_that_is_stopped_gives_its_job_back(database: Installed) -> None:
    """The task's retry makes it wait again; nobody has to notice that a worker is gone."""
    await submit(database, "oslo", uuid4(), "rm1")
    app, begun = engine(database.site("oslo")), asyncio.Event()

    @app.task(name="audit", retry=procrastinate.RetryStrategy(max_attempts=3))
    async def audit(run: str, host: str) -> None:
        begun.set()
        await asyncio.sleep(600)

    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                listen_notify=False,
                install_signal_handlers=False,
                shutdown_graceful_timeout=0.1,
                fetch_job_polling_interval=0.1,
            )
        )
        await asyncio.wait_for(begun.wait(), 30)
        assert jobs(database, "oslo") == [("doing", 0)]
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
    assert jobs(database, "oslo") == [("todo", 1)]


async def test_the_centre_ends_what_it_asks_to_end(database: Installed) -> None:
    """A worker asks the table, not a notification, whether its job is to be aborted."""
    await submit(database, "oslo", uuid4(), "rm1")
    app, begun = engine(database.site("oslo")), asyncio.Event()

    @app.task(name="audit")
    async def audit(run: str, host: str) -> None:
        begun.set()
        await asyncio.sleep(600)

    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                listen_notify=False, install_signal_handlers=False, abort_job_polling_interval=0.1, wait=False
            )
        )
        await asyncio.wait_for(begun.wait(), 30)
        centre = engine(database.centre)
        async with centre.open_async():
            (job,) = await centre.job_manager.list_jobs_async(queue="oslo")
            assert job.id is not None
            assert await centre.job_manager.cancel_job_by_id_async(job.id, abort=True)
        await asyncio.wait_for(worker, 30)
    assert [status for status, _ in jobs(database, "oslo")] == ["aborted"]


async def test_the_centre_brings_back_the_jobs_of_a_dead_collector(database: Installed) -> None:
    """Stalled jobs of every site, periodic jobs once, old jobs removed: all that the control worker does."""
    await submit(database, "oslo", uuid4(), "rm1")
    with psycopg.connect(database.site("oslo"), autocommit=True) as dead:
        dead.execute("SELECT procrastinate_fetch_job_v2(NULL, (SELECT procrastinate_register_worker_v1()))")
    with psycopg.connect(database.centre, autocommit=True) as centre:
        centre.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    app = engine(database.centre)
    async with app.open_async():
        manager = app.job_manager
        (stalled,) = await manager.get_stalled_jobs(seconds_since_heartbeat=60)
        await manager.retry_job(stalled)
        assert jobs(database, "oslo") == [("todo", 1)]
        assert len(await manager.prune_stalled_workers(60)) == 1
        nightly = app.task(name="nightly", queue="control")(_nothing)
        deferred = [
            await manager.defer_periodic_job(job=_job_of(nightly), periodic_id="night", defer_timestamp=NIGHT)
            for _ in range(2)
        ]
        assert deferred[0] is not None
        assert deferred[1] is None
        await manager.finish_job(stalled, Status.FAILED, delete_job=False)
        await manager.delete_old_jobs(nb_hours=0, include_failed=True)
    assert jobs(database, "oslo") == []


async def _nothing(timestamp: int) -> None:
    """A task that does nothing."""


def _job_of(task: procrastinate.tasks.Task[..., Any, ...]) -> procrastinate.jobs.Job:
    return task.configure(task_kwargs={"timestamp": NIGHT}).job
