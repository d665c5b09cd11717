"""The reference pages of the documents, as Markdown."""

import json
from collections.abc import Iterator
from pathlib import Path

from auditor.cli.assembly import Assembly
from auditor.model.control import GUIDE, Control
from scripts.reference.commands import all_commands, exit_codes

NOTICE = "<!-- Written from the program by `make reference`; do not edit. -->\n\n"


def command_page() -> str:
    """Return the page of all commands with their arguments and options."""
    parts = [NOTICE, "# Commands\n\n", exit_codes().replace("Exit codes: ", "**Exit codes**: "), "\n"]
    for command in all_commands():
        parts.append(f"\n## {command.name}\n\n{_cell(command.help)}\n\n```\n{command.usage}\n```\n")
        if command.parameters:
            parts.append("\n| | |\n|---|---|\n")
            for p in command.parameters:
                variable = f" Variable: `{p.variable}`." if p.variable else ""
                parts.append(f"| `{p.written.replace('|', chr(92) + '|')}` | {_cell(p.help)}{variable} |\n")
    return "".join(parts)


def control_page(assembly: Assembly) -> str:
    """Return the page of all controls: why, how each is checked, what that cannot see, where the guide asks for it."""
    parts = [
        NOTICE,
        "# Controls\n\nEvery requirement by which hosts are judged. `auditor controls show ID` prints the same page, ",
        f"with the remedy for each product. Citations are to {GUIDE}.\n\n| control | level | title |\n|---|---|---|\n",
    ]
    for control in assembly.controls:
        anchor = control.id.replace(".", "")
        parts.append(f"| [`{control.id}`](#{anchor}) | {_level(control)} | {_cell(control.title)} |\n")
    for control in assembly.controls:
        parts += _control(control, assembly)
    return "".join(parts)


def _control(control: Control, assembly: Assembly) -> Iterator[str]:
    yield f"\n## {control.id}\n\n**{_cell(control.title)}.** Level: {_level(control)}.\n"
    for heading, text in (
        ("Why", control.rationale),
        ("How it is checked", control.method),
        ("What that cannot see", control.blind_spots),
    ):
        yield f"\n*{heading}.* {_cell(text)}\n"
    yield "\n| product | guide | checklist |\n|---|---|---|\n"
    for family, profile in assembly.profiles.items():
        guidance = profile.controls.get(control.id)
        if guidance is not None and profile.role != "unknown":
            where = f"{_cell(guidance.section)}, {_cell(guidance.step)}"
            yield f"| {family.upper()} | {where} | {_cell(guidance.checklist or '–')} |\n"


def schema_page(schema: Path) -> str:
    """Return the page of `audit.json`: every name with its type and what it means, from the committed JSON Schema."""
    document = json.loads(schema.read_text(encoding="utf-8"))
    parts = [
        NOTICE,
        "# audit.json\n\nSchema version 1. Names do not change within it; new ones may be added. The machine-readable ",
        f"form is `auditor/reports/schemas/{schema.name}` (JSON Schema).\n",
    ]
    parts += _object("audit.json", document)
    for name, definition in document.get("$defs", {}).items():
        parts += _object(name, definition)
    return "".join(parts)


def _object(name: str, schema: dict[str, object]) -> Iterator[str]:
    properties = schema.get("properties")
    yield f"\n## {name}\n\n{_cell(str(schema.get('description', '')))}\n"
    if not isinstance(properties, dict):
        yield f"\n{_type(schema)}\n"
        return
    yield "\n| name | type | meaning |\n|---|---|---|\n"
    for key, value in properties.items():
        yield f"| `{key}` | {_type(value)} | {_cell(str(value.get('description', '')))} |\n"


def _type(schema: dict[str, object]) -> str:
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for word in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(word), list):
            return " or ".join(_type(choice) for choice in choices)
    if isinstance(values := schema.get("enum"), list):
        return ", ".join(f"`{value}`" for value in values)
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "any")
    if kind == "array" and isinstance(items := schema.get("items"), dict):
        return f"list of {_type(items)}"
    return " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _level(control: Control) -> str:
    return str(control.level) if control.level is not None else control.kind.value


def _cell(text: str) -> str:
    """Return text for a table's cell or a paragraph: one line, nothing that Markdown or HTML would act on."""
    shown = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    for sign in ("|", "*", "_"):
        shown = shown.replace(sign, f"\\{sign}")
    return _code_kept(shown)


def _code_kept(text: str) -> str:
    """Undo the escapes between backticks, where Markdown shows every sign as it is (a bar still ends a cell)."""
    parts = text.split("`")
    for number in range(1, len(parts) - (len(parts) + 1) % 2, 2):
        parts[number] = parts[number].replace("\\*", "*").replace("\\_", "_").replace("&lt;", "<").replace("&amp;", "&")
    return "`".join(parts)
