"""`auditor inventory`: check an inventory without sending anything."""

from collections import Counter
from typing import Annotated

import typer

from auditor.cli.options import InventoryFile, load_assembly, load_inventory
from auditor.cli.terminal import out, plain

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Inventories: the fleet as you describe it.")


@commands.command("check")
def check(
    inventory: InventoryFile,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing where all is well.")] = False,
) -> None:
    """Check an inventory and print every problem with line and field. Exit code 2 where there is one."""
    fleet = load_inventory(inventory, load_assembly())
    if quiet:
        return
    count = Counter(target.product for target in fleet.targets)
    kinds = ", ".join(f"{number} {product}" for product, number in sorted(count.items()))
    out.print(plain(f"{inventory}: {len(fleet.targets)} hosts ({kinds}); no problem found. Nothing was sent."))
