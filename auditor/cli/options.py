"""Options that several commands share, and what their values become."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from auditor.cli.assembly import Assembly, AssemblyError, assemble
from auditor.cli.exits import Exit
from auditor.cli.terminal import complain
from auditor.inventory import InventoryError, Problem, read_inventory, select
from auditor.model.control import Control
from auditor.model.facts import Attested
from auditor.model.inventory import Inventory
from auditor.model.profile import Profile
from auditor.reports.interface import Report, UnknownFormatError
from auditor.reports.registry import DEFAULT_REPORTS, REPORTS, report_named
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
        help=f"Report to write: {', '.join(r.name for r in REPORTS)}. May be repeated. "
        f"Default: {', '.join(r.name for r in DEFAULT_REPORTS)}. JSON always is.",
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
    try:
        inventory = checked_inventory(path, assembly)
        return select(inventory, only) if only else inventory
    except InventoryError as error:
        refuse(str(path), error.problems)


def checked_inventory(path: Path, assembly: Assembly) -> Inventory:
    """Read an inventory with the products, services and statements that are installed; raise `InventoryError`."""
    profiles = assembly.profiles
    families = [family for family, profile in profiles.items() if profile.role != "unknown"]
    services = {family: [s.name for s in profiles[family].services] for family in families}
    statements = {family: statements_of(profiles[family], assembly.controls) for family in families}
    inventory = read_inventory(path, families=families, services=services, statements=statements)
    return replace(inventory, taken_at=utc_now())


def statements_of(profile: Profile, controls: Sequence[Control]) -> tuple[str, ...]:
    """Return the statements that the controls of a family read: nothing else can be attested of it."""
    asked = (need for control in controls if control.id in profile.controls for need in control.needs)
    return tuple(sorted({need.subject for need in asked if need.kind is Attested and need.subject}))


def refuse(what: str, problems: Sequence[Problem]) -> NoReturn:
    """Print every problem of the files and end the command."""
    for problem in problems:
        complain(str(problem))
    number = len(problems)
    stop(f"{what}: {number} problem{'s' if number != 1 else ''}; nothing was sent.", Exit.USAGE)


def chosen_reports(names: Sequence[str] | None) -> tuple[Report, ...]:
    """Return the named reports (the default set where none is named), JSON always among them."""
    try:
        named = [report_named(name.strip()) for each in names or () for name in each.split(",")]
    except UnknownFormatError as error:
        stop(str(error), Exit.USAGE)
    chosen = named or DEFAULT_REPORTS
    return tuple(report for report in REPORTS if report in chosen or report.name == "json")


def with_target_level(inventory: Inventory, level: int | None) -> Inventory:
    """Return the inventory with one target level for every host, where one was asked for."""
    if level is None:
        return inventory
    return replace(inventory, targets=tuple(replace(target, target_level=level) for target in inventory.targets))
