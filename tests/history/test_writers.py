"""Several programs write into one history at the same time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from auditor.history import intervals, open_history, record, runs
from tests.history.snapshots import MET, NOT_MET, host, snapshot, verdict

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from auditor.history import open_history, record
from tests.history.snapshots import MET, NOT_MET, host, snapshot, verdict
for number in map(int, sys.argv[2:]):
    hosts = [host(f"rm{n}", {"a.b": verdict(MET if number % 2 else NOT_MET)}) for n in range(30)]
    record(open_history(sys.argv[1], create=True), snapshot(number, *hosts))
"""


def test_processes_that_begin_together_all_get_in(tmp_path: Path) -> None:
    """Four of them find no file at all, and bring 16 audits in a mixed order; two bring the same ones."""
    path = tmp_path / "h.db"
    orders = (range(8), range(15, 7, -1), range(0, 16, 3), range(15, -1, -2))
    command = [sys.executable, "-W", "error", "-c", WRITER, str(path)]
    running = [
        subprocess.Popen([*command, *map(str, order)], cwd=ROOT, stderr=subprocess.PIPE, text=True) for order in orders
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, errors
    history = open_history(str(path), create=False)
    assert [run.audit for run in runs(history)] == [f"audit-{n:04}" for n in range(16)]
    spans = [(i.status, i.since) for i in intervals(history, hosts=["rm7"])]
    assert spans == [(MET if n % 2 else NOT_MET, snapshot(n).started_at) for n in range(16)]


def test_readers_go_on_while_one_writes(tmp_path: Path) -> None:
    """A reader within a writer's transaction sees the state before it, and does not wait."""
    path = str(tmp_path / "h.db")
    history = open_history(path, create=True)
    record(history, snapshot(1, host("rm1", {"a.b": verdict(MET)})))
    with history.write(), ThreadPoolExecutor(1) as pool:
        assert len(pool.submit(lambda: runs(open_history(path, create=False))).result(timeout=10)) == 1


def test_a_writer_that_is_killed_leaves_nothing_half(tmp_path: Path) -> None:
    """An audit is in the history as a whole, or not at all."""
    path = str(tmp_path / "h.db")
    open_history(path, create=True)
    program = (
        "import os, sys\nimport auditor.history.recording as r\nfrom auditor.history import open_history\n"
        "from tests.history.snapshots import MET, host, snapshot, verdict\n"
        "r._extend = lambda writing, hosts: os.kill(os.getpid(), 9)\n"
        "r.record(open_history(sys.argv[1], create=True), snapshot(1, host('rm1', {'a.b': verdict(MET)})))\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, path], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert runs(open_history(path, create=False)) == ()
