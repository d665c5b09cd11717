"""Logging in over TLS: the server proves its name, the collector its role, with certificates of the test's own CA."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from auditor.sites.database import CENTRE_ROLE, DatabaseError, connect, deliver, role_of
from tests.peers import LOOPBACK
from tests.postgresql import OWNER, needs_postgresql
from tests.sites.database.guarded import Guarded, guarding, pair_of
from tests.syslog_peers import COLLECTOR

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Run the server with its certificate, and install."""
    with guarding(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.mark.parametrize("host", [LOOPBACK, COLLECTOR])
async def test_a_collector_with_its_certificate_delivers(guarded: Guarded, host: str) -> None:
    """Encrypted, both sides proven."""
    pair = pair_of(guarded.ours, role_of("oslo"))
    async with connect(guarded.address(role_of("oslo"), pair, host=host)) as connection:
        cursor = await connection.execute("SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert await cursor.fetchone() == (True, "/CN=auditor_site_oslo")
        assert await deliver(connection, "oslo", uuid4(), "rm1", b"evidence")


async def test_nobody_gets_in_otherwise(guarded: Guarded) -> None:
    """No certificate, another site's, the centre's name with a site's certificate, another authority's: refused."""
    role = role_of("oslo")
    refused = {
        "certificate": guarded.address(role, None),
        "authentication failed": guarded.address(role, pair_of(guarded.ours, role_of("bergen"))),
        'authentication failed for user "auditor_centre"': guarded.address(CENTRE_ROLE, pair_of(guarded.ours, role)),
        "unknown ca": guarded.address(role, pair_of(guarded.other, role)),
        "no encryption": guarded.address(role, pair_of(guarded.ours, role)).replace("verify-full", "disable"),
    }
    for reason, address in refused.items():
        with pytest.raises(DatabaseError, match=reason):
            async with connect(address):
                pass


async def test_a_collector_refuses_a_server_that_is_not_proven(guarded: Guarded) -> None:
    """Another authority's server, or one under another name."""
    role = role_of("oslo")
    pair = pair_of(guarded.ours, role)
    with pytest.raises(DatabaseError, match="certificate verify failed"):
        async with connect(guarded.address(role, pair, root=guarded.other.file)):
            pass
    with pytest.raises(DatabaseError, match=r'for "localhost".* does not match host name "elsewhere'):
        async with connect(guarded.address(role, pair, host="elsewhere.example.test")):
            pass


def test_the_way_in_for_the_owner_is_local(guarded: Guarded) -> None:
    """The owner has no certificate, so the network does not let the owner in."""
    with psycopg.connect(guarded.server.url()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (OWNER,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(guarded.server.tcp())
