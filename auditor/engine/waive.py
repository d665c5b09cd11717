"""Waivers laid beside findings. Pure. No verdict and no level changes: only a miss may read as "misses, accepted"."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from auditor.model.assessment import AuditRun, Finding, HostAssessment, Outcome
from auditor.model.inventory import Target
from auditor.model.verdict import Status
from auditor.model.waiver import AppliedWaiver, Waiver, WaiverProblem, WaiverTrouble

SOON = timedelta(days=30)
"""How long before its end a waiver is reported as expiring soon."""

COVERED = (Status.NOT_MET, Status.UNDETERMINED)
"""Verdicts beside which a waiver is shown. What is met needs none, and there it counts as unused."""


def waive(run: AuditRun, waivers: Sequence[Waiver]) -> AuditRun:
    """Return the run with the waivers that count when it began, and with what is wrong with any of them.

    A host whose miss is accepted keeps its levels, its outcome and what holds it back; `accepted` is all that is added.
    """
    if not waivers:
        return run
    counting = [waiver for waiver in waivers if waiver.counts(run.started_at)]
    return replace(
        run,
        hosts=tuple(_waived(host, counting) for host in run.hosts),
        waiver_problems=tuple(_problems(run, waivers)),
    )


def covers(waiver: Waiver, target: Target) -> bool:
    """Tell whether a target is within a waiver's scope."""
    match waiver.scope:
        case "host":
            return target.name == waiver.scope_name
        case "tag":
            return waiver.scope_name in target.tags
        case "site":
            return target.site == waiver.scope_name
        case "fleet":
            return True


def _waived(host: HostAssessment, waivers: Iterable[Waiver]) -> HostAssessment:
    """Return the host with its waivers; where several cover a finding, the one that ends last is shown."""
    by_control: dict[str, Waiver] = {}
    for waiver in sorted((w for w in waivers if covers(w, host.target)), key=lambda w: (w.expires, w.id)):
        by_control[waiver.control] = waiver
    if not by_control:
        return host
    findings = tuple(_with_waiver(finding, by_control.get(finding.control)) for finding in host.findings)
    waived = {finding.control for finding in findings if finding.waiver is not None}
    held_back = host.score.held_back_by
    accepted = host.outcome is Outcome.MISSES and bool(held_back) and waived.issuperset(held_back)
    return replace(host, findings=findings, accepted=accepted)


def _with_waiver(finding: Finding, waiver: Waiver | None) -> Finding:
    if waiver is None or finding.status not in COVERED:
        return finding
    applied = AppliedWaiver(
        id=waiver.id, reason=waiver.reason, owner=waiver.owner, approver=waiver.approver, created=waiver.created,
        expires=waiver.expires, scope=waiver.scope_words,
    )  # fmt: skip
    return replace(finding, waiver=applied)


def _problems(run: AuditRun, waivers: Iterable[Waiver]) -> Iterator[WaiverProblem]:
    catalogue = {control.id for control in run.catalogue}
    for waiver in waivers:
        for kind, sentence in _troubles(waiver, run, catalogue):
            message = f"Waiver {waiver.id} ({waiver.control}, {waiver.scope_words}) {sentence}"
            yield WaiverProblem(waiver=waiver.id, kind=kind, message=message)


def _troubles(waiver: Waiver, run: AuditRun, catalogue: set[str]) -> Iterator[tuple[WaiverTrouble, str]]:
    """Yield everything that is wrong with a waiver, as the end of a sentence."""
    at = run.started_at
    if waiver.control not in catalogue:
        yield "unknown-control", f"covers nothing: there is no control {waiver.control}."
    elif (unused := _unused(waiver, run.hosts)) is not None:
        yield "unused", unused
    if at >= waiver.expires:
        yield "expired", f"expired on {_when(waiver.expires)} and does not count; its owner is {waiver.owner}."
    elif at < waiver.created:
        yield "not-yet", f"does not count yet: it begins on {_when(waiver.created)}."
    elif waiver.expires - at < SOON:
        yield "expires-soon", f"expires soon, on {_when(waiver.expires)}; its owner is {waiver.owner}."


def _unused(waiver: Waiver, hosts: Iterable[HostAssessment]) -> str | None:
    """Return why there is nothing for a waiver to accept, or None where there is, or where that is not known."""
    within = [host for host in hosts if covers(waiver, host.target)]
    if not within:
        return "is unused: no host of this audit is within its scope."
    found = [finding for host in within for finding in host.findings if finding.control == waiver.control]
    if any(finding.status in COVERED for finding in found):
        return None
    if not found:
        return f"is unused: the control applies to none of the {len(within)} hosts in its scope."
    return f"is unused: the control is met or not applicable on every host in its scope ({len(within)})."


def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%MZ")
