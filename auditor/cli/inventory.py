"""`auditor inventory`: check an inventory, and compare it with what TMS exports. Nothing is sent."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.exits import Exit
from auditor.cli.options import InventoryFile, checked_inventory, load_assembly, load_inventory, refuse
from auditor.cli.terminal import out, plain, warn
from auditor.engine.attest import counts
from auditor.inventory import InventoryError, Problem
from auditor.inventory.comparison import Comparison, compare
from auditor.inventory.tms_export import Export, ExportedSystem, read_export
from auditor.model.inventory import Attestation, Inventory, Target

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Inventories: the fleet as you describe it.")


@commands.command("check")
def check(
    inventory: InventoryFile,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing where all is well.")] = False,
) -> None:
    """Check an inventory and print every problem with line and field. Exit code 2 where there is one."""
    fleet = load_inventory(inventory, load_assembly())
    for attestation in fleet.attestations:
        if fleet.taken_at is not None and not counts(attestation, fleet.taken_at):
            warn(_does_not_count(attestation))
    if quiet:
        return
    count = Counter(target.product for target in fleet.targets)
    kinds = ", ".join(f"{number} {product}" for product, number in sorted(count.items()))
    stated = f", {len(fleet.attestations)} attestations" if fleet.attestations else ""
    out.print(plain(f"{inventory}: {len(fleet.targets)} hosts ({kinds}){stated}; no problem found. Nothing was sent."))


@commands.command("compare")
def compare_with_export(
    inventory: InventoryFile,
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="List of systems that TMS exported as CSV.")],
    columns: Annotated[
        Path | None,
        typer.Option("--columns", metavar="FILE", help="Column map: which headings of the export mean what (YAML)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False,
) -> None:
    """Compare an inventory with the list of systems that TMS exports. Nothing is sent.

    Tells the systems that either side lacks, those that TMS tracks by IP address, duplicates and disagreements.
    Exit code 0: nothing differs; 1: something does; 2: a file cannot be used.
    """
    problems: list[Problem] = []
    fleet: Inventory | None = None
    exported: Export | None = None
    try:
        fleet = checked_inventory(inventory, load_assembly())
    except InventoryError as error:
        problems += error.problems
    try:
        exported = read_export(export, columns)
    except InventoryError as error:
        problems += error.problems
    if fleet is None or exported is None:
        refuse(f"{inventory} and {export}", problems)
    result = compare(fleet, exported.systems)
    if as_json:
        typer.echo(json.dumps(_document(fleet, exported, result), indent=1))
    else:
        for line in _lines(fleet, exported, result):
            out.print(plain(line), soft_wrap=True)
    raise typer.Exit(Exit.MISSES if result.differs else Exit.MEETS)


def _does_not_count(attestation: Attestation) -> str:
    when = f"from {attestation.on:%Y-%m-%d %H:%MZ} until {attestation.expires:%Y-%m-%d %H:%MZ}"
    return f"{attestation.host}: the statement '{attestation.statement}' does not count now; it is valid {when}."


def _lines(fleet: Inventory, export: Export, result: Comparison) -> Iterable[str]:
    """Yield the comparison as text, one section for each kind of difference that there is."""
    yield f"{fleet.source}: {len(fleet.targets)} hosts. {export.source}: {len(export.systems)} systems."
    sections = (
        ("In the export, not in the inventory", [_row(s) for s in result.only_in_export]),
        ("In the inventory, not in the export", [_host(t) for t in result.only_in_inventory]),
        ("Tracked by an address, not by hostname (tms.systems-by-hostname)", [_row(s) for s in result.not_by_hostname]),
        (
            "The same system more than once in the export",
            [f"lines {', '.join(str(s.line) for s in d.systems)}: {', '.join(d.same)}" for d in result.duplicates],
        ),
        ("The two lists disagree", [f"line {d.row.line}: {d.because}" for d in result.disagreements]),
    )
    for title, rows in sections:
        if rows:
            yield ""
            yield f"{title} ({len(rows)}):"
            yield from (f"  {row}" for row in rows)
    if result.tracking_not_shown:
        yield ""
        yield f"The export does not show how {len(result.tracking_not_shown)} of its systems are tracked."
    yield ""
    yield f"{'' if result.differs else 'Nothing differs. '}SHA-256 of the export: {export.sha256}"


def _row(system: ExportedSystem) -> str:
    known = (system.name, system.type, system.tracked, *sorted(system.names | system.addresses))
    return f"line {system.line}: {', '.join(dict.fromkeys(text for text in known if text))}"


def _host(target: Target) -> str:
    return ", ".join(filter(None, (target.name, target.product, target.hostname, target.address)))


def _document(fleet: Inventory, export: Export, result: Comparison) -> dict[str, object]:
    """Return the comparison as one JSON object."""
    return {
        "schema_version": "1.0",
        "inventory": {"source": fleet.source, "sha256": fleet.digest, "hosts": len(fleet.targets)},
        "export": {"source": export.source, "sha256": export.sha256, "systems": len(export.systems)},
        "differs": result.differs,
        "only_in_export": [_system(s) for s in result.only_in_export],
        "only_in_inventory": [
            {"name": t.name, "product": t.product, "hostname": t.hostname, "address": t.address}
            for t in result.only_in_inventory
        ],
        "not_by_hostname": [_system(s) for s in result.not_by_hostname],
        "tracking_not_shown": [_system(s) for s in result.tracking_not_shown],
        "duplicates": [{"lines": [s.line for s in d.systems], "same": list(d.same)} for d in result.duplicates],
        "disagreements": [
            {"line": d.row.line, "hosts": [t.name for t in d.targets], "because": d.because}
            for d in result.disagreements
        ],
    }


def _system(system: ExportedSystem) -> dict[str, object]:
    return {
        "line": system.line,
        "name": system.name,
        "type": system.type,
        "tracked": system.tracked,
        "tracking": system.tracking.value,
        "hostnames": sorted(system.names),
        "addresses": sorted(system.addresses),
        "mac": system.mac,
        "software": system.software,
        "status": system.status,
    }
