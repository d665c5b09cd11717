"""Elastic Common Schema (ECS 9.4.0) as NDJSON: a `state` document for each finding, an `asset` for each certificate.

Our own words stand under `auditor`; a waiver is there and among the tags, and changes neither outcome nor severity.
Where the run tells what is new since an earlier audit, certificates are left out, and a last document sums up. ECS has
no compliance fields; the pages of Kibana that show findings look for three names outside ECS, which the format
`ecs-kibana` adds (`result.evaluation`, `resource.*`, `rule.remediation`).
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Literal

from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.certificate import Certificate
from auditor.model.verdict import Status
from auditor.reports.change_view import change_view, changes_view, sentence
from auditor.reports.ecs_fields import (
    X509,
    Document,
    Event,
    Host,
    Observer,
    OperatingSystem,
    Related,
    Rule,
    Summary,
)
from auditor.reports.excerpt import excerpt
from auditor.reports.instant import rfc3339
from auditor.reports.ndjson import MEDIA_TYPE, ndjson
from auditor.reports.records import (
    PRODUCT,
    VENDOR,
    Record,
    address_of,
    host_name_of,
    kind_of,
    one_line,
    presented,
    records,
)
from auditor.reports.severity import Severity, severity_of
from auditor.reports.waiver_view import waiver_view

VERSION = "9.4.0"
WAIVED = "waived"
"""The tag of a finding that a waiver accepts; the verdict stays what it is."""

KEYWORD_BYTES = 1024
"""Elasticsearch does not index a keyword beyond this (`ignore_above`), so longer ones are cut with a mark."""

_OUTCOMES: dict[Status, Literal["success", "failure", "unknown"]] = {
    Status.MET: "success",
    Status.NOT_MET: "failure",
    Status.UNDETERMINED: "unknown",
}
_EVALUATIONS = {Status.MET: "passed", Status.NOT_MET: "failed"}
_SEVERITIES = {
    Severity.INFORMATIONAL: 21,
    Severity.LOW: 21,
    Severity.MEDIUM: 47,
    Severity.HIGH: 73,
    Severity.CRITICAL: 99,
}
"""Elastic's numbers for its words; informational and low share one."""


class EcsReport:
    """Findings and certificates; with `kibana`, the names that Kibana's findings pages look for beside them."""

    media_type = MEDIA_TYPE
    tells_changes = True

    def __init__(self, *, kibana: bool = False) -> None:
        """Choose whether names outside ECS are written."""
        self.kibana = kibana
        self.name = "ecs-kibana" if kibana else "ecs"
        self.file_name = f"findings.{self.name}.ndjson"

    def render(self, run: AuditRun) -> bytes:
        """Return one document a line, findings first."""
        more = certificate_documents(run) if run.changes is None else summary_documents(run)
        return ndjson(chain[Document | Summary](finding_documents(run, kibana=self.kibana), more))


def finding_documents(run: AuditRun, *, kibana: bool = False) -> Iterator[Document]:
    """Yield a document for each finding."""
    rationales = {control.id: one_line(control.rationale) for control in run.catalogue}
    for record in records(run):
        document = _finding_document(record, rationales.get(record.finding.control, ""))
        yield _for_kibana(document, record) if kibana else document


def summary_documents(run: AuditRun) -> Iterator[Summary]:
    """Yield the one document that says what an export of changes leaves out; none where everything is given."""
    if run.changes is not None:
        yield {
            "@timestamp": rfc3339(run.finished_at),
            "ecs": {"version": VERSION},
            "message": sentence(run.changes),
            "event": {
                "kind": "event",
                "category": ["configuration"],
                "type": ["info"],
                "id": f"{run.id}/changes",
                "dataset": f"{PRODUCT}.run",
                "module": PRODUCT,
                "severity": _SEVERITIES[Severity.INFORMATIONAL],
                "created": rfc3339(run.finished_at),
                "start": rfc3339(run.started_at),
            },
            "observer": _observer(run),
            "auditor": {"audit": run.id, "changes": changes_view(run)},
        }


def certificate_documents(run: AuditRun) -> Iterator[Document]:
    """Yield a document for each certificate that each host presented."""
    for host, depth, certificate in presented(run):
        yield _certificate_document(run, host, depth, certificate)


def _finding_document(record: Record, rationale: str) -> Document:
    finding = record.finding
    document = _document(record.run, record.host, record.at, record.sentence)
    event: Event = {
        "kind": "state",
        "category": ["configuration"],
        "type": ["info"],
        "id": finding.fingerprint,
        "code": finding.control,
        "dataset": f"{PRODUCT}.findings",
        "module": PRODUCT,
        "severity": _SEVERITIES[severity_of(finding)],
        "created": rfc3339(record.run.finished_at),
        "reason": _keyword(finding.because),
    }
    if finding.status in _OUTCOMES:
        event["outcome"] = _OUTCOMES[finding.status]
    document["event"] = event
    rule: Rule = {
        "id": finding.control,
        "name": _keyword(finding.title),
        "ruleset": finding.citation.document,
        "version": record.run.tool_version,
        "reference": _keyword(record.reference),
    }
    if rationale:
        rule["description"] = _keyword(rationale)
    document["rule"] = rule
    document["auditor"] |= {
        "status": finding.status.value,
        "kind": finding.kind,
        "level": finding.level,
        "attested": finding.attested,
        "fault": finding.fault,
        "evidence": list(finding.evidence),
        "remediation": record.remediation,
        "checklist": finding.checklist,
        "section": finding.citation.section,
        "step": finding.citation.step,
        "occurrence": record.occurrence,
        "waived": finding.waiver is not None,
        "waiver": waiver_view(finding.waiver),
        "change": change_view(record.change),
    }
    if finding.waiver is not None:
        document["tags"] = [*document.get("tags", []), WAIVED]
    return document


