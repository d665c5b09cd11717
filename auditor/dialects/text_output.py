"""The text interface: flat `*c` lines, status trees closed by `*s/end`, flat status closed by `** end`, and the ending.

What does not belong to the grammar is passed over: greetings, echoed commands, prompts, events, results, phone books.
"""

import re

from auditor.dialects.encoding import decode
from auditor.dialects.leaf import LONGEST_VALUE, DialectError, Document, Ending, Leaf
from auditor.dialects.secret import is_secret, told, without_login
from auditor.model.evidence import Cause

LONGEST = 8 * 1024 * 1024
"""Bytes of one answer or saved session."""

MOST_LEAVES = 50_000
MOST_WORDS = 32
DEEPEST = 16
LONGEST_LINE = 8192

_PROMPT = re.compile(r"[^\s*]{0,64}[>#$%]\s?(?=\*[cs] |OK$|ERROR)")
_BLOCK = re.compile(r"(?P<words>[^:(]{1,400})(?:\((?P<state>[^()]{0,2000})\)\s*)?:\s*/?")
_REFUSALS = ("command not recognized", "command not recognised", "unknown command", "invalid command")
_COMMAND = "xconfiguration"


class TextError(DialectError):
    """More bytes or leaves than any device has."""


class _Reader:
    """Takes the lines of a session one by one and parts them into answers."""

    def __init__(self, *, commands: bool) -> None:
        self.commands = commands
        self.answers: list[Document] = []
        self.count = 0
        self._begin()

    def _begin(self) -> None:
        self.leaves: list[Leaf] = []
        self.withheld: list[tuple[str, ...]] = []
        self.unread: list[int] = []
        self.blocks: list[tuple[int, tuple[str, ...]]] = []
        self.pending: tuple[str, ...] | None = None

    def line(self, number: int, text: str) -> None:
        """Take one line, without its end."""
        if len(text) > LONGEST_LINE:
            if text[0] == "*" or self.blocks:
                self.unread.append(number)
            return
        bare = text.strip()
        if not bare:
            return
        if text[0] not in "* \t":
            bare = _without_prompt(bare)
        indent = len(text) - len(text.lstrip()) if bare[0] != "*" else 0
        if indent and self.blocks:
            self._inside(number, indent, bare)
        elif bare[0] == "*":
            self._starred(number, bare)
        elif self.commands and self._is_command(bare):
            self._setting(number, bare)
        else:
            self._end_of_answer(bare)

    def finish(self) -> tuple[Document, ...]:
        """Return all answers; what was begun and not ended is cut."""
        self._close()
        if self.leaves or self.withheld or self.unread or not self.answers:
            self._answer(Ending.CUT)
        return tuple(self.answers)

    def _starred(self, number: int, text: str) -> None:
        self._close()
        kind, _, rest = text.partition(" ")
        match kind.casefold():
            case "*c":
                if rest[:10].casefold() != "xdirectory":
                    self._setting(number, rest.strip())
            case "*s":
                self._status(number, rest.strip())
            case "**" if rest.strip().casefold() == "end":
                self._answer(Ending.COMPLETE)
            case "*r" if re.search(r"\(status=error\b", rest[:200], re.IGNORECASE):
                self._answer(Ending.ERROR, "Error")

    def _is_command(self, text: str) -> bool:
        word = text.split(maxsplit=1)[0].casefold()
        return len(word) >= 5 and _COMMAND.startswith(word) and ":" in text

    def _setting(self, number: int, text: str) -> None:
        name, colon, value = text.partition(":")
        words = name.split()
        known = len(words) > 1 and len(words[0]) >= 5 and _COMMAND.startswith(words[0].casefold())
        text_value = _unquoted(value)
        if not colon or not known or text_value is None:
            self.unread.append(number)
        else:
            self._keep(("Configuration", *words[1:]), text_value)

    def _status(self, number: int, text: str) -> None:
        """Take the head of a block, or a flat line with its value behind it."""
        block = _BLOCK.fullmatch(text)
        if block:
            self._open(0, ("Status", *block["words"].split()), block["state"])
            return
        name, colon, value = text.partition(":")
        text_value = _unquoted(value)
        if not colon or not name.split() or text_value is None:
            self.unread.append(number)
        else:
            self._keep(("Status", *name.split()), text_value)

    def _inside(self, number: int, indent: int, text: str) -> None:
        """Take a line of a block's body: a value, or the head of a block within it."""
        while len(self.blocks) > 1 and self.blocks[-1][0] >= indent:
            self._close(1)
        block = _BLOCK.fullmatch(text)
        parent = self.blocks[-1][1]
        if block:
            self._open(indent, (*parent, *block["words"].split()), block["state"])
            return
        name, colon, value = text.partition(":")
        text_value = _unquoted(value)
        if not colon or not name.split() or text_value is None:
            self.unread.append(number)
        else:
            self._keep((*parent, *name.split()), text_value)

    def _open(self, indent: int, path: tuple[str, ...], state: str | None) -> None:
        if len(self.blocks) >= DEEPEST:
            raise TextError(f"blocks stand more than {DEEPEST} deep in one another", 1, Cause.TOO_LARGE)
        self.pending = path
        attributes = _attributes(state or "")
        if attributes:
            self._keep(path, "", attributes)
        self.blocks.append((indent, path))

    def _close(self, how_many: int | None = None) -> None:
        """Close the innermost blocks, or all. The last one opened, if nothing came in it, is a leaf without value."""
        if self.pending is not None:
            self._keep(self.pending, "")
        del self.blocks[-how_many if how_many else 0 :]

    def _keep(self, path: tuple[str, ...], value: str, attributes: tuple[tuple[str, str], ...] = ()) -> None:
        self.pending = None
        self.count += 1
        if self.count > MOST_LEAVES:
            raise TextError(f"the answer has more than {MOST_LEAVES} values", 1, Cause.TOO_LARGE)
        path = path[:MOST_WORDS]
        if len(value) > LONGEST_VALUE or is_secret(path, value):
            self.withheld.append(told(path))
        else:
            self.leaves.append(Leaf(path, without_login(value), attributes))

    def _end_of_answer(self, text: str) -> None:
        folded = text[:64].casefold()
        if folded == "ok":
            self._answer(Ending.COMPLETE)
        elif folded == "error" or folded.startswith(("error:", "error ")):
            self._answer(Ending.ERROR, "ERROR")
        elif folded.startswith(_REFUSALS):
            self._answer(Ending.ERROR, "Command not recognized.")

    def _answer(self, ending: Ending, fault: str = "") -> None:
        self._close()
        said = self.leaves or self.withheld or self.unread
        last = self.answers[-1] if self.answers else None
        if said or last is None or ending is Ending.ERROR:
            self.answers.append(
                Document(
                    leaves=tuple(self.leaves),
                    ending=ending,
                    withheld=tuple(self.withheld),
                    fault=fault,
                    unread=tuple(self.unread),
                )
            )
        self._begin()


