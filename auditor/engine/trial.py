"""How one party of a link would judge the other's certificate: with its own roots, name and clock. Pure.

What is not known of the party is not made up. A judgement without it may show that the certificate fails, but never
that it passes: `missing` says what would be needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from auditor.engine.interpret import Trust
from auditor.engine.services import ADVISORY_ONLY
from auditor.model.certificate import Certificate, ChainProblem, ChainReport, ProblemKind
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import Attested, DeviceClock, RootList, TimeSync, TlsFace
from auditor.model.inventory import Target
from auditor.model.profile import Profile
from auditor.trust import Anchors, TrustRules, judge

UNTRUSTED = {
    ProblemKind.ISSUER_UNKNOWN,
    ProblemKind.SELF_SIGNED_IN_CHAIN,
    ProblemKind.SELF_SIGNED_LEAF,
    ProblemKind.NO_TRUST_ANCHORS,
    ProblemKind.MISSING_INTERMEDIATE,
}
"""Problems that depend on which roots are trusted."""

UNFINISHED = {ProblemKind.ISSUER_UNKNOWN, ProblemKind.MISSING_INTERMEDIATE}
DATES = {ProblemKind.EXPIRED, ProblemKind.NOT_YET_VALID}
NAMES = {ProblemKind.NAME_MISMATCH, ProblemKind.NO_NAME_TO_MATCH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One end of a link: what the inventory says of it, its interpreted evidence, and when it is judged."""

    target: Target
    profile: Profile
    evidence: Evidence
    address: str | None = None
    judged_at: datetime | None = None

    @property
    def name(self) -> str:
        """Its name in the inventory."""
        return self.target.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a party judges with. `anchors` and `reference` are None where they are not known.

    `times` are those of its clock, in UTC; `true_time` is ours. `name_words` and `clock_words` are used in
    causes, so they must not hold what only one device has. `rests_on` are the party's observations that were used.
    With `dated` False, neither its clock nor ours is known: dates are judged neither way.
    """

    anchors: Anchors | None
    reference: str | None
    times: tuple[datetime, ...]
    true_time: datetime
    name_words: str
    clock_words: str
    missing: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason why the certificate does not pass: `cause` may be shared by many devices, `detail` is this one's."""

    cause: str
    detail: str


@dataclass(frozen=True, slots=True)
class Roots:
    """The root list of a party; `certificates` None where it is not known. `observation` is where it was seen."""

    certificates: tuple[bytes, ...] | None
    words: str
    observation: str | None = None


def roots_of(party: Party) -> Roots:
    """Return the roots as read from the party, else as the inventory states them."""
    made = party.evidence.one(RootList)
    if made is not None and made.fact is not None:
        return Roots(made.fact.certificates, f"{_count(len(made.fact.certificates))} ({made.fact.source})", made.id)
    if made is not None and isinstance(made.outcome, Absent):
        return Roots((), "no root is loaded", made.id)
    stated = tuple(der for file in party.target.roots for der in file.certificates)
    if party.target.roots:
        return Roots(stated, f"{_count(len(stated))} (stated in the inventory)")
    return Roots(None, "unknown roots")


@dataclass(frozen=True, slots=True)
class Clock:
    """The times that a party's clock showed, in UTC, and the observations that say so."""

    times: tuple[datetime, ...]
    shown_by: tuple[str, ...]


def clock_of(party: Party, trust: Trust) -> Clock | None:
    """Return the earliest and latest time that the party's clock showed, or None where none was seen.

    A clock that the party itself calls synchronised counts as right, unless this auditor's own is in doubt.
    """
    seen = [o for o in party.evidence.observed(DeviceClock) if o.fact is not None]
    shown = [o.fact.device_time for o in seen if o.fact is not None]
    if shown:
        return Clock(tuple(dict.fromkeys((min(shown), max(shown)))), tuple(o.id for o in seen))
    sync = next((o for o in party.evidence.observed(TimeSync) if o.fact is not None and o.fact.synchronised), None)
    return None if sync is None or trust.clock_doubt else Clock((trust.at,), (sync.id,))


