"""What a collector keeps on its disk."""

import os
from pathlib import Path
from uuid import uuid4

import pytest

from auditor.sites.spool import Spool
from auditor.wire.failures import LoginWithheldError


def test_a_parcel_waits_over_the_death_of_the_process(tmp_path: Path) -> None:
    """Until it is sent; then its host stays known, and its bytes are gone."""
    run = uuid4()
    Spool(tmp_path).put(run, "rm 1/æ", b"payload" * 1000)
    spool = Spool(tmp_path)
    (waiting,) = spool.waiting()
    assert (waiting.run, waiting.host, spool.payload(waiting)) == (run, "rm 1/æ", b"payload" * 1000)
    assert spool.has(run, "rm 1/æ")
    assert not spool.has(run, "rm2")
    assert not spool.has(uuid4(), "rm 1/æ")
    spool.sent(waiting)
    assert list(Spool(tmp_path).waiting()) == []
    assert Spool(tmp_path).has(run, "rm 1/æ")
    assert not any(b"payload" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_parcel_that_lost_its_content_is_as_if_it_was_never_there(tmp_path: Path) -> None:
    """As a file may be found after a loss of power: its host is asked again, and the others are delivered."""
    run, spool = uuid4(), Spool(tmp_path)
    for host, left in (("rm1", 0), ("rm2", 1), ("rm3", 4), ("rm4", 5), ("rm5", None)):
        path = spool.put(run, host, b"payload").path
        path.write_bytes(path.read_bytes()[:left])
    assert [waiting.host for waiting in spool.waiting()] == ["rm5"]
    assert [spool.has(run, f"rm{n}") for n in range(1, 6)] == [False] * 4 + [True]


def test_an_attempt_is_on_the_disk_before_the_password_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is waited for, the words are in the file."""
    synced: list[bytes] = []
    run = uuid4()
    guard = Spool(tmp_path).guard(run)
    monkeypatch.setattr(os, "fsync", lambda _: synced.append((tmp_path / str(run) / "logins.jsonl").read_bytes()))
    guard.try_once("codec", "rm1")
    assert synced == [b'["tried", "codec", "rm1"]\n']


def test_the_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    """Evidence is nobody else's business."""
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o755)
    Spool(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_old_runs_are_forgotten_unless_something_waits(tmp_path: Path) -> None:
    """A parcel is never thrown away before it is delivered."""
    spool, old, stuck, fresh = Spool(tmp_path), uuid4(), uuid4(), uuid4()
    for run in (old, stuck, fresh):
        waiting = spool.put(run, "rm1", b"x")
        if run != stuck:
            spool.sent(waiting)
    for run in (old, stuck):
        os.utime(tmp_path / str(run), (1000, 1000))
    spool.tidy(2000)
    assert {path.name for path in tmp_path.iterdir()} == {str(stuck), str(fresh)}


def test_a_password_that_was_tried_is_not_tried_again_after_a_crash(tmp_path: Path) -> None:
    """Not where it is unknown what became of it, not where it was refused; where it was accepted, it may be used."""
    run = uuid4()
    (tmp_path / str(run)).mkdir()
    before = Spool(tmp_path).guard(run)
    for host in ("unknown", "refused", "accepted"):
        before.try_once("codec", host)
    before.refused("codec", "refused")
    before.accepted("codec", "accepted")
    with (tmp_path / str(run) / "logins.jsonl").open("a") as file:
        file.write('["tried", "codec"')
    after = Spool(tmp_path).guard(run)
    for host in ("unknown", "refused"):
        assert after.spent("codec", host)
        with pytest.raises(LoginWithheldError):
            after.try_once("codec", host)
    after.try_once("codec", "accepted")
    after.try_once("codec", "new")
    assert Spool(tmp_path).guard(run).spent("codec", "new"), "noted behind the line that was cut off, and lost with it"
    assert not Spool(tmp_path).guard(uuid4()).spent("codec", "refused")