def read_answers(data: bytes, *, commands: bool = False, longest: int = LONGEST) -> tuple[Document, ...]:
    """Return every answer of a session, at least one, each with how it ended.

    With `commands`, lines such as `xConfiguration HTTP Mode: Off`, as backups hold them, count as settings too; from a
    device they are but echo. A last line without an end is left out: nobody knows what is missing of it. Raises
    TextError, and nothing else, for more than a device can have.
    """
    if len(data) > longest:
        raise TextError(f"the text has more than {longest} bytes", 1, Cause.TOO_LARGE)
    text = decode(data).replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[-1].strip() and not _may_stand_last(lines[-1], whole=commands):
        lines.pop()
    reader = _Reader(commands=commands)
    for number, line in enumerate(lines, 1):
        reader.line(number, line)
    return reader.finish()


def read_answer(data: bytes, *, longest: int = LONGEST) -> Document:
    """Return the answer to one command: everything that was received after it was sent, echo and prompt included.

    Raises TextError, and nothing else.
    """
    answers = read_answers(data, longest=longest)
    return Document(
        leaves=tuple(leaf for answer in answers for leaf in answer.leaves),
        ending=answers[-1].ending,
        withheld=tuple(path for answer in answers for path in answer.withheld),
        fault=answers[-1].fault,
        unread=tuple(line for answer in answers for line in answer.unread),
    )


def _may_stand_last(line: str, *, whole: bool) -> bool:
    """Tell whether a line without an end is not cut: a terminator is whole as it stands; of a file, any line is."""
    bare = _without_prompt(line[:LONGEST_LINE].strip()).casefold()
    return whole or bare in {"ok", "error", "** end"} or bare.startswith(_REFUSALS)


def _without_prompt(line: str) -> str:
    prompt = _PROMPT.match(line)
    return line[prompt.end() :] if prompt else line


def _unquoted(value: str) -> str | None:
    """Return the value without the quotes round it, or None where they are not closed."""
    value = value.strip()
    if not value.startswith('"'):
        return value
    return value[1:-1] if len(value) > 1 and value.endswith('"') else None


def _attributes(state: str) -> tuple[tuple[str, str], ...]:
    """Return `status=Synced, type=Vtlph` as pairs, without secrets."""
    pairs = (part.partition("=") for part in state.split(",")[:64] if "=" in part)
    found = ((name.strip(), (_unquoted(value) or "").strip()) for name, _, value in pairs)
    return tuple((name, without_login(value)) for name, value in found if name and not is_secret((name,), value))
