"""Making the database what this version needs: the engine's tables, ours, the roles and their rights."""

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

from auditor.sites.database.connection import DatabaseError, connect, told
from auditor.sites.database.names import CENTRE_ROLE, COLLECTOR_SCHEMA, SCHEMA, SITES_ROLE
from auditor.sites.database.roles import make_role

_LOCK = 0x7663736974
"""The advisory lock that installers take; the history's is another one."""

_SQL = files("auditor.sites.database") / "sql"


async def install(dsn: str) -> tuple[str, ...]:
    """Bring the database up to date and return the names of what was applied: nothing where it was up to date.

    All of it happens in one transaction. Rights are written anew each time, so what somebody granted by hand in these
    schemas is gone afterwards. Needs the owner of the database, with the right to create roles; give the auditor a
    database of its own, as others lose the right to connect. Raises DatabaseError.
    """
    async with connect(dsn) as connection:
        with told("The database cannot be prepared"):
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                await make_role(connection, SITES_ROLE, login=False)
                await make_role(connection, CENTRE_ROLE, login=True)
                await _make_schemas(connection)
                applied = [*await _apply_engine(connection), *await _apply_ours(connection)]
                await connection.execute((_SQL / "rights.sql").read_bytes())
                await _set_rights_of_database(connection)
                await _check(connection)
    return tuple(applied)


async def _make_schemas(connection: psycopg.AsyncConnection) -> None:
    for schema in (SCHEMA, COLLECTOR_SCHEMA):
        await connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(SCHEMA)))
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migration "
        "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )


async def _apply_engine(connection: psycopg.AsyncConnection) -> list[str]:
    """Make the engine's tables, or bring them from the version that made them to the installed one."""
    steps = _engine_steps()
    row = await (await connection.execute("SELECT to_regclass('procrastinate_jobs') IS NULL")).fetchone()
    if row == (True,):
        await connection.execute(SchemaManager.get_schema())
        await _note(connection, ("engine/" + step.name for step in steps))
        return ["engine"]
    return await _apply(connection, [("engine/" + step.name, step) for step in steps])


def _engine_steps() -> list[Path]:
    """Return what leads from an older version of the engine's tables to the installed one's, in order."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


async def _apply_ours(connection: psycopg.AsyncConnection) -> list[str]:
    steps = sorted((_SQL / "migrations").iterdir(), key=lambda each: each.name)
    return await _apply(connection, [(step.name, step) for step in steps if step.name.endswith(".sql")])


async def _apply(connection: psycopg.AsyncConnection, steps: list[tuple[str, Traversable | Path]]) -> list[str]:
    rows = await (await connection.execute("SELECT name FROM migration")).fetchall()
    known = {name for (name,) in rows}
    missing = [(name, step) for name, step in steps if name not in known]
    for _, step in missing:
        await connection.execute(step.read_bytes())
    names = [name for name, _ in missing]
    await _note(connection, names)
    return names


async def _note(connection: psycopg.AsyncConnection, names: Iterable[str]) -> None:
    async with connection.cursor() as cursor:
        await cursor.executemany("INSERT INTO migration (name) VALUES (%s)", [(name,) for name in names])


async def _set_rights_of_database(connection: psycopg.AsyncConnection) -> None:
    """Nobody connects, makes temporary tables or finds `public` unless the rights say so; name the search paths."""
    names = {
        "database": sql.Identifier(connection.info.dbname),
        "centre": sql.Identifier(CENTRE_ROLE),
        "sites": sql.Identifier(SITES_ROLE),
        "schema": sql.Identifier(SCHEMA),
    }
    for statement in (
        sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC, {sites}"),
        sql.SQL("GRANT CONNECT ON DATABASE {database} TO {sites}, {centre}"),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC, {sites}"),
        sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {centre}"),
        sql.SQL("ALTER ROLE {centre} IN DATABASE {database} SET search_path TO public, {schema}"),
    ):
        await connection.execute(statement.format(**names))


async def _check(connection: psycopg.AsyncConnection) -> None:
    """A REVOKE by somebody who may not do it is a warning only; here it becomes an error."""
    cursor = await connection.execute(
        "SELECT has_schema_privilege(%(sites)s, 'public', 'CREATE'),"
        " has_database_privilege(%(sites)s, current_database(), 'TEMP, CREATE')",
        {"sites": SITES_ROLE},
    )
    if await cursor.fetchone() != (False, False):
        raise DatabaseError(
            "The database cannot be prepared: everybody may create objects in it, and this role cannot end that. "
            "Install as the owner of the database and of its schema public, or as a superuser."
        )
