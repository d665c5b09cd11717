"""`report.pdf`: the external auditor's document, tagged (PDF/UA-1), with our own fonts and no date but the audit's.

WeasyPrint needs Pango, a library of the system, so it is imported when a PDF is asked for and not before. It may fetch
nothing but the packaged fonts. Host sections come from a list, so that they can be rendered in parts.
"""

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from auditor.model.assessment import AuditRun
from auditor.reports.context import report_context
from auditor.reports.environment import environment, packaged_text
from auditor.reports.interface import MissingLibraryError, ReportError

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

_FONT_ADDRESS = "font:"


class PdfReport:
    """The report of the external auditor."""

    name = "pdf"
    file_name = "report.pdf"
    media_type = "application/pdf"

    def render(self, run: AuditRun) -> bytes:
        """Return the document; raises `MissingLibraryError` where Pango is not installed."""
        return write_pdf(print_page(run))


def print_page(run: AuditRun) -> str:
    """Return the HTML from which the PDF is made."""
    page = environment().get_template("print.html.j2")
    style = Markup(packaged_text("print.css"))  # noqa: S704 - our own packaged file
    return page.render(report_context(run), paper=True, style=style)


def write_pdf(page: str) -> bytes:
    """Lay out a page and return the PDF; the same page gives the same bytes with the same versions of the libraries."""
    fetcher = _only_our_fonts()
    from weasyprint import HTML  # noqa: PLC0415 - needs Pango; tried above
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    try:
        pdf: bytes = HTML(string=page, base_url="report:", url_fetcher=fetcher).write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=hashlib.sha256(page.encode()).digest()[:16]
        )
    except FatalURLFetchingError as error:  # not an Exception: it would end the program unexplained
        raise ReportError(f"the PDF was not made: a template tried to fetch an address ({error})") from error
    return pdf


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
