"""The options about waivers, and what their values become."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from auditor.cli.options import refuse
from auditor.cli.terminal import plain
from auditor.inventory import InventoryError
from auditor.inventory.waivers import read_waiver_files
from auditor.model.assessment import AuditRun
from auditor.model.inventory import Inventory

WaiverFiles = Annotated[
    list[Path] | None,
    typer.Option("--waivers", metavar="FILE", help="File of waivers, beside the inventory's. May be repeated."),
]
AcceptWaived = Annotated[
    bool,
    typer.Option(
        "--accept-waived",
        help="Exit as if a host met its target whose miss is wholly covered by waivers. Reports stay as they are.",
    ),
]


def with_waivers(inventory: Inventory, files: Sequence[Path] | None) -> Inventory:
    """Return the inventory with the waivers of these files too, or print every problem and end the command."""
    if not files:
        return inventory
    try:
        more = read_waiver_files(files, inventory.waivers)
    except InventoryError as error:
        refuse(", ".join(map(str, files)), error.problems)
    return replace(inventory, waivers=(*inventory.waivers, *more))


def print_waivers(run: AuditRun, console: Console) -> None:
    """Print how many misses are accepted, and what is wrong with waivers."""
    accepted = sum(host.accepted for host in run.hosts)
    if accepted:
        hosts = "1 miss is" if accepted == 1 else f"{accepted} misses are"
        console.print(plain(f"{hosts} accepted by waivers; no level is raised by that."), soft_wrap=True)
    for problem in run.waiver_problems:
        console.print(plain(f"waiver: {problem.message}", "yellow"), soft_wrap=True)
