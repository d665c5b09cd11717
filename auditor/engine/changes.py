"""Which findings of a run are news, by what was known before. Pure.

Nothing is over about a host that was not reached, and the one thing that is news about it is a breach that its saved
configuration shows. A verdict that a fault of ours prevented is no news either.
"""

from collections.abc import Mapping
from dataclasses import replace

from auditor.model.assessment import AuditRun, Finding, HostAssessment
from auditor.model.changes import OPEN, ChangeKind, Changes, Earlier, FindingChange, Known
from auditor.model.verdict import Status


def earlier_of(run: AuditRun) -> Earlier:
    """Return what one earlier run alone tells: the verdicts of the hosts that it reached."""
    hosts = {
        host.target.name: {
            finding.control: Known(status=finding.status, waiver=finding.waiver.id if finding.waiver else None)
            for finding in host.findings
            if not finding.fault
        }
        for host in run.hosts
        if host.reachable
    }
    return Earlier(audit=run.id, at=run.started_at, hosts=hosts)


def with_changes(run: AuditRun, earlier: Earlier) -> AuditRun:
    """Return the run with what is new in it; formats that tell changes then leave out the rest."""
    return replace(run, changes=changes_since(earlier, run))


def changes_since(earlier: Earlier, run: AuditRun) -> Changes:
    """Compare a run with what was known before it."""
    news: dict[str, FindingChange] = {}
    unchanged = not_judged = faults = standing = 0
    for host in run.hosts:
        known = earlier.hosts.get(host.target.name, {})
        if not host.reachable:
            standing += _breaches(known)
            news |= _from_a_file(known, host)
            continue
        for finding in host.findings:
            change = None if finding.fault else _change(known.get(finding.control), finding)
            if change is not None:
                news[finding.fingerprint] = change
            faults += finding.fault
            unchanged += change is None and not finding.fault
        not_judged += _breaches(_without(known, host))
    listed = {host.target.name for host in run.hosts}
    gone = tuple(name for name in earlier.hosts if name not in listed)
    return Changes(
        since=earlier.audit,
        since_at=earlier.at,
        findings=news,
        unchanged=unchanged,
        not_reached=tuple(host.target.name for host in run.hosts if not host.reachable),
        not_listed=gone,
        standing=standing + sum(_breaches(earlier.hosts[name]) for name in gone),
        not_judged=not_judged,
        faults=faults,
    )


def _from_a_file(known: Mapping[str, Known], host: HostAssessment) -> dict[str, FindingChange]:
    """Return the breaches of a host that nobody reached: only something read from a file can have shown them."""
    breaches = [each for each in host.findings if each.status is Status.NOT_MET and not each.fault]
    changes = ((each.fingerprint, _change(known.get(each.control), each)) for each in breaches)
    return {fingerprint: change for fingerprint, change in changes if change is not None}


def _change(before: Known | None, now: Finding) -> FindingChange | None:
    """Tell how a verdict differs from the one before, or None where it does not."""
    if before is None:
        return FindingChange(kind=ChangeKind.FIRST)
    if before.status is now.status and (before.waiver is None) == (now.waiver is None):
        return None
    was_open, is_open = before.status in OPEN, now.status in OPEN
    if was_open and not is_open:
        kind = ChangeKind.RESOLVED
    elif is_open and not was_open:
        kind = ChangeKind.OPENED
    else:
        kind = ChangeKind.CHANGED
    return FindingChange(kind=kind, before=before.status, first_seen=before.first_seen)


def _without(known: Mapping[str, Known], host: HostAssessment) -> dict[str, Known]:
    judged = {finding.control for finding in host.findings}
    return {control: each for control, each in known.items() if control not in judged}


def _breaches(known: Mapping[str, Known]) -> int:
    return sum(each.stands for each in known.values())
