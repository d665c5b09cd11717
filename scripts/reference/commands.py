"""The command line as plain values, read from the program itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import typer

from auditor.cli.app import commands


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or an option: how it is written, what it does, and the variable that can stand for it."""

    written: str
    help: str
    is_option: bool
    required: bool
    variable: str | None


@dataclass(frozen=True, slots=True)
class Command:
    """One command with its whole name, e.g. `auditor inventory check`."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]

    @property
    def usage(self) -> str:
        """Return the line that shows how it is called."""
        words = [p.written if p.required else f"[{p.written}]" for p in self.parameters if not p.is_option]
        options = ["[OPTIONS]"] if any(p.is_option for p in self.parameters) else []
        return " ".join([self.name, *options, *words])


def all_commands() -> tuple[Command, ...]:
    """Return every command that does something, in the order of `auditor --help`; hidden ones are left out."""
    return tuple(_walk("auditor", typer.main.get_command(commands)))


def exit_codes() -> str:
    """Return the sentence of `auditor --help` that lists the exit codes."""
    return str(commands.info.epilog)


def _walk(name: str, command: object) -> Iterator[Command]:
    # typer carries its own copy of click, whose classes are not public: their attributes are read by name.
    it = cast("Any", command)
    children = getattr(it, "commands", {})
    if not children or it.invoke_without_command:
        yield Command(name, " ".join((it.help or "").split("\f")[0].split()), tuple(map(_parameter, _shown(it.params))))
    for each, child in children.items():
        if not child.hidden:
            yield from _walk(f"{name} {each}", child)


def _shown(parameters: list[Any]) -> list[Any]:
    return [p for p in parameters if not getattr(p, "hidden", False)]


def _parameter(it: Any) -> Parameter:  # noqa: ANN401 - a class of typer's that is not public
    option = type(it).__name__ == "TyperOption"
    many = "..." if it.nargs == -1 or (it.multiple and not option) else ""
    if not option:
        return Parameter((it.metavar or it.name.upper()) + many, _text(it.help), False, it.required, None)  # noqa: FBT003
    names = ", ".join(it.opts) + (f" / {', '.join(it.secondary_opts)}" if it.secondary_opts else "")
    value = "" if it.is_flag or it.count else f" {it.metavar or _kind(it)}"
    return Parameter(names + value, _text(it.help), True, it.required, it.envvar)  # noqa: FBT003


def _text(words: str | None) -> str:
    return " ".join((words or "").split())


def _kind(option: Any) -> str:  # noqa: ANN401 - a class of typer's that is not public
    kind = option.type_descriptor.annotation
    choices = getattr(kind, "__members__", None)
    if choices:
        return "{" + "|".join(str(member.value) for member in choices.values()) + "}"
    return {"int": "NUMBER", "float": "NUMBER"}.get(getattr(kind, "__name__", ""), "VALUE")
