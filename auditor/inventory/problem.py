"""Problems of an inventory: each with its place in the file, and the error that carries all of them at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

LONGEST_QUOTE = 60
"""Characters of the file's own text that a message repeats."""

MOST_LISTED = 24
"""Known words that a hint lists; longer lists help nobody."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `line` counts from 1; 0 concerns the file as a whole. `field` is a path or a column's name.

    `message` and `hint` are sentences; the hint says what to do and may be empty. No password is ever part of them.
    """

    file: str
    line: int
    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return one line as compilers write it: file, line, field, sentence."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f"{self.field}: " if self.field else ""
        return f"{place}: {field}{self.message}" + (f" {self.hint}" if self.hint else "")


class InventoryError(ValueError):
    """The inventory cannot be used. `problems` holds everything that is wrong with it, by file and line."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file, and the list to which its problems go."""

    file: str
    line: int
    field: str
    found: list[Problem]

    def refuse(self, message: str, hint: str = "") -> None:
        """Note a problem of this place."""
        self.found.append(Problem(self.file, self.line, self.field, message, hint))

    def at(self, line: int) -> "Spot":
        """Return the same field's place on another line."""
        return Spot(self.file, line, self.field, self.found)

    def key(self, key: str, line: int) -> "Spot":
        """Return the place of a key below this one."""
        name = key if key.replace("-", "_").isidentifier() else shown(key)
        return Spot(self.file, line, f"{self.field}.{name}" if self.field else name, self.found)

    def item(self, index: int, line: int) -> "Spot":
        """Return the place of an item below this one; items count from 0."""
        return Spot(self.file, line, f"{self.field}[{index}]", self.found)


def shown(text: str, longest: int = LONGEST_QUOTE) -> str:
    """Return the file's own text in quotes, cut to a readable length, with nothing in it that a terminal obeys."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut) + "'"


def suggestion(word: str, known: Sequence[str]) -> str:
    """Return a hint for an unknown word: the closest known one, else all that are known."""
    return _suggestion(word[:LONGEST_QUOTE].casefold(), tuple(known))


@lru_cache(maxsize=1024)
def _suggestion(word: str, known: tuple[str, ...]) -> str:
    spelt = {name.casefold(): name for name in known}
    close = get_close_matches(word, spelt, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {shown(spelt[close[0]])}?"
    if not known:
        return ""
    more = ", …" if len(known) > MOST_LISTED else ""
    return f"Known here: {', '.join(shown(name)[1:-1] for name in known[:MOST_LISTED])}{more}."
