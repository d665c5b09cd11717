"""The inbox over its Python functions: once for each run, site and host; read, counted and purged by the centre."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from auditor.sites.database import (
    LARGEST_PAYLOAD,
    DatabaseError,
    connect,
    deliver,
    delivered,
    purge,
    received,
)
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen-2") as made:
        yield made


async def test_the_first_delivery_stays(database: Installed) -> None:
    """A second one of the same host inserts no row and changes nothing."""
    run = uuid4()
    async with connect(database.site("oslo")) as oslo, connect(database.centre) as centre:
        assert await deliver(oslo, "oslo", run, "rm1", b"first")
        assert not await deliver(oslo, "oslo", run, "rm1", b"second")
        assert await deliver(oslo, "oslo", uuid4(), "rm1", b"another run")
        [only] = [each async for each in received(centre, run)]
        assert (only.site, only.host, only.payload) == ("oslo", "rm1", b"first")
        assert abs(datetime.now(UTC) - only.received_at) < timedelta(minutes=5)


async def test_sites_do_not_get_in_each_others_way(database: Installed) -> None:
    """The same host's name of two sites is two deliveries, each under the name of the role that delivered."""
    run = uuid4()
    async with connect(database.site("oslo")) as oslo, connect(database.site("bergen-2")) as bergen:
        assert await deliver(oslo, "oslo", run, "rm1", b"o")
        assert await deliver(bergen, "bergen-2", run, "rm1", b"b")
        for connection, site in ((oslo, "bergen-2"), (bergen, "oslo")):
            with pytest.raises(DatabaseError, match="cannot be delivered: new row violates row-level security"):
                await deliver(connection, site, run, "rm2", b"forged")
    async with connect(database.centre) as centre:
        got = [(each.site, each.host, each.payload) async for each in received(centre, run)]
        assert got == [("bergen-2", "rm1", b"b"), ("oslo", "rm1", b"o")]
        assert await delivered(centre, run) == {"bergen-2": 1, "oslo": 1}


async def test_a_site_cannot_use_the_other_functions(database: Installed) -> None:
    """They are the centre's."""
    async with connect(database.site("oslo")) as oslo:
        with pytest.raises(DatabaseError, match="permission denied for table inbox"):
            await purge(oslo, datetime.now(UTC))
        with pytest.raises(DatabaseError, match="permission denied for table inbox"):
            await delivered(oslo, uuid4())
        with pytest.raises(DatabaseError, match="permission denied for table inbox"):
            _ = [each async for each in received(oslo, uuid4())]
    async with connect(database.centre) as centre:
        with pytest.raises(DatabaseError, match="permission denied for table inbox"):
            await deliver(centre, "oslo", uuid4(), "rm1", b"")


async def test_every_page_is_read_once(database: Installed) -> None:
    """More hosts than one page holds, names that sort oddly among them; other statements may run between two."""
    run = uuid4()
    hosts = [f"rm{number}" for number in range(1100)] + ["Æ", "a b", "ø" * 255, "'; DROP TABLE inbox; --"]
    with psycopg.connect(database.site("oslo")) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO auditor_sites.inbox (site, run, host, payload) VALUES ('oslo', %s, %s, %s)",
            [(run, host, host.encode()) for host in hosts],
        )
    async with connect(database.centre) as centre:
        seen: list[str] = []
        async for each in received(centre, run):
            assert each.payload == each.host.encode()
            assert len(seen) % 500 or await delivered(centre, run) == {"oslo": len(hosts)}
            seen.append(each.host)
    assert sorted(seen) == sorted(hosts)


async def test_purging_forgets_what_is_old(database: Installed) -> None:
    """By the server's clock; what is younger stays, and a purged delivery counts as new."""
    old, new = uuid4(), uuid4()
    async with connect(database.site("oslo")) as oslo, connect(database.centre) as centre:
        await deliver(oslo, "oslo", old, "rm1", b"1")
        [(between,)] = await (await centre.execute("SELECT clock_timestamp()")).fetchall()
        await deliver(oslo, "oslo", new, "rm1", b"2")
        assert await purge(centre, between) >= 1
        assert await delivered(centre, old) == {}
        assert await delivered(centre, new) == {"oslo": 1}
        assert await deliver(oslo, "oslo", old, "rm1", b"3")
        with pytest.raises(ValueError, match="time zone"):
            await purge(centre, datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


async def test_what_cannot_be_delivered_is_said_before(database: Installed) -> None:
    """Sizes and names; and the table itself refuses what goes round the functions."""
    async with connect(database.site("oslo")) as oslo:
        with pytest.raises(ValueError, match="over the limit"):
            await deliver(oslo, "oslo", uuid4(), "rm1", bytes(LARGEST_PAYLOAD + 1))
        with pytest.raises(ValueError, match="1 to 255"):
            await deliver(oslo, "oslo", uuid4(), "", b"")
        with pytest.raises(ValueError, match="cannot be a site"):
            await deliver(oslo, "Oslo", uuid4(), "rm1", b"")
        assert await deliver(oslo, "oslo", uuid4(), "rm1", bytes(LARGEST_PAYLOAD))
        for host, size in (("", 1), ("x" * 256, 1), ("rm1", LARGEST_PAYLOAD + 1)):
            with pytest.raises(psycopg.errors.CheckViolation):
                await oslo.execute(
                    "INSERT INTO auditor_sites.inbox (site, run, host, payload) VALUES ('oslo', %s, %s, %s)",
                    [uuid4(), host, bytes(size)],
                )