@lru_cache(maxsize=256)
def anchors_of(certificates: tuple[bytes, ...]) -> Anchors:
    """Return the anchors of a root list; many devices share one list."""
    return Anchors.of(certificates)


def failures(face: TlsFace, trial: Trial, rules: TrustRules) -> tuple[Failure, ...]:
    """Return every reason why the presented chain does not pass, in the order of the judgement; empty where it does."""
    if face.protection == "none":
        return (Failure("no certificate is presented", f"{face.cipher} protects nothing and shows no certificate"),)
    found: dict[Failure, None] = {}
    for time in trial.times:
        report = judge(
            face.chain,
            anchors=anchors_of(()) if trial.anchors is None else trial.anchors,
            reference=trial.reference,
            at=time,
            rules=rules,
        )
        for failure in _of_report(report, face, trial):
            found[failure] = None
    return tuple(found)


def _of_report(report: ChainReport, face: TlsFace, trial: Trial) -> Iterator[Failure]:
    decisive = [p for p in report.problems if p.kind not in ADVISORY_ONLY]
    counted = [p for p in decisive if _counts(p, face, trial)]
    for problem in counted:
        yield Failure(_cause(problem, report, trial), printable(problem.detail).rstrip("."))
    if report.verify_code and not decisive:
        words = f"verification gives {report.verify_code} {report.verify_name}"
        yield Failure(words, words)


def _counts(problem: ChainProblem, face: TlsFace, trial: Trial) -> bool:
    """Leave out what rests on something that is not known; `missing` names that."""
    if trial.anchors is None and problem.kind in UNTRUSTED:
        return False
    if not trial.dated and problem.kind in DATES:
        return False
    return face.chain_complete or problem.kind not in UNFINISHED


def _cause(problem: ChainProblem, report: ChainReport, trial: Trial) -> str:
    """Return the reason in words that many devices can share."""
    if problem.kind in UNTRUSTED:
        return _missing_root(report, trial)
    if problem.kind in DATES:
        expired = problem.kind is ProblemKind.EXPIRED
        if any(_date_fails(c, trial.true_time, expired=expired) for c in (*report.presented, *report.path)):
            return "it has expired" if expired else "it is not yet valid"
        return f"{trial.clock_words} is wrong, so that it seems {'expired' if expired else 'not yet valid'}"
    if problem.kind in NAMES:
        return f"it does not carry {trial.name_words}"
    return problem.kind.value.replace("_", " ")


def _date_fails(certificate: Certificate, at: datetime, *, expired: bool) -> bool:
    limit = certificate.not_after if expired else certificate.not_before
    return limit is not None and (at >= limit if expired else at < limit)


def _missing_root(report: ChainReport, trial: Trial) -> str:
    """Name the root that would be needed: who issued the last certificate of the chain as presented."""
    if trial.anchors is not None and not len(trial.anchors):
        return "no root is loaded"
    leaf = report.leaf
    if leaf is None:
        return "no certificate is presented"
    if leaf.subject is not None and leaf.subject == leaf.issuer:
        return "it is self-signed"
    known = {c.subject: c for c in report.presented if c.subject}
    tip, seen = leaf, {leaf.sha256}
    while (above := known.get(tip.issuer or "")) is not None and above.sha256 not in seen:
        tip = above
        seen.add(tip.sha256)
    return f"root {printable(tip.issuer or 'without a name')[:120]} is missing"


def stated(evidence: Evidence, statement: str, at: datetime) -> bool | None:
    """Return the operator's valid yes or no to a statement; None where there is none, or no clear one."""
    valid = [f for f in evidence.of(Attested, statement) if f.on <= at < f.expires]
    words = frozenset(f.value.strip().casefold() for f in valid)
    return {frozenset({"yes"}): True, frozenset({"no"}): False}.get(words)


def printable(text: str) -> str:
    """Replace control characters: names in certificates and settings are chosen by strangers."""
    return "".join(c if c.isprintable() else "?" for c in text)[:300]


def _count(number: int) -> str:
    return f"{number} root{'' if number == 1 else 's'}"