def _for_kibana(document: Document, record: Record) -> Document:
    if evaluation := _EVALUATIONS.get(record.finding.status):
        document["result"] = {"evaluation": evaluation}
    host = document["host"]
    document["resource"] = {"id": host["id"], "name": host["name"], "type": host["type"]}
    if record.remediation:
        document["rule"]["remediation"] = record.remediation
    return document


def _certificate_document(run: AuditRun, host: HostAssessment, depth: int, certificate: Certificate) -> Document:
    at = host.finished_at or run.finished_at
    message = f"{host.target.name} presents {certificate.subject or 'a certificate without a readable subject'}"
    document = _document(run, host, at, message)
    event: Event = {
        "kind": "asset",
        "category": ["configuration"],
        "type": ["info"],
        "id": f"{document['host']['id'][:255]}/{depth}/{certificate.sha256}",
        "dataset": f"{PRODUCT}.certificates",
        "module": PRODUCT,
        "severity": _SEVERITIES[Severity.INFORMATIONAL],
        "created": rfc3339(run.finished_at),
    }
    document["event"] = event
    document["tls"] = {"server": {"hash": {"sha256": certificate.sha256}, "x509": _x509(certificate)}}
    document["related"]["hash"] = [certificate.sha256]
    document["auditor"] |= {"certificate": {"depth": depth, "key": certificate.key, "is_ca": certificate.is_ca}}
    if depth == 0 and host.chain is not None:
        document["auditor"] |= {
            "verify_code": host.chain.verify_code,
            "verify_name": host.chain.verify_name,
            "problems": [problem.detail for problem in host.chain.problems],
        }
    return document


def _document(run: AuditRun, host: HostAssessment, at: datetime, message: str) -> Document:
    """Return what every document has; the caller replaces `event`."""
    about = _host(host)
    names = list(dict.fromkeys([about["name"], *([about["hostname"]] if "hostname" in about else [])]))
    related: Related = {"hosts": names}
    if "ip" in about:
        related["ip"] = about["ip"]
    document: Document = {
        "@timestamp": rfc3339(at),
        "ecs": {"version": VERSION},
        "message": message,
        "event": {
            "kind": "state", "category": [], "type": [], "id": "", "dataset": "", "module": "", "severity": 0,
            "created": "",
        },
        "host": about,
        "observer": _observer(run),
        "related": related,
        "auditor": {
            "audit": run.id,
            "product": host.product,
            "outcome": host.outcome.value,
            "target_level": host.target.target_level,
            "level_proven": host.score.proven,
            "level_possible": host.score.possible,
            "accepted": host.accepted,
        },
    }  # fmt: skip
    if host.target.tags:
        document["tags"] = [_keyword(tag) for tag in host.target.tags]
    if host.target.site:
        document["labels"] = {"site": _keyword(host.target.site)}
    return document


def _observer(run: AuditRun) -> Observer:
    return {"vendor": VENDOR, "product": PRODUCT, "version": run.tool_version, "type": "scanner"}


def _host(host: HostAssessment) -> Host:
    name = _keyword(host.target.name)
    system: OperatingSystem = {"name": _keyword(host.product_title or host.product)}
    if host.identity and host.identity.software:
        system["version"] = _keyword(host.identity.software)
    about: Host = {"id": name, "name": name, "type": kind_of(host), "os": system}
    if hostname := host_name_of(host):
        about["hostname"] = hostname
    if ip := address_of(host):
        about["ip"] = [ip]
    return about


def _x509(certificate: Certificate) -> X509:
    view: X509 = {}
    if certificate.subject is not None:
        view["subject"] = {"distinguished_name": _keyword(certificate.subject)}
        if certificate.common_names:
            view["subject"]["common_name"] = [_keyword(name) for name in certificate.common_names]
    if certificate.issuer is not None:
        view["issuer"] = {"distinguished_name": _keyword(certificate.issuer)}
    if certificate.serial is not None:
        view["serial_number"] = f"{certificate.serial:X}"
    if certificate.not_before is not None:
        view["not_before"] = rfc3339(certificate.not_before)
    if certificate.not_after is not None:
        view["not_after"] = rfc3339(certificate.not_after)
    if names := (*certificate.dns_names, *certificate.ip_addresses):
        view["alternative_names"] = [_keyword(name) for name in names]
    if certificate.key_algorithm is not None:
        view["public_key_algorithm"] = _keyword(certificate.key_algorithm)
    if certificate.key_bits is not None:
        view["public_key_size"] = certificate.key_bits
    if certificate.signature_algorithm is not None:
        view["signature_algorithm"] = _keyword(certificate.signature_algorithm)
    if certificate.version is not None:
        view["version_number"] = str(certificate.version)
    return view


def _keyword(text: str) -> str:
    return excerpt(text, KEYWORD_BYTES)
