"""Two audits compared: verdicts, levels and facts, regressions first. Pure.

A host that was not reached says nothing: no verdict of it is compared, nothing of it is ever an improvement, and what
was wrong with it is not "fixed". The same holds for a control that could not be judged because of a fault of ours.
"""

from collections.abc import Iterator, Mapping

from auditor.model.assessment import Outcome
from auditor.model.difference import Category, Change, Difference, Side
from auditor.model.snapshot import CertificateFacts, HostFacts, HostState, Snapshot, Verdict
from auditor.model.verdict import Status

_ORDER = {category: place for place, category in enumerate(Category)}
_KINDS = ("host", "outcome", "level", "verdict", "waiver", "service", "certificate", "software", "fact")
"""Kinds of change, in the order in which a host's are reported."""

_SAID = {"open", "closed"}
"""States of a port that the host itself showed."""


def diff(old: Snapshot, new: Snapshot, *, judged_by: tuple[str, str] = ("", "")) -> Difference:
    """Compare two audits; `judged_by` are the digests of the catalogues that first judged them, where they are known.

    Changes are ordered by category (regressions first), then by host in the new audit's order, then by kind.
    """
    places = {name: place for place, name in enumerate((*new.hosts, *old.hosts))}
    found: list[Change] = []
    unchanged = 0
    for name in dict.fromkeys((*new.hosts, *old.hosts)):
        before, after = old.hosts.get(name), new.hosts.get(name)
        if before is None and after is not None:
            found += _added(after)
        elif after is None and before is not None:
            found.append(_removed(before, new))
        elif before is not None and after is not None:
            found += _host(before, after)
            unchanged += _same(before, after)
    found.sort(key=lambda c: (_ORDER[c.category], places[c.host], _KINDS.index(c.kind), c.subject))
    return Difference(
        old=_side(old, judged_by[0]),
        new=_side(new, judged_by[1]),
        apart=new.started_at - old.started_at,
        changes=tuple(found),
        unchanged=unchanged,
        notes=tuple(_notes(old, new, judged_by)),
    )


def _side(snapshot: Snapshot, digest: str) -> Side:
    return Side(
        audit=snapshot.audit,
        started_at=snapshot.started_at,
        complete=snapshot.complete,
        hosts=len(snapshot.hosts),
        reached=sum(host.reached for host in snapshot.hosts.values()),
        catalogue_digest=digest or snapshot.catalogue_digest,
    )


def _notes(old: Snapshot, new: Snapshot, judged_by: tuple[str, str]) -> Iterator[str]:
    if old.audit == new.audit:
        yield "Both are the same audit."
    elif new.started_at < old.started_at:
        yield "The audit given as the new one began before the old one: the comparison runs backwards."
    for word, snapshot in (("old", old), ("new", new)):
        if not snapshot.complete:
            yield f"The {word} audit is partial: what it did not look at is not compared."
    first, second = (given or side.catalogue_digest for given, side in zip(judged_by, (old, new), strict=True))
    if first != second:
        yield (
            "The two audits were first judged by different catalogues "
            f"({first[:12] or 'not recorded'} and {second[:12] or 'not recorded'})"
            + ("; here, one and the same judges both." if old.catalogue_digest == new.catalogue_digest else ".")
        )
    if old.catalogue_digest != new.catalogue_digest:
        yield "Their verdicts come from different catalogues, so a verdict may differ because the rule does."


def _added(host: HostState) -> Iterator[Change]:
    breaches = sum(verdict.status is Status.NOT_MET for verdict in host.verdicts.values())
    what = f"new in this audit; {_standing(host)}" + (f", {breaches} controls not met" if breaches else "")
    yield Change(
        host=host.name, category=Category.CHANGED, kind="host", subject="added", before="", after=host.outcome,
        sentence=f"{host.name}: {what}.", because=host.because,
    )  # fmt: skip


