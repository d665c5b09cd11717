"""Trends in the HTML report: only where a history is named, and never in the file that evidence alone must give."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from auditor.cli.remember import opened
from auditor.history import History, HistoryError, trend_of
from auditor.model.assessment import AuditRun
from auditor.model.trend import Trend
from auditor.reports.html import HtmlReport
from auditor.reports.interface import Report, SourceError

BUNDLE_FILE = "report-trends.html"
"""The report with trends in a bundle, beside `report.html`, which `auditor verify` and `replay` make again."""


def with_trends(reports: Sequence[Report], history: str | None) -> tuple[Report, ...]:
    """Return the reports, the HTML among them with trends where a history is named."""
    if not history or not any(isinstance(report, HtmlReport) for report in reports):
        return tuple(reports)
    trend = _reading(opened(history))
    return tuple(replace(report, trend=trend) if isinstance(report, HtmlReport) else report for report in reports)


def beside(reports: Sequence[Report], memory: History | None) -> tuple[Report, ...]:
    """Return the reports of a bundle and, where HTML is among them and there is a history, one more with trends."""
    html = next((report for report in reports if isinstance(report, HtmlReport)), None)
    if memory is None or html is None:
        return tuple(reports)
    return (*reports, replace(html, trend=_reading(memory), file_name=BUNDLE_FILE))


def _reading(memory: History) -> Callable[[AuditRun], Trend | None]:
    def read(run: AuditRun) -> Trend | None:
        try:
            return trend_of(memory, run)
        except HistoryError as error:
            raise SourceError(f"the trends cannot be read: {error}") from error

    return read
