"""Words of a profile found again in a document: spellings matched with paths, whatever case and numbering."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.dialects.leaf import Document, Leaf

Names = tuple[str, ...]
Numbers = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a path, as the words of the text interface (`IP DNS Server 1 Address`).

    A number asks for that item; without one, every item fits.
    """

    text: str
    names: Names
    numbers: Numbers

    def fits(self, numbers: Numbers) -> bool:
        """Tell whether the items of a leaf are those asked for. An item whose number is not told is the first."""
        return all(asked is None or (got or 1) == asked for asked, got in zip(self.numbers, numbers, strict=True))

    def within(self, outer: Names) -> bool:
        """Tell whether this path stands within another one."""
        return self.names[: len(outer)] == outer


def spelling(text: str) -> Spelling:
    """Return the spelling that these words make."""
    names, numbers = steps(tuple(text.split()))
    return Spelling(text, names, numbers)


def steps(path: tuple[str, ...]) -> tuple[Names, Numbers]:
    """Part a path into its folded names and the number behind each of them (None where there is none)."""
    names: list[str] = []
    numbers: list[int | None] = []
    for word in path:
        if names and numbers[-1] is None and word.isascii() and word.isdigit() and len(word) <= 6:
            numbers[-1] = int(word)
        else:
            names.append(word.casefold())
            numbers.append(None)
    return tuple(names), tuple(numbers)


class Index:
    """The leaves of one kind (`configuration` or `status`) of a document, to be found by names."""

    def __init__(self, document: Document, kind: str) -> None:
        """Take the document; leaves of other kinds are left out."""
        self._leaves: dict[Names, list[tuple[Numbers, Leaf]]] = {}
        self._withheld: dict[Names, list[Numbers]] = {}
        for leaf in document.leaves:
            if leaf.path[0].casefold() == kind:
                names, numbers = steps(leaf.path[1:])
                self._leaves.setdefault(names, []).append((numbers, leaf))
        for path in document.withheld:
            if path[0].casefold() == kind:
                names, numbers = steps(path[1:])
                self._withheld.setdefault(names, []).append(numbers)

    def values(self, asked: Spelling) -> list[str]:
        """Return the values of all leaves that fit, ordered by item."""
        found = [(numbers, leaf) for numbers, leaf in self._leaves.get(asked.names, ()) if asked.fits(numbers)]
        return [leaf.value for _, leaf in sorted(found, key=lambda pair: tuple(n or 1 for n in pair[0]))]

    def states(self, asked: Spelling) -> list[str]:
        """Return the values of attributes: the last name is that of an attribute of the block before it."""
        *outer, name = asked.names
        return [
            value
            for numbers, leaf in self._leaves.get(tuple(outer), ())
            for key, value in leaf.attributes
            if key.casefold() == name and Spelling("", tuple(outer), asked.numbers[:-1]).fits(numbers)
        ]

    def withheld(self, asked: Spelling) -> bool:
        """Tell whether a leaf that fits was there and was dropped."""
        return any(asked.fits(numbers) for numbers in self._withheld.get(asked.names, ()))

    def has_block(self, asked: Spelling) -> bool:
        """Tell whether the document shows this block, if only an empty one."""
        return any(names[: len(asked.names)] == asked.names for names in self._leaves)

    def below(self, asked: Spelling) -> Iterator[tuple[Names, Leaf]]:
        """Give all leaves within a block, of whatever item, with their names below it."""
        for names, found in self._leaves.items():
            if names[: len(asked.names)] == asked.names:
                yield from ((names[len(asked.names) :], leaf) for _, leaf in found)

    def first_words(self) -> frozenset[str]:
        """Return the outermost words: how much of a configuration this is."""
        return frozenset(names[0] for names in (*self._leaves, *self._withheld) if names)


def first(values: Iterable[str]) -> str | None:
    """Return the first value that is not empty."""
    return next((value for value in values if value), None)
