"""Intervals say what a plain list of all verdicts would say, whatever happened and in whichever order it came."""

import tempfile
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.history import History, intervals, open_history, record, runs, stored_snapshot
from auditor.history import tables as t
from auditor.model.snapshot import HostState, Snapshot, Verdict
from auditor.model.verdict import Status
from tests.history.snapshots import MET, NOT_MET, UNKNOWN, host, snapshot, verdict

HOSTS = ("rm1", "rm2")
CONTROLS = ("services.telnet-off", "services.ftp-off")


@cache
def empty() -> bytes:
    """Return the file of a history without audits, made once: migrating is what takes time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "h.db")
        open_history(str(path), create=True)
        return path.read_bytes()


def memory(folder: Path) -> History:
    """Open a new history."""
    path = folder / "history.db"
    path.write_bytes(empty())
    return open_history(str(path), create=False)


def verdicts() -> st.SearchStrategy[Verdict]:
    """Verdicts of few kinds, so that they repeat; the text holds a time, which must not matter."""
    return st.builds(
        lambda status, word, second, waiver, fault: verdict(
            UNKNOWN if fault else status, f"Saw {word} at 2026-03-01 02:00:{second:02}Z.", waiver=waiver, fault=fault
        ),
        st.sampled_from([MET, NOT_MET, UNKNOWN]),
        st.sampled_from("xy"),
        st.integers(0, 59),
        st.sampled_from([None, None, "W1"]),
        st.sampled_from([False, False, False, True]),
    )


@st.composite
def audits(draw: st.DrawFn) -> list[Snapshot]:
    """Up to six audits, each with some hosts, some of them not reached, in any order."""
    numbers = draw(st.lists(st.integers(0, 30), min_size=1, max_size=6, unique=True))
    found = []
    for number in numbers:
        names = draw(st.lists(st.sampled_from(HOSTS), unique=True))
        hosts = [
            host(
                name,
                draw(st.dictionaries(st.sampled_from(CONTROLS), verdicts())),
                reached=draw(st.sampled_from([True, True, False])),
            )
            for name in names
        ]
        found.append(snapshot(number, *hosts))
    return found


State = tuple[str, str | None, str]


def naive(some: Iterable[Snapshot]) -> dict[tuple[str, str], list[tuple[State, str, str | None]]]:
    """Return (state, from, to) of every host and control by the plainest way there is."""
    found: dict[tuple[str, str], list[tuple[str, State]]] = {}
    for each in sorted(some, key=lambda s: s.started_at):
        for name, state in each.hosts.items():
            for control, said in state.verdicts.items() if state.reached else ():
                if not said.fault:
                    word = said.because.split()[1]
                    found.setdefault((name, control), []).append((each.audit, (said.status.value, said.waiver, word)))
    expected: dict[tuple[str, str], list[tuple[State, str, str | None]]] = {}
    for key, seen in found.items():
        groups = [(state, next(iter(group))[0]) for state, group in groupby(seen, key=lambda pair: pair[1])]
        ends: list[str | None] = [audit for _, audit in groups[1:]]
        expected[key] = [(state, start, end) for (state, start), end in zip(groups, [*ends, None], strict=True)]
    return expected  # fmt: skip


def stored(history: History) -> dict[tuple[str, str], list[tuple[State, str, str | None]]]:
    """Return the same from the tables."""
    with history.read() as connection:
        audit = {row.id: row.audit_id for row in connection.execute(sa.select(t.run))}
        hosts = {row.id: row.name for row in connection.execute(sa.select(t.host))}
        controls = {row.id: row.name for row in connection.execute(sa.select(t.control))}
        rows = connection.execute(sa.select(t.finding)).all()
        words = {row.id: _word(row.body) for row in connection.execute(sa.select(t.evidence))}
    found: dict[tuple[str, str], list[tuple[State, str, str | None]]] = {}
    for row in sorted(rows, key=lambda row: audit[row.from_run]):
        state = (row.status, row.waiver, words[row.evidence_id])
        end = None if row.to_run is None else audit[row.to_run]
        found.setdefault((hosts[row.host_id], controls[row.control_id]), []).append((state, audit[row.from_run], end))
    return found


def _word(body: bytes) -> str:
    text = zlib.decompress(body).decode()
    return text.split("Saw ")[1][0] if "Saw " in text else ""


@settings(max_examples=120, deadline=None)
@given(audits())
def test_intervals_are_those_of_the_naive_model(some: list[Snapshot]) -> None:
    """Any audits, in any order: the intervals are those that a list of all verdicts gives."""
    with tempfile.TemporaryDirectory() as folder:
        history = memory(Path(folder))
        for each in some:
            assert record(history, each).new
        assert stored(history) == naive(some)


@settings(max_examples=60, deadline=None)
@given(audits())
def test_an_audit_reads_back_as_it_was(some: list[Snapshot]) -> None:
    """Outcome, reached and verdicts of each audit; a host that was not reached has no verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        history = memory(Path(folder))
        for each in some:
            record(history, each)
        for each in some:
            back = stored_snapshot(history, each.audit)
            assert (back.started_at, back.complete) == (each.started_at, each.complete)
            assert {n: _told(h) for n, h in back.hosts.items()} == {n: _told(h) for n, h in each.hosts.items()}


