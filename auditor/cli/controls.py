"""`auditor controls`: the catalogue, as a list and as a page for each control."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from auditor.cli.assembly import Assembly
from auditor.cli.exits import Exit
from auditor.cli.options import load_assembly, stop
from auditor.cli.terminal import out, plain
from auditor.model.control import GUIDE, Control

commands = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The requirements that hosts are judged by.")


@commands.command("list")
def list_controls(
    as_json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON.")] = False,
) -> None:
    """List every control with the level that needs it and the products it applies to."""
    assembly = load_assembly()
    if as_json:
        rows = [_plain(control, assembly) for control in assembly.controls]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("control", "level", "products", "title"):
        table.add_column(heading, overflow="fold")
    for control in assembly.controls:
        families = " ".join(_families(control, assembly))
        table.add_row(plain(control.id), plain(_level(control)), plain(families), plain(control.title))
    out.print(table)


@commands.command("show")
def show(
    control_id: Annotated[str, typer.Argument(metavar="ID", help="Identifier, e.g. services.telnet-off.")],
) -> None:
    """Print one control: why it matters, how it is checked, what that cannot see, the citation, the remedy."""
    assembly = load_assembly()
    control = next((c for c in assembly.controls if c.id == control_id), None)
    if control is None:
        near = [c.id for c in assembly.controls if control_id.split(".")[-1] in c.id]
        hint = f" Did you mean {', '.join(near)}?" if near else " `auditor controls list` lists them."
        stop(f"There is no control {control_id!r}.{hint}", Exit.USAGE)
    for line in (control.id, control.title):
        out.print(plain(line, "bold"))
    for heading, text in (
        ("Level", _level(control)),
        ("Why", control.rationale),
        ("How it is checked", control.method),
        ("What that cannot see", control.blind_spots),
        ("General citation", f"{GUIDE}, {control.section}"),
    ):
        _section(heading, text)
    for family in _families(control, assembly):
        guidance = assembly.profiles[family].controls[control.id]
        cited = f"{GUIDE}, {guidance.section}, {guidance.step}"
        words = (
            f"Guide: {cited}",
            guidance.remediation,
            f"Checklist: {guidance.checklist}" if guidance.checklist else "",
        )
        _section(f"{assembly.profiles[family].title}", "\n".join(word for word in words if word))


def _section(heading: str, text: str) -> None:
    out.print()
    out.print(plain(heading, "bold"))
    for paragraph in text.strip().split("\n"):
        out.print(plain(paragraph))


def _level(control: Control) -> str:
    return str(control.level) if control.level is not None else control.kind.value


def _families(control: Control, assembly: Assembly) -> list[str]:
    return [
        f for f, profile in assembly.profiles.items() if control.id in profile.controls and profile.role != "unknown"
    ]


def _plain(control: Control, assembly: Assembly) -> dict[str, object]:
    return {
        "id": control.id,
        "title": control.title,
        "kind": control.kind.value,
        "level": control.level,
        "products": _families(control, assembly),
        "rationale": control.rationale,
        "method": control.method,
        "blind_spots": control.blind_spots,
        "citation": {"document": GUIDE, "section": control.section},
    }
