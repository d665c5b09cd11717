"""Opening a history: a SQLite file by its path, or a database by its URL; migrated before it is used."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

BUSY_SECONDS = 60
"""How long a writer waits for another one; an audit of 10,000 hosts is recorded within a few seconds."""

_LOCK = 0x7663617564
"""The advisory lock that writers of a PostgreSQL history take; any number that nobody else uses will do."""

_WRITES = "history_writes"
_SCHEMES = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class HistoryError(Exception):
    """The history cannot be used; the text says which one and why. No password of a URL is ever part of it."""


@dataclass(frozen=True, slots=True)
class History:
    """An open history. `where` is its path or URL, for messages, without a password."""

    where: str
    engine: sa.Engine

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection for reading; errors of the database become `HistoryError`."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction as the only writer: all of it is kept, or nothing."""
        writing = self.engine.execution_options(**{_WRITES: True})
        with self._told(), writing.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.set_config("lock_timeout", f"{BUSY_SECONDS}s", True)))  # noqa: FBT003
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise HistoryError(f"{self.where}: {reason(error)}") from error


def reason(error: SQLAlchemyError) -> str:
    """Return the database's own words, without the statement and its values."""
    words = str(getattr(error, "orig", None) or error).strip().splitlines()
    said = words[0].rstrip(".") if words else type(error).__name__
    if "not a database" in said or "malformed" in said:
        return f"this is not a history, or it is damaged ({said}). Restore it from a copy, or import the bundles again."
    if "locked" in said or "lock timeout" in said:
        return f"another program has been writing for more than {BUSY_SECONDS} seconds ({said})."
    return f"{said}."


def open_history(where: str, *, create: bool) -> History:
    """Open a history and bring its tables up to date; `create` permits to make one where there is none.

    Raises HistoryError where it cannot be opened, is not a history, or was made by a newer version.
    """
    url = _url(where)
    shown = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        _check_file(Path(shown), create=create)
    try:
        engine = sa.create_engine(url, poolclass=NullPool, connect_args=_arguments(url))
    except ModuleNotFoundError as error:
        raise HistoryError(
            f"{shown}: the driver for PostgreSQL is not installed. Install vc-fleet-auditor[postgresql]."
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", _begin)
    history = History(shown, engine)
    _migrate(history, create=create)
    return history


def _url(where: str) -> sa.URL:
    if "://" not in where:
        return sa.URL.create(_SCHEMES["sqlite"], database=where)
    try:
        url = sa.make_url(where)
        scheme = _SCHEMES.get(url.drivername)
    except ArgumentError:
        scheme = None
    if scheme is None or (scheme.startswith("sqlite") and not url.database):
        raise HistoryError("A history is a file's path, or a URL that begins with sqlite:/// or postgresql://.")
    return url.set(drivername=scheme)


def _arguments(url: sa.URL) -> dict[str, float]:
    return {"timeout": BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {"connect_timeout": 15}


def _check_file(path: Path, *, create: bool) -> None:
    """Refuse what cannot be a history before SQLite makes a file of it."""
    try:
        if not path.exists():
            if not create:
                raise HistoryError(f"{path}: there is no such history.")
            if not path.parent.is_dir():
                raise HistoryError(f"{path}: there is no folder {path.parent}.")
        elif not path.is_file():
            raise HistoryError(f"{path}: this is not a file.")
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror}.") from error


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Let SQLAlchemy begin transactions, and keep what was written over a crash of the machine."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    """A writer takes the lock at once: two of them never both read first and then fail to write."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(history: History, *, create: bool) -> None:
    """Bring the tables up to date within one transaction, unless they are."""
    config = Config()
    config.set_main_option("script_location", "auditor.history:migrations")
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    newest = script.get_current_head()
    with history.read() as connection:
        if _revision(connection, history, script, create=create) == newest:
            return
    _use_wal(history)
    with history.write() as connection:
        if _revision(connection, history, script, create=create) != newest:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _revision(connection: sa.Connection, history: History, script: ScriptDirectory, *, create: bool) -> str | None:
    """Return the revision of the tables, None for an empty database; raise HistoryError where it is not a history."""
    inspector = sa.inspect(connection)  # of the first schema only: further ones of the search path are somebody else's
    tables = inspector.get_table_names(schema=inspector.default_schema_name)
    if tables and not {"alembic_version", "run_host"}.issubset(tables):
        raise HistoryError(f"{history.where}: this database holds something else than a history.")
    if not tables and not create:
        raise HistoryError(f"{history.where}: this database holds no history.")
    revision = MigrationContext.configure(connection).get_current_revision()
    try:
        if revision is not None:
            script.get_revision(revision)
    except CommandError as error:
        raise HistoryError(
            f"{history.where}: this history was written by a newer version of the auditor (revision {revision})."
        ) from error
    return revision


def _use_wal(history: History) -> None:
    """Let readers go on while one writes. Another program that opens the file now may have done it."""
    if history.engine.dialect.name != "sqlite":
        return
    with history._told():  # noqa: SLF001 - the same module
        raw = history.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise HistoryError(f"{history.where}: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise HistoryError(f"{history.where}: {error}.") from error
        finally:
            raw.close()
