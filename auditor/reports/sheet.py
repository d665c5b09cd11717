"""One part of the paper report: HTML in, the bytes of a tagged PDF out, ready to be joined with the other parts.

This is what a worker process does. WeasyPrint needs Pango, a library of the system, so it is imported when a PDF is
asked for and not before. It may fetch nothing but the packaged fonts.
"""

import atexit
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from auditor.reports.environment import packaged_text
from auditor.reports.interface import MissingLibraryError, ReportError
from auditor.reports.tagprune import dissolve
from auditor.reports.tagtree import prepare

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

ELSEWHERE = "part:"
"""Scheme of a link to a place in another part, until the parts are joined."""

_FONT_ADDRESS = "font:"
_ID = re.compile(r'\sid="([^"]*)"')
_VOID = re.compile(r"<(br|col|hr|img|input|link|meta|wbr)\b([^>]*?)/?>")
"""Elements without an end, which XML wants closed. Text in our pages is escaped, so that none looks like one."""

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" '
_FRAGMENT = re.compile(r'\shref="#([^"]*)"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """The HTML of one part. `name` is unique in a document, and is short: it begins the identifiers of header cells."""

    name: str
    html: str
    hosts: int = 0


def render_sheet(sheet: Sheet) -> bytes:
    """Lay out a part; the same sheet gives the same bytes, whatever the process laid out before.

    Raises `MissingLibraryError` where Pango is not installed, `ReportError` where a template tries to fetch something.
    """
    fetcher, styles, fonts = _toolbox()
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    with _without_collector():
        try:
            pdf: bytes = _page(links_elsewhere(sheet.html), fetcher).write_pdf(
                finisher=dissolve,
                stylesheets=[styles],
                font_config=fonts,
                pdf_variant="pdf/ua-1",
                uncompressed_pdf=True,
            )
        except FatalURLFetchingError as error:  # not an Exception: it would end the program unexplained
            raise ReportError(f"the PDF was not made: a template tried to fetch an address ({error})") from error
        return prepare(BytesIO(pdf), sheet.name)


def links_elsewhere(html: str) -> str:
    """Mark links whose place is not in this part. Text in our pages is escaped, so that no text looks like a link."""
    here = set(_ID.findall(html))
    return _FRAGMENT.sub(lambda m: m.group() if m[1] in here else f' href="{ELSEWHERE}{m[1]}"', html)


def read_as_xml(html: str) -> ET.Element | None:
    """Read a page of ours as XML, which takes a twentieth of the time; None where it is HTML only."""
    try:
        xml = _VOID.sub(r"<\1\2/>", html).replace("<svg ", _SVG)
        return ET.fromstring(xml)  # noqa: S314 - made by our templates, with all text escaped
    except ET.ParseError:
        return None


def _page(html: str, fetcher: "URLFetcher") -> Any:  # noqa: ANN401 - the library ships no types
    """Return WeasyPrint's document for a page. Both ways of reading it give the same tree, save for blanks."""
    import cssselect2  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with WeasyPrint
    from weasyprint import HTML  # noqa: PLC0415 - needs Pango; tried above

    root = read_as_xml(html)
    if root is None:
        return HTML(string=html, base_url="report:", url_fetcher=fetcher)

    class Parsed(HTML):  # type: ignore[misc]  # the library ships no types
        """A page that is parsed already."""

        def __init__(self) -> None:
            self.base_url, self.url_fetcher, self.media_type = "report:", fetcher, "print"
            self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
            self.etree_element = self.wrapper_element.etree_element

    return Parsed()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Switch Python's garbage collector off: it takes a quarter of the time, and a part's memory is bounded anyway.

    What the part before has left behind is collected first.
    """
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _toolbox() -> tuple["URLFetcher", Any, Any]:
    """Return fetcher, style sheet and fonts, which all parts of a process share: reading them takes a second."""
    fetcher = _only_our_fonts()
    from weasyprint import CSS  # noqa: PLC0415 - needs Pango; tried above
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    fonts = FontConfiguration()
    styles = CSS(string=packaged_text("print.css"), url_fetcher=fetcher, font_config=fonts, base_url="report:")
    gc.collect()
    gc.freeze()  # what is there now stays, so that no collection between two parts looks at it again
    atexit.register(_put_away)
    return fetcher, styles, fonts


def _put_away() -> None:
    """Let the fonts go while Python is whole: they delete the folder into which they were unpacked."""
    _toolbox.cache_clear()
    gc.unfreeze()
    gc.collect()


def _only_our_fonts() -> "URLFetcher":
    """Return a fetcher of `font:NAME` addresses, our packaged fonts. Any other address stops the rendering."""
    try:
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 - needs Pango
    except (ImportError, OSError) as error:
        raise MissingLibraryError(
            "the PDF needs the text library Pango: install libpango-1.0-0 and libpangoft2-1.0-0 "
            f"(Debian, Ubuntu). HTML and JSON do not need it. The system said: {error}"
        ) from error
    fonts = {font.name: font for font in files("report_templates").joinpath("fonts").iterdir()}

    class OnlyOurFonts(URLFetcher):  # type: ignore[misc]  # the library ships no types
        """Serves the packaged fonts; refuses everything else."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            name = url.removeprefix(_FONT_ADDRESS)
            if not url.startswith(_FONT_ADDRESS) or name not in fonts or not name.endswith(".woff2"):
                raise ValueError(f"a report may fetch its own fonts only, not {url!r}")
            return URLFetcherResponse(url, fonts[name].read_bytes(), {"Content-Type": "font/woff2"})

    return OnlyOurFonts(fail_on_errors=True)
