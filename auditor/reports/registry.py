"""The table of report formats. Adding one is a new module and one line here."""

from auditor.reports.html import HtmlReport
from auditor.reports.interface import Report, UnknownFormatError
from auditor.reports.json_v1 import JsonReport
from auditor.reports.machine import MACHINE_REPORTS
from auditor.reports.pdf import PdfReport

REPORTS: tuple[Report, ...] = (HtmlReport(), PdfReport(), JsonReport(), *MACHINE_REPORTS)
"""Every format, in the order in which help texts list them."""

DEFAULT_REPORTS: tuple[Report, ...] = tuple(r for r in REPORTS if r.name in {"html", "pdf", "json", "ocsf", "csv"})
"""What an audit writes where no format is named: the files of a bundle (product.md section 5)."""


def report_named(name: str) -> Report:
    """Return the format of this name; raises `UnknownFormatError`, which lists the names that exist."""
    for report in REPORTS:
        if report.name == name:
            return report
    known = ", ".join(report.name for report in REPORTS)
    raise UnknownFormatError(f"there is no report format {name!r}; known formats: {known}")
