"""Connections to the database, and its errors as sentences without a password."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

CONNECT_SECONDS = 15


class DatabaseError(Exception):
    """The database cannot do what was asked; the text says why. No password is ever part of it."""


@asynccontextmanager
async def connect(dsn: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Open a connection that commits every statement by itself; DatabaseError where there is none.

    Let a certificate, a password file or a service file say who you are: a password in `dsn` works, and stays out of
    every message, but whatever holds it must be kept as a secret.
    """
    try:
        conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        raise DatabaseError("The database's address is neither a URL nor a list of keyword=value.") from None
    with told("The database cannot be reached"):
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS)
    try:
        yield connection
    finally:
        await connection.close()


@contextmanager
def told(doing: LiteralString) -> Iterator[None]:
    """Turn an error of the driver or the server into a DatabaseError that says what failed, on one line."""
    try:
        yield
    except psycopg.Error as error:
        said = error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
        raise DatabaseError(f"{doing}: {said.rstrip('.')}.") from error
