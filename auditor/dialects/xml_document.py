"""XML documents of all generations: every element numbered, name spaces, or numbers on repeated elements only.

Hostile by assumption. A document type declaration is refused as such, so no entity can be declared and nothing outside
is ever fetched; size, depth and number of elements are limited.
"""

import re
from collections.abc import Iterator
from xml.parsers import expat

from auditor.dialects.encoding import decode
from auditor.dialects.leaf import CONFIGURATION, LONGEST_VALUE, STATUS, DialectError, Document, Ending, Leaf
from auditor.dialects.secret import is_secret, told, without_login
from auditor.model.evidence import Cause

LONGEST = 8 * 1024 * 1024
"""Bytes of one document; a full configuration of the newest generation has less than one tenth of it."""

DEEPEST = 32
MOST_ELEMENTS = 50_000
MOST_ATTRIBUTES = 64
LONGEST_NAME = 100
"""Limits of the tree: paths multiply names by depth by elements, so each is held far below what would hurt."""

_DESCRIBING = frozenset({"item", "maxoccurrence", "valuespaceref", "xmlns", "resultid"})
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FAULTS = frozenset({"fault", "xpatherror"})


class XmlError(DialectError):
    """Not a well-formed XML document, or one that exceeds a limit or declares a document type."""


class _Element:
    """One element while the document is read."""

    __slots__ = ("attributes", "children", "item", "name", "overlong", "size", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[_Element] = []
        self.text: list[str] = []
        self.size = 0
        self.overlong = False
        item = next((value for key, value in attributes.items() if key.casefold() == "item"), "")
        self.item = item if item.isascii() and item.isdigit() and len(item) <= 6 else ""


class _Builder:
    """Builds the tree from the parser's calls and stops at every limit."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.root: _Element | None = None
        self.open: list[_Element] = []
        self.count = 0
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype

    def stop(self, reason: str, cause: Cause = Cause.TOO_LARGE) -> XmlError:
        return XmlError(reason, self.parser.CurrentLineNumber, cause)

    def doctype(self, _name: str, _system: str | None, _public: str | None, _internal: bool) -> None:  # noqa: FBT001
        raise self.stop("the document declares a document type, which is not read", Cause.MALFORMED)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise self.stop(f"the document has more than {MOST_ELEMENTS} elements")
        if len(self.open) >= DEEPEST:
            raise self.stop(f"elements stand more than {DEEPEST} deep in one another")
        if len(name) > LONGEST_NAME:
            raise self.stop(f"the name of an element is longer than {LONGEST_NAME} characters")
        if len(attributes) > MOST_ATTRIBUTES:
            raise self.stop(f"an element has more than {MOST_ATTRIBUTES} attributes")
        element = _Element(_local(name), attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        element = self.open[-1]
        if element.overlong or element.children:
            return  # text between elements is layout
        element.size += len(text)
        if element.size > LONGEST_VALUE and not text.isspace():
            element.overlong = True
            element.text.clear()
        else:
            element.text.append(text)


def read_xml(data: bytes, *, longest: int = LONGEST) -> Document:
    """Return the leaves of an XML document. Raises XmlError with the line, and never anything else.

    Elements that nobody knows are leaves like others. A `Fault` among them makes the answer a refusal.
    """
    if len(data) > longest:
        raise XmlError(f"the document has more than {longest} bytes", 1, Cause.TOO_LARGE)
    root = _tree(decode(data))
    leaves: list[Leaf] = []
    withheld: list[tuple[str, ...]] = []
    fault = ""
    for path, element in _walk(root):
        fault = fault or next((word for word in path if word.casefold() in _FAULTS), "")
        _take(path, element, leaves, withheld)
    return Document(
        leaves=tuple(leaves),
        ending=Ending.ERROR if fault else Ending.COMPLETE,
        withheld=tuple(withheld),
        fault=fault,
        product=_attribute(root, "product"),
        version=_attribute(root, "version"),
    )


def _tree(text: str) -> _Element:
    body = text.lstrip()
    before = text[: len(text) - len(body)].count("\n")
    parser = expat.ParserCreate("utf-8")
    builder = _Builder(parser)
    try:
        parser.Parse(_UNPRINTABLE.sub("\ufffd", body).encode("utf-8", "replace"), True)  # noqa: FBT003 - the last piece
    except expat.ExpatError as error:
        raise XmlError(f"is not well-formed XML: {expat.ErrorString(error.code)}", error.lineno + before) from None
    if builder.root is None:
        raise XmlError("is not an XML document", 1 + before)
    return builder.root


def _walk(root: _Element) -> Iterator[tuple[tuple[str, ...], _Element]]:
    """Give every element that has no elements in it, or state in its attributes, with its path, in document order."""
    waiting: list[tuple[tuple[str, ...], _Element]] = [(_rooted((root.name,)), root)]
    while waiting:
        path, element = waiting.pop()
        if not element.children or _state(element):
            yield path, element
        names: dict[str, int] = {}
        for child in element.children:
            names[child.name.casefold()] = names.get(child.name.casefold(), 0) + 1
        place: dict[str, int] = {}
        below: list[tuple[tuple[str, ...], _Element]] = []
        for child in element.children:
            name = child.name.casefold()
            place[name] = place.get(name, 0) + 1
            number = child.item or str(place[name])
            told = (child.name, number) if names[name] > 1 or number.lstrip("0") not in {"", "1"} else (child.name,)
            below.append((_rooted((*path, *told)), child))
        waiting.extend(reversed(below))


def _rooted(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path without an envelope round the document (`XmlDoc`, SOAP)."""
    for place, word in enumerate(path[:4]):
        if word.casefold() in {CONFIGURATION, STATUS}:
            return path[place:] if place and path[0].casefold() not in {CONFIGURATION, STATUS} else path
    return path


def _take(path: tuple[str, ...], element: _Element, leaves: list[Leaf], withheld: list[tuple[str, ...]]) -> None:
    value = "" if element.children else "".join(element.text).strip()
    if element.overlong or is_secret(path, value):
        withheld.append(told(path))
    else:
        leaves.append(Leaf(path, without_login(value), _state(element)))


def _state(element: _Element) -> tuple[tuple[str, str], ...]:
    """Return the attributes that tell of the device: neither numbering nor references, and no secrets."""
    kept = ((_local(name), value) for name, value in element.attributes.items() if not name.startswith("xmlns"))
    return tuple(
        (name, without_login(value))
        for name, value in kept
        if name.casefold() not in _DESCRIBING and not is_secret((name,), value) and len(value) <= LONGEST_VALUE
    )


def _attribute(element: _Element, name: str) -> str | None:
    return next((value for key, value in _state(element) if key.casefold() == name), None)


def _local(name: str) -> str:
    return name.rpartition(":")[2] or name
