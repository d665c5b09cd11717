"""Three tables for spreadsheets: hosts, findings, certificates. Several values in one cell stand apart by ` | `."""

from collections import Counter
from collections.abc import Iterable, Iterator

from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.verdict import Status
from auditor.reports.csv_cell import MEDIA_TYPE, Cell, csv_table
from auditor.reports.instant import rfc3339
from auditor.reports.records import Record, address_of, presented, records
from auditor.reports.severity import severity_of

HOSTS = (
    "host", "address", "hostname", "product", "software", "site", "tags", "outcome", "target_level", "level_proven",
    "level_possible", "reachable", "unreachable_because", "held_back_by", "doubts", "met", "not_met", "undetermined",
    "not_applicable", "certificate_not_after", "notes", "audit", "accepted", "waived",
)  # fmt: skip
"""Columns of hosts.csv."""

FINDINGS = (
    "host", "address", "site", "product", "control", "title", "kind", "level", "status", "severity", "because",
    "evidence", "document", "section", "step", "remediation", "attested", "fault", "fingerprint", "observed_at",
    "audit", "waived", "waiver", "waiver_reason", "waiver_owner", "waiver_approver", "waiver_expires", "change",
    "status_before", "first_seen",
)  # fmt: skip
"""Columns of findings.csv. A waiver changes no other column; the last three are empty where nothing is compared."""

CERTIFICATES = (
    "host", "address", "site", "depth", "subject", "issuer", "serial", "not_before", "not_after", "days_left", "key",
    "signature_algorithm", "names", "is_ca", "sha256", "verify_code", "verify_name", "name_check", "problems", "audit",
)  # fmt: skip
"""Columns of certificates.csv. The judgement stands in the row of the host's own certificate (depth 0)."""


_NO_WAIVER = (None,) * 5


class HostTable:
    """One row for each host."""

    name = "csv-hosts"
    file_name = "hosts.csv"
    media_type = MEDIA_TYPE

    def render(self, run: AuditRun) -> bytes:
        """Return the table, hosts in inventory order."""
        return csv_table(HOSTS, [_host(run, host) for host in run.hosts])


class FindingTable:
    """One row for each control on each host."""

    name = "csv"
    file_name = "findings.csv"
    media_type = MEDIA_TYPE
    tells_changes = True

    def render(self, run: AuditRun) -> bytes:
        """Return the table, hosts in inventory order, controls in the catalogue's."""
        return csv_table(FINDINGS, [_finding(record) for record in records(run)])


class CertificateTable:
    """One row for each certificate that each host presented."""

    name = "csv-certificates"
    file_name = "certificates.csv"
    media_type = MEDIA_TYPE

    def render(self, run: AuditRun) -> bytes:
        """Return the table, hosts in inventory order, certificates as they were presented."""
        return csv_table(CERTIFICATES, _certificates(run))


def _host(run: AuditRun, host: HostAssessment) -> tuple[Cell, ...]:
    target, score = host.target, host.score
    counts = Counter(finding.status for finding in host.findings)
    leaf = host.chain.leaf if host.chain else None
    return (
        target.name, address_of(host), target.hostname, host.product, host.identity.software if host.identity else None,
        target.site, _several(target.tags), host.outcome.value, target.target_level, score.proven, score.possible,
        host.reachable, host.unreachable_because, _several(score.held_back_by), _several(score.doubts),
        counts[Status.MET], counts[Status.NOT_MET], counts[Status.UNDETERMINED], counts[Status.NOT_APPLICABLE],
        rfc3339(leaf.not_after) if leaf and leaf.not_after else None, _several(host.notes), run.id,
        host.accepted, sum(finding.waiver is not None for finding in host.findings),
    )  # fmt: skip


def _finding(record: Record) -> tuple[Cell, ...]:
    host, finding = record.host, record.finding
    citation, waiver, change = finding.citation, finding.waiver, record.change
    return (
        host.target.name, address_of(host), host.target.site, host.product, finding.control, finding.title,
        finding.kind, finding.level, finding.status.value, severity_of(finding).name.lower(), finding.because,
        _several(finding.evidence), citation.document, citation.section, citation.step, record.remediation,
        finding.attested, finding.fault, finding.fingerprint, rfc3339(record.at), record.run.id,
        waiver is not None,
        *((waiver.id, waiver.reason, waiver.owner, waiver.approver, rfc3339(waiver.expires)) if waiver else _NO_WAIVER),
        change.kind.value if change else None, change.before.value if change and change.before else None,
        rfc3339(change.first_seen) if change and change.first_seen else None,
    )  # fmt: skip


def _certificates(run: AuditRun) -> Iterator[tuple[Cell, ...]]:
    for host, depth, each in presented(run):
        chain = host.chain if depth == 0 else None
        yield (
            host.target.name, address_of(host), host.target.site, depth, each.subject, each.issuer,
            f"{each.serial:x}" if each.serial is not None else None,
            rfc3339(each.not_before) if each.not_before else None,
            rfc3339(each.not_after) if each.not_after else None,
            (each.not_after - run.finished_at).days if each.not_after else None,
            each.key, each.signature_algorithm, _several((*each.dns_names, *each.ip_addresses)), each.is_ca,
            each.sha256, chain.verify_code if chain else None, chain.verify_name if chain else None,
            chain.name_check.outcome if chain and chain.name_check else None,
            _several(problem.detail for problem in chain.problems) if chain else None, run.id,
        )  # fmt: skip


def _several(values: Iterable[str]) -> str:
    return " | ".join(values)
