"""Parcels on their way to the database: each is kept on the disk until the database has it, however long that takes."""

import asyncio
import logging
from collections.abc import Callable

import psycopg

from auditor.sites.database import DatabaseError, connect, deliver, role_of
from auditor.sites.database.connection import told
from auditor.sites.logline import one_line
from auditor.sites.spool import Spool, Waiting
from auditor.sites.working import LONGEST_PAUSE, SHORTEST_PAUSE

LINES = 4
"""Connections on which parcels travel side by side."""
TOGETHER = 25
"""Parcels of one transaction."""

log = logging.getLogger(__name__)


class Courier:
    """Delivers what is handed to it, in any order. `clock_ahead` is this machine's clock against the database's."""

    def __init__(self, dsn: str, site: str, spool: Spool, *, clock: Callable[[], float]) -> None:
        """Deliver as the role of a site; `clock` tells the seconds since 1970 as this machine believes."""
        self._dsn, self._site, self._spool, self._clock = dsn, site, spool, clock
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()
        self.clock_ahead: float | None = None

    def hand(self, waiting: Waiting) -> None:
        """Take a parcel."""
        self._waiting.put_nowait(waiting)

    async def emptied(self) -> None:
        """Wait until everything that was handed over is delivered."""
        await self._waiting.join()

    async def measure(self) -> None:
        """Compare the clocks; raises DatabaseError, and where the connection is not the site's role."""
        async with connect(self._dsn) as connection:
            await self._measure(connection)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(LINES):
                group.create_task(self._line())

    async def _line(self) -> None:
        pause = SHORTEST_PAUSE
        while True:
            waiting = await self._waiting.get()
            self._waiting.put_nowait(waiting)
            self._waiting.task_done()
            try:
                async with connect(self._dsn) as connection:
                    await self._measure(connection)
                    pause = SHORTEST_PAUSE
                    await self._all(connection)
            except (DatabaseError, OSError, ValueError) as error:
                # A full disk, too: a line that ended here would leave jobs waiting for ever, unheard.
                log.warning("%s Parcels are kept, and tried again in %.1f s.", one_line(error), pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _all(self, connection: psycopg.AsyncConnection) -> None:
        """Deliver what waits, several in one transaction: all of them count as delivered, or none."""
        while True:
            several = [await self._waiting.get()]
            while len(several) < TOGETHER and not self._waiting.empty():
                several.append(self._waiting.get_nowait())
            try:
                with told("The results cannot be delivered"):
                    async with connection.transaction():
                        for waiting in several:
                            payload = self._spool.payload(waiting)
                            await deliver(connection, self._site, waiting.run, waiting.host, payload)
                for waiting in several:
                    self._spool.sent(waiting)
            except BaseException:
                for waiting in several:
                    self._waiting.put_nowait(waiting)
                raise
            finally:
                for _ in several:
                    self._waiting.task_done()

    async def _measure(self, connection: psycopg.AsyncConnection) -> None:
        before = self._clock()
        try:
            row = await (
                await connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8, current_user::text")
            ).fetchone()
        except psycopg.Error as error:
            raise DatabaseError(f"The database cannot be asked: {error}") from error
        after = self._clock()
        if row is None or row[1] != role_of(self._site):
            raise DatabaseError(f"The connection is not that of the site {self._site}: it belongs to {row and row[1]}.")
        self.clock_ahead = (before + after) / 2 - float(row[0])
