"""Reading the history: the audits with their totals, verdicts over time, and an audit as it was, for comparison."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from auditor.history import tables
from auditor.history.blob import facts_of, words_of
from auditor.history.database import History, HistoryError
from auditor.history.instant import from_micros
from auditor.model.snapshot import HostFacts, HostState, Snapshot, Verdict
from auditor.model.verdict import Status

UNKNOWN_FACTS = HostFacts(product="unknown")
"""Facts of a host of which none were recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One audit with its totals. `number` is its row in the history; `outcomes` and `proven` count hosts.

    `accepted` are those among the misses that waivers accept; `not_reached` hosts gave no sign of life.
    """

    number: int
    audit: str
    started_at: datetime
    finished_at: datetime
    complete: bool
    tool_version: str
    catalogue_digest: str
    hosts: int
    not_reached: int
    accepted: int
    outcomes: Mapping[str, int] = field(default_factory=dict)
    proven: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A verdict over time: first seen at `since`, another one seen at `until` (None: it still stands).

    `confirmed_at` is the last audit within it that reached the host; where later audits did not reach the host,
    `not_reached` counts them: the verdict stands, but nobody has seen it since. `evidence_changes` counts how often
    what it rests on changed meanwhile.
    """

    host: str
    control: str
    status: Status
    level: int | None
    waiver: str | None
    since: datetime
    until: datetime | None
    confirmed_at: datetime
    not_reached: int
    because: str
    evidence_changes: int = 0


def runs(history: History) -> tuple[RunSummary, ...]:
    """Return all audits, oldest first."""
    rh = tables.run_host.c
    totals: dict[int, list[sa.Row[tuple[str, bool, int | None, bool, int]]]] = defaultdict(list)
    query = sa.select(rh.run_id, rh.outcome, rh.reached, rh.proven, rh.accepted, sa.func.count().label("hosts"))
    with history.read() as connection:
        for row in connection.execute(query.group_by(rh.run_id, rh.outcome, rh.reached, rh.proven, rh.accepted)):
            totals[row.run_id].append(row)
        rows = connection.execute(_in_order()).all()
    return tuple(_summary(row, totals[row.id]) for row in rows)


def _in_order() -> sa.Select[tuple[object, ...]]:
    return sa.select(tables.run).order_by(tables.run.c.started_at, tables.run.c.audit_id)


def _summary(
    row: sa.Row[tuple[object, ...]], totals: Iterable[sa.Row[tuple[str, bool, int | None, bool, int]]]
) -> RunSummary:
    outcomes: Counter[str] = Counter()
    proven: Counter[int] = Counter()
    hosts = not_reached = accepted = 0
    for total in totals:
        hosts += total.hosts
        outcomes[total.outcome] += total.hosts
        not_reached += 0 if total.reached else total.hosts
        accepted += total.hosts if total.accepted else 0
        if total.proven is not None:
            proven[total.proven] += total.hosts
    return RunSummary(
        number=row.id,
        audit=row.audit_id,
        started_at=from_micros(row.started_at),
        finished_at=from_micros(row.finished_at),
        complete=row.complete,
        tool_version=row.tool_version,
        catalogue_digest=row.catalogue_digest,
        hosts=hosts,
        not_reached=not_reached,
        accepted=accepted,
        outcomes=dict(outcomes),
        proven=dict(sorted(proven.items())),
    )


