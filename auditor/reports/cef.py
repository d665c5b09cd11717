"""Common Event Format, one line for each finding.

Header fields escape the backslash; a pipe becomes a slash, as known readers fail even on one that is escaped. Values of
the extension escape the backslash and the equals sign: an equals sign that is not escaped would let a device's name
invent a field. Nothing in a line is a control character, so nothing has to be written as a line break.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.model.assessment import AuditRun
from auditor.model.changes import Changes
from auditor.model.control import Kind
from auditor.model.verdict import Status
from auditor.reports.change_view import sentence
from auditor.reports.excerpt import excerpt
from auditor.reports.instant import rfc3339
from auditor.reports.records import PRODUCT, VENDOR, Record, address_of, host_name_of, milliseconds, records
from auditor.reports.severity import Severity, severity_of
from auditor.reports.visible import LONGEST

_HEADER_BYTES = 512
_SEVERITIES = {
    Severity.INFORMATIONAL: 1,
    Severity.LOW: 3,
    Severity.MEDIUM: 5,
    Severity.HIGH: 8,
    Severity.CRITICAL: 10,
}
_OUTCOMES = {Status.MET: "success", Status.NOT_MET: "failure"}


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the extension with its value and the most bytes that readers take of it."""

    key: str
    value: str
    most: int = 1023


class CefReport:
    """Findings, one line each, ending in LF."""

    name = "cef"
    file_name = "findings.cef"
    media_type = "text/plain"
    tells_changes = True

    def render(self, run: AuditRun) -> bytes:
        """Return the lines as UTF-8."""
        return "".join(f"{line}\n" for line in cef_lines(run)).encode()


def cef_lines(run: AuditRun) -> Iterator[str]:
    """Yield a line for each finding, without its end, and one for what was left out where only changes are told."""
    for record in records(run):
        yield cef_line(record)
    if run.changes is not None:
        yield summary_line(run, run.changes)


def summary_line(run: AuditRun, changes: Changes, longest: int = LONGEST) -> str:
    """Return the line that says what an export of changes leaves out."""
    head = (VENDOR, PRODUCT, run.tool_version, "audit.changes", "Changes since an earlier audit")
    fields = (
        Field("rt", str(milliseconds(run.finished_at))),
        Field("externalId", f"{run.id}/changes"),
        Field("msg", sentence(changes)),
        Field("cs5Label", "Audit"),
        Field("cs5", run.id, 4000),
        Field("cn1Label", "Given"),
        Field("cn1", str(len(changes.findings))),
        Field("cn2Label", "LeftOutUnchanged"),
        Field("cn2", str(changes.unchanged)),
        Field("cn3Label", "HostsNotReached"),
        Field("cn3", str(len(changes.not_reached))),
    )
    return _line(head, _SEVERITIES[Severity.INFORMATIONAL], fields, longest)


def cef_line(record: Record, longest: int = LONGEST) -> str:
    """Return the line of one finding; no value takes more than `longest` bytes (at least 64)."""
    finding = record.finding
    head = (VENDOR, PRODUCT, record.run.tool_version, finding.control, finding.title)
    return _line(head, _SEVERITIES[severity_of(finding)], _fields(record), longest)


def _line(head: Iterable[str], severity: int, fields: Iterable[Field], longest: int) -> str:
    text = " ".join(f"{f.key}={value(excerpt(f.value, min(f.most, longest)))}" for f in fields if f.value)
    return f"CEF:0|{'|'.join(header(each) for each in head)}|{severity}|{text}"


def header(text: str) -> str:
    """Return text for a field of the header."""
    return excerpt(text, _HEADER_BYTES).replace("\\", "\\\\").replace("|", "/")


def value(text: str) -> str:
    """Return visible text for a value of the extension."""
    return text.replace("\\", "\\\\").replace("=", "\\=")


def _fields(record: Record) -> Iterator[Field]:
    host, finding = record.host, record.finding
    level = f"Level {finding.level}" if finding.level is not None else Kind(finding.kind).value
    yield Field("rt", str(milliseconds(record.at)))
    yield Field("externalId", finding.fingerprint)
    yield Field("deviceExternalId", host.target.name, 255)
    yield Field("dhost", host_name_of(host) or "")
    yield from _address(address_of(host))
    yield Field("outcome", _OUTCOMES.get(finding.status, finding.status.value))
    yield Field("reason", finding.because)
    yield Field("msg", record.sentence)
    yield Field("cs1Label", "Level")
    yield Field("cs1", level)
    yield Field("cs2Label", "Guide")
    yield Field("cs2", record.reference, 4000)
    if finding.evidence:
        yield Field("cs3Label", "Evidence")
        yield Field("cs3", " | ".join(finding.evidence), 4000)
    if host.target.site:
        yield Field("cs4Label", "Site")
        yield Field("cs4", host.target.site, 4000)
    yield Field("cs5Label", "Audit")
    yield Field("cs5", record.run.id, 4000)
    if record.remediation:
        yield Field("cs6Label", "Remediation")
        yield Field("cs6", record.remediation, 4000)
    yield Field("cn1Label", "TargetLevel")
    yield Field("cn1", str(host.target.target_level))
    if finding.waiver is not None:
        waiver = finding.waiver
        yield Field("flexString1Label", "Waiver")
        yield Field("flexString1", f"{waiver.id}, until {rfc3339(waiver.expires)}, {waiver.owner}: {waiver.reason}")
    if record.change is not None:
        before = f", was {record.change.before.value}" if record.change.before else ""
        yield Field("flexString2Label", "Change")
        yield Field("flexString2", f"{record.change.kind.value}{before}")


def _address(ip: str | None) -> Iterator[Field]:
    if ip is None:
        return
    if ipaddress.ip_address(ip).version == 4:
        yield Field("dst", ip)
    else:
        yield Field("c6a3Label", "Destination IPv6 Address")
        yield Field("c6a3", ip)
