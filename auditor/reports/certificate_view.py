"""What `audit.json` says of certificates: of one host's chain, and of all certificates of the fleet."""

from typing import TypedDict

from auditor.model.assessment import HostAssessment
from auditor.model.certificate import ChainReport, JudgedChain, OcspStaple
from auditor.model.fleet import FleetCertificate, FleetCertificates
from auditor.reports.instant import rfc3339


class JudgementView(TypedDict):
    """The same chain judged in another way: by today's practice, or at the host's own time."""

    checked_at: str
    verify_code: int
    verify_name: str
    name_check: str | None
    problems: list[str]


class StapleView(TypedDict):
    """The OCSP response that the server sent along, as far as it can be read."""

    status: str
    signature: str
    current: bool | None
    this_update: str | None
    next_update: str | None
    unreadable: str


class CertificateView(TypedDict):
    """The certificate presented first, and the judgement of its chain. Dates and names are null if unreadable."""

    subject: str | None
    issuer: str | None
    not_before: str | None
    not_after: str | None
    sha256: str
    key: str | None
    chain_length: int
    verify_code: int
    verify_name: str
    name_check: str | None
    problems: list[str]
    device_log_line: str
    revocation: str
    possession_proven: bool | None
    modern: JudgementView | None
    at_device_clock: JudgementView | None
    ocsp_staple: StapleView | None


class FleetCertificateView(TypedDict):
    """One certificate on which hosts rest; `role` is `leaf`, `intermediate` or `root`."""

    sha256: str
    key_sha256: str | None
    subject: str | None
    issuer: str | None
    role: str
    not_after: str | None
    days_left: int | None
    key: str | None
    signature_algorithm: str | None
    weak_key: str
    weak_signature: str
    hosts: list[str]


class FactoryView(TypedDict):
    """A host with the certificate that it left the factory with."""

    host: str
    subject: str | None
    by: list[str]


class SharedKeyView(TypedDict):
    """One public key that several hosts present as their own."""

    key_sha256: str
    key: str | None
    same_certificate: bool
    certificates: list[str]
    hosts: list[str]


class SelfSignedView(TypedDict):
    """Hosts whose self-signed certificates were made alike; `pattern` is their name without the common name."""

    pattern: str
    key: str | None
    signature_algorithm: str | None
    hosts: list[str]


class ForecastView(TypedDict):
    """What ends within these days of the audit (what has ended is counted too), and the hosts that fall with it."""

    days: int
    leaves: int
    intermediates: int
    roots: int
    hosts: list[str]


class FleetCertificatesView(TypedDict):
    """All certificates of the fleet, those that end first at the top."""

    next_audit_days: int
    forecast: list[ForecastView]
    factory: list[FactoryView]
    shared_keys: list[SharedKeyView]
    self_signed: list[SelfSignedView]
    without_certificate: list[str]
    all: list[FleetCertificateView]


def first_judged(host: HostAssessment) -> JudgedChain | None:
    """Return the judgements of the chain that stands in the host's part of the report, or None."""
    return next((j for j in host.evidence.of(JudgedChain) if j.report == host.chain), None)


def certificate_view(host: HostAssessment) -> CertificateView | None:
    """Return the view of a host's certificate; None where it presented none."""
    chain = host.chain
    if chain is None or chain.leaf is None:
        return None
    leaf, judged = chain.leaf, first_judged(host)
    return {
        "subject": leaf.subject,
        "issuer": leaf.issuer,
        "not_before": rfc3339(leaf.not_before) if leaf.not_before else None,
        "not_after": rfc3339(leaf.not_after) if leaf.not_after else None,
        "sha256": leaf.sha256,
        "key": leaf.key,
        "chain_length": len(chain.presented),
        "verify_code": chain.verify_code,
        "verify_name": chain.verify_name,
        "name_check": chain.name_check.outcome if chain.name_check else None,
        "problems": [problem.detail for problem in chain.problems],
        "device_log_line": chain.device_log_line,
        "revocation": chain.revocation.value,
        "possession_proven": judged.proven if judged else None,
        "modern": _judgement(judged.modern) if judged else None,
        "at_device_clock": _judgement(judged.at_device_clock) if judged else None,
        "ocsp_staple": _staple(judged.staple) if judged else None,
    }


def _judgement(report: ChainReport | None) -> JudgementView | None:
    if report is None:
        return None
    return {
        "checked_at": rfc3339(report.checked_at),
        "verify_code": report.verify_code,
        "verify_name": report.verify_name,
        "name_check": report.name_check.outcome if report.name_check else None,
        "problems": [problem.detail for problem in report.problems],
    }


def _staple(staple: OcspStaple | None) -> StapleView | None:
    if staple is None:
        return None
    return {
        "status": staple.status,
        "signature": staple.signature,
        "current": staple.current,
        "this_update": rfc3339(staple.this_update) if staple.this_update else None,
        "next_update": rfc3339(staple.next_update) if staple.next_update else None,
        "unreadable": staple.unreadable,
    }


def fleet_view(fleet: FleetCertificates | None) -> FleetCertificatesView | None:
    """Return the view of all certificates; None where the run has none made."""
    if fleet is None:
        return None
    return {
        "next_audit_days": fleet.next_audit_days,
        "forecast": [
            {"days": f.days, "leaves": f.leaves, "intermediates": f.intermediates, "roots": f.roots,
             "hosts": list(f.hosts)}
            for f in fleet.forecasts
        ],
        "factory": [{"host": f.host, "subject": f.subject, "by": list(f.by)} for f in fleet.factory],
        "shared_keys": [
            {"key_sha256": s.spki_sha256, "key": s.key, "same_certificate": s.same_certificate,
             "certificates": list(s.certificates), "hosts": list(s.hosts)}
            for s in fleet.shared_keys
        ],
        "self_signed": [
            {"pattern": s.pattern, "key": s.key, "signature_algorithm": s.signature_algorithm, "hosts": list(s.hosts)}
            for s in fleet.self_signed
        ],
        "without_certificate": list(fleet.without_certificate),
        "all": [_certificate(certificate) for certificate in fleet.certificates],
    }  # fmt: skip


def _certificate(it: FleetCertificate) -> FleetCertificateView:
    return {
        "sha256": it.sha256,
        "key_sha256": it.spki_sha256,
        "subject": it.subject,
        "issuer": it.issuer,
        "role": it.role,
        "not_after": rfc3339(it.not_after) if it.not_after else None,
        "days_left": it.days_left,
        "key": it.key,
        "signature_algorithm": it.signature_algorithm,
        "weak_key": it.weak_key,
        "weak_signature": it.weak_signature,
        "hosts": list(it.hosts),
    }