def intervals(
    history: History, *, hosts: Sequence[str] = (), controls: Sequence[str] = (), status: Status | None = None
) -> tuple[Interval, ...]:
    """Return verdicts over time, by host, control and time; raise HistoryError for a name that nobody recorded.

    Intervals between which only the evidence changed are given as one.
    """
    h, c = tables.host.c, tables.control.c
    f, e = tables.finding.c, tables.evidence.c
    query = (
        sa.select(*f, h.name.label("host"), c.name.label("control"), e.body, e.raw_hash)
        .join(tables.host, h.id == f.host_id)
        .join(tables.control, c.id == f.control_id)
        .join(tables.evidence, e.id == f.evidence_id)
    )
    if hosts:
        query = query.where(h.name.in_(hosts))
    if controls:
        query = query.where(c.name.in_(controls))
    with history.read() as connection:
        _check_names(history, connection, tables.host, hosts)
        _check_names(history, connection, tables.control, controls)
        order = connection.execute(_in_order()).all()
        places = {row.id: place for place, row in enumerate(order)}
        at = {row.id: from_micros(row.started_at) for row in order}
        looked = _looked(connection, places, hosts)
        rows = connection.execute(query).all()
    rows = sorted(rows, key=lambda row: (row.host, row.control, places[row.from_run]))
    found: list[Interval] = []
    for row in rows:
        seen = [
            (run, reached) for run, reached in looked[row.host_id] if _within(row.from_run, row.to_run, run, places)
        ]
        confirmed = max((places[run] for run, reached in seen if reached), default=places[row.from_run])
        this = Interval(
            host=row.host,
            control=row.control,
            status=Status(row.status),
            level=row.level,
            waiver=row.waiver,
            since=at[row.from_run],
            until=None if row.to_run is None else at[row.to_run],
            confirmed_at=from_micros(order[confirmed].started_at),
            not_reached=sum(1 for run, reached in seen if not reached and places[run] > confirmed),
            because=words_of(row.body, row.raw_hash, history.where).because,
        )
        if found and _continues(found[-1], this):
            this = replace(this, since=found[-1].since, evidence_changes=found[-1].evidence_changes + 1)
            found.pop()
        found.append(this)
    return tuple(each for each in found if status is None or each.status is status)


def _continues(before: Interval, after: Interval) -> bool:
    same = (before.host, before.control, before.status, before.waiver) == (
        after.host, after.control, after.status, after.waiver,
    )  # fmt: skip
    return same and before.until == after.since


def _check_names(history: History, connection: sa.Connection, table: sa.Table, names: Sequence[str]) -> None:
    known = (
        set(connection.execute(sa.select(table.c.name).where(table.c.name.in_(names))).scalars()) if names else set()
    )
    missing = [name for name in names if name not in known]
    if missing:
        raise HistoryError(f"{history.where}: nothing was ever recorded of the {table.name} {', '.join(missing)}.")


def _looked(
    connection: sa.Connection, places: Mapping[int, int], hosts: Sequence[str]
) -> Mapping[int, list[tuple[int, bool]]]:
    """Return the audits of each host in order, and whether they reached it."""
    rh = tables.run_host.c
    query = sa.select(rh.host_id, rh.run_id, rh.reached)
    if hosts:
        query = query.join(tables.host, tables.host.c.id == rh.host_id).where(tables.host.c.name.in_(hosts))
    found: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.host_id].append((row.run_id, row.reached))
    for some in found.values():
        some.sort(key=lambda pair: places[pair[0]])
    return found


def _within(start: int, end: int | None, run: int, places: Mapping[int, int]) -> bool:
    return places[start] <= places[run] and (end is None or places[run] < places[end])


def stored_snapshot(history: History, audit: str) -> Snapshot:
    """Return an audit as it was recorded. `audit` is its identifier, the beginning of one, its number, or `latest`.

    Evidence reads as it did when it was first seen. Raises HistoryError where there is no such audit, or several.
    """
    with history.read() as connection:
        rows = connection.execute(_in_order()).all()
        row = _chosen(history, rows, audit)
        covered = _covering([each.id for each in rows], row.id)
        verdicts = _verdicts(history, connection, row.id, covered)
        hosts = {host.name: host for host in _hosts(history, connection, row.id, verdicts)}
    return Snapshot(
        audit=row.audit_id,
        started_at=from_micros(row.started_at),
        finished_at=from_micros(row.finished_at),
        complete=row.complete,
        tool_version=row.tool_version,
        catalogue_digest=row.catalogue_digest,
        inventory_digest=row.inventory_digest,
        hosts=hosts,
    )


