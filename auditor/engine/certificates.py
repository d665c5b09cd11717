"""The certificates of all hosts together: shared, factory-made, self-signed, weak ones, and what ends when. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from auditor.model.assessment import HostAssessment
from auditor.model.certificate import Certificate, ChainReport, JudgedChain, ProblemKind
from auditor.model.fleet import (
    HORIZONS,
    FactoryCertificate,
    FleetCertificate,
    FleetCertificates,
    Forecast,
    Role,
    SelfSignedCluster,
    SharedKey,
)
from auditor.model.profile import Profile
from auditor.trust.parse import parsed
from auditor.trust.strength import weak_key, weak_signature

ROLES: tuple[Role, ...] = ("leaf", "intermediate", "root")
_COMMON_NAME = re.compile(r"(?:^|(?<!\\)[,+])CN=(?:\\.|[^,+\\])*")
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Use:
    """One certificate and what it is to the fleet, while that is gathered."""

    certificate: Certificate
    role: Role = "leaf"
    hosts: dict[str, None] = field(default_factory=dict)


def fleet_certificates(
    hosts: Sequence[HostAssessment],
    profiles: Mapping[str, Profile],
    *,
    at: datetime,
    minimum_bits: int,
    next_audit_days: int = 0,
) -> FleetCertificates:
    """Return the view over all certificates that the hosts of an audit showed; `at` is the audit's time (aware)."""
    reports = [(host.target.name, report) for host in hosts for report in _reports(host)]
    uses = _uses(reports)
    certificates = tuple(sorted((_view(use, at, minimum_bits) for use in uses.values()), key=_first_to_end))
    days = sorted({*HORIZONS, next_audit_days} - {0})
    shown = {name for name, report in reports if report.presented}
    return FleetCertificates(
        certificates=certificates,
        factory=tuple(_factory(hosts, profiles)),
        shared_keys=tuple(_shared(reports)),
        self_signed=tuple(_clusters(reports)),
        forecasts=tuple(_forecast(number, certificates, [host.target.name for host in hosts]) for number in days),
        next_audit_days=next_audit_days,
        without_certificate=tuple(host.target.name for host in hosts if host.target.name not in shown),
    )


def _reports(host: HostAssessment) -> tuple[ChainReport, ...]:
    """Return the judged chains of a host."""
    return tuple(judged.report for judged in host.evidence.of(JudgedChain))


def _relied_on(report: ChainReport) -> Iterator[tuple[Certificate, Role]]:
    """Yield the certificates that a chain rests on: its path, or where there is none, what may belong to it."""
    if report.path:
        last = len(report.path) - 1
        for depth, certificate in enumerate(report.path):
            yield certificate, "leaf" if depth == 0 else "root" if depth == last else "intermediate"
        return
    beside = {problem.depth for problem in report.has(ProblemKind.SUPERFLUOUS, ProblemKind.DUPLICATE)}
    for depth, certificate in enumerate(report.presented):
        if depth == 0:
            yield certificate, "leaf"
        elif depth not in beside:
            yield certificate, "root" if certificate.self_issued else "intermediate"


def _uses(reports: Sequence[tuple[str, ChainReport]]) -> dict[str, _Use]:
    found: dict[str, _Use] = {}
    for name, report in reports:
        for certificate, role in _relied_on(report):
            use = found.setdefault(certificate.sha256, _Use(certificate))
            use.role = max(use.role, role, key=ROLES.index)
            use.hosts[name] = None
    return found


def _view(use: _Use, at: datetime, minimum_bits: int) -> FleetCertificate:
    it = use.certificate
    inside = parsed(it.der)
    # Nobody relies on the signature of a root on itself.
    relied_on = not (use.role == "root" and it.self_issued)
    return FleetCertificate(
        sha256=it.sha256,
        spki_sha256=it.spki_sha256,
        subject=it.subject,
        issuer=it.issuer,
        role=use.role,
        not_after=it.not_after,
        days_left=None if it.not_after is None else (it.not_after - at).days,
        key=it.key,
        signature_algorithm=it.signature_algorithm,
        hosts=tuple(use.hosts),
        weak_key=weak_key(inside.draft.key, minimum_bits) or "",
        weak_signature=(weak_signature(inside) or "") if relied_on else "",
    )


def _first_to_end(certificate: FleetCertificate) -> tuple[datetime, str]:
    ends = certificate.not_after
    return ends or _FOREVER, certificate.sha256


def _forecast(days: int, certificates: Sequence[FleetCertificate], order: Sequence[str]) -> Forecast:
    ending = [c for c in certificates if c.days_left is not None and c.days_left < days]
    falling = {name for certificate in ending for name in certificate.hosts}
    count = {role: sum(c.role == role for c in ending) for role in ROLES}
    return Forecast(
        days=days, leaves=count["leaf"], intermediates=count["intermediate"], roots=count["root"],
        hosts=tuple(name for name in order if name in falling),
    )  # fmt: skip


def _factory(hosts: Sequence[HostAssessment], profiles: Mapping[str, Profile]) -> Iterator[FactoryCertificate]:
    for host in hosts:
        for report in _reports(host):
            leaf = report.leaf
            signs = profiles[host.product].factory_signs(leaf) if leaf else ()
            if leaf and signs:
                yield FactoryCertificate(host=host.target.name, subject=leaf.subject, by=signs)
                break


def _shared(reports: Sequence[tuple[str, ChainReport]]) -> Iterator[SharedKey]:
    leaves: dict[str, list[tuple[str, Certificate]]] = defaultdict(list)
    for name, report in reports:
        if report.leaf is not None and report.leaf.spki_sha256 is not None:
            leaves[report.leaf.spki_sha256].append((name, report.leaf))
    for key, shown in leaves.items():
        hosts = tuple(dict.fromkeys(name for name, _ in shown))
        if len(hosts) > 1:
            certificates = tuple(dict.fromkeys(leaf.sha256 for _, leaf in shown))
            yield SharedKey(spki_sha256=key, key=shown[0][1].key, certificates=certificates, hosts=hosts)


def _clusters(reports: Sequence[tuple[str, ChainReport]]) -> Iterator[SelfSignedCluster]:
    alike: dict[tuple[str, str | None, str | None], dict[str, None]] = defaultdict(dict)
    for name, report in reports:
        leaf = report.leaf
        if leaf is not None and leaf.self_issued:
            pattern = _COMMON_NAME.sub("", leaf.subject or "").strip(",+")
            alike[pattern, leaf.key, leaf.signature_algorithm][name] = None
    for (pattern, key, algorithm), hosts in sorted(alike.items(), key=lambda item: -len(item[1])):
        yield SelfSignedCluster(pattern=pattern, key=key, signature_algorithm=algorithm, hosts=tuple(hosts))