def _told(state: HostState) -> tuple[object, ...]:
    said = {c: (v.status, v.waiver) for c, v in state.verdicts.items() if not v.fault} if state.reached else {}
    return state.outcome, state.reached, state.proven, said, state.facts if state.reached else None


def seen(history: History, name: str = "rm1") -> list[tuple[Status, bool, int]]:
    """Return status, whether it still stands, and audits since that did not reach the host."""
    return [(i.status, i.until is None, i.not_reached) for i in intervals(history, hosts=[name])]


def test_a_host_that_is_not_reached_is_never_fixed(tmp_path: Path) -> None:
    """The breach stands through audits that did not reach it, and the reader is told since when nobody saw it."""
    history = memory(tmp_path)
    breach: Mapping[str, Verdict] = {"services.telnet-off": verdict(NOT_MET)}
    record(history, snapshot(1, host("rm1", breach)))
    record(history, snapshot(2, host("rm1", {"services.telnet-off": verdict(UNKNOWN)}, reached=False)))
    record(history, snapshot(3))
    record(history, snapshot(4, host("rm1", {"services.telnet-off": verdict(MET)}, reached=False)))
    assert seen(history) == [(NOT_MET, True, 2)]
    [interval] = intervals(history, hosts=["rm1"])
    assert interval.confirmed_at == snapshot(1).started_at
    assert [(run.hosts, run.not_reached) for run in runs(history)] == [(1, 0), (1, 1), (0, 0), (1, 1)]
    record(history, snapshot(5, host("rm1", {"services.telnet-off": verdict(MET)})))
    assert seen(history) == [(NOT_MET, False, 2), (MET, True, 0)]


def test_a_fault_of_ours_ends_no_interval(tmp_path: Path) -> None:
    """A verdict that is missing because of a bug says nothing about the host."""
    history = memory(tmp_path)
    record(history, snapshot(1, host("rm1", {"services.telnet-off": verdict(NOT_MET)})))
    record(history, snapshot(2, host("rm1", {"services.telnet-off": verdict(UNKNOWN, fault=True)})))
    assert seen(history) == [(NOT_MET, True, 0)]


def test_a_control_that_was_not_judged_keeps_its_verdict(tmp_path: Path) -> None:
    """The host was reached, but the catalogue had no such control that night."""
    history = memory(tmp_path)
    record(history, snapshot(1, host("rm1", {"services.telnet-off": verdict(NOT_MET)})))
    record(history, snapshot(2, host("rm1", {"services.ftp-off": verdict(MET)})))
    assert [(i.control, i.status, i.until) for i in intervals(history)] == [
        ("services.ftp-off", MET, None), ("services.telnet-off", NOT_MET, None),
    ]  # fmt: skip
    assert set(stored_snapshot(history, "audit-0002").hosts["rm1"].verdicts) == {"services.ftp-off"}


def test_the_same_audit_twice_counts_once(tmp_path: Path) -> None:
    """The second time changes nothing at all."""
    history = memory(tmp_path)
    audit = snapshot(1, host("rm1", {"services.telnet-off": verdict(NOT_MET)}))
    first = record(history, audit)
    before = stored(history)
    second = record(history, snapshot(1, host("rm1", {"services.telnet-off": verdict(MET)})))
    assert (first.new, second.new, second.run) == (True, False, first.run)
    assert stored(history) == before
    assert len(runs(history)) == 1


def test_evidence_is_kept_once(tmp_path: Path) -> None:
    """A hundred hosts that say the same at other times share one row, and keep it the next night."""
    history = memory(tmp_path)
    for night in (1, 2):
        hosts = [
            host(f"rm{n}", {"services.telnet-off": verdict(MET, f"Refused [2026-03-0{night} 02:00:{n % 60:02}Z]")})
            for n in range(100)
        ]
        record(history, snapshot(night, *hosts))
    with history.read() as connection:
        evidence = connection.execute(sa.select(sa.func.count()).select_from(t.evidence)).scalar_one()
        findings = connection.execute(sa.select(sa.func.count()).select_from(t.finding)).scalar_one()
    assert (evidence, findings) == (2, 100)


def test_changed_evidence_shows_but_is_one_interval_to_a_reader(tmp_path: Path) -> None:
    """Another banner under the same verdict is counted, and does not look like a new breach."""
    history = memory(tmp_path)
    record(history, snapshot(1, host("rm1", {"services.telnet-off": verdict(NOT_MET, "banner one")})))
    record(history, snapshot(2, host("rm1", {"services.telnet-off": verdict(NOT_MET, "banner two")})))
    [interval] = intervals(history)
    assert (interval.evidence_changes, interval.since) == (1, snapshot(1).started_at)
    assert interval.because == "banner two"


def test_audits_are_named_in_several_ways(tmp_path: Path) -> None:
    """Number, identifier, its beginning, and words for the last two."""
    history = memory(tmp_path)
    for number in (1, 2):
        record(history, snapshot(number, host("rm1", {"services.telnet-off": verdict(MET)})))
    for name in ("2", "audit-0002", "latest"):
        assert stored_snapshot(history, name).audit == "audit-0002"
    assert stored_snapshot(history, "previous").audit == "audit-0001"
