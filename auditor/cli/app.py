"""The `auditor` command: its sub-commands, and the one place where an error becomes a sentence and an exit code."""

import atexit
import os
import signal
import sys
import traceback
from typing import Annotated

import typer

from auditor import __version__
from auditor.cli import (
    audit,
    collector,
    controls,
    demo,
    diff,
    export,
    history,
    inventory,
    plan,
    replay,
    report,
    signing,
    sites,
    verify,
)
from auditor.cli.exits import Exit
from auditor.cli.terminal import complain, err, plain
from auditor.model.control import GUIDE

commands = typer.Typer(
    name="auditor",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Audit a video-conferencing fleet against the four security levels of a vendor guide, read-only.",
    epilog="Exit codes: 0 every host meets its target, 1 a host misses it, 2 usage or inventory error, 3 nothing "
    "misses but something is inconclusive or unreachable, 4 fault of the auditor, 5 verification failed, "
    "130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"auditor {__version__} (guide {GUIDE})")
        raise typer.Exit


@commands.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and the guide's edition."),
    ] = False,
) -> None:
    """Audit a video-conferencing fleet against the four security levels of a vendor guide, read-only."""


commands.command("audit")(audit.audit)
commands.command("demo")(demo.demo)
commands.command("replay")(replay.replay)
commands.command("report")(report.report)
commands.command("export")(export.export)
commands.command("plan")(plan.plan)
commands.command("diff")(diff.diff)
commands.command("verify")(verify.verify)
commands.command("keygen")(signing.keygen)
commands.command("sign")(signing.sign)
commands.add_typer(controls.commands, name="controls")
commands.add_typer(history.commands, name="history")
commands.add_typer(inventory.commands, name="inventory")
commands.add_typer(sites.commands, name="sites")
commands.add_typer(collector.commands, name="collector")


def app() -> None:
    """Run the command line and end the process."""
    code = _outcome()
    _settle(code)
    sys.exit(code)


def _outcome() -> int:
    """Run the command line; what it ends with, in the terms of `auditor.cli.exits`."""
    try:
        commands()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        complain("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        complain(str(error) if error.strerror is None else f"{error.filename or 'the system'}: {error.strerror}")
    except Exception as error:  # noqa: BLE001 - the end of the program: Python's own exit code 1 would mean "misses"
        for line in traceback.format_exc().splitlines():
            err.print(plain(line), soft_wrap=True)
        complain(f"fault of the auditor: {type(error).__name__}: {error}")
    else:
        return Exit.MEETS
    return Exit.FAULT


def _settle(code: int) -> None:
    """Let a Ctrl-C that comes too late end the process at once, with the exit code that already stands.

    A thread that cannot be stopped (the system's resolver) may hold up the end. Once threads are awaited, nothing
    is left to interrupt; Python would then take the signal's default, which kills the process with its own code.
    """
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(code))
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
