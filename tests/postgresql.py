"""Debian's PostgreSQL as an ordinary user: a cluster of its own, on loopback and on a socket in a temporary folder."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.peers import LOOPBACK, free_port

_PLACES = (os.environ.get("PATH", ""), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True))
INITDB = shutil.which("initdb", path=os.pathsep.join(_PLACES))
SERVER_USER = "postgres" if os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root."""

OWNER = "auditor"
needs_postgresql = pytest.mark.skipif(INITDB is None, reason="PostgreSQL is not installed here")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that can be started, stopped and killed; its superuser is `OWNER`, and everybody local is trusted."""

    folder: Path
    port: int
    settings: str

    def url(self, database: str = "postgres", *, user: str = OWNER) -> str:
        """Return the URL of a database by the socket, which works as often as PostgreSQL runs."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def tcp(self, database: str = "postgres", *, user: str = OWNER) -> str:
        """Return the URL of a database by loopback."""
        return f"postgresql://{user}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._control("-w", "-l", str(self.folder / "log"), "-o", self.settings, "start")

    def stop(self) -> None:
        """Stop it without waiting for anybody."""
        self._control("-m", "immediate", "stop")

    def kill(self) -> None:
        """Kill the server as `kill -9` does; what it had promised to keep is there at the next start."""
        os.kill(int((self.folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def new_database(self, name: str, *, owner: str = OWNER) -> None:
        """Make an empty database."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} OWNER "{owner}"'.encode())

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())

    def _control(self, *words: str) -> None:
        assert INITDB is not None
        run(self.folder, str(Path(INITDB).resolve().parent / "pg_ctl"), "-D", str(self.folder / "data"), *words)


def run(folder: Path, *words: str) -> None:
    """Run a program of PostgreSQL as the user who may."""
    subprocess.run(
        words, user=SERVER_USER, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def cluster(
    settings: str = "", files: Mapping[str, bytes] | None = None, *, crash_safe: bool = False
) -> Iterator[Cluster]:
    """Make a cluster and run it; `files` are put into its data folder first, readable for the server alone.

    With `crash_safe` it survives `kill`; without, it is faster.
    """
    assert INITDB is not None
    folder = Path(tempfile.mkdtemp(prefix="auditor-pg-"))
    if SERVER_USER:
        shutil.chown(folder, SERVER_USER)
    port = free_port()
    common = f"-c listen_addresses={LOOPBACK} -p {port} -c unix_socket_directories={folder}"
    made = Cluster(folder, port, f"{common} -c fsync={'on' if crash_safe else 'off'} {settings}")
    run(folder, INITDB, "-D", str(folder / "data"), "-A", "trust", "-U", OWNER, "-E", "UTF8", "--no-locale")
    for name, content in (files or {}).items():
        path = folder / "data" / name
        path.write_bytes(content)
        path.chmod(0o600)
        if SERVER_USER:
            shutil.chown(path, SERVER_USER)
    try:
        made.start()
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.stop()
        shutil.rmtree(folder)
