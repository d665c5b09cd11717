"""What a database says cannot deceive whoever reads the log: not in a collector's, not in a centre's."""

import asyncio
import logging
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from auditor.cli.assembly import Assembly
from auditor.cli.many_sites import ground_of, means_of
from auditor.engine.plan import plan
from auditor.model.inventory import Inventory, Target
from auditor.sites import working
from auditor.sites.collector import SiteCollector
from auditor.sites.executor import Inbox, SitesExecutor
from auditor.sites.logline import LineFormatter, one_line
from auditor.sites.runs import Run
from auditor.sites.settings import CollectorSettings
from auditor.wire.gate import utc_now
from auditor.wire.ledger import Ledger
from tests.peers import LOOPBACK
from tests.sites.world import until

HOSTILE = "no entry\x1b[2J\n2026-01-01 00:00:00 INFO all is well\u202e"
SHOWN = r"no entry\x1b[2J 2026-01-01 00:00:00 INFO all is well\u{202e}"


@asynccontextmanager
async def hostile_database() -> AsyncIterator[str]:
    """Run what refuses everybody, in PostgreSQL's protocol, with a hostile sentence; yield its address."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!I", await reader.readexactly(4))
        await reader.readexactly(size - 4)
        fields = b"SFATAL\0VFATAL\0C28000\0M" + HOSTILE.encode() + b"\0\0"
        writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"host={LOOPBACK} port={port} dbname=x user=x sslmode=disable gssencmode=disable"
    finally:
        server.close()


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> str:
    """Wait until something is logged, and return it as it reaches a handler of any kind."""

    def found() -> list[str]:
        return [message for record in caplog.records if words in (message := record.getMessage())]

    await until(lambda: bool(found()))
    return found()[0]


async def test_a_collector(assembly: Assembly, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither where it looks for work nor where it delivers."""
    async with hostile_database() as address:
        settings = CollectorSettings(address, ("127.0.0.0/8",), tmp_path / "spool", drain_seconds=0.1)
        collector = SiteCollector("oslo", settings, means_of(settings, assembly))
        collector._courier.hand(collector._spool.put(uuid4(), "rm1", b"parcel"))
        running = asyncio.create_task(collector.run())
        said = [await logged(caplog, "site oslo"), await logged(caplog, "Parcels are kept")]
        collector.drain()
        await running
    for line in said:
        assert SHOWN in line
        assert line.isprintable()


async def test_a_centre_that_gathers(assembly: Assembly, caplog: pytest.LogCaptureFixture) -> None:
    """Its warnings go to the terminal as they are."""
    inventory = Inventory(targets=(Target(name="rm1", product="mps", address="127.0.0.9", site="oslo"),))
    head = replace(assembly.head(inventory), id=str(uuid4()))
    run = Run(head=head, site_of={"rm1": "oslo"}, deadlines={"oslo": utc_now() + timedelta(seconds=60)})
    async with hostile_database() as address:
        inbox = Inbox(dsn=address, profiles=assembly.profiles, own=ground_of(assembly), now=utc_now, wait=False)
        executor = SitesExecutor(run, inbox, Ledger(lambda _entry: None))
        plans = plan(inventory, assembly.profiles, assembly.probes)
        assert [host async for host in executor.run(plans)] == []
    said = await logged(caplog, "It is tried again")
    assert SHOWN in said
    assert said.isprintable()


async def test_a_worker_that_fails(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works again, after pauses that grow; what ended it stands in the log on one line. It ends when told to."""
    pauses: list[float] = []
    over = asyncio.Event()

    async def pause_until(_over: asyncio.Event, seconds: float) -> None:
        pauses.append(seconds)

    async def work() -> None:
        if len(pauses) == 6:
            over.set()
        raise psycopg.OperationalError(HOSTILE)

    monkeypatch.setattr(working, "pause_until", pause_until)
    await working.keep_working(work, over, "control")
    assert pauses == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert {record.getMessage() for record in caplog.records} == {f"control: {SHOWN}"}


async def test_what_ends_a_worker_is_raised() -> None:
    """And where nothing does, it is cancelled and waited for, when it is over."""
    over, cleaned = asyncio.Event(), []

    async def falls() -> None:
        raise psycopg.OperationalError("lost")

    async def works() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(True)

    with pytest.raises(psycopg.OperationalError, match="lost"):
        await working.work_until(over, falls())
    asyncio.get_running_loop().call_later(0.05, over.set)
    await working.work_until(over, works())
    assert cleaned == [True]


def written(error: BaseException) -> list[str]:
    """Return the lines that the log of a service has of an error."""
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "of %s", (HOSTILE,), (type(error), error, None))
    return LineFormatter().format(record).splitlines()


def test_the_log_of_a_service() -> None:
    """A record is one line, and no line of a traceback can pass for one; a database's error has no traceback."""
    first, *others = written(ValueError(HOSTILE))
    assert first.endswith(r" ERROR of no entry\x1b[2J\n2026-01-01 00:00:00 INFO all is well\u{202e}")
    assert others == [r"    ValueError: no entry\x1b[2J", r"    2026-01-01 00:00:00 INFO all is well\u{202e}"]
    told = RuntimeError("Database error.")
    told.__cause__ = psycopg.OperationalError(HOSTILE)
    assert written(told)[1:] == [f"    {SHOWN}"]


def test_an_error_without_words() -> None:
    """It has a name at least."""
    assert one_line(psycopg.OperationalError()) == "OperationalError"
