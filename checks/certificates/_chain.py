"""The presented chains that `certificates.*` judge: which there are, and what it means where there is none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from auditor.model.certificate import Certificate, ChainProblem, ChainReport, JudgedChain, ProblemKind
from auditor.model.evidence import Absent, Evidence, Observation, Unknown
from auditor.model.facts import TlsFace
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a control says of one chain: breaches, doubts, or a reason why it does not apply; else `good` holds."""

    good: str
    breaches: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    not_applicable: str | None = None


def judge_chains(evidence: Evidence, opine: Callable[[ChainReport], Opinion]) -> Verdict:
    """Judge every chain that the host presented; all of them must hold.

    A host whose TLS ports are all refused presents no certificate: not applicable. A chain that could not be read
    leaves the question open, unless another one is a breach already.
    """
    chains = evidence.observed(JudgedChain)
    seen = [(o, o.fact, opine(o.fact.report)) for o in chains if o.fact is not None]
    breached = [(o, f, b) for o, f, b in seen if b.breaches]
    if breached:
        return NotMet(_join((f, b.breaches) for _, f, b in breached), tuple(o.id for o, _, _ in breached))
    unread = _unread(evidence)
    doubtful = [(o, f, b) for o, f, b in seen if b.doubts]
    if unread or doubtful:
        reasons = [_join((f, b.doubts) for _, f, b in doubtful)] if doubtful else []
        reasons += [f"No certificate could be read from {name}: {why}" for name, why in unread.items()]
        return Undetermined(" ".join(reasons), (*(o.id for o, _, _ in doubtful), *_gap_ids(evidence)))
    holding = [(o, f, b) for o, f, b in seen if b.not_applicable is None]
    if holding:
        return Met(_join((f, (b.good,)) for _, f, b in holding), tuple(o.id for o, _, _ in holding))
    if seen:
        reasons = [b.not_applicable for _, _, b in seen if b.not_applicable]
        return NotApplicable(" ".join(dict.fromkeys(reasons)), tuple(o.id for o, _, _ in seen))
    closed = tuple(o.id for o in evidence.observed(TlsFace) if isinstance(o.outcome, Absent))
    if closed:
        return NotApplicable("No TLS service answers, so no certificate is presented.", closed)
    return Undetermined("Needs the certificate that the host presents; no TLS service was asked.")


def leaf_unreadable(report: ChainReport) -> str | None:
    """Say why nothing can be told of the host's own certificate, or None where it can be read."""
    if report.leaf is None:
        return "the server presented no certificate"
    return "the host's own certificate cannot be read" if report.leaf.unreadable else None


def on_path(report: ChainReport) -> tuple[Certificate, ...]:
    """Return the certificates of the path, or all that were presented where no path was found."""
    return report.path or report.presented


def name_of(certificate: Certificate) -> str:
    """Name a certificate for a sentence, short and without control characters."""
    subject = certificate.subject or f"the certificate {certificate.sha256[:16]}"
    return printable(subject)[:100]


def printable(text: str) -> str:
    """Replace control characters: names in certificates are chosen by strangers."""
    return "".join(c if c.isprintable() else "?" for c in text)


def details(report: ChainReport, *kinds: ProblemKind) -> tuple[str, ...]:
    """Return what the problems of these kinds say, each once."""
    return tuple(dict.fromkeys(_where(p) for p in report.has(*kinds)))


def _where(problem: ChainProblem) -> str:
    place = "" if problem.depth is None else f" (certificate {problem.depth})"
    return f"{printable(problem.detail).rstrip('.')[:300]}{place}"


def _join(parts: Iterable[tuple[JudgedChain, tuple[str, ...]]]) -> str:
    """Make one sentence for each chain."""
    return " ".join(f"Port {chain.port}: {'; '.join(said)}." for chain, said in parts)


def _gap_ids(evidence: Evidence) -> tuple[str, ...]:
    """Return the identifiers of the handshakes and chains that could not be had."""
    return tuple(o.id for o in (*evidence.gaps(TlsFace), *evidence.gaps(JudgedChain)))


def _unread(evidence: Evidence) -> dict[str, str]:
    """Return the TLS services whose chain is not known, with the reason."""
    reasons: dict[str, str] = {}
    asked: tuple[Observation[TlsFace] | Observation[JudgedChain], ...]
    asked = (*evidence.observed(TlsFace), *evidence.observed(JudgedChain))
    for observation in asked:
        if isinstance(observation.outcome, Unknown):
            reasons.setdefault(observation.subject, f"{observation.outcome.detail.rstrip('.')}.")
    judged = {o.subject for o in evidence.observed(JudgedChain)}
    for face in evidence.observed(TlsFace):
        if face.fact is not None and face.subject not in judged:
            reasons.setdefault(face.subject, "the chain was not judged.")
    return reasons
