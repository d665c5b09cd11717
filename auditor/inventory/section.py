"""One table of the inventory, read key by key: every value is checked, and every problem is noted at its place."""

import re
from collections.abc import Sequence
from typing import TypeVar

from auditor.inventory.document import Items, Kind, Node, Scalar, Table, described
from auditor.inventory.problem import Spot, shown, suggestion

T = TypeVar("T")

LONGEST_PATH = 4096
_SECRET_WORDS = frozenset({"password", "passwd", "passphrase", "pass", "pwd", "secret"})
_TRUE = frozenset({"yes", "true", "on"})
_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?")


def is_secret(key: str) -> bool:
    """Tell whether a key announces a password in plain text."""
    return key.casefold() in _SECRET_WORDS


def refuse_secret(spot: Spot) -> None:
    """Note that a password stands in the file, without repeating it."""
    spot.refuse(
        "A password may not stand in an inventory: inventories are copied, mailed and kept under version control.",
        "Name an environment variable with 'password_env', or a file that only you can read with 'password_file'; "
        "and change this password, since it has been written down.",
    )


class Section:
    """A table with the keys that it may have; `noun` is the word for one of them.

    Each method reads one key. A value that will not do is noted as a problem, and a default is returned so that reading
    goes on; the inventory as a whole is then refused.
    """

    def __init__(self, spot: Spot, table: Table, known: Sequence[str], *, noun: str = "field") -> None:
        self._spot = spot
        self._entries = table.entries
        for key, node in table.entries.items():
            if is_secret(key):
                refuse_secret(spot.key(key, node.line))
            elif key not in known:
                spot.key(key, node.line).refuse(f"There is no {noun} of the name {shown(key)}.", suggestion(key, known))

    def has(self, key: str) -> bool:
        """Tell whether the key is given, be it with a bad value."""
        return key in self._entries

    @property
    def holds_secret(self) -> bool:
        """Tell whether a password stands here in plain text (and was refused)."""
        return any(is_secret(key) for key in self._entries)

    def spot(self, key: str) -> Spot:
        """Return the place of a key: its line, or the table's where it is missing."""
        node = self._entries.get(key)
        return self._spot.key(key, node.line if node else self._spot.line)

    def node(self, key: str) -> Node | None:
        """Return what stands under a key as it was parsed, or None."""
        return self._entries.get(key)

    def text(self, key: str, *, longest: int = 255, secret: bool = False) -> str | None:
        """Return printable text of at most `longest` characters; a secret one is not repeated in a message."""
        node = self._entries.get(key)
        return None if node is None else _text(self.spot(key), node, longest, secret=secret)

    def literal(self, key: str) -> str | None:
        """Return a value as it is written, whatever YAML takes it for: an IPv6 address may look like a number."""
        node = self._entries.get(key)
        return None if node is None else _literal(self.spot(key), node)

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """Return a whole number from `low` to `high`."""
        written = self.literal(key)
        if written is None:
            return default
        if not _WHOLE.fullmatch(written) or not low <= int(written) <= high:
            self.spot(key).refuse(f"{shown(written)} is not a whole number from {low} to {high}.")
            return default
        return int(written)

    def seconds(self, key: str, high: float, *, zero: bool = False) -> float | None:
        """Return a time above 0 (with `zero`: from 0) and up to `high`, in seconds."""
        return self._decimal(key, high, "a time in seconds", zero=zero)

    def rate(self, key: str, high: float) -> float | None:
        """Return a number of requests per second, above 0 and up to `high`."""
        return self._decimal(key, high, "a number of requests per second", zero=False)

    def _decimal(self, key: str, high: float, what: str, *, zero: bool) -> float | None:
        written = self.literal(key)
        if written is None:
            return None
        number = float(written) if _DECIMAL.fullmatch(written) else -1.0
        if not 0 <= number <= high or (number == 0 and not zero):
            least = "from 0 to" if zero else "above 0 and up to"
            self.spot(key).refuse(f"{shown(written)} is not {what}, {least} {high:g}.")
            return None
        return number

    def truth(self, key: str, *, default: bool) -> bool:
        """Return one of YAML's words for true and false."""
        node = self._entries.get(key)
        if node is None:
            return default
        if not isinstance(node, Scalar) or node.kind is not Kind.TRUTH:
            self.spot(key).refuse("This is neither true nor false.", "Write true or false, without quotes.")
            return default
        return node.value.casefold() in _TRUE

    def choice(self, key: str, choices: tuple[T, ...], default: T) -> T:
        """Return one of the choices, compared with what is written: `on` is the word, though YAML takes it for true."""
        written = self.literal(key)
        if written is None:
            return default
        for choice in choices:
            if written == str(choice):
                return choice
        words = [str(choice) for choice in choices]
        self.spot(key).refuse(f"{shown(written)} is not one of {', '.join(words)}.", _close(written, words))
        return default

    def texts(self, key: str, *, longest: int = 255) -> list[tuple[Spot, str]]:
        """Return the texts of a list, each with its place, without repetitions."""
        return self._list(key, longest)

    def arguments(self, key: str, *, longest: int = 1024) -> tuple[str, ...] | None:
        """Return the texts of a list as they stand, repetitions included, or None; no value is repeated in a message.

        A command needs at least the program's name.
        """
        node = self._entries.get(key)
        if node is None:
            return None
        spot = self.spot(key)
        if not isinstance(node, Items) or not node.items:
            spot.refuse("A program and its arguments are expected here.", "Write a list in brackets: [pass, show, x].")
            return None
        found = [
            _text(spot.item(index, item.line), item, longest, secret=True) for index, item in enumerate(node.items)
        ]
        return tuple(text for text in found if text is not None) if None not in found else None

    def literals(self, key: str) -> list[tuple[Spot, str]]:
        """Return the values of a list as they are written, each with its place, without repetitions."""
        return self._list(key, None)

    def table(self, key: str) -> Table | None:
        """Return the table under a key, or None where there is none."""
        node = self._entries.get(key)
        if node is None or isinstance(node, Table):
            return node
        self.spot(key).refuse(f"A table of keys and values is expected here, not {described(node)}.")
        return None

    def _list(self, key: str, longest: int | None) -> list[tuple[Spot, str]]:
        node = self._entries.get(key)
        if node is None:
            return []
        spot = self.spot(key)
        if not isinstance(node, Items):
            spot.refuse(f"A list is expected here, not {described(node)}.", "Write it in brackets: [one, two].")
            return []
        found: dict[str, Spot] = {}
        for index, item in enumerate(node.items):
            place = spot.item(index, item.line)
            value = _literal(place, item) if longest is None else _text(place, item, longest, secret=False)
            if value is not None:
                found.setdefault(value, place)
        return [(place, value) for value, place in found.items()]


