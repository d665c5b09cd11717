"""`audit.json`, schema version 1: the contract with everything that reads our results.

The view types below are apart from the model, so that the model may change and this may not. The JSON Schema stands in
`schemas/audit-1.0.schema.json`. Text from devices is kept whole; characters that could deceive a terminal are written
as JSON escapes, which a parser turns back.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import TypedDict

import msgspec

from auditor.model.assessment import AuditRun, Finding, HostAssessment, ServiceView
from auditor.model.control import GUIDE
from auditor.model.facts import NameLookup
from auditor.reports.certificate_view import CertificateView, FleetCertificatesView, certificate_view, fleet_view
from auditor.reports.fleet import LEVELS, fleet_counts
from auditor.reports.instant import rfc3339
from auditor.reports.link_view import (
    ChecklistItemView,
    InteractionView,
    LinkCauseView,
    LinkView,
    cause_view,
    interaction_view,
    item_view,
    link_view,
)
from auditor.reports.waiver_view import WaiverProblemView, WaiverView, waiver_problems, waiver_view

SCHEMA_VERSION = "1.0"
"""Version of the contract; a reader may rely on the names of its major number."""

_DECEIVING = re.compile(
    "[\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = bytes(range(0x7F))

PolicyView = dict[str, str | int | bool]


class RequestsView(TypedDict):
    """Requests of the whole audit; each is a line of the transcript."""

    made: int
    refused: int


class AuditView(TypedDict):
    """What was run, when, and with which rules."""

    id: str
    started_at: str
    finished_at: str
    complete: bool
    tool_version: str
    guide: str
    catalogue_digest: str
    policy: PolicyView
    inventory_digest: str
    inventory_source: str
    requests: RequestsView
    tool_faults: list[str]
    not_looked_at: list[str]
    notes: list[str]
    waiver_problems: list[WaiverProblemView]


class LevelsView(TypedDict):
    """Hosts by level: keys are `1` to `4`. Hosts without a level are in neither map."""

    proven: dict[str, int]
    possible: dict[str, int]


class FleetView(TypedDict):
    """Totals over all hosts."""

    hosts: int
    answered: int
    meets: int
    misses: int
    inconclusive: int
    unreachable: int
    levels: LevelsView


class LevelView(TypedDict):
    """Level of one host; both are null where no management service answered."""

    proven: int | None
    possible: int | None


class ServiceRow(TypedDict):
    """One service as observed."""

    service: str
    title: str
    port: int
    transport: str
    state: str
    level: int | None
    management: bool
    detail: str


class CitationView(TypedDict):
    """Where the guide says so."""

    document: str
    section: str
    step: str


class FindingView(TypedDict):
    """One control's verdict on one host."""

    control: str
    title: str
    kind: str
    level: int | None
    status: str
    because: str
    evidence: list[str]
    citation: CitationView
    remediation: str
    checklist: str | None
    attested: bool
    fault: bool
    waiver: WaiverView | None
    fingerprint: str


class HostView(TypedDict):
    """One host with all its findings."""

    name: str
    address: str | None
    hostname: str | None
    product: str
    software_version: str | None
    site: str | None
    tags: list[str]
    reachable: bool
    unreachable_because: str | None
    target_level: int
    level: LevelView
    outcome: str
    accepted: bool
    held_back_by: list[str]
    doubts: list[str]
    notes: list[str]
    services: list[ServiceRow]
    certificate: CertificateView | None
    findings: list[FindingView]
    interactions: list[InteractionView]
    checklist: list[ChecklistItemView]


class AuditDocument(TypedDict):
    """The whole of `audit.json`."""

    schema_version: str
    audit: AuditView
    fleet: FleetView
    hosts: list[HostView]
    links: list[LinkView]
    link_causes: list[LinkCauseView]
    certificates: FleetCertificatesView | None


class JsonReport:
    """The native format: hosts in inventory order, keys in a fixed order, UTF-8, one newline at the end."""

    name = "json"
    file_name = "audit.json"
    media_type = "application/json"

    def render(self, run: AuditRun) -> bytes:
        """Return the document as UTF-8."""
        return b"".join(self.pieces(run))

    def pieces(self, run: AuditRun) -> Iterator[bytes]:
        """Yield the document in pieces, one for each host and link."""
        yield b'{\n "schema_version": ' + _written(SCHEMA_VERSION)
        yield b',\n "audit": ' + _written(_audit(run), 1)
        yield b',\n "fleet": ' + _written(_fleet(run.hosts), 1)
        yield from _list("hosts", map(_host, run.hosts))
        yield from _list("links", map(link_view, run.links))
        yield from _list("link_causes", map(cause_view, run.link_causes))
        yield b',\n "certificates": ' + _written(fleet_view(run.certificates), 1)
        yield b"\n}\n"


