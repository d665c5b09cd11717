"""What was last known before an audit, and how a fleet's numbers went from audit to audit.

Both count what still stands: a verdict lasts until an audit that reached the host shows another one. An audit that the
history holds is left out of its own past, so the answer is the same before and after it was recorded.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from auditor.history import tables
from auditor.history.database import History
from auditor.history.instant import from_micros, to_micros
from auditor.history.reading import RunSummary, runs
from auditor.model.assessment import AuditRun
from auditor.model.changes import Earlier, Known
from auditor.model.trend import Moment, Standing, Trend
from auditor.model.verdict import Status

UNTOLD = Status.UNDETERMINED
"""What a fault of ours comes to as well."""

MOST_MOMENTS = 12
"""Audits that a trend shows: a quarter of weekly ones, or a year of monthly ones."""


class _Breach(NamedTuple):
    """A control that was not met on a host, from one audit until just before another (places; None: until now).

    `seen` is False where it was undetermined then, and nothing but that since somebody saw that it was not met.
    """

    host: int
    control: str
    start: int
    end: int | None
    waived: bool
    seen: bool


def last_known(history: History, run: AuditRun) -> Earlier | None:
    """Return what was known of each host before this audit, or None where the history holds no earlier one."""
    with history.read() as connection:
        earlier = _before(connection, run)
        if not earlier:
            return None
        at = {row.id: (row.started_at, row.audit_id) for row in earlier}
        h, c, f = tables.host.c, tables.control.c, tables.finding.c
        query = (
            sa.select(h.name.label("host"), c.name.label("control"), f.from_run, f.to_run, f.status, f.waiver)
            .join(tables.host, h.id == f.host_id)
            .join(tables.control, c.id == f.control_id)
        )
        spans = [row for row in connection.execute(query) if row.from_run in at]
    hosts: dict[str, dict[str, Known]] = defaultdict(dict)
    first: dict[tuple[str, str], int] = {}
    breached: set[tuple[str, str]] = set()
    for row in sorted(spans, key=lambda row: at[row.from_run]):
        key, status = (row.host, row.control), Status(row.status)
        since = first.setdefault(key, at[row.from_run][0])
        if status is Status.NOT_MET:
            breached.add(key)
        elif status is not Status.UNDETERMINED:
            breached.discard(key)
        if row.to_run not in at:  # it lasted until the newest of the earlier audits
            hosts[row.host][row.control] = Known(
                status=status,
                waiver=row.waiver,
                first_seen=from_micros(since),
                unsettled=status is Status.UNDETERMINED and key in breached,
            )
    newest = earlier[-1]
    return Earlier(audit=newest.audit_id, at=from_micros(newest.started_at), hosts=dict(hosts))


def trend_of(history: History, run: AuditRun, most: int = MOST_MOMENTS) -> Trend | None:
    """Return the numbers of the last audits up to this one, or None where the history holds no earlier audit."""
    known = last_known(history, run)
    if known is None:
        return None
    with history.read() as connection:
        earlier = [row.audit_id for row in _before(connection, run)]
        shown = earlier[-(most - 1) :]
        standing = _standing(connection, shown)
    summaries = {summary.audit: summary for summary in runs(history)}
    moments = [_moment(summaries[audit], standing[audit]) for audit in shown]
    return Trend(moments=(*moments, _now(run, known)), left_out=len(earlier) - len(shown))


def _before(connection: sa.Connection, run: AuditRun) -> Sequence[sa.Row[tuple[object, ...]]]:
    """Return the audits before this one, oldest first."""
    r, at = tables.run.c, to_micros(run.started_at)
    sooner = sa.or_(r.started_at < at, sa.and_(r.started_at == at, r.audit_id < run.id))
    query: sa.Select[tuple[object, ...]] = sa.select(tables.run).where(sooner).order_by(r.started_at, r.audit_id)
    return connection.execute(query).all()


def _standing(connection: sa.Connection, audits: Sequence[str]) -> Mapping[str, Standing]:
    """Count the breaches that stand at each of these audits."""
    r = tables.run.c
    order = connection.execute(sa.select(r.id, r.audit_id).order_by(r.started_at, r.audit_id)).all()
    places = {row.id: place for place, row in enumerate(order)}
    breaches = _breaches(connection, places)
    return {
        row.audit_id: _counted(_judged(connection, row.id), places[row.id], breaches)
        for row in order
        if row.audit_id in audits
    }


def _breaches(connection: sa.Connection, places: Mapping[int, int]) -> list[_Breach]:
    """Return all breaches. One that became undetermined goes on: not being able to tell is no improvement."""
    f, c = tables.finding.c, tables.control.c
    query = (
        sa.select(f.host_id, c.name, f.from_run, f.to_run, f.status, f.waiver)
        .join(tables.control, c.id == f.control_id)
        .where(f.status.in_((Status.NOT_MET.value, Status.UNDETERMINED.value)))
    )
    found: list[_Breach] = []
    ends: dict[tuple[int, str], int | None] = {}
    for row in sorted(connection.execute(query), key=lambda row: places[row.from_run]):
        start, end = places[row.from_run], None if row.to_run is None else places[row.to_run]
        seen = row.status == Status.NOT_MET.value
        if seen or ends.get((row.host_id, row.name)) == start:  # spans of one control follow without a gap
            ends[row.host_id, row.name] = end
            found.append(_Breach(row.host_id, row.name, start, end, row.waiver is not None, seen))
    return found


def _judged(connection: sa.Connection, run: int) -> Mapping[int, frozenset[str]]:
    """Return the hosts of an audit, each with the controls that were judged: none where it was not reached."""
    rh, j = tables.run_host.c, tables.judged.c
    query = sa.select(rh.host_id, j.id, j.controls).join(tables.judged, j.id == rh.judged_id, isouter=True)
    sets: dict[int | None, frozenset[str]] = {None: frozenset()}
    found = {}
    for row in connection.execute(query.where(rh.run_id == run)):
        if row.id not in sets:
            sets[row.id] = frozenset(row.controls.split("\n"))
        found[row.host_id] = sets[row.id]
    return found


def _counted(judged: Mapping[int, frozenset[str]], place: int, breaches: Sequence[_Breach]) -> Standing:
    counts: Counter[str] = Counter()
    for breach in breaches:
        if breach.start <= place and (breach.end is None or place < breach.end):
            controls = judged.get(breach.host)
            if controls is None:
                counts["not_listed"] += 1
            elif breach.seen and breach.control in controls:
                counts["seen"] += 1
                counts["waived"] += breach.waived
            else:
                counts["unseen"] += 1
    return Standing(**counts)


def _moment(summary: RunSummary, breaches: Standing) -> Moment:
    return Moment(
        audit=summary.audit,
        at=summary.started_at,
        complete=summary.complete,
        hosts=summary.hosts,
        not_reached=summary.not_reached,
        accepted=summary.accepted,
        outcomes=summary.outcomes,
        proven=summary.proven,
        breaches=breaches,
    )


def _now(run: AuditRun, known: Earlier) -> Moment:
    """Return the moment of the audit itself, from its result and from what was known before."""
    counts: Counter[str] = Counter()
    listed = {host.target.name: host for host in run.hosts}
    for host in run.hosts:
        breaches = [finding for finding in host.findings if finding.status is Status.NOT_MET] if host.reachable else []
        counts["seen"] += len(breaches)
        counts["waived"] += sum(finding.waiver is not None for finding in breaches)
    for name, verdicts in known.hosts.items():
        here = listed.get(name)
        shown = {f.control for f in here.findings if f.status is not UNTOLD} if here and here.reachable else set()
        before = [c for c, verdict in verdicts.items() if verdict.stands and c not in shown]
        counts["not_listed" if here is None else "unseen"] += len(before)
    return Moment(
        audit=run.id,
        at=run.started_at,
        complete=run.complete,
        hosts=len(run.hosts),
        not_reached=sum(not host.reachable for host in run.hosts),
        accepted=sum(host.accepted for host in run.hosts),
        outcomes=Counter(host.outcome.value for host in run.hosts),
        proven=Counter(host.score.proven for host in run.hosts if host.score.proven is not None),
        breaches=Standing(**counts),
    )
