"""Options that several commands share, and what their values become."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from auditor.cli.assembly import Assembly, AssemblyError, assemble
from auditor.cli.exits import Exit
from auditor.cli.terminal import complain
from auditor.inventory import InventoryError, read_inventory, select
from auditor.model.inventory import Inventory
from auditor.reports.interface import Report, UnknownFormatError
from auditor.reports.registry import REPORTS, report_named
from auditor.wire.gate import utc_now

InventoryFile = Annotated[Path, typer.Argument(metavar="INVENTORY", help="Inventory file, YAML or CSV.")]
BundleFolder = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder that an audit wrote.")]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only", metavar="NAME/TAG/SITE", help="Audit only hosts with this name, tag or site. May be repeated."
    ),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"Report to write: {', '.join(r.name for r in REPORTS)}. May be repeated. Default: all. JSON always is.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print audit.json, and nothing else, on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary; errors are still printed.")]


def stop(message: str, code: Exit) -> NoReturn:
    """Print an error and end the command with this exit code."""
    complain(message)
    raise typer.Exit(code)


def load_assembly() -> Assembly:
    """Return the program as installed, or end the command where the installation is not sound."""
    try:
        return assemble()
    except (AssemblyError, ValueError) as error:
        stop(str(error), Exit.FAULT)


def load_inventory(path: Path, assembly: Assembly, only: Sequence[str] | None = None) -> Inventory:
    """Read and select, or print every problem with line and field and end the command."""
    profiles = assembly.profiles
    families = [family for family, profile in profiles.items() if profile.role != "unknown"]
    services = {family: [s.name for s in profiles[family].services] for family in families}
    try:
        inventory = replace(read_inventory(path, families=families, services=services), taken_at=utc_now())
        return select(inventory, only) if only else inventory
    except InventoryError as error:
        for problem in error.problems:
            complain(str(problem))
        number = len(error.problems)
        stop(f"{path}: {number} problem{'s' if number != 1 else ''}; nothing was sent.", Exit.USAGE)


def chosen_reports(names: Sequence[str] | None) -> tuple[Report, ...]:
    """Return the named reports (all where none is named), JSON always among them."""
    try:
        chosen = [report_named(name.strip()) for each in names for name in each.split(",")] if names else list(REPORTS)
    except UnknownFormatError as error:
        stop(str(error), Exit.USAGE)
    return tuple(report for report in REPORTS if report in chosen or report.name == "json")


def with_target_level(inventory: Inventory, level: int | None) -> Inventory:
    """Return the inventory with one target level for every host, where one was asked for."""
    if level is None:
        return inventory
    return replace(inventory, targets=tuple(replace(target, target_level=level) for target in inventory.targets))
