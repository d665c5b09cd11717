"""Opening: migrations from nothing and from before, and files that are no history."""

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from auditor.history import HistoryError, intervals, open_history, record, runs, stored_snapshot
from auditor.history.tables import metadata
from tests.history.snapshots import MET, NOT_MET, host, snapshot, verdict


def at_revision(path: Path, revision: str) -> None:
    """Make a history as an older version left it."""
    config = Config()
    config.set_main_option("script_location", "auditor.history:migrations")
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    """From an empty file: nothing is missing, nothing is left over."""
    history = open_history(str(tmp_path / "h.db"), create=True)
    with history.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_history_of_the_first_revision_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its audits stay, and new ones join them; what was not recorded then is not invented."""
    path = tmp_path / "old.db"
    at_revision(path, "0001")
    with sqlite3.connect(path) as old:
        old.execute("INSERT INTO run VALUES (1, 'audit-0001', 1772416800000000, 1772420400000000, 1, '0.1', 'c', 'i')")
        old.execute("INSERT INTO host VALUES (1, 'rm1')")
        old.execute("INSERT INTO run_host VALUES (1, 1, 'misses', 1, 3, 1, 1, NULL)")
    old.close()
    history = open_history(str(path), create=False)
    record(history, snapshot(2, host("rm1", {"services.telnet-off": verdict(NOT_MET)})))
    assert [(run.audit, run.hosts, run.accepted) for run in runs(history)] == [
        ("audit-0001", 1, 0), ("audit-0002", 1, 0),
    ]  # fmt: skip
    assert stored_snapshot(history, "audit-0001").hosts["rm1"].facts.software is None
    with history.read() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0002"
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_head_revision_is_opened_again_without_writing(tmp_path: Path) -> None:
    """A second opening changes no byte."""
    path = tmp_path / "h.db"
    record(open_history(str(path), create=True), snapshot(1, host("rm1", {"a.b": verdict(MET)})))
    before = path.read_bytes()
    runs(open_history(str(path), create=False))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"this is not a database at all, but it is longer than a header" * 40, b"SQLite format 3\0" + b"\xff" * 4000],
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """With its name and what to do, and it is not touched."""
    path = tmp_path / "notes.db"
    path.write_bytes(content)
    for create in (True, False):
        with pytest.raises(HistoryError, match=r"notes\.db: this is not a history, or it is damaged"):
            open_history(str(path), create=create)
    assert path.read_bytes() == content


def test_damage_within_is_told_as_such(tmp_path: Path) -> None:
    """Pages overwritten with noise end in the error of the history, never in a wrong answer or a traceback."""
    path = tmp_path / "h.db"
    history = open_history(str(path), create=True)
    hosts = [host(f"rm{n}", {f"a.c{c}": verdict(NOT_MET, f"{n} {c}") for c in range(20)}) for n in range(50)]
    record(history, snapshot(1, *hosts))
    good = bytearray(path.read_bytes())
    for page in range(3, len(good) // 4096):
        good[page * 4096 : page * 4096 + 100] = os.urandom(100)
    path.write_bytes(bytes(good))
    with pytest.raises(HistoryError, match="damaged"):
        intervals(open_history(str(path), create=False))


def test_evidence_that_was_edited_is_found(tmp_path: Path) -> None:
    """Each piece of evidence is held against the hash under which it was written."""
    path = tmp_path / "h.db"
    record(open_history(str(path), create=True), snapshot(1, host("rm1", {"a.b": verdict(NOT_MET)})))
    with sqlite3.connect(path) as raw:
        other = raw.execute("SELECT body FROM evidence ORDER BY id DESC").fetchone()[0]
        raw.execute("UPDATE evidence SET body = ? WHERE id = 1", (other,))
        raw.execute("UPDATE evidence SET body = ? WHERE id = 2", (b"\x78\x9c not zlib",))
    raw.close()
    history = open_history(str(path), create=False)
    with pytest.raises(HistoryError, match=r"damaged|not what was written"):
        stored_snapshot(history, "1")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A database with other tables gets none of ours."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    other.close()
    with pytest.raises(HistoryError, match="something else than a history"):
        open_history(str(path), create=True)


def test_a_newer_history_is_refused(tmp_path: Path) -> None:
    """What a newer version wrote is neither read nor changed."""
    path = tmp_path / "h.db"
    open_history(str(path), create=True)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(HistoryError, match=r"newer version.*9999"):
        open_history(str(path), create=True)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("none.db", "there is no such history"),
        ("none/h.db", "there is no such history"),
        (".", "not a file"),
        ("mysql://u@h/d", "begins with sqlite:/// or postgresql://"),
        ("sqlite://", "begins with sqlite:/// or postgresql://"),
        ("postgresql://", "."),
    ],
)
def test_a_place_that_holds_no_history_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, words: str
) -> None:
    """One sentence, and no file is made by looking."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "9")
    with pytest.raises(HistoryError, match=words):
        open_history(where, create=False)
    assert list(tmp_path.iterdir()) == []


def test_no_folder_is_made(tmp_path: Path) -> None:
    """A misspelt folder is an error, not a new folder."""
    with pytest.raises(HistoryError, match="there is no folder"):
        open_history(str(tmp_path / "none" / "h.db"), create=True)


def test_a_password_in_a_url_is_not_repeated() -> None:
    """Nobody listens there; the error says where, without the password."""
    with pytest.raises(HistoryError) as caught:
        open_history("postgresql://auditor:hunter2@127.0.0.1:9/fleet", create=True)
    assert "127.0.0.1" in str(caught.value)
    assert "hunter2" not in str(caught.value)
