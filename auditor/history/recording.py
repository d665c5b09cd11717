"""Writing an audit into the history: verdicts become intervals, each audit once, in whichever order they come."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar

import sqlalchemy as sa

from auditor.history import tables
from auditor.history.blob import Blob, of_facts, of_verdict
from auditor.history.database import History
from auditor.history.instant import to_micros
from auditor.history.timeline import Interval, Key, State, Timeline
from auditor.model.snapshot import HostState, Snapshot

T = TypeVar("T")

AT_ONCE = 400
"""Hosts whose open intervals are held in memory at a time."""

_IN = 500
"""Values in one condition; SQLite's old limit is 999."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording did. `new` is False where the audit was there already: then nothing was changed.

    `began` and `ended` count intervals.
    """

    run: int
    new: bool
    began: int = 0
    ended: int = 0


@dataclass(slots=True)
class _Writing:
    """One audit on its way into the tables, with the rows that are known to be there.

    `keys` are the hashes of the evidence of the hosts at hand, by host and control, and of their facts (no control).
    """

    connection: sa.Connection
    run: int
    key: Key
    hosts: dict[str, int] = field(default_factory=dict)
    controls: dict[str, int] = field(default_factory=dict)
    evidence: dict[bytes, int] = field(default_factory=dict)
    judged: dict[bytes, int] = field(default_factory=dict)
    keys: dict[tuple[str, str], bytes] = field(default_factory=dict)
    began: int = 0
    ended: int = 0


def record(history: History, snapshot: Snapshot) -> Recorded:
    """Record an audit, as it was judged when it is recorded; one that is there already is left as it is.

    Two programs may do so at the same time: one waits for the other. Raises HistoryError.
    """
    with history.write() as connection:
        known = connection.execute(sa.select(tables.run.c.id).where(tables.run.c.audit_id == snapshot.audit)).scalar()
        if known is not None:
            return Recorded(run=known, new=False)
        newest = connection.execute(sa.select(sa.func.max(tables.run.c.started_at))).scalar()
        key = Key(to_micros(snapshot.started_at), snapshot.audit)
        writing = _Writing(connection, _insert_run(connection, snapshot, key), key)
        names = [*snapshot.hosts]
        writing.hosts = _ids(connection, tables.host, names)
        writing.controls = _ids(
            connection, tables.control, sorted({name for host in snapshot.hosts.values() for name in host.verdicts})
        )
        for some in _chunks(names, AT_ONCE):
            hosts = [snapshot.hosts[name] for name in some]
            _store_evidence(writing, hosts)
            _insert_hosts(writing, hosts)
            reached = [host for host in hosts if host.reached]
            later = set() if newest is None or newest < key.started_at else _with_later_runs(writing, reached)
            _extend(writing, [host for host in reached if host.name not in later])
            for host in reached:
                if host.name in later:
                    _insert_between(writing, host)
        return Recorded(run=writing.run, new=True, began=writing.began, ended=writing.ended)


def _insert_run(connection: sa.Connection, snapshot: Snapshot, key: Key) -> int:
    row = sa.insert(tables.run).values(
        audit_id=snapshot.audit,
        started_at=key.started_at,
        finished_at=to_micros(snapshot.finished_at),
        complete=snapshot.complete,
        tool_version=snapshot.tool_version,
        catalogue_digest=snapshot.catalogue_digest,
        inventory_digest=snapshot.inventory_digest,
    )
    return int(connection.execute(row.returning(tables.run.c.id)).scalar_one())


def _ids(connection: sa.Connection, table: sa.Table, names: Sequence[str]) -> dict[str, int]:
    """Return the row of each name, made where there is none."""
    for attempt in ("find", "make"):
        found = {
            row.name: row.id
            for some in _chunks(names, _IN)
            for row in connection.execute(sa.select(table.c.id, table.c.name).where(table.c.name.in_(some)))
        }
        missing = [{"name": name} for name in names if name not in found]
        if not missing or attempt == "make":
            break
        connection.execute(sa.insert(table), missing)
    return found


def _store_evidence(writing: _Writing, hosts: Iterable[HostState]) -> None:
    """Make sure that all evidence of these hosts, and every set of controls, has a row."""
    blobs: dict[bytes, Blob] = {}
    sets: dict[bytes, str] = {}
    writing.keys.clear()
    for host in hosts:
        if host.reached:
            facts = of_facts(host.facts)
            blobs[facts.key] = facts
            writing.keys[host.name, ""] = facts.key
            for name, verdict in host.verdicts.items():
                if not verdict.fault:
                    blob = of_verdict(verdict)
                    blobs.setdefault(blob.key, blob)
                    writing.keys[host.name, name] = blob.key
            sets[_set_key(host)] = _set_text(host)
    _store(
        writing.connection, tables.evidence, writing.evidence,
        {key: {"blob": blob} for key, blob in blobs.items()},
    )  # fmt: skip
    _store(writing.connection, tables.judged, writing.judged, {key: {"controls": text} for key, text in sets.items()})


def _store(
    connection: sa.Connection, table: sa.Table, known: dict[bytes, int], wanted: dict[bytes, dict[str, object]]
) -> None:
    """Add the rows that are missing, and remember where all of them are."""
    unknown = [key for key in wanted if key not in known]
    known.update(_by_hash(connection, table, unknown))
    missing = [key for key in unknown if key not in known]
    if missing:
        connection.execute(sa.insert(table), [{"hash": key, **_packed(wanted[key])} for key in missing])
        known.update(_by_hash(connection, table, missing))


def _packed(row: dict[str, object]) -> dict[str, object]:
    blob = row.get("blob")
    return blob.packed() if isinstance(blob, Blob) else row


def _by_hash(connection: sa.Connection, table: sa.Table, keys: Sequence[bytes]) -> dict[bytes, int]:
    return {
        bytes(row.hash): row.id
        for some in _chunks(keys, _IN)
        for row in connection.execute(sa.select(table.c.id, table.c.hash).where(table.c.hash.in_(some)))
    }


def _insert_hosts(writing: _Writing, hosts: Iterable[HostState]) -> None:
    rows = [
        {
            "run_id": writing.run,
            "host_id": writing.hosts[host.name],
            "outcome": host.outcome,
            "reached": host.reached,
            "target_level": host.target_level,
            "proven": host.proven,
            "possible": host.possible,
            "judged_id": writing.judged[_set_key(host)] if host.reached else None,
            "accepted": host.accepted,
            "facts_id": writing.evidence[writing.keys[host.name, ""]] if host.reached else None,
        }
        for host in hosts
    ]
    if rows:
        writing.connection.execute(sa.insert(tables.run_host), rows)


def _set_text(host: HostState) -> str:
    return "\n".join(sorted(name for name, verdict in host.verdicts.items() if not verdict.fault))


def _set_key(host: HostState) -> bytes:
    return blake2b(_set_text(host).encode(), digest_size=16).digest()


def _states(writing: _Writing, host: HostState) -> Iterator[tuple[int, State]]:
    """Yield the control and the state of every verdict; a verdict that a fault of ours prevented is none."""
    for name, verdict in host.verdicts.items():
        if not verdict.fault:
            evidence = writing.evidence[writing.keys[host.name, name]]
            yield writing.controls[name], State(verdict.status.value, verdict.level, evidence, verdict.waiver)


def _extend(writing: _Writing, hosts: Sequence[HostState]) -> None:
    """Lay the verdicts of the newest audit of these hosts against the intervals that are open."""
    if not hosts:
        return
    open_now = _open_intervals(writing, [writing.hosts[host.name] for host in hosts])
    made: list[dict[str, object]] = []
    ended: list[int] = []
    for host in hosts:
        number = writing.hosts[host.name]
        for control, state in _states(writing, host):
            before = open_now.get((number, control))
            if before is not None and before[1] == state:
                continue
            if before is not None:
                ended.append(before[0])
            made.append(_row(number, control, Interval(writing.run, None, state)))
    _apply(writing, made, [{"row": row, "to": writing.run} for row in ended])


def _open_intervals(writing: _Writing, hosts: Sequence[int]) -> dict[tuple[int, int], tuple[int, State]]:
    f = tables.finding.c
    query = sa.select(f.id, f.host_id, f.control_id, f.status, f.level, f.evidence_id, f.waiver)
    return {
        (row.host_id, row.control_id): (row.id, State(row.status, row.level, row.evidence_id, row.waiver))
        for some in _chunks(hosts, _IN)
        for row in writing.connection.execute(query.where(f.host_id.in_(some), f.to_run.is_(None)))
    }


def _apply(writing: _Writing, made: list[dict[str, object]], ended: list[dict[str, int]]) -> None:
    if ended:
        change = sa.update(tables.finding).where(tables.finding.c.id == sa.bindparam("row"))
        writing.connection.execute(change.values(to_run=sa.bindparam("to")), ended)
    if made:
        writing.connection.execute(sa.insert(tables.finding), made)
    writing.began += len(made)
    writing.ended += len(ended)


def _row(host: int, control: int, interval: Interval) -> dict[str, object]:
    return {
        "host_id": host,
        "control_id": control,
        "from_run": interval.start,
        "to_run": interval.end,
        "status": interval.state.status,
        "level": interval.state.level,
        "evidence_id": interval.state.evidence,
        "waiver": interval.state.waiver,
    }


def _with_later_runs(writing: _Writing, hosts: Iterable[HostState]) -> set[str]:
    """Return the hosts that a later audit has reached already."""
    numbers = {writing.hosts[host.name]: host.name for host in hosts}
    r, rh = tables.run.c, tables.run_host.c
    later = sa.or_(
        r.started_at > writing.key.started_at,
        sa.and_(r.started_at == writing.key.started_at, r.audit_id > writing.key.audit),
    )
    query = sa.select(rh.host_id).distinct().join(tables.run, r.id == rh.run_id).where(rh.reached, later)
    return {
        numbers[row.host_id]
        for some in _chunks([*numbers], _IN)
        for row in writing.connection.execute(query.where(rh.host_id.in_(some)))
    }


def _insert_between(writing: _Writing, host: HostState) -> None:
    """Fit one host's verdicts in between audits that are older and such as are newer: rewrite what they change."""
    number, connection = writing.hosts[host.name], writing.connection
    f, r, rh = tables.finding.c, tables.run.c, tables.run_host.c
    names = {row: name for name, row in writing.controls.items()}
    keys: dict[int, Key] = {}
    judged: dict[int, frozenset[str]] = {}
    query = (
        sa.select(r.id, r.started_at, r.audit_id, tables.judged.c.controls)
        .join(tables.run_host, rh.run_id == r.id)
        .join(tables.judged, tables.judged.c.id == rh.judged_id)
        .where(rh.host_id == number, rh.reached)
    )
    for row in connection.execute(query):
        keys[row.id] = Key(row.started_at, row.audit_id)
        judged[row.id] = frozenset(row.controls.split("\n"))
    rows: dict[int, list[tuple[int, Interval]]] = {}
    for row in connection.execute(sa.select(tables.finding).where(f.host_id == number)):
        state = State(row.status, row.level, row.evidence_id, row.waiver)
        rows.setdefault(row.control_id, []).append((row.id, Interval(row.from_run, row.to_run, state)))
    for control, state in _states(writing, host):
        before = rows.get(control, [])
        timeline = Timeline(keys, [interval for _, interval in before])
        when = [run for run, some in judged.items() if run != writing.run and names[control] in some]
        after = timeline.with_verdict(writing.run, state, when)
        gone = [row for row, interval in before if interval not in after]
        made = [interval for interval in after if interval not in timeline.intervals]
        if gone:
            connection.execute(sa.delete(tables.finding).where(f.id.in_(gone)))
        _apply(writing, [_row(number, control, interval) for interval in made], [])


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