def _chosen(
    history: History, rows: Sequence[sa.Row[tuple[object, ...]]], audit: str
) -> sa.Row[tuple[object, ...]]:  # fmt: skip
    if audit == "latest" and rows:
        return rows[-1]
    if audit == "previous" and len(rows) > 1:
        return rows[-2]
    found = [row for row in rows if audit in {row.audit_id, str(row.id)}]
    found = found or [row for row in rows if len(audit) >= 4 and row.audit_id.startswith(audit)]
    if len(found) != 1:
        what = "several audits whose identifiers begin with" if found else "no audit"
        raise HistoryError(f"{history.where}: there are {what} {audit!r}." if found else
                           f"{history.where}: there is {what} {audit!r}. `auditor history` lists them.")  # fmt: skip
    return found[0]


def _covering(order: Sequence[int], run: int) -> sa.ColumnElement[bool]:
    """Return the condition that an interval covers an audit."""
    place = order.index(run)
    until, after = order[: place + 1], order[place + 1 :]
    f = tables.finding.c
    ended = f.to_run.is_(None) if not after else sa.or_(f.to_run.is_(None), f.to_run.in_(after))
    return sa.and_(f.from_run.in_(until), ended)


def _verdicts(
    history: History, connection: sa.Connection, run: int, covered: sa.ColumnElement[bool]
) -> Mapping[int, Mapping[str, Verdict]]:
    """Return what was judged in an audit, by host: verdicts that only lasted from before are not among it."""
    f, e, c = tables.finding.c, tables.evidence.c, tables.control.c
    rh, j = tables.run_host.c, tables.judged.c
    judged = {
        row.host_id: frozenset(row.controls.split("\n"))
        for row in connection.execute(
            sa.select(rh.host_id, j.controls).join(tables.judged, j.id == rh.judged_id).where(rh.run_id == run)
        )
    }
    query = (
        sa.select(f.host_id, c.name, f.status, f.level, f.waiver, f.evidence_id)
        .join(tables.control, c.id == f.control_id)
        .where(covered)
    )
    # Many hosts share a piece of evidence, so each is unpacked once.
    shared = sa.select(f.evidence_id).where(covered).distinct()
    said = {
        row.id: words_of(row.body, row.raw_hash, history.where)
        for row in connection.execute(sa.select(e.id, e.body, e.raw_hash).where(e.id.in_(shared)))
    }
    found: dict[int, dict[str, Verdict]] = defaultdict(dict)
    for row in connection.execute(query):
        if row.name in judged.get(row.host_id, ()):
            words = said[row.evidence_id]
            found[row.host_id][row.name] = Verdict(
                status=Status(row.status), level=row.level, waiver=row.waiver, because=words.because,
                evidence=words.evidence,
            )  # fmt: skip
    return found


def _hosts(
    history: History, connection: sa.Connection, run: int, verdicts: Mapping[int, Mapping[str, Verdict]]
) -> Iterable[HostState]:
    rh, e = tables.run_host.c, tables.evidence.c
    query = (
        sa.select(tables.run_host, tables.host.c.name, e.body, e.raw_hash)
        .join(tables.host, tables.host.c.id == rh.host_id)
        .join(tables.evidence, e.id == rh.facts_id, isouter=True)
        .where(rh.run_id == run)
        .order_by(rh.host_id)
    )
    for row in connection.execute(query):
        yield HostState(
            name=row.name,
            outcome=row.outcome,
            reached=row.reached,
            target_level=row.target_level,
            proven=row.proven,
            possible=row.possible,
            accepted=row.accepted,
            facts=UNKNOWN_FACTS if row.body is None else facts_of(row.body, row.raw_hash, history.where),
            verdicts=verdicts.get(row.host_id, {}),
        )
