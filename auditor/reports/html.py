"""`report.html`: one file that needs nothing else, works with scripts off, and can fetch nothing.

The page's own policy (CSP level 3, in a meta element) names its one style and its one script by their hashes and
forbids everything else, so markup that slipped through could neither run nor call anywhere.
"""

import base64
import hashlib

from markupsafe import Markup

from auditor.model.assessment import AuditRun
from auditor.reports.context import report_context
from auditor.reports.environment import environment, packaged_text


class HtmlReport:
    """The report of the security team."""

    name = "html"
    file_name = "report.html"
    media_type = "text/html; charset=utf-8"

    def render(self, run: AuditRun) -> bytes:
        """Return the page as UTF-8."""
        style, script = packaged_text("screen.css"), packaged_text("report.js")
        page = environment().get_template("report.html.j2")
        text = page.render(
            report_context(run),
            paper=False,
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
