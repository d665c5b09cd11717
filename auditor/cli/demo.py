"""`auditor demo`: start the simulated fleet on loopback, audit it, write the bundle."""

import asyncio
import itertools
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.assembly import Assembly
from auditor.cli.exits import Exit, exit_code
from auditor.cli.options import Formats, Quiet, chosen_reports, load_assembly, load_inventory, stop
from auditor.cli.perform import Performed, perform
from auditor.cli.rendering import DetailChoice, with_detail
from auditor.cli.sources import gather
from auditor.cli.summary import print_summary
from auditor.cli.terminal import err, out, plain, warn
from auditor.demo.fleet import start_fleet
from auditor.reports.bundle import BundleError
from auditor.reports.interface import Report
from auditor.wire.gate import utc_now


def demo(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="New folder for the bundle. Default: demo-audit here."),
    ] = None,
    formats: Formats = None,
    detail: DetailChoice = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Use no credentials: show what can be told from outside alone.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Audit a simulated fleet on this machine's loopback. No device is needed, no packet leaves the machine.

    The fleet is full of faults, so a finished demonstration ends with 0 although hosts miss their target.
    """
    assembly = load_assembly()
    reports = with_detail(chosen_reports(formats), detail)
    folder = output or _free(Path("demo-audit"))
    try:
        performed, writes = asyncio.run(_demo(assembly, folder, reports, outside=outside, quiet=quiet))
    except BundleError as error:
        stop(str(error), Exit.USAGE)
    for sentence in performed.unmade:
        warn(sentence)
    if not quiet:
        print_summary(performed.run, out, folder=folder)
        out.print(plain(f"The simulated devices counted {writes} requests that would have changed something."))
    code = exit_code(performed.run, interrupted=performed.interrupted)
    if writes or (performed.unmade and formats):
        code = Exit.FAULT
    raise typer.Exit(code if code in {Exit.FAULT, Exit.INTERRUPTED} else Exit.MEETS)


async def _demo(
    assembly: Assembly, folder: Path, reports: tuple[Report, ...], *, outside: bool, quiet: bool
) -> tuple[Performed, int]:
    with tempfile.TemporaryDirectory(prefix="auditor-demo-") as scratch:
        if not quiet:
            err.print(plain("Starting the simulated fleet on loopback …"))
        async with start_fleet(Path(scratch), now=utc_now(), with_credentials=not outside) as fleet:
            inventory = load_inventory(fleet.inventory_path, assembly)
            performed = await perform(assembly, inventory, folder, reports, quiet=quiet, sources=gather(inventory))
            return performed, len(fleet.recorder.writes)


def _free(wanted: Path) -> Path:
    """Return the folder, or the first of `NAME-2`, `NAME-3` … that does not exist yet."""
    names = itertools.chain([wanted], (wanted.with_name(f"{wanted.name}-{n}") for n in itertools.count(2)))
    return next(name for name in names if not name.exists())
