"""The control worker: begins audits at their time, gives out again what dead collectors had, and tidies up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from procrastinate import App, PsycopgConnector, RetryStrategy

from auditor.sites.database import connect, purge
from auditor.sites.queue import CENTRE_QUEUE, Queue
from auditor.sites.settings import CentreSettings, SettingsError
from auditor.sites.working import keep_working, work_until

log = logging.getLogger(__name__)
NIGHT, SWEEP, TIDY = "auditor.night", "auditor.sweep", "auditor.tidy"

CarryOut = Callable[[UUID], Awaitable[None]]
"""Carries out the audit of this identifier; where it was begun before, takes it up where it was."""


def night_of(timestamp: int) -> UUID:
    """Return the identifier of the audit that is due at a moment: the same, whoever asks and however often."""
    return uuid5(NAMESPACE_URL, f"urn:vc-fleet-auditor:night:{timestamp}")


class Control:
    """The control worker of a centre. Several may run: each audit is begun once."""

    def __init__(self, settings: CentreSettings, carry_out: CarryOut, now: Callable[[], datetime]) -> None:
        """Take everything; raise `SettingsError` where the schedule is no cron expression."""
        self._settings, self._carry_out, self._now = settings, carry_out, now
        self._stopping = asyncio.Event()
        self._check_schedule()

    def stop(self) -> None:
        """End; an audit in progress is taken up again by the next control worker."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped, through whatever happens to the database."""
        await keep_working(self._work, self._stopping, "control")

    async def sweep(self, queue: Queue) -> None:
        """Give out again what dead collectors had, and give up what was tried too often."""
        again, given_up = await queue.sweep(self._settings.attempts, self._settings.stalled_seconds)
        if again or given_up:
            log.warning("%d jobs of dead workers are given out again, %d are given up", again, given_up)

    async def night(self, timestamp: int) -> None:
        """Carry out the audit that was due at a moment, unless that is too long ago to begin."""
        late = self._now().timestamp() - timestamp
        if late > self._settings.latest_start_minutes * 60 and not self.begun(night_of(timestamp)):
            log.warning("the audit that was due %.0f minutes ago is left out", late / 60)
            return
        await self._carry_out(night_of(timestamp))

    def begun(self, run: UUID) -> bool:
        """Tell whether an audit was begun before."""
        return (self._settings.state / str(run)).is_dir()

    async def tidy(self, queue: Queue) -> None:
        """Remove jobs, and deliveries of audits that ended long ago."""
        await queue.tidy(self._settings.keep_days)
        async with connect(self._settings.database) as connection:
            await purge(connection, self._now() - timedelta(days=self._settings.keep_days))

    def _app(self) -> App:
        app = App(connector=PsycopgConnector(conninfo=self._settings.database, min_size=1, max_size=4, timeout=15))
        queue = Queue(app)

        async def night(timestamp: int) -> None:
            await self.night(timestamp)

        async def sweep(timestamp: int) -> None:
            await self.sweep(queue)

        async def tidy(timestamp: int) -> None:
            await self.tidy(queue)

        # One waits at most, and one runs at most: a night that lasts longer than a day is not doubled.
        schedule = self._settings.schedule
        for name, cron, work in ((NIGHT, schedule, night), (SWEEP, "* * * * *", sweep), (TIDY, "17 4 * * *", tidy)):
            task = app.task(
                name=name, queue=CENTRE_QUEUE, lock=name, queueing_lock=name, pass_context=False,
                retry=RetryStrategy(max_attempts=5, wait=30) if name == NIGHT else False,
            )(work)  # fmt: skip
            if cron is not None:
                app.periodic(cron=cron)(task)
        return app

    def _check_schedule(self) -> None:
        for task in self._app().periodic_registry.periodic_tasks.values():
            try:
                task.croniter.get_next()
            except ValueError as error:
                raise SettingsError(f"'schedule' is no cron expression: {error}") from error

    async def _work(self) -> None:
        app = self._app()
        async with app.open_async():
            await self.sweep(Queue(app))
            worker = app.run_worker_async(
                queues=[CENTRE_QUEUE],
                name="control",
                concurrency=4,
                listen_notify=False,
                install_signal_handlers=False,
                fetch_job_polling_interval=self._settings.poll_seconds,
                update_heartbeat_interval=max(1.0, self._settings.stalled_seconds / 6),
                shutdown_graceful_timeout=1.0,
                delete_jobs="never",
            )
            await work_until(self._stopping, worker)
