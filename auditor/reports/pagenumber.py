"""`Page 3 of 120` at the foot of every page, drawn when all parts are there and the pages can be counted.

The glyphs come from a page of one line that WeasyPrint lays out: it says which glyph stands for which character, and
brings the font with it. All pages then share this one font.
"""

import re
from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Name, Object

from auditor.reports.sheet import Sheet, render_sheet

_CHARACTERS = "Page of0123456789"
_SIZE = 8.5
_RIGHT, _BASELINE = 544.2, 25.6
_GREY = "0.317647 0.376471 0.431373"
_HTML = """<!DOCTYPE html><html lang="en"><head><title>Digits</title></head>
<body><p class="digits">{text}</p></body></html>"""
_FONT_NAME = Name("/PageNumber")


class PageNumbers:
    """Draws page numbers into the pages of one document."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        """Bring the font into the document."""
        with pikepdf.open(BytesIO(render_sheet(Sheet("n", _HTML.format(text=_CHARACTERS))))) as digits:
            page = digits.pages[0]
            name, glyphs = _shown(page.Contents.read_bytes())
            font = page.Resources.Font[name]
            self._glyphs = dict(zip(_CHARACTERS, glyphs, strict=True))
            self._widths = dict(_widths(font.DescendantFonts[0]))
            self._font = pdf.copy_foreign(font)
        self._pdf = pdf

    def draw(self, page: pikepdf.Page, number: int, of: int) -> None:
        """Write `Page NUMBER of OF` at the foot of a page, as an artifact: it is no content."""
        glyphs = [self._glyphs[character] for character in f"Page {number} of {of}"]
        width = sum(self._widths.get(int(glyph, 16), 1000) for glyph in glyphs) * _SIZE / 1000
        page.Resources.Font[_FONT_NAME] = self._font
        text = (
            "/Artifact <</Type /Pagination /Subtype /Footer>> BDC q BT "
            f"{_GREY} rg {_FONT_NAME} {_SIZE} Tf {_RIGHT - width:.3f} {_BASELINE} Td <{''.join(glyphs)}> Tj ET Q EMC\n"
        )
        before, after = self._pdf.make_stream(b"q\n"), self._pdf.make_stream(b"\nQ\n" + text.encode())
        page.Contents = pikepdf.Array([before, page.Contents, after])


def _shown(content: bytes) -> tuple[str, list[str]]:
    """Return the font's name, and the glyphs of the one line of text as hexadecimal words."""
    start = content.index(b"MCID")
    font = re.search(rb"(/\w+) [\d.]+ Tf", content[start:])
    line = re.search(rb"\[(.*?)\] ?TJ", content[start:], re.DOTALL)
    if font is None or line is None:
        raise ValueError("the line of digits is not in the page")
    hexes = b"".join(re.findall(rb"<([0-9a-fA-F]+)>", line[1])).decode()
    return font[1].decode(), [hexes[at : at + 4] for at in range(0, len(hexes), 4)]


def _widths(font: Object) -> Iterator[tuple[int, float]]:
    """Yield the glyphs' widths (ISO 32000-1, 9.7.4.3), in thousandths of the size."""
    array = list(font.W)
    while array:
        first, second = int(array.pop(0)), array.pop(0)
        if isinstance(second, pikepdf.Array):
            yield from ((first + offset, float(width)) for offset, width in enumerate(second))
        else:
            width = float(array.pop(0))
            yield from ((glyph, width) for glyph in range(first, int(second) + 1))
