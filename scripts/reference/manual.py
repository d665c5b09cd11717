"""`auditor(1)`: the manual page, in the macros of man(7)."""

from scripts.reference.commands import Command, all_commands, exit_codes

HEAD = """.\\" Written from the program by `make reference`; do not edit.
.TH AUDITOR 1 "" "auditor {version}" "User Commands"
.SH NAME
auditor \\- read-only compliance auditor for video-conferencing fleets
.SH SYNOPSIS
.B auditor
.I COMMAND
.RI [ OPTIONS ]
.SH DESCRIPTION
Asks every system of an inventory what it shows, judges that against the four security levels of a vendor guide, and
writes a folder with evidence, transcript and reports.
Nothing on a system is ever changed.
What could not be looked at is never passed.
.SH COMMANDS
"""


def manual_page(version: str) -> str:
    """Return the whole page."""
    parts = [HEAD.format(version=_escaped(version)), *map(_command, all_commands())]
    parts.append(".SH EXIT STATUS\n" + _escaped(exit_codes().removeprefix("Exit codes: ")) + "\n")
    parts.append(
        ".SH ENVIRONMENT\n"
        + "".join(f".TP\n.B {_escaped(name)}\n{_escaped(text)}\n" for name, text in _variables())
        + ".TP\n.B NO_COLOR\nNo colours on the terminal.\n"
    )
    parts.append(".SH FILES\n" + ".TP\n.I INVENTORY\nYAML or CSV; see samples/inventory.yaml of the sources.\n")
    return "".join(parts)


def _variables() -> list[tuple[str, str]]:
    found = {p.variable: p.help for c in all_commands() for p in c.parameters if p.variable}
    return sorted(found.items())


def _command(command: Command) -> str:
    lines = [f".SS {_escaped(command.usage)}", _escaped(command.help)]
    for parameter in command.parameters:
        lines += [".TP", f".B {_escaped(parameter.written)}", _escaped(parameter.help)]
    return "\n".join(line for line in lines if line) + "\n"


def _escaped(text: str) -> str:
    r"""Return text that troff shows as it is: backslashes and hyphens written out, no line that begins a request."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
