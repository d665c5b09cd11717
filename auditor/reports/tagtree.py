"""The tag tree (ISO 32000-1, 14.7) of one part, made smaller and its identifiers unique in the whole document.

WeasyPrint gives every piece of text an element of its own, gives header cells the same identifiers on each page of a
table, and leaves running heads as content that belongs to nothing. Here, elements that say nothing are dissolved into
their parents (a third of the elements remains), identifiers begin with the part's name, and running heads become
artifacts. Links to other parts become links by name.
"""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

_SAY_NOTHING = frozenset({"/Span", "/NonStruct"})
_ATTRIBUTES = ("/A", "/Alt", "/ActualText", "/E", "/Lang", "/ID")
_MARKED = re.compile(rb"/\w+\s*<</MCID (\d+)>>\s*BDC")
_HEAD = b"/Artifact <</Type /Pagination>> BDC"


def prepare(part: BytesIO, name: str) -> bytes:
    """Return the part with its tags made ready; `name` is the one of its sheet."""
    with pikepdf.open(part) as pdf:
        document = pdf.Root.StructTreeRoot.K[0]
        owners: dict[tuple[int, int], dict[int, Object]] = {}
        for element in _elements(document.K):
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


def _elements(kids: Object) -> Iterator[Object]:
    for kid in kids:  # type: ignore[attr-defined]  # an array
        if isinstance(kid, Dictionary) and kid.get("/Type") == "/StructElem":
            yield kid


def _slim(element: Object, owners: dict[tuple[int, int], dict[int, Object]]) -> None:
    """Replace each kid that says nothing by its own kids, from the leaves up; note who owns each piece of content."""
    kids: list[object] = []
    for kid in list(element.get("/K", [])):  # type: ignore[call-overload]  # an array
        if isinstance(kid, int):
            kids.append(kid)
        elif kid.get("/Type") == "/OBJR":
            kids.append(Dictionary(kid))  # direct: an object of its own costs more than it says
        else:
            _slim(kid, owners)
            if str(kid.S) in _SAY_NOTHING and not any(key in kid for key in _ATTRIBUTES):
                for grandchild in kid.get("/K", []):
                    kids.append(grandchild)
                    if isinstance(grandchild, Dictionary) and grandchild.get("/Type") == "/StructElem":
                        grandchild.P = element
            elif kid.get("/K"):
                kids.append(kid)
    element.K = Array(kids)
    pieces = [kid for kid in kids if isinstance(kid, int)]
    if pieces:
        owners.setdefault(element.Pg.objgen, {}).update(dict.fromkeys(pieces, element))
    for kid in kids:
        if isinstance(kid, Dictionary) and kid.get("/Type") == "/OBJR":
            owners.setdefault((0, 0), {})[int(kid.Obj.StructParent)] = element


def _tables(element: Object) -> Iterator[Object]:
    for kid in _elements(element.get("/K", [])):  # type: ignore[arg-type]  # an array
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

    for section in _elements(table.K):
        rows = [section] if section.S == "/TR" else list(_elements(section.get("/K", [])))
        for cell in (cell for row in rows for cell in _elements(row.get("/K", []))):
            if "/ID" in cell:
                cell.ID = name(cell.ID)
                cell.A.Scope = Name.Column if section.S == "/THead" else Name.Row
            if "/A" in cell and "/Headers" in cell.A:
                cell.A.Headers = Array([name(header) for header in cell.A.Headers])


def _renew_parents(pdf: pikepdf.Pdf, owners: dict[tuple[int, int], dict[int, Object]]) -> None:
    """Write the parent tree anew, and turn content without an owner into artifacts."""
    numbers = Array()
    for index, page in enumerate(pdf.pages):
        owner = owners.get(page.objgen, {})
        page.obj.StructParents = index
        numbers.append(index)
        last = max(owner, default=-1)
        numbers.append(pdf.make_indirect(Array([owner.get(mcid, None) for mcid in range(last + 1)])))
        content = page.Contents.read_bytes()
        marked = _MARKED.sub(lambda m, own=owner: m.group() if int(m[1]) in own else _HEAD, content)
        page.Contents = pdf.make_stream(marked)
    for key, element in sorted(owners.get((0, 0), {}).items(), key=lambda pair: pair[0]):
        numbers.append(key)
        numbers.append(element)
    pdf.Root.StructTreeRoot.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))


def _link_by_name(pdf: pikepdf.Pdf) -> None:
    """Turn links to other parts into links by name, and give every link words for those who do not see it."""
    for page in pdf.pages:
        for link in page.get("/Annots", []):  # type: ignore[attr-defined]  # an array
            if "/A" in link and str(link.A.URI).startswith("part:"):
                link.Dest = String(str(link.A.URI).removeprefix("part:"))
                del link.A
            if "/Dest" in link:
                link.Contents = String(spoken(str(link.Dest)))


def spoken(anchor: str) -> str:
    """Return where a link leads, in words: `host-rm204` becomes `Host rm204`."""
    kind, _, rest = anchor.partition("-")
    name, _, control = rest.partition("--")
    if kind == "host" and control and name:
        return f"Control {control} of host {name}"
    return f"{kind.capitalize()} {rest}".strip()
