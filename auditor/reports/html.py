"""`report.html`: one file that needs nothing else, works from disk, and can fetch nothing.

The page's own policy (CSP level 3, in a meta element) names its one style and its one script by their hashes and
forbids everything else, so markup that slipped through could neither run nor call anywhere. A large fleet's hosts are
data inside the page (`island.py`); the summary and a list of the hosts can be read with scripts off all the same.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from markupsafe import Markup

from auditor.model.assessment import AuditRun
from auditor.model.trend import Trend
from auditor.reports.context import report_context
from auditor.reports.environment import environment, packaged_text
from auditor.reports.hostpage import host_pages
from auditor.reports.island import MOST_PLAIN, islands
from auditor.reports.trendchart import trend_charts


@dataclass(frozen=True, slots=True)
class HtmlReport:
    """The report of the security team.

    `trend` says how the fleet stood in audits before a run. Without it the report rests on the run alone.
    """

    trend: Callable[[AuditRun], Trend | None] | None = field(default=None, compare=False)
    name: str = "html"
    file_name: str = "report.html"
    media_type: str = "text/html; charset=utf-8"

    def render(self, run: AuditRun) -> bytes:
        """Return the page as UTF-8; raises `SourceError` where there is a trend to show and it cannot be read."""
        trend = self.trend(run) if self.trend else None
        large = len(run.hosts) > MOST_PLAIN
        style, script = packaged_text("screen.css"), packaged_text("fleet.js" if large else "report.js")
        page = environment().get_template("report.html.j2")
        text = page.render(
            report_context(run),
            paper=False,
            trend=trend,
            trend_charts=trend_charts(trend) if trend else (),
            islands=islands(run, host_pages(run.hosts)) if large else None,
            tags=sorted({tag for host in run.hosts for tag in host.target.tags}),
            content_policy=content_policy(style, script),
            style=Markup(style),  # noqa: S704 - our own packaged file
            script=Markup(script),  # noqa: S704 - our own packaged file
        )
        return text.encode()


def content_policy(style: str, script: str) -> str:
    """Return the content security policy of a page with exactly this style and this script."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
