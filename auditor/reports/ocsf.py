"""OCSF Compliance Finding (class 2003) as NDJSON: one event for each control on each host.

A verdict that could not be reached is a Warning, never a Pass. Events are new ones (`Create`) as long as nothing is
known of earlier audits; where the run tells what changed since one, `activity_id` says so. A waiver makes the status of
the finding Suppressed and nothing else: the verdict (`compliance.status`) and the severity stay. Evidence goes into
`evidences` from OCSF 1.6.0 on, before into `unmapped`, where our own words (level, kind, waiver, …) stand as well.
"""

from collections.abc import Iterator
from typing import NotRequired, TypedDict

from auditor.model.assessment import AuditRun, Finding, HostAssessment
from auditor.model.certificate import Certificate
from auditor.model.changes import ChangeKind, FindingChange
from auditor.model.control import Kind
from auditor.model.facts import TlsFace
from auditor.model.verdict import Status
from auditor.reports.change_view import change_view
from auditor.reports.excerpt import excerpt
from auditor.reports.instant import rfc3339
from auditor.reports.ndjson import MEDIA_TYPE, ndjson
from auditor.reports.ocsf_parts import (
    NAME_BYTES,
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
from auditor.reports.ocsf_run import SUMMARY_FILE, scan_activity
from auditor.reports.records import Record, milliseconds, one_line, records
from auditor.reports.severity import severity_of
from auditor.reports.waiver_view import waiver_view

CLASS_UID = 2003
DEFAULT_VERSION = Version.V1_6_0
"""The newest version that adds something to this class; the version in use at the large readers."""

_VERDICTS = {
    Status.MET: (1, "Pass"),
    Status.NOT_MET: (3, "Fail"),
    Status.UNDETERMINED: (2, "Warning"),
    Status.NOT_APPLICABLE: (99, "Not Applicable"),
}
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_ACTIVITIES = {
    ChangeKind.FIRST: _CREATE,
    ChangeKind.OPENED: _CREATE,
    ChangeKind.CHANGED: _UPDATE,
    ChangeKind.RESOLVED: _CLOSE,
}
_STATES = {_CREATE: (1, "New"), _UPDATE: (2, "In Progress"), _CLOSE: (4, "Resolved")}
_SUPPRESSED = (3, "Suppressed")
_NEWS = FindingChange(kind=ChangeKind.FIRST)
"""What is said of a finding where nothing is known of earlier audits."""

_NOTHING_TO_DO = {
    Status.MET: "Nothing to do: the requirement is met.",
    Status.NOT_APPLICABLE: "Nothing to do: the requirement does not concern this host.",
}
_ABOUT_TLS = ("chain/", "tls/")
_PLAIN_YEARS = range(2000, 2100)
"""Years whose milliseconds no reader takes for seconds or microseconds; a certificate without end says 9999."""


class Compliance(TypedDict):
    """OCSF `compliance`: the control and its verdict."""

    control: str
    standards: list[str]
    requirements: list[str]
    status_id: int
    status: str
    status_code: str
    status_details: NotRequired[list[str]]


class Analytic(TypedDict):
    """OCSF `analytic`: the rule that found it."""

    name: str
    uid: str
    type_id: int
    type: str


class FindingInfo(TypedDict):
    """OCSF `finding_info`; `uid` is the fingerprint, the same in every audit."""

    uid: str
    title: str
    analytic: Analytic
    desc: NotRequired[str]
    first_seen_time: NotRequired[int]
    first_seen_time_dt: NotRequired[str]


class Remediation(TypedDict):
    """OCSF `remediation`: what a person can do. Nothing of it is ever sent to a device."""

    desc: str
    references: list[str]


class Resource(TypedDict):
    """OCSF `resource_details`: the host once more, for readers that look nowhere else."""

    uid: str
    name: str
    type: str


class Fingerprint(TypedDict):
    """OCSF `fingerprint`."""

    algorithm: str
    algorithm_id: int
    value: str


class CertificateView(TypedDict):
    """OCSF `certificate`."""

    issuer: str
    serial_number: str
    subject: NotRequired[str]
    fingerprints: list[Fingerprint]
    is_self_signed: bool
    created_time: NotRequired[int]
    expiration_time: NotRequired[int]


class Tls(TypedDict):
    """OCSF `tls`: the session that showed the certificate."""

    version: str
    cipher: str
    certificate: NotRequired[CertificateView]


class EvidenceView(TypedDict):
    """OCSF `evidences`: what was observed, in a sentence."""

    data: dict[str, str]
    tls: NotRequired[Tls]


class ComplianceFinding(TypedDict):
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
    confidence_id: int
    confidence: str
    status_id: int
    status: str
    status_code: str
    status_detail: str
    message: str
    metadata: Metadata
    finding_info: FindingInfo
    compliance: Compliance
    device: Device
    observables: list[Observable]
    remediation: Remediation
    resource: NotRequired[Resource]
    resources: NotRequired[list[Resource]]
    evidences: NotRequired[list[EvidenceView]]
    unmapped: Unmapped


class OcsfReport:
    """Compliance findings as one version of OCSF writes them; the default version bears the plain name."""

    media_type = MEDIA_TYPE
    tells_changes = True

    def __init__(self, version: Version = DEFAULT_VERSION) -> None:
        """Choose the version."""
        self.version = version
        suffix = "" if version is DEFAULT_VERSION else f"-{version.value}"
        self.name = f"ocsf{suffix}"
        self.file_name = f"findings.ocsf{suffix}.ndjson"

    def render(self, run: AuditRun) -> bytes:
        """Return one event a line."""
        return ndjson(compliance_findings(run, self.version))

    def render_files(self, run: AuditRun) -> Iterator[tuple[str, bytes]]:
        """Yield the findings and, where they are what changed only, the event of the audit: what was left out."""
        yield self.file_name, self.render(run)
        if run.changes is not None:
            yield SUMMARY_FILE, ndjson([scan_activity(run)])


def compliance_findings(run: AuditRun, version: Version = DEFAULT_VERSION) -> Iterator[ComplianceFinding]:
    """Yield an event for each finding, or for each that is new or changed where the run tells that."""
    rationales = {control.id: one_line(control.rationale) for control in run.catalogue}
    for record in records(run):
        yield compliance_finding(record, version, rationales.get(record.finding.control, ""))


def compliance_finding(record: Record, version: Version, rationale: str) -> ComplianceFinding:
    """Return the event of one finding."""
    finding, host, change = record.finding, record.host, record.change or _NEWS
    about, severity = device(host), severity_of(finding)
    activity_id, activity = _ACTIVITIES[change.kind]
    status_id, status = _SUPPRESSED if finding.waiver else _STATES[activity_id, activity]
    confidence_id, confidence = _confidence(finding)
    event: ComplianceFinding = {
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Compliance Finding",
        "type_uid": CLASS_UID * 100 + activity_id,
        "type_name": f"Compliance Finding: {activity}",
        "time": milliseconds(record.at),
        "time_dt": rfc3339(record.at),
        "timezone_offset": 0,
        "severity_id": severity.value,
        "severity": severity.caption,
        "confidence_id": confidence_id,
        "confidence": confidence,
        "status_id": status_id,
        "status": status,
        "status_code": finding.status.value,
        "status_detail": finding.because,
        "message": record.sentence,
        "metadata": _metadata(record, version),
        "finding_info": _finding_info(finding, change, rationale),
        "compliance": _compliance(finding, version),
        "device": about,
        "observables": observables(about),
        "remediation": {
            "desc": record.remediation or _NOTHING_TO_DO.get(finding.status, "See the guide."),
            "references": [record.reference],
        },
        "unmapped": _unmapped(record),
    }
    resource: Resource = {"uid": about["uid"], "name": about["name"], "type": about["type"]}
    if version is Version.V1_1_0:
        event["resource"] = resource
    else:
        event["resources"] = [resource]
    if not version.knows_evidences:
        event["unmapped"]["evidence"] = list(finding.evidence)
    elif finding.evidence:
        event["evidences"] = _evidences(finding, host)
    return event


def _metadata(record: Record, version: Version) -> Metadata:
    made = metadata(record.run, version.value, record.occurrence, "findings")
    made["profiles"] = version.profiles
    made["original_time"] = rfc3339(record.at)
    made["event_code"] = record.finding.control
    if record.host.target.site:
        made["tenant_uid"] = excerpt(record.host.target.site, NAME_BYTES)
    return made


def _confidence(finding: Finding) -> tuple[int, str]:
    """Return how sure the verdict is: observed, rests on a person's word, or there is none."""
    if finding.status is Status.UNDETERMINED:
        return 0, "Unknown"
    return (2, "Medium") if finding.attested else (3, "High")


def _finding_info(finding: Finding, change: FindingChange, rationale: str) -> FindingInfo:
    info: FindingInfo = {
        "uid": finding.fingerprint,
        "title": finding.title,
        "analytic": {"name": finding.title, "uid": finding.control, "type_id": 1, "type": "Rule"},
    }
    if rationale:
        info["desc"] = rationale
    if change.first_seen is not None:
        info["first_seen_time"] = milliseconds(change.first_seen)
        info["first_seen_time_dt"] = rfc3339(change.first_seen)
    return info


def _compliance(finding: Finding, version: Version) -> Compliance:
    status_id, status = _VERDICTS[finding.status]
    requirement = f"Level {finding.level}" if finding.level is not None else Kind(finding.kind).value.capitalize()
    made: Compliance = {
        "control": finding.control,
        "standards": [finding.citation.document],
        "requirements": [requirement],
        "status_id": status_id,
        "status": status,
        "status_code": finding.status.value,
    }
    if version.knows_evidences:
        made["status_details"] = [finding.because]
    return made


def _unmapped(record: Record) -> Unmapped:
    finding = record.finding
    return {
        **host_words(record.run, record.host),
        "kind": finding.kind,
        "level": finding.level,
        "attested": finding.attested,
        "fault": finding.fault,
        "section": finding.citation.section,
        "step": finding.citation.step,
        "checklist": finding.checklist,
        "waived": finding.waiver is not None,
        "waiver": waiver_view(finding.waiver),
        "change": change_view(record.change),
    }


def _evidences(finding: Finding, host: HostAssessment) -> list[EvidenceView]:
    shown: list[EvidenceView] = [{"data": {"observation": sentence}} for sentence in finding.evidence]
    tls = _tls(host)
    about = next((each for each in shown if each["data"]["observation"].startswith(_ABOUT_TLS)), None)
    if tls is not None and about is not None:
        about["tls"] = tls
    return shown


def _tls(host: HostAssessment) -> Tls | None:
    """Return the session and the certificate of the host's judged chain, or None where there was no session."""
    leaf = host.chain.leaf if host.chain else None
    face = next((f for f in host.evidence.of(TlsFace) if leaf is None or f.chain[:1] == (leaf.der,)), None)
    if face is None:
        return None
    session: Tls = {"version": face.version, "cipher": face.cipher}
    certificate = _certificate(leaf) if leaf else None
    if certificate is not None:
        session["certificate"] = certificate
    return session


def _certificate(leaf: Certificate) -> CertificateView | None:
    """Return the certificate, or None where it lacks what OCSF demands."""
    if leaf.issuer is None or leaf.serial is None:
        return None
    view: CertificateView = {
        "issuer": leaf.issuer,
        "serial_number": f"{leaf.serial:x}",
        "fingerprints": [{"algorithm": "SHA-256", "algorithm_id": 3, "value": leaf.sha256}],
        "is_self_signed": leaf.self_issued,
    }
    if leaf.subject is not None:
        view["subject"] = leaf.subject
    if leaf.not_before is not None and leaf.not_before.year in _PLAIN_YEARS:
        view["created_time"] = milliseconds(leaf.not_before)
    if leaf.not_after is not None and leaf.not_after.year in _PLAIN_YEARS:
        view["expiration_time"] = milliseconds(leaf.not_after)
    return view
