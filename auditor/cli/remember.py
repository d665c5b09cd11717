"""The history as commands use it: the option that names one, opening it, and recording an audit."""

from typing import Annotated

import typer

from auditor.cli.exits import Exit
from auditor.cli.options import stop
from auditor.cli.terminal import err, plain, warn
from auditor.engine.snapshot import snapshot_of
from auditor.history import History, HistoryError, open_history, record
from auditor.model.assessment import AuditRun


def from_command_line(context: typer.Context, name: str) -> bool:
    """Tell whether a parameter's value stands on the command line, and does not come from the environment."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _no_password(context: typer.Context, parameter: typer.CallbackParam, value: str | None) -> str | None:
    """Refuse a password on the command line: every user of this computer can read it there."""
    named = from_command_line(context, parameter.name or "")
    authority = value.partition("://")[2].partition("/")[0] if value else ""
    if named and ":" in authority.rpartition("@")[0]:
        raise typer.BadParameter(
            "A password may not stand on the command line. Give the URL in the variable AUDITOR_HISTORY, or leave the "
            "password out of it and use a file that PGPASSFILE names."
        )
    return value


HistoryPlace = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="FILE|URL",
        envvar="AUDITOR_HISTORY",
        show_envvar=True,
        callback=_no_password,
        help="History: a SQLite file, or postgresql://USER@HOST/DATABASE.",
    ),
]
"""Where the history is; None where nobody named one."""


def opened(where: str | None, *, create: bool = False) -> History:
    """Open the history, or end the command: with 2 where it is not named or cannot be used."""
    if not where:
        stop("No history is named. Give --history FILE, or set AUDITOR_HISTORY.", Exit.USAGE)
    try:
        return open_history(where, create=create)
    except HistoryError as error:
        stop(str(error), Exit.USAGE)


def remember(history: History | None, run: AuditRun, *, quiet: bool = False) -> bool:
    """Record an audit where there is a history; False, with a warning, where that failed: the bundle is not touched."""
    if history is None:
        return True
    try:
        recorded = record(history, snapshot_of(run))
    except HistoryError as error:
        warn(f"The audit is not in the history: {error} Try again: auditor history import BUNDLE")
        return False
    if not quiet:
        err.print(plain(f"Recorded in {history.where} as audit number {recorded.run}."), soft_wrap=True)
    return True
