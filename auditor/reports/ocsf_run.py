"""OCSF Scan Activity (class 6007): one event that sums up the audit, and says whether it is whole.

Where the run tells what is new since an earlier audit, `unmapped.changes` says what the findings leave out; the counts
are those of the whole audit all the same. Counts that make no sense here (files, folders, processes, registry items)
are zero, which is true: none was scanned.
"""

from typing import TypedDict

from auditor.model.assessment import AuditRun
from auditor.model.control import GUIDE
from auditor.model.verdict import Status
from auditor.reports.change_view import changes_view, sentence
from auditor.reports.fleet import LEVELS, fleet_counts
from auditor.reports.instant import rfc3339
from auditor.reports.ndjson import MEDIA_TYPE, ndjson
from auditor.reports.ocsf_parts import Metadata, Observable, Unmapped, Version, metadata
from auditor.reports.records import milliseconds

CLASS_UID = 6007
SUMMARY_FILE = "run.ocsf.ndjson"
VERSION = Version.V1_8_0
"""The one version of this class that is written, as it is the one that is checked."""

_COMPLETED, _CANCELLED, _ERROR = (2, "Completed"), (3, "Cancelled"), (6, "Error")
NO_SCHEDULE = "none"
"""OCSF recommends the identifier of a schedule; the auditor has none and does not know who started it."""


class Scan(TypedDict):
    """OCSF `scan`."""

    name: str
    type: str
    type_id: int
    uid: str


class Policy(TypedDict):
    """OCSF `policy`: the catalogue of controls."""

    name: str
    uid: str
    version: str
    is_applied: bool


class ScanActivity(TypedDict):
    """One event."""

    activity_id: int
    activity_name: str
    category_uid: int
    category_name: str
    class_uid: int
    class_name: str
    type_uid: int
    type_name: str
    time: int
    time_dt: str
    start_time: int
    start_time_dt: str
    end_time: int
    end_time_dt: str
    duration: int
    timezone_offset: int
    severity_id: int
    severity: str
    status_id: int
    status: str
    status_code: str
    status_detail: str
    message: str
    metadata: Metadata
    observables: list[Observable]
    scan: Scan
    policy: Policy
    command_uid: str
    schedule_uid: str
    total: int
    num_detections: int
    num_trusted_items: int
    num_skipped_items: int
    num_network_items: int
    num_files: int
    num_folders: int
    num_processes: int
    num_registry_items: int
    num_resolutions: int
    unmapped: Unmapped


class OcsfRunReport:
    """The audit itself."""

    name = "ocsf-run"
    file_name = SUMMARY_FILE
    media_type = MEDIA_TYPE
    tells_changes = True

    def render(self, run: AuditRun) -> bytes:
        """Return the one event."""
        return ndjson([scan_activity(run)])


def scan_activity(run: AuditRun) -> ScanActivity:
    """Return the event: completed, cancelled where the audit was interrupted, error where a part of it failed."""
    activity_id, activity = _ERROR if run.tool_faults else _COMPLETED if run.complete else _CANCELLED
    whole = activity_id == _COMPLETED[0]
    statuses = [finding.status for host in run.hosts for finding in host.findings]
    start, end = milliseconds(run.started_at), milliseconds(run.finished_at)
    return {
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": CLASS_UID,
        "class_name": "Scan Activity",
        "type_uid": CLASS_UID * 100 + activity_id,
        "type_name": f"Scan Activity: {activity}",
        "time": end,
        "time_dt": rfc3339(run.finished_at),
        "start_time": start,
        "start_time_dt": rfc3339(run.started_at),
        "end_time": end,
        "end_time_dt": rfc3339(run.finished_at),
        "duration": max(0, end - start),
        "timezone_offset": 0,
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 1 if whole else 2,
        "status": "Success" if whole else "Failure",
        "status_code": "complete" if run.complete else "interrupted",
        "status_detail": _detail(run),
        "message": f"Audit {run.id}: {len(run.hosts)} hosts, {statuses.count(Status.NOT_MET)} requirements not met",
        "metadata": metadata(run, VERSION.value, f"{run.id}/run", "run"),
        "observables": [{"name": "scan.uid", "type": "Resource UID", "type_id": 10, "value": run.id}],
        "scan": {"name": "Fleet audit", "type": "Unknown", "type_id": 0, "uid": run.id},
        "policy": {"name": GUIDE, "uid": run.catalogue_digest, "version": run.tool_version, "is_applied": True},
        "command_uid": run.id,
        "schedule_uid": NO_SCHEDULE,
        "total": len(statuses),
        "num_detections": statuses.count(Status.NOT_MET),
        "num_trusted_items": statuses.count(Status.MET),
        "num_skipped_items": statuses.count(Status.UNDETERMINED),
        "num_network_items": len(run.hosts),
        "num_files": 0,
        "num_folders": 0,
        "num_processes": 0,
        "num_registry_items": 0,
        "num_resolutions": 0,
        "unmapped": _unmapped(run),
    }


def _detail(run: AuditRun) -> str:
    parts = [] if run.complete else ["The audit was interrupted."]
    if run.complete and not run.not_looked_at:
        parts.append("Every host of the inventory was looked at.")
    if run.not_looked_at:
        parts.append(f"{len(run.not_looked_at)} hosts were not looked at.")
    if run.tool_faults:
        parts.append(f"{len(run.tool_faults)} faults of the auditor itself.")
    if run.changes is not None:
        parts.append(sentence(run.changes))
    return " ".join(parts)


def _unmapped(run: AuditRun) -> Unmapped:
    counts = fleet_counts(run.hosts)
    return {
        "hosts": counts.hosts,
        "answered": counts.answered,
        "meets": counts.meets,
        "misses": counts.misses,
        "inconclusive": counts.inconclusive,
        "unreachable": counts.unreachable,
        "levels_proven": {str(level): n for level, n in zip(LEVELS, counts.proven, strict=True)},
        "levels_possible": {str(level): n for level, n in zip(LEVELS, counts.possible, strict=True)},
        "not_looked_at": list(run.not_looked_at),
        "tool_faults": list(run.tool_faults),
        "requests_made": run.requests_made,
        "requests_refused": run.requests_refused,
        "inventory_digest": run.inventory_digest,
        "accepted": sum(host.accepted for host in run.hosts),
        "waived": sum(finding.waiver is not None for host in run.hosts for finding in host.findings),
        "changes": changes_view(run),
    }
