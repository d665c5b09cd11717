"""YAML text to nodes with line numbers, within limits, noting every problem and constructing no object.

Aliases, tags and deep nesting are refused: an inventory needs none of them, and they are how a small file becomes a
large one (YAML 1.1, chapters 3.2.2.2 and 5).
"""

from collections.abc import Iterator

import yaml
from yaml.resolver import Resolver

from auditor.inventory.document import Items, Kind, Node, Scalar, Table
from auditor.inventory.problem import Spot, shown

DEEPEST = 12
"""Levels of nesting; the contract needs five."""

_STANDARD = "tag:yaml.org,2002:"
_KINDS = {
    "str": Kind.TEXT, "value": Kind.TEXT, "merge": Kind.TEXT, "bool": Kind.TRUTH, "int": Kind.WHOLE,
    "float": Kind.NUMBER, "timestamp": Kind.DATE, "null": Kind.NOTHING,
}  # fmt: skip
_PARSER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML has it (four times as fast); both give the same events."""


class _TooDeepError(ValueError):
    """Nesting beyond the limit; the rest of the file is not read."""


def parse_yaml(text: str, spot: Spot) -> Table | None:
    """Return the table that the file's one document is, or None after noting why it is none."""
    composer = _Composer(text, spot)
    try:
        node = composer.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else composer.line
        what = "".join(c for c in error.problem or "it cannot be read" if c.isprintable())
        spot.at(line).refuse(f"This is not YAML: {what}.")
        return None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The pure parser lets the ValueError of an impossible escape (\UFFFFFFFF) through.
        what = str(error) if isinstance(error, _TooDeepError) else "it cannot be read beyond this line"
        spot.at(composer.line).refuse(f"This is not a usable YAML file: {what}.")
        return None
    if node is not None and not isinstance(node, Table):
        spot.at(node.line).refuse("The file must be a table of keys and values.", "It begins with 'version: 1'.")
        return None
    return node or Table(1, {})


class _Composer:
    """Builds nodes from the parser's events and keeps the line that it has reached."""

    def __init__(self, text: str, spot: Spot) -> None:
        self.line = 1
        self._spot = spot
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_PARSER))
        self._resolver = Resolver()

    def document(self) -> Node | None:
        """Return the root node, or None for a file without any."""
        root: Node | None = None
        documents = 0
        for event in self._events:
            self.line = _line(event)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._here().refuse("A second document begins here.", "A file is one document: remove '---'.")
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, self._spot, 0)
                root = node if documents == 1 else root
        return root

    def _here(self) -> Spot:
        return self._spot.at(self.line)

    def _next(self) -> yaml.Event:
        event = next(self._events)
        self.line = _line(event)
        return event

    def _node(self, event: yaml.Event, spot: Spot, depth: int) -> Node:
        line = _line(event)
        if depth > DEEPEST:
            raise _TooDeepError(f"it is nested more than {DEEPEST} levels deep")
        if isinstance(event, yaml.SequenceStartEvent):
            self._check_tag(event, spot, "seq")
            return self._items(line, spot, depth)
        if isinstance(event, yaml.MappingStartEvent):
            self._check_tag(event, spot, "map")
            return self._table(line, spot, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, spot, line)
        spot.at(line).refuse("Aliases (*name) are not used in these files.", "Write the value out.")
        return Scalar(line, "", Kind.TEXT)

    def _scalar(self, event: yaml.ScalarEvent, spot: Spot, line: int) -> Scalar:
        tag = event.tag
        if tag in {None, "!"}:
            resolve = self._resolver.resolve
            tag = resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]  # gap in stubs
        kind = _KINDS.get(str(tag).removeprefix(_STANDARD))
        if kind is None:
            _refuse_tag(spot, line, str(tag))
        return Scalar(line, event.value, kind or Kind.TEXT)

    def _items(self, line: int, spot: Spot, depth: int) -> Items:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, spot.item(len(items), self.line), depth + 1))
        return Items(line, tuple(items))

    def _table(self, line: int, spot: Spot, depth: int) -> Table:
        entries: dict[str, Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            at = _line(event)
            key = self._node(event, spot, depth + 1)
            below = spot.key(key.value, at) if isinstance(key, Scalar) else spot
            value = self._node(self._next(), below, depth + 1)
            if not isinstance(key, Scalar):
                spot.at(at).refuse("A key must be a single word.")
            elif key.value in entries:
                below.refuse(
                    f"The key is given twice (first in line {entries[key.value].line}).", "Remove one of them."
                )
            else:
                entries[key.value] = _moved(value, at)
        return Table(line, entries)

    def _check_tag(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent, spot: Spot, expected: str) -> None:
        if event.tag not in {None, "!", _STANDARD + expected}:
            _refuse_tag(spot, _line(event), str(event.tag))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refuse_tag(spot: Spot, line: int, tag: str) -> None:
    spot.at(line).refuse(f"The tag {shown(tag)} is not used in these files.", "Remove it.")


def _moved(node: Node, line: int) -> Node:
    """Return the node with its key's line, where a reader looks for it."""
    match node:
        case Scalar():
            return Scalar(line, node.value, node.kind)
        case Items():
            return Items(line, node.items)
        case Table():
            return Table(line, node.entries)
