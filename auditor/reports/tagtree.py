"""The tag tree (ISO 32000-1, 14.7) of one part, made smaller and its identifiers unique in the whole document.

WeasyPrint gives every piece of text an element of its own, gives header cells the same identifiers on each page of a
table, and leaves running heads as content that belongs to nothing. Here, elements that say nothing are dissolved into
their parents (a third of the elements remains), identifiers begin with the part's name, and running heads become
artifacts. Links to other parts become links by name.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

_SAY_NOTHING = frozenset({"/Span", "/NonStruct"})
_ATTRIBUTES = ("/A", "/Alt", "/ActualText", "/E", "/Lang", "/ID")
_CELLS = frozenset({"/TD", "/TH"})
_LINKS = (0, 0)
_PRINTED = 4
_MARKED = re.compile(rb"/\w+\s*<</MCID (\d+)>>\s*BDC")
_HEAD = b"/Artifact <</Type /Pagination>> BDC"

_Owners = dict[tuple[int, int], dict[int, Object]]
"""Who owns a piece of content: page (by object number) → number on the page → element. Links stand under `_LINKS`."""


def prepare(part: BytesIO, name: str) -> bytes:
    """Return the part with its tags made ready; `name` is the one of its sheet."""
    with pikepdf.open(part) as pdf:
        document = pdf.Root.StructTreeRoot.K[0]
        owners: _Owners = {}
        for element in _elements(document):
            _slim(element, owners)
        for number, table in enumerate(_tables(document), start=1):
            _identify(table, f"{name}.{number}.")
        _renew_parents(pdf, owners)
        _link_by_name(pdf)
        return saved(pdf)


def saved(pdf: pikepdf.Pdf, *, deterministic: bool = True) -> bytes:
    """Return the file, compressed, with an identifier that follows from its content."""
    out = BytesIO()
    pdf.save(
        out,
        deterministic_id=deterministic,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
        recompress_flate=False,
    )
    return out.getvalue()


def kids_of(element: Object) -> list[Any]:
    """Return what an element holds: elements, references to links, and the numbers of marked content.

    pikepdf gives Python's numbers for numbers of the file, which its types do not tell.
    """
    return list(element.K) if "/K" in element else []


def _elements(element: Object) -> Iterator[Object]:
    for kid in kids_of(element):
        if not isinstance(kid, int) and kid.get("/Type") == "/StructElem":
            yield kid


def _slim(element: Object, owners: _Owners) -> None:
    """Replace each kid that says nothing by its own kids, from the leaves up; note who owns each piece of content."""
    kids: list[Any] = []
    for kid in kids_of(element):
        if isinstance(kid, int):
            kids.append(kid)
        elif kid.get("/Type") == "/OBJR":
            kids.append(Dictionary(Type=Name.OBJR, Obj=kid.Obj, Pg=kid.Pg))  # an object of its own costs more
            owners.setdefault(_LINKS, {})[int(kid.Obj.StructParent)] = element
        else:
            _slim(kid, owners)
            if str(kid.S) not in _SAY_NOTHING or any(key in kid for key in _ATTRIBUTES):
                if kids_of(kid) or str(kid.S) in _CELLS:
                    kids.append(kid)
                continue
            for grandchild in kids_of(kid):
                kids.append(grandchild)
                _adopt(grandchild, element, owners)
    element.K = Array(kids)
    pieces = [kid for kid in kids if isinstance(kid, int)]
    if pieces:
        owners.setdefault(element.Pg.objgen, {}).update(dict.fromkeys(pieces, element))


def _adopt(kid: Object | int, parent: Object, owners: _Owners) -> None:
    """Make an element, or the link of a dissolved one, the parent's own."""
    if isinstance(kid, int):
        return
    if kid.get("/Type") == "/OBJR":
        owners.setdefault(_LINKS, {})[int(kid.Obj.StructParent)] = parent
    else:
        kid.P = parent


def _tables(element: Object) -> Iterator[Object]:
    for kid in _elements(element):
        if kid.S == "/Table":
            yield kid
        else:
            yield from _tables(kid)


def _identify(table: Object, prefix: str) -> None:
    """Give the header cells of one table on one page identifiers of their own, and say whether they head row or column.

    Tables that go on have the same identifiers on every page when they come from WeasyPrint.
    """
    short: dict[bytes, String] = {}

    def name(old: Object) -> String:
        return short.setdefault(bytes(old), String(f"{prefix}{len(short)}"))

    for section in _elements(table):
        rows = [section] if section.S == "/TR" else list(_elements(section))
        for cell in (cell for row in rows for cell in _elements(row)):
            if "/ID" in cell:
                cell.ID = name(cell.ID)
                cell.A.Scope = Name.Column if section.S == "/THead" else Name.Row
            if "/A" in cell and "/Headers" in cell.A:
                cell.A.Headers = Array([name(header) for header in cell.A.Headers])


def _renew_parents(pdf: pikepdf.Pdf, owners: _Owners) -> None:
    """Write the parent tree anew, and turn content without an owner into artifacts."""
    numbers = Array()
    for index, page in enumerate(pdf.pages):
        owner = owners.get(page.obj.objgen, {})
        page.obj.StructParents = index
        numbers.append(index)
        last = max(owner, default=-1)
        numbers.append(pdf.make_indirect(Array([owner.get(mcid, None) for mcid in range(last + 1)])))
        content = page.Contents.read_bytes()
        page.Contents = pdf.make_stream(_without_heads(content, owner))
    for key, element in sorted(owners.get(_LINKS, {}).items(), key=lambda pair: pair[0]):
        numbers.append(key)
        numbers.append(element)
    pdf.Root.StructTreeRoot.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))


def _without_heads(content: bytes, owner: Mapping[int, Object]) -> bytes:
    return _MARKED.sub(lambda match: match.group() if int(match[1]) in owner else _HEAD, content)


def _link_by_name(pdf: pikepdf.Pdf) -> None:
    """Turn links to other parts into links by name, and give every link words for those who do not see it."""
    for page in pdf.pages:
        for link in annotations_of(page):
            link.F = _PRINTED
            if "/A" in link and str(link.A.URI).startswith("part:"):
                link.Dest = String(str(link.A.URI).removeprefix("part:"))
                del link.A
            if "/Dest" in link:
                link.Contents = String(spoken(str(link.Dest)))


def annotations_of(page: pikepdf.Page) -> list[Any]:
    """Return the annotations of a page; all of ours are links."""
    return list(page.obj.Annots) if "/Annots" in page.obj else []


def spoken(anchor: str) -> str:
    """Return where a link leads, in words: `host-rm204` becomes `Host rm204`."""
    kind, _, rest = anchor.partition("-")
    name, _, control = rest.partition("--")
    if kind == "host" and control and name:
        return f"Control {control} of host {name}"
    return f"{kind.capitalize()} {rest}".strip()
