"""Raw facts to derived facts: product and software, chains as they stood at its audit, its clock. Pure.

What the operator attested joins the evidence here too, behind everything that was observed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from auditor.engine.attest import attested
from auditor.engine.identify import completed, identify
from auditor.model.certificate import ChainReport, JudgedChain
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import DeviceClock, DeviceSays, HttpFace, Identity, RootList, TlsFace
from auditor.model.inventory import Attestation
from auditor.model.policy import Policy
from auditor.model.profile import Profile
from auditor.trust import DEVICE_RULES, MODERN_RULES, Anchors, RevocationLists, TrustRules, judge, read_staple


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What chains are judged with: this auditor's roots, the rules, and the time (UTC): the audit's, or later a host's.

    `rules` decide the level, `modern` gives advice. `crls` are the operator's revocation lists (None: there are none),
    `pool` the intermediates that explain what a server did not send, as DER. `revocation_required`: this auditor's own
    judgement fails where revocation cannot be looked up; what other parties make of a chain is none of its concern.
    `clock_doubt` says why `at` may be wrong (empty: it is not doubted); then no other clock is judged by it.
    `resumed` are the times at which the audit went on after it had been interrupted.
    """

    anchors: Anchors
    at: datetime
    rules: TrustRules = DEVICE_RULES
    modern: TrustRules = MODERN_RULES
    crls: RevocationLists | None = None
    pool: tuple[bytes, ...] = ()
    revocation_required: bool = False
    clock_doubt: str = ""
    resumed: tuple[datetime, ...] = ()

    @classmethod
    def under(
        cls,
        policy: Policy,
        anchors: Anchors,
        at: datetime,
        *,
        crls: RevocationLists | None = None,
        pool: tuple[bytes, ...] = (),
    ) -> "Trust":
        """Return what an audit under this policy judges with."""
        bits = policy.minimum_key_bits
        return cls(
            anchors=anchors, at=at, rules=replace(DEVICE_RULES, minimum_bits=bits),
            modern=replace(MODERN_RULES, minimum_bits=bits), crls=crls, pool=pool,
            revocation_required=policy.require_revocation_check,
        )  # fmt: skip

    def at_host(self, host: HostEvidence) -> datetime:
        """Return the time at which a host is judged."""
        return host.judged_at((self.at, *self.resumed))

    def judged(self, face: TlsFace, reference: str | None, clock: DeviceClock | None) -> JudgedChain:
        """Judge the chain of one service three times: by the device's rules, by today's, and at the host's own time."""

        def report(rules: TrustRules, at: datetime, crls: RevocationLists | None) -> ChainReport:
            return judge(
                face.chain, anchors=self.anchors, reference=reference, at=at, rules=rules, pool=self.pool, crls=crls
            )

        ours, today = (replace(r, revocation_required=self.revocation_required) for r in (self.rules, self.modern))
        own_time = _shifted(self.at, clock.ahead_seconds) if clock else None

        return JudgedChain(
            port=face.port,
            report=report(ours, self.at, self.crls),
            modern=report(today, self.at, self.crls),
            at_device_clock=report(self.rules, own_time, None) if own_time else None,
            staple=read_staple(face.ocsp_staple, face.chain, self.anchors, self.at) if face.ocsp_staple else None,
            proven=face.completed,
        )


def interpret(
    host: HostEvidence, profiles: Mapping[str, Profile], trust: Trust, stated: Sequence[Attestation] = ()
) -> Evidence:
    """Return the host's evidence with everything that can be concluded from it behind what was observed.

    `stated` are the attestations of this host; they come last and never take an observed fact's place.
    """
    trust = replace(trust, at=trust.at_host(host))
    reference = host.target.hostname or host.address
    clocks = tuple(_clocks(host.evidence, trust.clock_doubt or host.clock_doubt))
    shown = [o.fact for o in clocks if o.fact is not None]
    clock = max(shown, key=lambda fact: abs(fact.ahead_seconds), default=None)
    derived = [*_chains(host.evidence, reference, trust, clock), *clocks]
    evidence = host.evidence.plus(derived)
    concluded = [*_identity(host, evidence, profiles, trust.at), *_stated_roots(host, trust.at)]
    return evidence.plus(concluded).plus(attested(stated, trust.at))


def _chains(
    evidence: Evidence, reference: str | None, trust: Trust, clock: DeviceClock | None
) -> Iterator[AnyObservation]:
    for made in evidence.observed(TlsFace):
        outcome: Seen[JudgedChain] | Absent | Unknown
        if isinstance(made.outcome, Seen):
            outcome = Seen(trust.judged(made.outcome.fact, reference, clock))
        else:
            outcome = made.outcome
        yield Observation(JudgedChain, "chain", made.subject, made.at, outcome, made.port, derived=True)


def _shifted(at: datetime, seconds: float) -> datetime:
    """Return the time that a clock shows which is that far ahead; what no calendar holds is cut off at its end."""
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)


def _clocks(evidence: Evidence, doubt: str) -> Iterator[Observation[DeviceClock]]:
    """Compare every time that the host told with the auditor's, or say why that cannot be done."""
    for made, device_time in _times(evidence):
        outcome: Seen[DeviceClock] | Unknown = Unknown(Cause.NOT_ASKED, doubt)
        if not doubt:
            ahead = (device_time - made.at).total_seconds()
            outcome = Seen(DeviceClock(device_time=device_time, ahead_seconds=ahead, source=made.id))
        yield Observation(DeviceClock, "clock", made.id, made.at, outcome, made.port, derived=True)


def _times(evidence: Evidence) -> Iterator[tuple[AnyObservation, datetime]]:
    for page in evidence.observed(HttpFace):
        if page.fact is not None and page.fact.device_time is not None:
            yield page, page.fact.device_time
    for says in evidence.observed(DeviceSays):
        # What a saved file tells is the time at which it was made.
        if says.fact is not None and says.fact.clock is not None and says.fact.source == "live":
            yield says, says.fact.clock


def _identity(
    host: HostEvidence, evidence: Evidence, profiles: Mapping[str, Profile], at: datetime
) -> Iterator[AnyObservation]:
    """Tell the product by its own family's patterns first: the inventory's word stands unless it said `auto`."""
    own = completed(identify(evidence, [profiles[host.product]]), evidence, profiles[host.product])
    if own is not None:
        yield Observation(Identity, "identity", "host", at, Seen(own), derived=True)


def _stated_roots(host: HostEvidence, at: datetime) -> Iterator[AnyObservation]:
    """Take the inventory's word for the list loaded on the host, where it was not read from there."""
    ders = tuple(der for file in host.target.roots for der in file.certificates)
    if ders and not host.evidence.of(RootList):
        stated = RootList(certificates=ders, source="stated")
        yield Observation(RootList, "roots", "stated", at, Seen(stated), derived=True)


def disagreement(host: HostEvidence, profiles: Mapping[str, Profile]) -> str | None:
    """Return a sentence where what the host shows fits another family than the inventory names, else None."""
    seen = identify(host.evidence, profiles.values())
    if seen is None or seen.family == host.product:
        return None
    stated, shown = profiles[host.product].title, profiles[seen.family].title
    return f"The inventory says {stated}, but {seen.said_by} looks like {shown}; it was judged as {stated}."
