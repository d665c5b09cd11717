"""The table of formats."""

import pytest

from auditor.reports.interface import UnknownFormatError
from auditor.reports.registry import DEFAULT_REPORTS, REPORTS, report_named


def test_every_format_is_found_by_its_name() -> None:
    """Names and file names are unique."""
    assert [report.name for report in DEFAULT_REPORTS] == ["html", "pdf", "json", "ocsf", "csv"]
    assert len({report.name for report in REPORTS}) == len(REPORTS)
    assert len({report.file_name for report in REPORTS}) == len(REPORTS)
    assert all(report_named(report.name) is report for report in REPORTS)


def test_an_unknown_format_is_answered_with_the_list() -> None:
    """The operator sees what exists."""
    with pytest.raises(UnknownFormatError, match="html, pdf, json"):
        report_named("docx")
