"""OCSF Device Inventory Info (class 5001) as NDJSON: one event for each host of the inventory, reached or not."""

from collections.abc import Iterator
from typing import TypedDict

from auditor.model.assessment import AuditRun, HostAssessment
from auditor.reports.instant import rfc3339
from auditor.reports.ndjson import MEDIA_TYPE, ndjson
from auditor.reports.ocsf_parts import (
    Device,
    Metadata,
    Observable,
    Unmapped,
    Version,
    device,
    host_words,
    metadata,
    observables,
)
from auditor.reports.records import milliseconds

CLASS_UID = 5001
COLLECT = 2
VERSION = Version.V1_8_0
"""The one version of this class that is written, as it is the one that is checked."""


class DeviceInventory(TypedDict):
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
    timezone_offset: int
    severity_id: int
    severity: str
    status_id: int
    status: str
    status_code: str
    status_detail: str
    message: str
    metadata: Metadata
    device: Device
    observables: list[Observable]
    unmapped: Unmapped


class OcsfInventoryReport:
    """The fleet's hosts."""

    name = "ocsf-devices"
    file_name = "devices.ocsf.ndjson"
    media_type = MEDIA_TYPE

    def render(self, run: AuditRun) -> bytes:
        """Return one event a line."""
        return ndjson(device_inventory(run))


def device_inventory(run: AuditRun) -> Iterator[DeviceInventory]:
    """Yield an event for each host, in inventory order."""
    for host in run.hosts:
        yield _event(run, host)


def _event(run: AuditRun, host: HostAssessment) -> DeviceInventory:
    about, at = device(host), host.finished_at or run.finished_at
    answered = host.reachable
    return {
        "activity_id": COLLECT,
        "activity_name": "Collect",
        "category_uid": 5,
        "category_name": "Discovery",
        "class_uid": CLASS_UID,
        "class_name": "Device Inventory Info",
        "type_uid": CLASS_UID * 100 + COLLECT,
        "type_name": "Device Inventory Info: Collect",
        "time": milliseconds(at),
        "time_dt": rfc3339(at),
        "timezone_offset": 0,
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 1 if answered else 2,
        "status": "Success" if answered else "Failure",
        "status_code": host.outcome.value,
        "status_detail": host.unreachable_because or "Something came back from the host.",
        "message": f"{host.target.name}: {host.outcome.value} at target level {host.target.target_level}",
        "metadata": metadata(run, VERSION.value, f"{run.id}/device/{about['uid']}", "devices"),
        "device": about,
        "observables": observables(about),
        "unmapped": {
            **host_words(run, host),
            "held_back_by": list(host.score.held_back_by),
            "doubts": list(host.score.doubts),
            "unreachable_because": host.unreachable_because,
            "notes": list(host.notes),
            "services": [
                {"service": s.service, "port": s.port, "transport": s.transport, "state": s.state, "level": s.level}
                for s in host.services
            ],
        },
    }
