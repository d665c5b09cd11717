"""A run to what is kept of it for comparison: outcomes, verdicts and the facts that a reader asks about. Pure."""

from hashlib import sha256

from auditor.model.assessment import AuditRun, Finding, HostAssessment
from auditor.model.certificate import Certificate, JudgedChain
from auditor.model.facts import RootList, Setting, SshFace, TlsVersions
from auditor.model.snapshot import CertificateFacts, HostFacts, HostState, ServiceState, Snapshot, Verdict


def snapshot_of(run: AuditRun) -> Snapshot:
    """Return what a comparison needs of a run."""
    return Snapshot(
        audit=run.id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        complete=run.complete,
        tool_version=run.tool_version,
        catalogue_digest=run.catalogue_digest,
        inventory_digest=run.inventory_digest,
        hosts={host.target.name: _host(host) for host in run.hosts},
    )


def _host(host: HostAssessment) -> HostState:
    return HostState(
        name=host.target.name,
        outcome=host.outcome.value,
        reached=host.reachable,
        target_level=host.target.target_level,
        proven=host.score.proven,
        possible=host.score.possible,
        accepted=host.accepted,
        facts=facts_of(host),
        verdicts={finding.control: _verdict(finding) for finding in host.findings},
        because=host.unreachable_because or "",
    )


def _verdict(finding: Finding) -> Verdict:
    return Verdict(
        status=finding.status,
        level=finding.level,
        because=finding.because,
        evidence=tuple(finding.evidence),
        waiver=finding.waiver.id if finding.waiver else None,
        fault=finding.fault,
    )


def facts_of(host: HostAssessment) -> HostFacts:
    """Return the facts of a host that are compared: nothing is in it that was not seen."""
    chains = ((str(judged.port), judged.report.leaf) for judged in host.evidence.of(JudgedChain))
    return HostFacts(
        product=host.product,
        address=host.address,
        software=host.identity.software if host.identity else None,
        services={
            s.service: ServiceState(port=s.port, transport=s.transport, state=s.state) for s in host.services
        },
        certificates={port: _certificate(leaf) for port, leaf in chains if leaf is not None},
        others=_others(host),
    )  # fmt: skip


def _certificate(leaf: Certificate) -> CertificateFacts:
    return CertificateFacts(
        sha256=leaf.sha256,
        subject=leaf.subject,
        issuer=leaf.issuer,
        serial=None if leaf.serial is None else f"{leaf.serial:X}",
        not_after=leaf.not_after,
    )


def _others(host: HostAssessment) -> dict[str, str]:
    evidence = host.evidence
    found = {f"setting {setting.path}": setting.value for setting in evidence.of(Setting)}
    for face in evidence.of(SshFace):
        found |= {f"SSH host key {key.algorithm} on port {face.port}": key.fingerprint for key in face.host_keys}
    for versions in evidence.of(TlsVersions):
        found[f"TLS versions accepted on port {versions.port}"] = ", ".join(versions.accepted)
    for roots in evidence.of(RootList):
        digests = sorted(sha256(der).hexdigest() for der in roots.certificates)
        found[f"root list ({roots.source})"] = ", ".join(digests) or "empty"
    return dict(sorted(found.items()))
