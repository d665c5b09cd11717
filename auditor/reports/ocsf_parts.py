"""What all our OCSF events share: versions, time, product, device, and how a number and its caption go together.

OCSF 1.1.0 to 1.8.0 (schema.ocsf.io). Objects are closed: an attribute that a version does not know makes the whole
event invalid, so whatever is not common to all versions asks `Version` first. Our own words stand in `unmapped` only.
"""

from enum import StrEnum
from typing import NotRequired, TypedDict

from auditor.model.assessment import AuditRun, HostAssessment, Outcome
from auditor.reports.excerpt import excerpt
from auditor.reports.instant import rfc3339
from auditor.reports.records import ENDPOINT, PRODUCT, SERVER, VENDOR, address_of, host_name_of, kind_of

NAME_BYTES = 255
"""Names in events are cut at this many bytes; the native report has them whole."""

_OTHER = 99
_TYPE_IDS = {SERVER: 1, ENDPOINT: _OTHER}

Unmapped = dict[str, object]
"""Our own words, which OCSF has no attribute for."""


class Version(StrEnum):
    """Versions of OCSF that can be written. Readers differ: see the table in docs/siem.md."""

    V1_1_0 = "1.1.0"
    V1_3_0 = "1.3.0"
    V1_6_0 = "1.6.0"
    V1_8_0 = "1.8.0"

    @property
    def profiles(self) -> list[str]:
        """Profiles of our events: before 1.6.0 the device of a finding belongs to one."""
        return ["datetime", "host"] if self in {Version.V1_1_0, Version.V1_3_0} else ["datetime"]

    @property
    def knows_evidences(self) -> bool:
        """Whether a finding has `evidences` and `compliance.status_details`."""
        return self in {Version.V1_6_0, Version.V1_8_0}


class Product(TypedDict):
    """OCSF `product`: this program."""

    name: str
    vendor_name: str
    version: str


class Metadata(TypedDict):
    """OCSF `metadata`."""

    version: str
    profiles: list[str]
    uid: str
    correlation_uid: str
    log_name: str
    original_time: str
    product: Product
    event_code: NotRequired[str]
    tenant_uid: NotRequired[str]


class OperatingSystem(TypedDict):
    """OCSF `os`: the product and its software, which OCSF has no number for."""

    name: str
    type: str
    type_id: int
    version: NotRequired[str]


class Device(TypedDict):
    """OCSF `device`. `hostname` and `ip` are there only where they have the form that OCSF asks for."""

    type_id: int
    type: str
    uid: str
    name: str
    hostname: NotRequired[str]
    ip: NotRequired[str]
    os: OperatingSystem
    is_compliant: NotRequired[bool]


class Observable(TypedDict):
    """OCSF `observable`: a value worth searching for, and the attribute that holds it."""

    name: str
    type: str
    type_id: int
    value: str


def metadata(run: AuditRun, version: str, uid: str, log_name: str) -> Metadata:
    """Return what says where an event comes from; `uid` is unique to the event."""
    return {
        "version": version,
        "profiles": ["datetime"],
        "uid": uid,
        "correlation_uid": run.id,
        "log_name": log_name,
        "original_time": rfc3339(run.finished_at),
        "product": {"name": PRODUCT, "vendor_name": VENDOR, "version": run.tool_version},
    }


def device(host: HostAssessment) -> Device:
    """Return the host as OCSF's device."""
    name = excerpt(host.target.name, NAME_BYTES)
    kind, title = kind_of(host), excerpt(host.product_title or host.product, NAME_BYTES)
    system: OperatingSystem = {"name": title, "type": title, "type_id": _OTHER}
    if host.identity and host.identity.software:
        system["version"] = excerpt(host.identity.software, NAME_BYTES)
    found: Device = {"type_id": _TYPE_IDS[kind], "type": kind, "uid": name, "name": name, "os": system}
    if hostname := host_name_of(host):
        found["hostname"] = hostname
    if ip := address_of(host):
        found["ip"] = ip
    if host.outcome in {Outcome.MEETS, Outcome.MISSES}:
        found["is_compliant"] = host.outcome is Outcome.MEETS
    return found


def observables(found: Device) -> list[Observable]:
    """Return the device's names and address for searching."""
    values: list[Observable] = [{"name": "device.uid", "type": "Resource UID", "type_id": 10, "value": found["uid"]}]
    if hostname := found.get("hostname"):
        values.append({"name": "device.hostname", "type": "Hostname", "type_id": 1, "value": hostname})
    if ip := found.get("ip"):
        values.append({"name": "device.ip", "type": "IP Address", "type_id": 2, "value": ip})
    return values


def host_words(run: AuditRun, host: HostAssessment) -> Unmapped:
    """Return what OCSF has no attribute for: levels, outcome, and how the audit was done."""
    return {
        "audit": run.id,
        "product": host.product,
        "site": host.target.site,
        "tags": list(host.target.tags),
        "outcome": host.outcome.value,
        "target_level": host.target.target_level,
        "level_proven": host.score.proven,
        "level_possible": host.score.possible,
        "reachable": host.reachable,
        "accepted": host.accepted,
    }