def _removed(host: HostState, new: Snapshot) -> Change:
    """A host that nobody audits any more is not a host that is well."""
    partial = "" if new.complete else ", which is partial"
    return Change(
        host=host.name, category=Category.UNKNOWN, kind="host", subject="removed", before=host.outcome, after="",
        sentence=f"{host.name}: not in the new audit{partial}; it was last seen as {_standing(host)}.",
    )  # fmt: skip


def _host(old: HostState, new: HostState) -> Iterator[Change]:
    if not new.reached:
        if old.reached:
            yield _lost(old, new)
        return
    if not old.reached:
        yield Change(
            host=new.name, category=Category.CHANGED, kind="host", subject="reached", before="not reached",
            after=new.outcome, sentence=f"{new.name}: reached again; {_standing(new)}.",
        )  # fmt: skip
    else:
        yield from _facts(new.name, old.facts, new.facts)
        yield from _levels(old, new)
    if old.target_level != new.target_level:
        yield _change(new.name, Category.CHANGED, "fact", "target level", str(old.target_level), str(new.target_level))
    yield from _verdicts(old, new)


def _lost(old: HostState, new: HostState) -> Change:
    breaches = sum(verdict.status is Status.NOT_MET for verdict in old.verdicts.values())
    last = f"; the {breaches} controls that it did not meet stay open" if breaches else ""
    return Change(
        host=new.name, category=Category.UNKNOWN, kind="host", subject="not reached", before=old.outcome,
        after="not reached", because=new.because,
        sentence=f"{new.name}: not reached; it was last seen as {_standing(old)}{last}.",
    )  # fmt: skip


def _standing(host: HostState) -> str:
    accepted = ", accepted" if host.accepted else ""
    if host.proven is None:
        return f"{host.outcome}{accepted} without a level"
    level = f"Level {host.proven}" if host.proven == host.possible else f"Level {host.proven} to {host.possible}"
    return f"{host.outcome}{accepted} at {level}"


def _levels(old: HostState, new: HostState) -> Iterator[Change]:
    before, after = _level(old), _level(new)
    if before != after:
        yield _change(new.name, _level_category(old, new), "level", "level", before, after)
    before, after = (host.outcome + (", accepted" if host.accepted else "") for host in (old, new))
    if before != after:
        yield _change(new.name, _outcome_category(old, new), "outcome", "outcome", before, after)


def _level(host: HostState) -> str:
    if host.proven is None:
        return "none"
    return str(host.proven) if host.proven == host.possible else f"{host.proven} to {host.possible}"


def _level_category(old: HostState, new: HostState) -> Category:
    """A lower possible level is a breach; a lower proven level alone is evidence that is missing."""
    if old.possible is None or old.proven is None:
        return Category.CHANGED
    if new.possible is None or new.proven is None:
        return Category.UNKNOWN
    if new.possible < old.possible:
        return Category.REGRESSION
    return Category.UNKNOWN if new.proven < old.proven else Category.IMPROVEMENT


def _outcome_category(old: HostState, new: HostState) -> Category:
    if new.outcome == Outcome.MISSES:
        worse = old.outcome != Outcome.MISSES or (old.accepted and not new.accepted)
        return Category.REGRESSION if worse else Category.CHANGED
    if new.outcome == Outcome.MEETS:
        return Category.IMPROVEMENT
    if new.outcome == Outcome.INCONCLUSIVE and old.outcome == Outcome.UNREACHABLE:
        return Category.CHANGED
    return Category.UNKNOWN


