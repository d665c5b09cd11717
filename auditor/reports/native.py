"""Our own findings as NDJSON: the objects of `audit.json`, each made to stand alone by its audit and host."""

from collections.abc import Iterator
from typing import TypedDict

from auditor.model.assessment import AuditRun
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


class NdjsonReport:
    """Findings in our own words, one a line."""

    name = "ndjson"
    file_name = "findings.ndjson"
    media_type = MEDIA_TYPE

    def render(self, run: AuditRun) -> bytes:
        """Return one finding a line."""
        return ndjson(native_findings(run))


def native_findings(run: AuditRun) -> Iterator[NativeFinding]:
    """Yield every finding with its host, hosts in inventory order."""
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
            yield {
                "type": "finding",
                "schema_version": SCHEMA_VERSION,
                "audit": document["audit"]["id"],
                "finished_at": document["audit"]["finished_at"],
                "host": about,
                "finding": finding,
            }