def _list(name: str, values: Iterable[object]) -> Iterator[bytes]:
    """Yield a member of the document that is a list, piece by piece."""
    yield b',\n "' + name.encode() + b'": ['
    separator, end = b"\n  ", b"]"
    for value in values:
        yield separator + _written(value, 2)
        separator, end = b",\n  ", b"\n ]"
    yield end


def _written(value: object, depth: int = 0) -> bytes:
    """Return a value as UTF-8 with one blank of indentation for each level, the first of which is `depth`.

    The standard library escapes, compactly, which it does in C; the layout is added to what it wrote.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    written = text.encode(errors="surrogatepass")
    rest = written.translate(None, _PLAIN).decode(errors="surrogatepass")  # nearly all is plain: not searched
    if _DECEIVING.search(rest) or _LONE_SURROGATE.search(rest):
        text = _LONE_SURROGATE.sub("\ufffd", text)
        written = _DECEIVING.sub(lambda match: json.dumps(match.group())[1:-1], text).encode()
    return msgspec.json.format(written, indent=1).replace(b"\n", b"\n" + b" " * depth)


def schema_text() -> str:
    """Return the JSON Schema (draft 2020-12) that every document of this version satisfies."""
    return files("auditor.reports").joinpath("schemas/audit-1.0.schema.json").read_text(encoding="utf-8")


def audit_document(run: AuditRun) -> AuditDocument:
    """Return the contract's view of a run."""
    return {
        "schema_version": SCHEMA_VERSION,
        "audit": _audit(run),
        "fleet": _fleet(run.hosts),
        "hosts": [_host(host) for host in run.hosts],
        "links": [link_view(link) for link in run.links],
        "link_causes": [cause_view(cause) for cause in run.link_causes],
        "certificates": fleet_view(run.certificates),
    }


def _audit(run: AuditRun) -> AuditView:
    return {
        "id": run.id,
        "started_at": rfc3339(run.started_at),
        "finished_at": rfc3339(run.finished_at),
        "complete": run.complete,
        "tool_version": run.tool_version,
        "guide": GUIDE,
        "catalogue_digest": run.catalogue_digest,
        "policy": asdict(run.policy),
        "inventory_digest": run.inventory_digest,
        "inventory_source": run.inventory_source,
        "requests": {"made": run.requests_made, "refused": run.requests_refused},
        "tool_faults": list(run.tool_faults),
        "not_looked_at": list(run.not_looked_at),
        "notes": list(run.notes),
        "waiver_problems": waiver_problems(run),
    }


def _fleet(hosts: Sequence[HostAssessment]) -> FleetView:
    counts = fleet_counts(hosts)
    return {
        "hosts": counts.hosts,
        "answered": counts.answered,
        "meets": counts.meets,
        "misses": counts.misses,
        "inconclusive": counts.inconclusive,
        "unreachable": counts.unreachable,
        "levels": {
            "proven": {str(level): count for level, count in zip(LEVELS, counts.proven, strict=True)},
            "possible": {str(level): count for level, count in zip(LEVELS, counts.possible, strict=True)},
        },
    }


def _host(host: HostAssessment) -> HostView:
    target = host.target
    return {
        "name": target.name,
        "address": target.address or _resolved(host),
        "hostname": target.hostname,
        "product": host.product,
        "software_version": host.identity.software if host.identity else None,
        "site": target.site,
        "tags": list(target.tags),
        "reachable": host.reachable,
        "unreachable_because": host.unreachable_because,
        "target_level": target.target_level,
        "level": {"proven": host.score.proven, "possible": host.score.possible},
        "outcome": host.outcome.value,
        "accepted": host.accepted,
        "held_back_by": list(host.score.held_back_by),
        "doubts": list(host.score.doubts),
        "notes": list(host.notes),
        "services": [_service(service) for service in host.services],
        "certificate": certificate_view(host),
        "findings": [_finding(finding) for finding in host.findings],
        "interactions": [interaction_view(row) for row in host.interactions],
        "checklist": [item_view(item) for item in host.checklist],
    }


def _resolved(host: HostAssessment) -> str | None:
    return next((address for lookup in host.evidence.of(NameLookup, "forward") for address in lookup.addresses), None)


def _service(service: ServiceView) -> ServiceRow:
    return {
        "service": service.service,
        "title": service.title,
        "port": service.port,
        "transport": service.transport,
        "state": service.state,
        "level": service.level,
        "management": service.management,
        "detail": service.detail,
    }


def _finding(finding: Finding) -> FindingView:
    return {
        "control": finding.control,
        "title": finding.title,
        "kind": finding.kind,
        "level": finding.level,
        "status": finding.status.value,
        "because": finding.because,
        "evidence": list(finding.evidence),
        "citation": {
            "document": finding.citation.document,
            "section": finding.citation.section,
            "step": finding.citation.step,
        },
        "remediation": finding.remediation,
        "checklist": finding.checklist,
        "attested": finding.attested,
        "fault": finding.fault,
        "waiver": waiver_view(finding.waiver),
        "fingerprint": finding.fingerprint,
    }