def _verdicts(old: HostState, new: HostState) -> Iterator[Change]:
    for control, verdict in new.verdicts.items():
        before = old.verdicts.get(control) if old.reached else None
        if verdict.fault and before is not None and before.fault:
            continue
        if before is None or before.status is not verdict.status:
            category = _verdict_category(before, verdict)
            if category is not None:
                words = "not known" if before is None else _words(before.status)
                yield _change(new.name, category, "verdict", control, words, _words(verdict.status), verdict.because)
        elif (before.waiver is None) != (verdict.waiver is None) and verdict.status is Status.NOT_MET:
            ended = verdict.waiver is None
            category = Category.REGRESSION if ended else Category.CHANGED
            words = f"accepted by waiver {before.waiver or verdict.waiver}"
            pair = (words, "not accepted any more") if ended else ("not accepted", words)
            yield _change(new.name, category, "waiver", control, *pair, verdict.because)
    for control, lost in old.verdicts.items():
        if control not in new.verdicts and old.reached and lost.status is Status.NOT_MET:
            yield _change(new.name, Category.UNKNOWN, "verdict", control, _words(lost.status), "not judged any more")


def _verdict_category(old: Verdict | None, new: Verdict) -> Category | None:
    """Tell what a verdict means after another one; None where there is nothing to tell."""
    if new.status is Status.NOT_MET:
        return Category.REGRESSION
    if new.status is Status.UNDETERMINED:
        return None if old is None else Category.UNKNOWN
    if old is None:
        return None
    known_bad = old.status in {Status.NOT_MET, Status.UNDETERMINED}
    return Category.IMPROVEMENT if known_bad and new.status is Status.MET else Category.CHANGED


def _same(old: HostState, new: HostState) -> int:
    if not (old.reached and new.reached):
        return 0
    return sum(old.verdicts[c].status is v.status for c, v in new.verdicts.items() if c in old.verdicts)


def _facts(host: str, old: HostFacts, new: HostFacts) -> Iterator[Change]:
    for what, before, after in (("product", old.product, new.product), ("software", old.software, new.software)):
        if before and after and before != after:
            yield _change(host, Category.CHANGED, "software", what, before, after)
    if old.address and new.address and old.address != new.address:
        yield _change(host, Category.CHANGED, "fact", "address", old.address, new.address)
    yield from _services(host, old, new)
    yield from _certificates(host, old.certificates, new.certificates)
    for name in old.others.keys() & new.others.keys():
        if old.others[name] != new.others[name]:
            yield _change(host, Category.CHANGED, "fact", name, old.others[name], new.others[name])


def _services(host: str, old: HostFacts, new: HostFacts) -> Iterator[Change]:
    for name, after in new.services.items():
        before = old.services.get(name)
        if before is None or (before.port, before.transport, before.state) == (
            after.port,
            after.transport,
            after.state,
        ):
            continue
        lost = after.state not in _SAID and before.state in _SAID
        subject = f"{name} (port {after.port}/{after.transport})"
        was = before.state if before.port == after.port else f"{before.state} on port {before.port}/{before.transport}"
        yield _change(host, Category.UNKNOWN if lost else Category.CHANGED, "service", subject, was, after.state)


def _certificates(
    host: str, old: Mapping[str, CertificateFacts], new: Mapping[str, CertificateFacts]
) -> Iterator[Change]:
    for port, after in new.items():
        before = old.get(port)
        if before is not None and before.sha256 != after.sha256:
            subject = f"certificate on port {port}"
            yield _change(host, Category.CHANGED, "certificate", subject, _certificate(before), _certificate(after))


def _certificate(it: CertificateFacts) -> str:
    """Return what tells one certificate from another: serial, fingerprint, subject and end."""
    ends = f"{it.not_after:%Y-%m-%d}" if it.not_after else "unknown"
    return f"serial {it.serial or 'unreadable'}, SHA-256 {it.sha256}, {it.subject or 'no subject'}, expires {ends}"


def _change(
    host: str, category: Category, kind: str, subject: str, before: str, after: str, because: str = ""
) -> Change:  # fmt: skip
    return Change(
        host=host, category=category, kind=kind, subject=subject, before=before, after=after, because=because,
        sentence=f"{host}: {subject} was {before}, is {after}." + (f" {because}" if because else ""),
    )  # fmt: skip


def _words(status: Status) -> str:
    return status.value.replace("_", " ")
