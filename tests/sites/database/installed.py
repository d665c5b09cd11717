"""A database as an operator would have it: installed by an owner who is no superuser, with two sites."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from procrastinate import App, PsycopgConnector

from auditor.sites.database import CENTRE_ROLE, add_site, install, role_of
from tests.postgresql import OWNER, Cluster, cluster

INSTALLER = "installer"
DATABASE = "fleet"


@dataclass(frozen=True, slots=True)
class Installed:
    """The database and the ways into it."""

    server: Cluster

    def url(self, user: str) -> str:
        """Return the URL for a role."""
        return self.server.url(DATABASE, user=user)

    @property
    def centre(self) -> str:
        """The URL for the centre."""
        return self.url(CENTRE_ROLE)

    def site(self, name: str) -> str:
        """Return the URL for a site's role."""
        return self.url(role_of(name))

    def tcp(self, site: str, port: int) -> str:
        """Return the URL for a site's role by loopback, through whatever listens on a port there."""
        return f"postgresql://{role_of(site)}@127.0.0.1:{port}/{DATABASE}"

    def all_seeing(self, query: str) -> list[tuple[object, ...]]:
        """Return what a query gives the superuser, on whom no policy has an effect."""
        with psycopg.connect(self.url(OWNER), autocommit=True) as connection:
            return list(connection.execute(query.encode()))


@contextmanager
def installed(*sites: str, crash_safe: bool = False) -> Iterator[Installed]:
    """Run a cluster with a database that is installed and has these sites."""
    with cluster(crash_safe=crash_safe) as server:
        make_owner(server)
        server.new_database(DATABASE, owner=INSTALLER)
        made = Installed(server)
        asyncio.run(install(made.url(INSTALLER)))
        for site in sites:
            asyncio.run(add_site(made.url(INSTALLER), site))
        yield made


def make_owner(server: Cluster) -> None:
    """Make the role of an operator who may make roles, and nothing more."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {INSTALLER} LOGIN CREATEROLE".encode())


def engine(url: str) -> App:
    """Return an app of the engine on a database; its connections use the role's own search path."""
    return App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=4))
