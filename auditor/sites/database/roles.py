"""The roles: one for each site, made and taken away by whoever owns the database."""

from datetime import timedelta

import psycopg
from psycopg import sql

from auditor.sites.database.connection import DatabaseError, connect, told
from auditor.sites.database.names import COLLECTOR_SCHEMA, SCHEMA, SITES_ROLE, role_of, site_of

CONNECTIONS_OF_A_SITE = 20
"""How many connections a site's collectors may hold at once, so that one site cannot take all the server has."""

IDLE_TRANSACTION = timedelta(minutes=1)
"""How long a collector's transaction may do nothing; a hint for our own, since a role can set its own value."""


async def add_site(dsn: str, site: str) -> str:
    """Make the role of a site, or bring an existing one into order, and return its name.

    The role has no password: let it log in with a client certificate whose common name is the role's name. Raises
    ValueError for a name that cannot be a site's, DatabaseError where it does not work or where a role of that name
    can do more than a site's role must.
    """
    role = role_of(site)
    async with connect(dsn) as connection:
        with told("The site cannot be added"):
            async with connection.transaction():
                await make_role(connection, role, login=True)
                await _set_up(connection, role)
    return role


async def remove_site(dsn: str, site: str) -> bool:
    """Take a site's role away; return whether there was one.

    From the next statement on it can do nothing, even in a session that is open. What the site delivered and the jobs
    that wait for it stay, for the centre to read and to cancel.
    """
    role = role_of(site)
    async with connect(dsn) as connection:
        with told("The site cannot be removed"):
            async with connection.transaction():
                if not await _powers(connection, role):
                    return False
                for statement in (
                    sql.SQL("REVOKE {sites} FROM {role}"),
                    sql.SQL("GRANT {role} TO CURRENT_USER"),  # whoever is no superuser needs it to drop what it owns
                    sql.SQL("DROP OWNED BY {role}"),
                    sql.SQL("DROP ROLE {role}"),
                ):
                    await connection.execute(
                        statement.format(role=sql.Identifier(role), sites=sql.Identifier(SITES_ROLE))
                    )
    return True


async def sites(connection: psycopg.AsyncConnection) -> tuple[str, ...]:
    """Return the names of the sites that have a role, in alphabetical order. Any role may ask."""
    with told("The sites cannot be listed"):
        cursor = await connection.execute(
            "SELECT member.rolname FROM pg_auth_members"
            " JOIN pg_roles AS member ON member.oid = pg_auth_members.member"
            " JOIN pg_roles AS held ON held.oid = pg_auth_members.roleid"
            " WHERE held.rolname = %s",
            [SITES_ROLE],
        )
        rows = await cursor.fetchall()
    return tuple(sorted({site for (role,) in rows if (site := site_of(role)) is not None}))


async def make_role(connection: psycopg.AsyncConnection, role: str, *, login: bool) -> None:
    """Make a role without a password, unless it is there; DatabaseError where one of that name is above the rights."""
    powers = await _powers(connection, role)
    if powers:
        raise_if_above(role, powers)
        return
    kind = sql.SQL("LOGIN" if login else "NOLOGIN")
    await connection.execute(
        sql.SQL("CREATE ROLE {} {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT").format(
            sql.Identifier(role), kind
        )
    )


def raise_if_above(role: str, powers: dict[str, bool]) -> None:
    """Raise DatabaseError where row policies or grants would not hold a role."""
    above = [power for power, has in powers.items() if has]
    if above:
        raise DatabaseError(f"The role {role} exists and may {', '.join(above)}. Take that away from it, or drop it.")


async def _powers(connection: psycopg.AsyncConnection, role: str) -> dict[str, bool]:
    """Return what no role of ours may have, by whether this one has it; nothing where there is no such role."""
    cursor = await connection.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
        [role],
    )
    row = await cursor.fetchone()
    words = ("act as superuser", "bypass row security", "create roles", "create databases", "replicate")
    return dict(zip(words, row, strict=True)) if row else {}


async def _set_up(connection: psycopg.AsyncConnection, role: str) -> None:
    names = {
        "role": sql.Identifier(role),
        "sites": sql.Identifier(SITES_ROLE),
        "database": sql.Identifier(connection.info.dbname),
        "path": sql.SQL(", ").join([sql.Identifier(COLLECTOR_SCHEMA), sql.Identifier(SCHEMA)]),
        "limit": sql.Literal(CONNECTIONS_OF_A_SITE),
        "idle": sql.Literal(f"{IDLE_TRANSACTION.total_seconds():.0f}s"),
    }
    for statement in (
        sql.SQL("ALTER ROLE {role} LOGIN INHERIT CONNECTION LIMIT {limit}"),
        sql.SQL("GRANT {sites} TO {role}"),
        sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET search_path TO {path}"),
        sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET idle_in_transaction_session_timeout TO {idle}"),
    ):
        await connection.execute(statement.format(**names))
    await _check_memberships(connection, role)


async def _check_memberships(connection: psycopg.AsyncConnection, role: str) -> None:
    """A role that is a member of others has their rights too, another site's among them."""
    cursor = await connection.execute(
        "SELECT held.rolname FROM pg_auth_members"
        " JOIN pg_roles AS held ON held.oid = pg_auth_members.roleid"
        " JOIN pg_roles AS member ON member.oid = pg_auth_members.member"
        " WHERE member.rolname = %s AND held.rolname <> %s ORDER BY 1",
        [role, SITES_ROLE],
    )
    others = [str(name) for (name,) in await cursor.fetchall()]
    if others:
        raise DatabaseError(f"The role {role} exists and is a member of {', '.join(others)}. Take that away from it.")
