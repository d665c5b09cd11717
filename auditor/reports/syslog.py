"""Syslog messages (RFC 5424) with octet counting (RFC 5425), as bytes; sending them is somebody else's work.

Three things that receivers were seen to do decide the form. A line feed in a message framed by line feeds begins a
second, forged record: every message is counted. A message longer than the receiver's limit is cut and its rest becomes
a record of its own: no message is longer than `LIMIT`. A byte-order mark makes the JSON behind it unreadable: there is
none. Nor is there structured data, which would need a registered enterprise number.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from auditor.model.assessment import AuditRun
from auditor.model.changes import Changes
from auditor.reports.cef import cef_line, summary_line
from auditor.reports.ecs import finding_documents, summary_documents
from auditor.reports.instant import rfc3339
from auditor.reports.interface import ReportError, UnknownFormatError
from auditor.reports.native import native_findings, native_summary
from auditor.reports.ndjson import json_line
from auditor.reports.ocsf import compliance_findings
from auditor.reports.ocsf_parts import Version
from auditor.reports.ocsf_run import scan_activity
from auditor.reports.records import PRODUCT, Record, records
from auditor.reports.severity import Severity, severity_of
from auditor.reports.visible import LONGEST

LIMIT = 8192
"""Most bytes of one message, without its count; every receiver that was tried takes as much."""

LOCAL0 = 16
"""Facility of the messages: the first of those left to the site."""

MESSAGE_ID, SUMMARY_ID = "finding", "summary"
"""What a message is: one finding, or the last one, which says what an export of changes leaves out."""

_SEVERITIES = {
    Severity.INFORMATIONAL: 6,
    Severity.LOW: 5,
    Severity.MEDIUM: 4,
    Severity.HIGH: 3,
    Severity.CRITICAL: 2,
}
_NIL = "-"
_NOT_PRINTABLE = re.compile(r"[^\x21-\x7e]")
_LENGTHS = (LONGEST, 2000, 1000, 500, 250, 125, 64)
_FEWEST = 3


class TooLongError(ReportError):
    """A message cannot be made short enough; none of its fields is long by itself."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the name of this machine, and the audit's identifier as process. What is not printable goes."""

    host: str
    audit: str


Render = Callable[[int], bytes]
"""Returns a body in which no text is longer than so many characters."""


def syslog_messages(run: AuditRun, form: str, host: str) -> Iterator[bytes]:
    """Yield one message for each finding, each with its count in front; `host` is this machine's name.

    Where the run tells what is new since an earlier audit, a last message says what was left out. Raises
    `UnknownFormatError` for a form that is not in `FORMS`.
    """
    if form not in FORMS:
        raise UnknownFormatError(f"there is no format {form!r} for syslog; known formats: {', '.join(FORMS)}")
    sender = Sender(host, run.id)
    for record, render in zip(records(run), FORMS[form](run), strict=True):
        yield counted(message(sender, record.at, severity_of(record.finding), render))
    if run.changes is not None:
        summary = _summary(run, run.changes, form)
        yield counted(message(sender, run.finished_at, Severity.INFORMATIONAL, summary, SUMMARY_ID))


def message(sender: Sender, at: datetime, severity: Severity, render: Render, what: str = MESSAGE_ID) -> bytes:
    """Return one message of at most `LIMIT` bytes; raise `TooLongError` where even short texts do not fit."""
    priority = LOCAL0 * 8 + _SEVERITIES[severity]
    fields = (rfc3339(at), _field(sender.host, 255), PRODUCT, _field(sender.audit, 128), what, _NIL)
    head = f"<{priority}>1 {' '.join(fields)} ".encode("ascii")
    for longest in _LENGTHS:
        body = render(longest)
        if len(head) + len(body) <= LIMIT:
            return head + body
    raise TooLongError(f"a finding does not fit into {LIMIT} bytes, even with every text cut")


def counted(whole: bytes) -> bytes:
    """Return a message with its length in front (RFC 5425 section 4.3)."""
    return b"%d %b" % (len(whole), whole)


def _field(text: str, most: int) -> str:
    return _NOT_PRINTABLE.sub("_", text)[:most] or _NIL


def _json(event: Mapping[str, object], own: str | None) -> Render:
    """Return what renders an event; where it was cut, `truncated` says so among our own words (`own`)."""

    def render(longest: int) -> bytes:
        if longest == LONGEST:
            return json_line(event)
        short = {key: _fewer(value, longest) for key, value in event.items()}
        inner = short.get(own) if own else None
        if isinstance(inner, dict):
            inner["truncated"] = True
        else:
            short["truncated"] = True
        return json_line(short, longest)

    return render


def _fewer(value: object, longest: int) -> object:
    """Return the value with lists shortened as well: the smaller the texts have to be, the fewer there are."""
    most = max(_FEWEST, longest // 50)
    match value:
        case Mapping():
            return {key: _fewer(each, longest) for key, each in value.items()}
        case list() if len(value) > most:
            kept = [_fewer(each, longest) for each in value[:most]]
            left_out = f"… [{len(value) - most:,} more]"
            return [*kept, left_out] if isinstance(value[0], str) else kept
        case list():
            return [_fewer(each, longest) for each in value]
        case _:
            return value


def _summary(run: AuditRun, changes: Changes, form: str) -> Render:
    """Return the last message's body in the form of the others."""
    match form:
        case "cef":
            return lambda longest: summary_line(run, changes, longest).encode()
        case "ecs":
            return _json(next(summary_documents(run)), PRODUCT)
        case "json":
            return _json(next(native_summary(run)), None)
        case _:
            return _json(scan_activity(run), "unmapped")


def _cef(record: Record) -> Render:
    return lambda longest: cef_line(record, longest).encode()


def _ocsf(version: Version) -> Callable[[AuditRun], Iterator[Render]]:
    return lambda run: (_json(event, "unmapped") for event in compliance_findings(run, version))


FORMS: Mapping[str, Callable[[AuditRun], Iterator[Render]]] = MappingProxyType(
    {
        "ocsf": _ocsf(Version.V1_6_0),
        "ecs": lambda run: (_json(document, PRODUCT) for document in finding_documents(run)),
        "cef": lambda run: (_cef(record) for record in records(run)),
        "json": lambda run: (_json(line, None) for line in native_findings(run)),
        **{f"ocsf-{version.value}": _ocsf(version) for version in Version if version is not Version.V1_6_0},
    }
)
"""What a message may hold, by the name that the command takes."""
