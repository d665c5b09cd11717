"""Lays out the parts of a paper report in worker processes, and gives them back in their order.

Each worker holds one part at a time, so its memory is bounded by the part and not by the fleet. As many parts wait as
there are workers, so that their pages are not all in memory either. The order does not depend on who was first.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from auditor.reports.interface import ReportError
from auditor.reports.sheet import Sheet, render_sheet

MOST_WORKERS = 4
"""Workers where nobody says otherwise: more cores would be idle while the parts are joined."""

MOST_ATTEMPTS = 20


def usual_workers() -> int:
    """Return how many workers this machine is good for."""
    return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0))))


def laid_out(
    sheets: Iterable[Sheet], workers: int, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[tuple[Sheet, bytes]]:
    """Yield each sheet with its PDF, in the order of the sheets; with one worker, in this process.

    `meanwhile` is called once, in this process, when the workers are busy.

    Raises `ReportError` where a worker dies, which is nearly always for want of memory.
    """
    if workers <= 1:
        meanwhile()
        for sheet in sheets:
            yield sheet, render_sheet(sheet)
        return
    called = False
    waiting: deque[tuple[Sheet, Future[bytes]]] = deque()
    with _processes(workers) as pool:
        try:
            for sheet in sheets:
                waiting.append((sheet, pool.submit(render_sheet, sheet)))
                if len(waiting) > 2 * workers:
                    if not called:
                        called = True
                        meanwhile()
                    yield _done(waiting)
            if not called:
                meanwhile()
            while waiting:
                yield _done(waiting)
        except BrokenProcessPool as error:
            raise ReportError(
                "a process that lays out the PDF died, most likely for want of memory: free some, or ask for less "
                "with --detail exceptions or summary"
            ) from error
        finally:
            for _, future in waiting:
                future.cancel()


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start workers with one folder for what they unpack: a process that is ended cannot put its fonts away."""
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="auditor-pages-", ignore_cleanup_errors=True) as folder,
        ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(folder,)) as pool,
    ):
        yield pool


def _done(waiting: deque[tuple[Sheet, Future[bytes]]]) -> tuple[Sheet, bytes]:
    sheet, future = waiting.popleft()
    return sheet, future.result()


def _begin(folder: str) -> None:
    """Leave Ctrl-C to the parent, which ends the workers itself, and end with the parent where that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = folder
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _end_with_parent(folder: str) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        for _ in range(MOST_ATTEMPTS):  # what is being unpacked at this moment may come back once
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.lexists(folder):
                break
        os._exit(1)
