"""JUnit XML for pipelines: a suite for each host, a test case for each control.

Not met is a failure, undetermined an error (a pipeline must not go green over what was not seen), not applicable is
skipped. A waiver stands beside a failure, in its message and as properties of the case: the audit's exit code does not
change for it either unless that is asked for. A host that gave no answer, or that was not looked at, is an error of its
own. Whatever a device writes, the document is well-formed: characters that XML 1.0 forbids are shown as escapes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from auditor.model.assessment import AuditRun, Finding, HostAssessment
from auditor.model.verdict import Status
from auditor.reports.change_view import change_view, changes_view
from auditor.reports.instant import rfc3339
from auditor.reports.records import PRODUCT, Record, records
from auditor.reports.visible import shortened

_ELEMENTS = {Status.NOT_MET: "failure", Status.UNDETERMINED: "error", Status.NOT_APPLICABLE: "skipped"}
_FAULT = "fault-of-the-auditor"
REACHED = "reached"
"""Name of the test case of a host about which nothing can be said."""


class JunitReport:
    """Findings as test cases."""

    name = "junit"
    file_name = "findings.junit.xml"
    media_type = "application/xml"
    tells_changes = True

    def render(self, run: AuditRun) -> bytes:
        """Return the document as UTF-8."""
        root = Element("testsuites", {"name": f"{PRODUCT} {shortened(run.id)}"})
        found: dict[str, list[Record]] = {}
        for record in records(run):
            found.setdefault(record.host.target.name, []).append(record)
        for host in run.hosts:
            _suite(root, host, found.get(host.target.name, []))
        for name in run.not_looked_at:
            if name not in {host.target.name for host in run.hosts}:
                suite = SubElement(root, "testsuite", {"name": shortened(name)})
                _unreached(suite, name, "The audit ended before this host was looked at.")
                _count(suite)
        if run.changes is not None:
            _left_out(root, run)
        for total in ("tests", "failures", "errors", "skipped"):
            root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
        indent(root)
        document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
        return document + b"\n"


def _suite(root: Element, host: HostAssessment, found: Iterable[Record]) -> None:
    name = host.target.name
    suite = SubElement(
        root, "testsuite", {"name": shortened(name), "hostname": shortened(host.target.hostname or name)}
    )
    if host.started_at is not None:
        suite.set("timestamp", host.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"))
        if host.finished_at is not None:
            suite.set("time", f"{(host.finished_at - host.started_at).total_seconds():.3f}")
    if host.unreachable_because is not None:
        _unreached(suite, name, host.unreachable_because)
    for record in found:
        _case(suite, record)
    _count(suite)


def _case(suite: Element, record: Record) -> None:
    finding = record.finding
    name, title = shortened(record.host.target.name), finding.title
    case = SubElement(suite, "testcase", {"classname": name, "name": f"{finding.control}: {shortened(title)}"})
    _properties(case, record)
    element = _ELEMENTS.get(finding.status)
    if element is None:
        return
    kind = f"level-{finding.level}" if finding.level is not None else finding.kind
    said = SubElement(case, element, {"message": shortened(_message(finding))})
    if element != "skipped":
        said.set("type", _FAULT if finding.fault else kind)
        lines = [record.reference, *finding.evidence, record.remediation]
        said.text = "\n".join(shortened(line) for line in lines if line)


def _message(finding: Finding) -> str:
    if finding.waiver is None:
        return finding.because
    return f"accepted by waiver {finding.waiver.id} until {rfc3339(finding.waiver.expires)}: {finding.because}"


def _properties(case: Element, record: Record) -> None:
    """Say of a waiver and of what is new, where there is anything to say."""
    said = {}
    if waiver := record.finding.waiver:
        said = {"waiver": waiver.id, "waiver.reason": waiver.reason, "waiver.owner": waiver.owner,
                "waiver.approver": waiver.approver, "waiver.expires": rfc3339(waiver.expires)}  # fmt: skip
    if change := change_view(record.change):
        said |= {f"change.{name}": value for name, value in change.items() if isinstance(value, str)}
    _named(case, said)


def _named(parent: Element, values: Mapping[str, str]) -> None:
    if values:
        properties = SubElement(parent, "properties")
        for name, value in values.items():
            SubElement(properties, "property", {"name": name, "value": shortened(value)})


def _left_out(root: Element, run: AuditRun) -> None:
    """Add a suite without cases, whose properties say what an export of changes leaves out."""
    suite = SubElement(root, "testsuite", {"name": "changes"})
    said = changes_view(run)
    if said is not None:
        _named(suite, {name: ", ".join(v) if isinstance(v, list) else str(v) for name, v in said.items()})
    _count(suite)


def _unreached(suite: Element, name: str, because: str) -> None:
    case = SubElement(suite, "testcase", {"classname": shortened(name), "name": REACHED})
    SubElement(case, "error", {"message": shortened(because), "type": "unreachable"})


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    kinds = Counter(said.tag for case in cases for said in case)
    totals = {"tests": len(cases), "failures": kinds["failure"], "errors": kinds["error"], "skipped": kinds["skipped"]}
    for name, number in totals.items():
        suite.set(name, str(number))
