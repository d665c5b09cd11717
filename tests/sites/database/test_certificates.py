"""Logging in over TLS: the server proves its name, the collector its role, with certificates of the test's own CA."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from auditor.sites.database import CENTRE_ROLE, DatabaseError, add_site, connect, deliver, install, role_of
from tests.peers import LOOPBACK
from tests.postgresql import OWNER, Cluster, cluster, needs_postgresql
from tests.syslog_peers import COLLECTOR, Authority, Pair

pytestmark = needs_postgresql

RULES = b"""local all auditor trust
hostssl all all 127.0.0.0/8 cert clientcert=verify-full
"""
"""Over the network: TLS, and a client certificate whose common name is the role."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A server that lets in who has a certificate, and the authorities that there are."""

    server: Cluster
    ours: Authority
    other: Authority

    def address(self, role: str, pair: Pair | None, *, root: Path | None = None, host: str = LOOPBACK) -> str:
        """Return what a collector's configuration would hold."""
        words = {
            "host": host, "hostaddr": LOOPBACK, "port": str(self.server.port), "dbname": "postgres", "user": role,
            "sslmode": "verify-full", "sslrootcert": str(root or self.ours.file), "sslcert": "/dev/null/none",
            "sslkey": "/dev/null/none",
        }  # fmt: skip
        if pair is not None:
            words |= {"sslcert": str(pair.certificate), "sslkey": str(pair.key)}
        return " ".join(f"{key}={value}" for key, value in words.items())


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Run the server with its certificate, and install."""
    folder = tmp_path_factory.mktemp("pki")
    ours, other = Authority(folder, "ours"), Authority(folder, "other")
    server = ours.pair(COLLECTOR)
    files = {
        "server.crt": server.certificate.read_bytes(),
        "server.key": server.key.read_bytes(),
        "ca.crt": ours.file.read_bytes(),
        "pg_hba.conf": RULES,
    }
    settings = "-c ssl=on -c ssl_cert_file=server.crt -c ssl_key_file=server.key -c ssl_ca_file=ca.crt"
    with cluster(settings, files) as started:
        asyncio.run(install(started.url(user=OWNER)))
        for site in ("oslo", "bergen"):
            asyncio.run(add_site(started.url(user=OWNER), site))
        yield Guarded(started, ours, other)


def _pair(authority: Authority, name: str) -> Pair:
    pair = authority.pair(name)
    pair.key.chmod(0o600)
    return pair


@pytest.mark.parametrize("host", [LOOPBACK, COLLECTOR])
async def test_a_collector_with_its_certificate_delivers(guarded: Guarded, host: str) -> None:
    """Encrypted, both sides proven."""
    pair = _pair(guarded.ours, role_of("oslo"))
    async with connect(guarded.address(role_of("oslo"), pair, host=host)) as connection:
        cursor = await connection.execute("SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert await cursor.fetchone() == (True, "/CN=auditor_site_oslo")
        assert await deliver(connection, "oslo", uuid4(), "rm1", b"evidence")


async def test_nobody_gets_in_otherwise(guarded: Guarded) -> None:
    """No certificate, another site's, the centre's name with a site's certificate, another authority's: refused."""
    role = role_of("oslo")
    refused = {
        "certificate": guarded.address(role, None),
        "authentication failed": guarded.address(role, _pair(guarded.ours, role_of("bergen"))),
        'authentication failed for user "auditor_centre"': guarded.address(CENTRE_ROLE, _pair(guarded.ours, role)),
        "unknown ca": guarded.address(role, _pair(guarded.other, role)),
        "no encryption": guarded.address(role, _pair(guarded.ours, role)).replace("verify-full", "disable"),
    }
    for reason, address in refused.items():
        with pytest.raises(DatabaseError, match=reason):
            async with connect(address):
                pass


async def test_a_collector_refuses_a_server_that_is_not_proven(guarded: Guarded) -> None:
    """Another authority's server, or one under another name."""
    role = role_of("oslo")
    pair = _pair(guarded.ours, role)
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
