"""A server that lets in, over the network, who has a certificate for the role: with a test's own authorities."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from auditor.sites.database import add_site, install
from tests.peers import LOOPBACK
from tests.postgresql import OWNER, Cluster, cluster
from tests.syslog_peers import COLLECTOR, Authority, Pair

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


@contextmanager
def guarding(folder: Path) -> Iterator[Guarded]:
    """Run the server with its certificate, and install; certificates lie in the folder."""
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


def pair_of(authority: Authority, name: str) -> Pair:
    """Issue a certificate; its key is for this user alone, or the driver refuses it."""
    pair = authority.pair(name)
    pair.key.chmod(0o600)
    return pair
