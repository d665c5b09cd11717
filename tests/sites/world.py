"""A centre and its collectors as an operator would have them, on a database that the tests start."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import psycopg

from auditor.cli import many_sites
from auditor.cli.assembly import Assembly
from auditor.cli.perform import Performed
from auditor.model.inventory import Inventory
from auditor.sites.collector import SiteCollector
from auditor.sites.control import Control
from auditor.sites.database import DatabaseError
from auditor.sites.queue import opened_queue
from auditor.sites.runs import Run
from auditor.sites.settings import CentreSettings, CollectorSettings
from auditor.wire.gate import utc_now
from tests.sites.database.installed import Installed

ROOT = Path(__file__).parents[2]
QUICK = {"poll_seconds": 0.2, "heartbeat_seconds": 0.5, "drain_seconds": 10.0}
REPORTS = ("json",)


def centre_settings(database: Installed, folder: Path, **more: object) -> CentreSettings:
    """Return the settings of a quick centre with the sites oslo and bergen."""
    plain: dict[str, object] = {
        "database": database.centre, "inventory": folder / "inventory.yaml", "state": folder / "state",
        "bundles": folder / "bundles", "sites": {"oslo": {}, "bergen": {}}, "poll_seconds": 0.2, "stalled_seconds": 2.0,
        "formats": list(REPORTS),
    }  # fmt: skip
    return msgspec.convert(plain | more, CentreSettings, dec_hook=lambda _kind, value: value)


def collector_settings(database: Installed, site: str, folder: Path, **more: object) -> CollectorSettings:
    """Return the settings of a quick collector that may ask all of loopback."""
    plain: dict[str, object] = {
        "database": database.site(site),
        "networks": ["127.0.0.0/8"],
        "spool": folder / f"spool-{site}",
        **QUICK,
    }
    return msgspec.convert(plain | more, CollectorSettings, dec_hook=lambda _kind, value: value)


@asynccontextmanager
async def working(*collectors: SiteCollector) -> AsyncIterator[None]:
    """Let collectors work in this process, and drain them at the end."""
    tasks = [asyncio.create_task(each.run()) for each in collectors]
    try:
        yield
    finally:
        for each in collectors:
            each.drain()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def swept(settings: CentreSettings, seconds: float = 2) -> AsyncIterator[None]:
    """Run a control worker that begins no audits, and sweep more often than once a minute."""
    control = Control(settings, lambda _run: asyncio.sleep(0), utc_now)

    async def sweeping() -> None:
        while True:
            await asyncio.sleep(seconds)
            with suppress(DatabaseError):
                async with opened_queue(settings.database) as queue:
                    await control.sweep(queue)

    tasks = [asyncio.create_task(control.run()), asyncio.create_task(sweeping())]
    try:
        yield
    finally:
        control.stop()
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def audit(
    settings: CentreSettings, assembly: Assembly, inventory: Inventory, folder: Path, identifier: UUID | None = None
) -> tuple[Run, Performed]:
    """Submit and gather, as the control worker does."""
    run = await many_sites.begin(settings, assembly, inventory, identifier or uuid4())
    return run, await many_sites.gathered(settings, assembly, run, folder, REPORTS, signals=False)


@dataclass(slots=True)
class Process:
    """A command of the program that runs beside the tests."""

    popen: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def end(self, seconds: float = 20) -> int:
        """Ask it to end, and return its exit code."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)


def start(log: Path, *words: str, environment: Mapping[str, str] | None = None) -> Process:
    """Start a command; what it says goes to a file."""
    with log.open("ab") as said:
        return Process(
            subprocess.Popen(
                [sys.executable, "-m", "auditor", *words], cwd=ROOT, stdout=said, stderr=said,
                env={**os.environ, **(environment or {})},
            )
        )  # fmt: skip


def stop_all(*processes: Process) -> None:
    """Kill what still runs."""
    for each in processes:
        with suppress(ProcessLookupError):
            each.kill()


async def until(happens: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so; fail where it does not become so."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(happens):
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)


def delivered(database: Installed, run: UUID) -> int:
    """Return how many deliveries of a run are in the inbox."""
    with psycopg.connect(database.centre, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM auditor_sites.inbox WHERE run = %s", [run]).fetchone()
    assert row is not None
    return int(row[0])


def toml(path: Path, settings: CentreSettings | CollectorSettings) -> Path:
    """Write settings as the file that an operator would write."""
    plain = msgspec.to_builtins(settings, enc_hook=str)
    tables = {name: value for name, value in plain.items() if isinstance(value, dict)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in _given(plain) if name not in tables]
    for name, table in tables.items():
        for key, fields in table.items():
            lines += [f"[{name}.{key}]", *(f"{field} = {json.dumps(value)}" for field, value in _given(fields))]
    path.write_text("\n".join(lines) + "\n")
    return path


def _given(table: dict[str, object]) -> list[tuple[str, object]]:
    return [(name, value) for name, value in table.items() if value is not None]
