"""Work that goes on until it is told to end, through whatever happens to the database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine

import psycopg
from procrastinate.exceptions import ProcrastinateException

from auditor.sites.database import DatabaseError
from auditor.sites.logline import one_line

SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds between two attempts to work: twice as long after each that ended soon."""

log = logging.getLogger(__name__)


async def keep_working(work: Callable[[], Awaitable[None]], over: asyncio.Event, whose: str) -> None:
    """Do the work again and again until it is over. Where the database fails, the log says whose work that ended."""
    pause = SHORTEST_PAUSE
    while not over.is_set():
        started = time.monotonic()
        try:
            await work()
        except (ProcrastinateException, psycopg.Error, DatabaseError) as error:
            log.warning("%s: %s", whose, one_line(error))
        lasted = time.monotonic() - started > LONGEST_PAUSE
        pause = SHORTEST_PAUSE if lasted else min(pause * 2, LONGEST_PAUSE)
        await pause_until(over, pause)


async def work_until(over: asyncio.Event, worker: Coroutine[object, object, None]) -> None:
    """Let a worker of the queue run until it is over, and wait until it has ended; raise what ended it before."""
    working, waiting = asyncio.create_task(worker), asyncio.create_task(over.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        working.cancel()
        (ended, _) = await asyncio.gather(working, waiting, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended


async def pause_until(over: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until it is over."""
    try:
        async with asyncio.timeout(seconds):
            await over.wait()
    except TimeoutError:
        return
