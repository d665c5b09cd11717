"""Evidence to assessments: interpret, judge and score one host, and put the fleet together. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.engine.interpret import Trust, disagreement, interpret
from auditor.engine.judge import judge_host
from auditor.engine.score import outcome, score
from auditor.engine.services import view_services
from auditor.model.assessment import HostAssessment, ServiceView
from auditor.model.certificate import JudgedChain
from auditor.model.collected import HostEvidence
from auditor.model.control import Context, Control
from auditor.model.evidence import Evidence, Unknown
from auditor.model.facts import (
    DatabaseFace,
    DeviceSays,
    FeedbackList,
    Identity,
    NameLookup,
    NtpAnswer,
    OpenService,
    ReverseLookup,
    RootList,
    Setting,
    TimeSync,
    TlsFace,
)
from auditor.model.inventory import Attestation
from auditor.model.policy import Policy
from auditor.model.profile import Profile
from auditor.trust import parse_certificate

FROM_ELSEWHERE = (
    NameLookup, ReverseLookup, NtpAnswer, Setting, FeedbackList, RootList, TimeSync, DeviceSays,
    DatabaseFace,
)  # fmt: skip
"""Facts that do not show that a host is there: others tell them, or a saved file. Settings that were read over the
network stand beside the login that brought them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every host of an audit is judged with: catalogue, profiles, policy, roots and time, and what spans hosts.

    `shared_keys` are the names of hosts by public key; `attestations` are the inventory's statements by host.
    """

    controls: Sequence[Control]
    profiles: Mapping[str, Profile]
    policy: Policy
    trust: Trust
    shared_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attestations: Mapping[str, tuple[Attestation, ...]] = field(default_factory=dict)


def shared_keys(hosts: Iterable[HostEvidence]) -> dict[str, tuple[str, ...]]:
    """Return the names of the hosts behind each public key (SPKI hash) that several of them presented as their own."""
    presented: dict[str, dict[str, None]] = defaultdict(dict)
    for host in hosts:
        for face in host.evidence.of(TlsFace):
            key = parse_certificate(face.chain[0]).spki_sha256 if face.chain else None
            if key is not None:
                presented[key][host.target.name] = None
    return {key: tuple(names) for key, names in presented.items() if len(names) > 1}


def known_of(host: HostEvidence, bench: Bench) -> Evidence:
    """Return everything that is known of a host by itself: observed, concluded and attested."""
    return interpret(host, bench.profiles, bench.trust, bench.attestations.get(host.target.name, ()))


def assess(host: HostEvidence, bench: Bench, known: Evidence | None = None) -> HostAssessment:
    """Judge and score one host; `known` is what `known_of` returns, with what other hosts show beside it."""
    profile = bench.profiles[host.product]
    evidence = known_of(host, bench) if known is None else known
    context = Context(
        target=host.target,
        profile=profile,
        policy=bench.policy,
        at=bench.trust.at_host(host),
        shared_keys=bench.shared_keys,
    )
    services = view_services(evidence, profile, host.target)
    answered = any(s.state == "open" and s.management for s in services)
    findings = judge_host(bench.controls, evidence, context, looked_at=bool(host.evidence.observations))
    rated = answered or _known_from_a_file_alone(host.evidence)
    result = score(findings, answered=rated, target_level=host.target.target_level)
    return HostAssessment(
        target=host.target,
        product=host.product,
        product_title=profile.title,
        identity=next(iter(evidence.of(Identity)), None),
        evidence=evidence,
        services=services,
        chain=next((j.report for j in evidence.of(JudgedChain)), None),
        findings=findings,
        score=result,
        outcome=outcome(result, host.target.target_level),
        reachable=_reachable(host.evidence),
        unreachable_because=None if rated else _why(host, services),
        started_at=host.started_at,
        finished_at=host.finished_at,
        notes=(*host.notes, *filter(None, [disagreement(host, bench.profiles)])),
        address=host.address,
    )


def _known_from_a_file_alone(evidence: Evidence) -> bool:
    """Tell whether settings of a saved file are known of a host at which no port was looked at: an offline audit."""
    return bool(evidence.of(Setting)) and not evidence.observed(OpenService)


def _reachable(evidence: Evidence) -> bool:
    """Anything that came from the host itself counts, a refusal included; what DNS or a saved file says does not."""
    return any(not isinstance(o.outcome, Unknown) for o in evidence.observations if o.asks not in FROM_ELSEWHERE)


def _why(host: HostEvidence, services: Sequence[ServiceView]) -> str:
    """Say why there is no level: nobody home, everything refused, or not looked at."""
    if not host.complete and not host.evidence.observations and host.notes:
        return " ".join(host.notes)
    if host.address is None:
        return " ".join(host.notes) or "No address is known for this host."
    if not host.evidence.observations and not host.complete and host.notes:
        return " ".join(host.notes)
    management = [s for s in services if s.management]
    count = {state: sum(s.state == state for s in management) for state in ("closed", "filtered", "unknown")}
    if count["closed"] == len(management):
        return f"The host is there, but it refused every one of its {len(management)} management ports."
    if count["filtered"] == len(management):
        return f"No answer from any of its {len(management)} management ports."
    parts = [f"{number} {state}" for state, number in count.items() if number]
    return f"No management service answered ({', '.join(parts)} of {len(management)} ports)."
