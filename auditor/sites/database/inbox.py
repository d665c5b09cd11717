"""The inbox: what collectors deliver, once for each run, site and host."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from auditor.sites.database.connection import DatabaseError, told
from auditor.sites.database.names import check_site

LARGEST_PAYLOAD = 16 * 2**20
"""Bytes that one host's evidence may take; the table refuses more, too."""

LONGEST_HOST = 255
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one site delivered about one host. `site` is the role that delivered, as the server knows it.

    Nothing else of it is proven: `host` and `payload` are what the collector wrote. Whoever reads it must hold the
    host against the inventory's hosts of that site.
    """

    site: str
    host: str
    payload: bytes
    received_at: datetime


async def deliver(connection: psycopg.AsyncConnection, site: str, run: UUID, host: str, payload: bytes) -> bool:
    """Put one host's evidence into the inbox; return False where this run has it from this site already.

    What came first stays, so the same delivery may be sent any number of times. Raises DatabaseError where the role
    is not that site's, ValueError where the values cannot be delivered.
    """
    check_site(site)
    if not 0 < len(host) <= LONGEST_HOST:
        raise ValueError(f"A host's name has 1 to {LONGEST_HOST} characters.")
    if len(payload) > LARGEST_PAYLOAD:
        raise ValueError(f"A host's evidence of {len(payload)} bytes is over the limit of {LARGEST_PAYLOAD}.")
    with told("The result cannot be delivered"):
        cursor = await connection.execute(
            "INSERT INTO auditor_sites.inbox (site, run, host, payload) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [site, run, host, payload],
        )
    return cursor.rowcount == 1


async def received(
    connection: psycopg.AsyncConnection,
    run: UUID,
    known: Collection[tuple[str, str]] = frozenset(),
    since: datetime | None = None,
) -> AsyncIterator[Delivery]:
    """Yield what the sites have delivered for a run, by site and host, one payload in memory at a time.

    What is `known` already, as pairs of site and host, is not read again; nor is what was written before `since`, by
    the database's clock. A delivery that arrives meanwhile may be among them or not. The connection is free for other
    use between two.
    """
    after = ("", "")
    while page := await _keys(connection, run, after, since):
        for site, host in page:
            if (site, host) in known:
                continue
            delivery = await _one(connection, run, site, host)
            if delivery is not None:
                yield delivery
        after = page[-1]


async def delivered(connection: psycopg.AsyncConnection, run: UUID) -> dict[str, int]:
    """Return how many hosts each site has delivered for a run; a site without any is not in it."""
    with told("The results cannot be counted"):
        cursor = await connection.execute(
            "SELECT site, count(*) FROM auditor_sites.inbox WHERE run = %s GROUP BY site ORDER BY site", [run]
        )
        return {str(site): int(number) for site, number in await cursor.fetchall()}


async def purge(connection: psycopg.AsyncConnection, before: datetime) -> int:
    """Delete what was received before a moment; return how many deliveries that were.

    A delivery that is sent once more afterwards is new to the inbox, so keep a run until its jobs are gone.
    """
    if before.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    with told("Old results cannot be deleted"):
        cursor = await connection.execute("DELETE FROM auditor_sites.inbox WHERE received_at < %s", [before])
    return cursor.rowcount


async def _keys(
    connection: psycopg.AsyncConnection, run: UUID, after: tuple[str, str], since: datetime | None
) -> list[tuple[str, str]]:
    with told("The results cannot be read"):
        cursor = await connection.execute(
            "SELECT site, host FROM auditor_sites.inbox WHERE run = %s AND (site, host) > (%s, %s)"
            " AND received_at >= coalesce(%s::timestamptz, '-infinity') ORDER BY site, host LIMIT %s",
            [run, *after, since, _PAGE],
        )
        return [(str(site), str(host)) for site, host in await cursor.fetchall()]


async def _one(connection: psycopg.AsyncConnection, run: UUID, site: str, host: str) -> Delivery | None:
    """Return one delivery; None where it has been purged since its key was read."""
    with told("The results cannot be read"):
        cursor = await connection.execute(
            "SELECT payload, received_at FROM auditor_sites.inbox WHERE run = %s AND site = %s AND host = %s",
            [run, site, host],
        )
        row = await cursor.fetchone()
    if row is None:
        return None
    payload, at = row
    if not isinstance(payload, bytes) or not isinstance(at, datetime):
        raise DatabaseError("The results cannot be read: the inbox holds something else than results.")
    return Delivery(site, host, payload, at)
