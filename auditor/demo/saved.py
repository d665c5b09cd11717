"""Saved configurations of simulated devices: what an administrator kept of a session, or a downloaded document."""

from auditor.demo import documents, text
from auditor.demo.host import Host


def session(host: Host) -> str:
    """Return a kept session: settings, status and the root list, each with the command before it."""
    parts = ("xconfiguration", "xstatus", "certificate list root")
    lines = [line for part in parts for line in (part, *text.execute(host, part)[1], "")]
    return "\r\n".join(lines)


def configuration(host: Host) -> str:
    """Return the downloaded configuration document, which says nothing of status and roots."""
    return documents.document(host, "/configuration.xml") or ""
