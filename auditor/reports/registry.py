"""The table of report formats. Adding one is a new module and one line here."""

from auditor.reports.html import HtmlReport
from auditor.reports.interface import Report, UnknownFormatError
from auditor.reports.json_v1 import JsonReport
from auditor.reports.pdf import PdfReport

REPORTS: tuple[Report, ...] = (HtmlReport(), PdfReport(), JsonReport())
"""Every format, in the order in which help texts list them."""


def report_named(name: str) -> Report:
    """Return the format of this name; raises `UnknownFormatError`, which lists the names that exist."""
    for report in REPORTS:
        if report.name == name:
            return report
    known = ", ".join(report.name for report in REPORTS)
    raise UnknownFormatError(f"there is no report format {name!r}; known formats: {known}")