def check_version(section: Section, files: str) -> None:
    """Note a missing or another version than 1; `files` is the word for files of this kind."""
    written = section.literal("version")
    if not section.has("version"):
        section.spot("version").refuse("The field is missing.", "Write 'version: 1' at the top.")
    elif written is not None and written != "1":
        section.spot("version").refuse(f"{shown(written)} is not a version of {files}.", "Write 'version: 1'.")


def _close(word: str, words: Sequence[str]) -> str:
    hint = suggestion(word, words)
    return hint if hint.startswith("Did") else ""


def _literal(spot: Spot, node: Node) -> str | None:
    if not isinstance(node, Scalar):
        spot.refuse(f"A single value is expected here, not {described(node)}.")
    elif node.kind is Kind.NOTHING or not node.value:
        spot.refuse("There is no value.", "Give one, or remove the field.")
    else:
        return node.value
    return None


def _text(spot: Spot, node: Node, longest: int, *, secret: bool) -> str | None:
    value = _literal(spot, node)
    if value is None or not isinstance(node, Scalar):
        return None
    quoted = "this value" if secret else shown(value)
    if node.kind not in {Kind.TEXT, Kind.CELL}:
        kind = node.kind.value if node.kind is not Kind.TRUTH else str(value.casefold() in _TRUE).lower()
        spot.refuse(f"YAML reads {quoted} as {kind}, not as text.", "Put it in quotation marks.")
    elif not value.isprintable():
        spot.refuse(f"There is a character in {quoted} that cannot be printed.", "Type the text again by hand.")
    elif value != value.strip():
        spot.refuse(f"There are blanks before or after {quoted}.", "Remove them.")
    elif len(value) > longest:
        spot.refuse(f"The text has {len(value)} characters; the most is {longest}.")
    else:
        return value
    return None
