"""Our own findings as NDJSON: the objects of `audit.json`, each made to stand alone by its audit and host.

Where the run tells what is new since an earlier audit, only that is given, and the last line says what was left out.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NotRequired, TypedDict

from auditor.model.assessment import AuditRun
from auditor.reports.change_view import ChangesView, ChangeView, change_view, changes_view
from auditor.reports.instant import rfc3339
from auditor.reports.json_v1 import SCHEMA_VERSION, FindingView, LevelView, audit_document
from auditor.reports.ndjson import MEDIA_TYPE, ndjson


class HostView(TypedDict):
    """What a reader needs to know of the host; the words are those of `audit.json`."""

    name: str
    address: str | None
    hostname: str | None
    product: str
    software_version: str | None
    site: str | None
    tags: list[str]
    target_level: int
    level: LevelView
    outcome: str


class NativeFinding(TypedDict):
    """One line. `finding` is a finding of `audit.json`, schema version 1."""

    type: str
    schema_version: str
    audit: str
    finished_at: str
    host: HostView
    finding: FindingView
    change: NotRequired[ChangeView]


class NativeSummary(TypedDict):
    """The last line of an export of changes."""

    type: str
    schema_version: str
    audit: str
    finished_at: str
    changes: ChangesView


class NdjsonReport:
    """Findings in our own words, one a line."""

    name = "ndjson"
    file_name = "findings.ndjson"
    media_type = MEDIA_TYPE
    tells_changes = True

    def render(self, run: AuditRun) -> bytes:
        """Return one finding a line."""
        return ndjson(chain[NativeFinding | NativeSummary](native_findings(run), native_summary(run)))


def native_findings(run: AuditRun) -> Iterator[NativeFinding]:
    """Yield every finding (or what is new) with its host, hosts in inventory order."""
    document = audit_document(run)
    for host in document["hosts"]:
        about: HostView = {
            "name": host["name"],
            "address": host["address"],
            "hostname": host["hostname"],
            "product": host["product"],
            "software_version": host["software_version"],
            "site": host["site"],
            "tags": host["tags"],
            "target_level": host["target_level"],
            "level": host["level"],
            "outcome": host["outcome"],
        }
        for finding in host["findings"]:
            if run.changes is not None and finding["fingerprint"] not in run.changes.findings:
                continue
            line: NativeFinding = {
                "type": "finding",
                "schema_version": SCHEMA_VERSION,
                "audit": document["audit"]["id"],
                "finished_at": document["audit"]["finished_at"],
                "host": about,
                "finding": finding,
            }
            if run.changes is not None and (change := change_view(run.changes.findings[finding["fingerprint"]])):
                line["change"] = change
            yield line


def native_summary(run: AuditRun) -> Iterator[NativeSummary]:
    """Yield the line that says what an export of changes leaves out; none where everything is given."""
    if changes := changes_view(run):
        yield {
            "type": "summary",
            "schema_version": SCHEMA_VERSION,
            "audit": run.id,
            "finished_at": rfc3339(run.finished_at),
            "changes": changes,
        }
