"""Which files are written from the program, and what stands in them."""

from pathlib import Path

from typer.completion import get_completion_script  # type: ignore[attr-defined]  # it is re-exported without a word

from auditor import __version__
from auditor.cli.assembly import assemble
from scripts.reference.manual import manual_page
from scripts.reference.pages import command_page, control_page, schema_page

ROOT = Path(__file__).parents[2]
SHELLS = {
    "bash": "packaging/completions/auditor.bash",
    "zsh": "packaging/completions/_auditor",
    "fish": "packaging/completions/auditor.fish",
}


def generated() -> dict[str, str]:
    """Return the content of every generated file by its place in the tree."""
    scripts = {
        place: get_completion_script(prog_name="auditor", complete_var="_AUDITOR_COMPLETE", shell=shell) + "\n"
        for shell, place in SHELLS.items()
    }
    return {
        "packaging/man/auditor.1": manual_page(__version__),
        "docs/reference/commands.md": command_page(),
        "docs/reference/controls.md": control_page(assemble()),
        "docs/reference/audit-json.md": schema_page(ROOT / "auditor/reports/schemas/audit-1.0.schema.json"),
        **scripts,
    }
