"""The form that both kinds of inventory file are brought into: nodes with line numbers, nothing interpreted yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What the file's format takes an unquoted value for, in words that a message can use."""

    TEXT = "text"
    CELL = "a cell"
    TRUTH = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    DATE = "a date"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value exactly as written. `CELL` comes from CSV, which has no types: its reader decides."""

    line: int
    value: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and their values. The line of an entry is the line of its key, which may stand above the value."""

    line: int
    entries: Mapping[str, "Node"]


Node: TypeAlias = Scalar | Items | Table


def described(node: Node) -> str:
    """Return what a node is, for a sentence like `a list is expected, not a table`."""
    match node:
        case Items():
            return "a list"
        case Table():
            return "a table of keys and values"
        case Scalar():
            return "a single value" if node.kind in {Kind.TEXT, Kind.CELL} else node.kind.value
