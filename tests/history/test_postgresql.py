"""The same history in PostgreSQL: a cluster of its own, on a socket in a temporary folder."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from auditor.history import HistoryError, Recorded, intervals, open_history, record, runs, stored_snapshot
from auditor.history.tables import metadata
from tests.history.snapshots import MET, NOT_MET, host, snapshot, verdict
from tests.postgresql import Cluster, cluster, needs_postgresql

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """Start a cluster."""
    with cluster() as started:
        yield started


@pytest.fixture
def database(server: Cluster) -> Iterator[str]:
    """Make a new database, return its URL, and drop it afterwards."""
    server.new_database("fleet")
    yield server.url("fleet")
    server.drop_database("fleet")


def test_it_holds_what_sqlite_holds(database: str, tmp_path: Path) -> None:
    """The same audits, out of order, give the same intervals, totals and snapshots in both."""
    audits = [
        snapshot(3, host("rm1", {"a.b": verdict(NOT_MET)}), host("rm2", {"a.b": verdict(MET)}, reached=False)),
        snapshot(1, host("rm1", {"a.b": verdict(NOT_MET)}), host("rm2", {"a.b": verdict(MET)})),
        snapshot(2, host("rm1", {"a.b": verdict(MET), "a.c": verdict(NOT_MET, "x\x00y", waiver="W")})),
    ]
    histories = [open_history(where, create=True) for where in (database, str(tmp_path / "h.db"))]
    for history in histories:
        for audit in audits:
            assert record(history, audit).new
            assert not record(history, audit).new
    ours, other = histories
    assert intervals(ours) == intervals(other)
    assert runs(ours) == runs(other)
    for audit in audits:
        assert stored_snapshot(ours, audit.audit) == stored_snapshot(other, audit.audit)


def test_migrations_make_the_tables_that_the_code_uses(database: str) -> None:
    """Nothing is missing, nothing is left over."""
    with open_history(database, create=True).read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_writers_wait_for_each_other(database: str) -> None:
    """Eight at once, on a database without tables; each audit is in it once."""

    def write(number: int) -> Recorded:
        hosts = [host(f"rm{n}", {"a.b": verdict(MET if number % 2 else NOT_MET)}) for n in range(20)]
        return record(open_history(database, create=True), snapshot(number % 4, *hosts))

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(write, range(8)))
    assert sum(each.new for each in written) == 4
    assert len(runs(open_history(database, create=False))) == 4


def test_an_empty_database_is_no_history(database: str) -> None:
    """Reading makes no tables."""
    with pytest.raises(HistoryError, match="holds no history"):
        open_history(database, create=False)


def test_a_writer_does_not_wait_for_ever(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds the lock, perhaps out of malice: a sentence, and the audit is not in the history."""
    history = open_history(database, create=True)
    monkeypatch.setattr("auditor.history.database.BUSY_SECONDS", 1)
    with history.write(), pytest.raises(HistoryError, match="another program has been writing for more than 1 seconds"):
        record(open_history(database, create=True), snapshot(1, host("rm1", {"a.b": verdict(MET)})))
    assert runs(open_history(database, create=False)) == ()
