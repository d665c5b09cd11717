"""Joins the parts of the paper report into one document, with everything that a plain joining would lose.

Tags, the parent tree, named places, bookmarks, page numbers, language, colours, metadata and the attached result are
put together by hand (ISO 32000-1; PDF/A-3: ISO 19005-3; PDF/UA-1: ISO 14289-1).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from typing import Self

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from auditor.reports.instant import rfc3339
from auditor.reports.pagenumber import PageNumbers
from auditor.reports.tagtree import annotations_of, saved
from auditor.reports.xmp import packet


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """What the document says of itself. `at` is the audit's end, the only date in the file."""

    title: str
    subject: str
    creator: str
    producer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file inside the document; its relationship to the document is `Data`."""

    name: str
    media_type: str
    description: str
    content: bytes


class Binder:
    """Takes parts one after another and gives back the whole. Use it as a context manager."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pdf = pikepdf.new()
        self._tags: list[Object] = []
        self._numbers: list[tuple[int, Object]] = []
        self._places: dict[bytes, Object] = {}
        self._outline: list[tuple[str, Object, bool]] = []
        self._keys = 0

    def __enter__(self) -> Self:
        """Return the binder."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the memory go."""
        self._pdf.close()

    @property
    def pages(self) -> int:
        """Pages so far."""
        return len(self._pdf.pages)

    def add(self, part: bytes, *, under: bool = False) -> dict[str, int]:
        """Append a part; return the page (from 0) of each named place in it.

        With `under`, the part goes on with the last one's heading: its bookmarks stand below that one's.
        """
        with pikepdf.open(BytesIO(part)) as source:
            return self._add(source, under=under)

    def _add(self, source: pikepdf.Pdf, *, under: bool) -> dict[str, int]:
        first = len(self._pdf.pages)
        where = {page.obj.objgen: first + index for index, page in enumerate(source.pages)}
        pages = {}
        places = list(source.Root.Names.Dests.Names) if "/Dests" in source.Root.get("/Names", {}) else []
        for name, place in zip(places[::2], places[1::2], strict=True):
            pages[str(name)] = where[place[0].objgen]
        for page in source.pages:  # not all at once: pikepdf would warn that it leaves out what is joined below
            self._pdf.pages.append(page)
        root = self._pdf.copy_foreign(source.Root.StructTreeRoot)
        self._tags += list(root.K[0].K)
        numbers = list(root.ParentTree.Nums)
        base = self._keys
        for key, value in zip(numbers[::2], numbers[1::2], strict=True):
            self._numbers.append((base + int(key), value))
        self._keys = base + max((int(key) for key in numbers[::2]), default=-1) + 1
        for page in list(self._pdf.pages)[first:]:
            page.obj.StructParents = base + int(page.obj.StructParents)
            for note in annotations_of(page):
                note.StructParent = base + int(note.StructParent)
        for name, place in zip(places[::2], places[1::2], strict=True):
            page_here = self._pdf.pages[where[place[0].objgen]].obj
            self._places.setdefault(bytes(name), Array([page_here, *list(place)[1:]]))
        self._bookmarks(source, where, under=under)
        return pages

    def _bookmarks(self, source: pikepdf.Pdf, where: dict[tuple[int, int], int], *, under: bool) -> None:
        for title, place, depth in _walk(source.Root.get("/Outlines", Dictionary()), 0):
            here = self._pdf.pages[where[place[0].objgen]].obj
            self._outline.append((title, Array([here, *list(place)[1:]]), depth > 0 or under))

    def bound(self, properties: Properties, attachments: Sequence[Attachment], front: int) -> bytes:
        """Return the document; the last `front` pages, cover and contents, are moved to the beginning."""
        self._move_front(front)
        total = len(self._pdf.pages)
        numbers = PageNumbers(self._pdf)
        for number, page in enumerate(self._pdf.pages, start=1):
            numbers.draw(page, number, total)
        self._write_tags()
        self._write_outline()
        self._write_properties(properties)
        self._write_names(attachments, properties.at)
        return saved(self._pdf)

    def _move_front(self, front: int) -> None:
        pages = list(self._pdf.pages)
        moved = pages[-front:]
        del self._pdf.pages[-front:]
        for at, page in enumerate(moved):
            self._pdf.pages.insert(at, page)
        numbers = {page.obj.objgen for page in moved}
        is_front = [kid.Pg.objgen in numbers for kid in self._tags]
        self._tags = [k for k, f in zip(self._tags, is_front, strict=True) if f] + [
            k for k, f in zip(self._tags, is_front, strict=True) if not f
        ]
        self._outline.sort(key=lambda line: line[1][0].objgen not in numbers)

    def _write_tags(self) -> None:
        document = self._pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array(self._tags)))
        root = self._pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([document])))
        document.P = root
        for kid in self._tags:
            kid.P = document
        numbers = sorted(self._numbers, key=lambda pair: pair[0])
        root.ParentTree = self._pdf.make_indirect(Dictionary(Nums=Array([x for pair in numbers for x in pair])))
        root.ParentTreeNextKey = self._keys
        self._pdf.Root.StructTreeRoot = root
        self._pdf.Root.MarkInfo = Dictionary(Marked=True)

    def _write_outline(self) -> None:
        with self._pdf.open_outline() as outline:
            for title, place, inner in self._outline:
                item = pikepdf.OutlineItem(title, place)  # type: ignore[arg-type]  # an explicit destination
                into = outline.root[-1].children if inner and outline.root else outline.root
                into.append(item)
                item.is_closed = True

    def _write_properties(self, properties: Properties) -> None:
        root, info = self._pdf.Root, self._pdf.docinfo
        root.Lang = String("en")
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        root.PageMode = Name.UseOutlines
        colours = self._pdf.make_stream(files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes())
        colours.N = 3
        intent = Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, DestOutputProfile=colours)
        intent.OutputConditionIdentifier = intent.Info = String("sRGB IEC61966-2.1")
        root.OutputIntents = Array([self._pdf.make_indirect(intent)])
        stamp = String(f"D:{properties.at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'")
        info.Title, info.Subject = String(properties.title), String(properties.subject)
        info.Creator, info.Producer = String(properties.creator), String(properties.producer)
        info.CreationDate = info.ModDate = stamp
        metadata = self._pdf.make_stream(
            packet(
                title=properties.title,
                subject=properties.subject,
                creator=properties.creator,
                producer=properties.producer,
                created=rfc3339(properties.at.replace(microsecond=0)),
            )
        )
        metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
        root.Metadata = metadata

    def _write_names(self, attachments: Sequence[Attachment], at: datetime) -> None:
        places = Array([x for name in sorted(self._places) for x in (String(name.decode()), self._places[name])])
        names = Dictionary(Dests=self._pdf.make_indirect(Dictionary(Names=places)))
        attached = [(each.name, self._attached(each, at)) for each in sorted(attachments, key=lambda a: a.name)]
        if attached:
            names.EmbeddedFiles = Dictionary(Names=Array([x for name, file in attached for x in (String(name), file)]))
            self._pdf.Root.AF = Array([file for _, file in attached])
        self._pdf.Root.Names = names

    def _attached(self, attachment: Attachment, at: datetime) -> Object:
        stamp = String(f"D:{at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'")
        stream = self._pdf.make_stream(attachment.content)
        stream.Type, stream.Subtype = Name.EmbeddedFile, Name(f"/{attachment.media_type}")
        stream.Params = Dictionary(
            Size=len(attachment.content),
            CheckSum=String(hashlib.md5(attachment.content, usedforsecurity=False).digest()),
            CreationDate=stamp,
            ModDate=stamp,
        )
        return self._pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(attachment.name),
                UF=String(attachment.name),
                Desc=String(attachment.description),
                AFRelationship=Name.Data,
                EF=Dictionary(F=stream, UF=stream),
            )
        )


def pages_of(part: bytes) -> int:
    """Return how many pages a PDF has."""
    with pikepdf.open(BytesIO(part)) as pdf:
        return len(pdf.pages)


def _walk(parent: Object, depth: int) -> Iterator[tuple[str, Object, int]]:
    item = parent.get("/First")
    while item is not None:
        yield str(item.Title), item.Dest, depth
        yield from _walk(item, depth + 1)
        item = item.get("/Next")
