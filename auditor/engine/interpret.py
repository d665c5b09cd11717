"""Raw facts to derived facts: product and software, chains judged at the audit's time, the device's clock. Pure.

What the operator attested joins the evidence here too, behind everything that was observed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.engine.attest import attested
from auditor.engine.identify import identify
from auditor.model.certificate import JudgedChain
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Absent, AnyObservation, Evidence, Observation, Seen, Unknown
from auditor.model.facts import DeviceClock, HttpFace, Identity, TlsFace
from auditor.model.inventory import Attestation
from auditor.model.policy import Policy
from auditor.model.profile import Profile
from auditor.trust import DEVICE_RULES, Anchors, TrustRules, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What chains are judged with: this auditor's roots, the rules, and the audit's time (UTC)."""

    anchors: Anchors
    at: datetime
    rules: TrustRules = DEVICE_RULES

    @classmethod
    def under(cls, policy: Policy, anchors: Anchors, at: datetime) -> "Trust":
        """Return what an audit under this policy judges with."""
        return cls(anchors=anchors, at=at, rules=replace(DEVICE_RULES, minimum_bits=policy.minimum_key_bits))


def interpret(
    host: HostEvidence, profiles: Mapping[str, Profile], trust: Trust, stated: Sequence[Attestation] = ()
) -> Evidence:
    """Return the host's evidence with everything that can be concluded from it behind what was observed.

    `stated` are the attestations of this host; they come last and never take an observed fact's place.
    """
    reference = host.target.hostname or host.address
    derived = [
        *_chains(host.evidence, reference, trust),
        *_clocks(host.evidence),
    ]
    evidence = host.evidence.plus(derived)
    return evidence.plus(_identity(host, evidence, profiles, trust.at)).plus(attested(stated, trust.at))


def _chains(evidence: Evidence, reference: str | None, trust: Trust) -> Iterator[AnyObservation]:
    for made in evidence.observed(TlsFace):
        outcome: Seen[JudgedChain] | Absent | Unknown
        if isinstance(made.outcome, Seen):
            face = made.outcome.fact
            report = judge(face.chain, anchors=trust.anchors, reference=reference, at=trust.at, rules=trust.rules)
            outcome = Seen(JudgedChain(port=face.port, report=report))
        else:
            outcome = made.outcome
        yield Observation(JudgedChain, "chain", made.subject, made.at, outcome, made.port, derived=True)


def _clocks(evidence: Evidence) -> Iterator[AnyObservation]:
    for made in evidence.observed(HttpFace):
        face = made.fact
        if face is not None and face.device_time is not None:
            ahead = (face.device_time - made.at).total_seconds()
            fact = DeviceClock(device_time=face.device_time, ahead_seconds=ahead, source=made.id)
            yield Observation(DeviceClock, "clock", made.id, made.at, Seen(fact), made.port, derived=True)


def _identity(
    host: HostEvidence, evidence: Evidence, profiles: Mapping[str, Profile], at: datetime
) -> Iterator[AnyObservation]:
    """Tell the product by its own family's patterns first: the inventory's word stands unless it said `auto`."""
    own = identify(evidence, [profiles[host.product]])
    if own is not None:
        yield Observation(Identity, "identity", "host", at, Seen(own), derived=True)


def disagreement(host: HostEvidence, profiles: Mapping[str, Profile]) -> str | None:
    """Return a sentence where what the host shows fits another family than the inventory names, else None."""
    seen = identify(host.evidence, profiles.values())
    if seen is None or seen.family == host.product:
        return None
    stated, shown = profiles[host.product].title, profiles[seen.family].title
    return f"The inventory says {stated}, but {seen.said_by} looks like {shown}; it was judged as {stated}."
