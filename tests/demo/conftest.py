"""A demonstration fleet that runs in a thread of its own, so that tests can ask it with blocking clients."""

import asyncio
import contextlib
import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.demo.device import DeviceSpec
from auditor.demo.fleet import FLEET, RunningFleet, start_fleet
from auditor.demo.recorder import Request

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""The time that the fleet of these tests believes in."""

StartFleet = Callable[[Sequence[DeviceSpec]], contextlib.AbstractContextManager[RunningFleet]]


@contextlib.contextmanager
def fleet_in_thread(directory: Path, specs: Sequence[DeviceSpec]) -> Iterator[RunningFleet]:
    """Run a fleet in another thread; whatever goes wrong there is raised here."""
    started: queue.Queue[tuple[RunningFleet, asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()
    failures: list[BaseException] = []

    async def serve() -> None:
        async with start_fleet(directory, specs=specs, now=NOW) as fleet:
            stop = asyncio.Event()
            started.put((fleet, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - handed over to the test's own thread
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    fleet, loop, stop = _wait_for(started, thread, failures)
    try:
        yield fleet
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        if failures:
            raise failures[0]
        assert not thread.is_alive()
        # A socket that was left open is reported when it is collected, and the report is an error in tests.
        gc.collect()


def _wait_for(
    started: "queue.Queue[tuple[RunningFleet, asyncio.AbstractEventLoop, asyncio.Event]]",
    thread: threading.Thread,
    failures: list[BaseException],
) -> tuple[RunningFleet, asyncio.AbstractEventLoop, asyncio.Event]:
    while thread.is_alive():
        with contextlib.suppress(queue.Empty):
            return started.get(timeout=0.05)
    raise failures[0] if failures else RuntimeError("the fleet ended before it began")


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFleet]:
    """The whole fleet, one for all tests."""
    with fleet_in_thread(tmp_path_factory.mktemp("fleet"), FLEET) as running:
        yield running


@pytest.fixture
def fleet_of(tmp_path: Path) -> StartFleet:
    """Start a fleet of a test's own devices."""
    return lambda specs: fleet_in_thread(tmp_path, specs)


@pytest.fixture
def asked(fleet: RunningFleet) -> Callable[[str], tuple[Request, ...]]:
    """What a device of the shared fleet was asked since the test began; waits a moment for the first request."""
    before = len(fleet.recorder.requests)

    def since(device: str, *, wait_for: int = 1) -> tuple[Request, ...]:
        deadline = time.monotonic() + 2
        while True:
            found = tuple(r for r in fleet.recorder.requests[before:] if r.device == device)
            if len([r for r in found if r.kind != "connect"]) >= wait_for or time.monotonic() > deadline:
                return found
            time.sleep(0.01)

    return since
