"""Parts of the paper report in worker processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.reports import sheet
from auditor.reports.detail import Detail
from auditor.reports.interface import ReportError
from auditor.reports.join import pages_of
from auditor.reports.paper import paper
from auditor.reports.sheet import Sheet
from auditor.reports.workers import laid_out
from tests.reports.sample_run import sample_run

ROOT = Path(__file__).parents[2]
PAGE = '<html lang="en"><title>x</title><body><h1>{}</h1>{}</body></html>'


def test_parts_come_back_in_their_order_and_few_wait() -> None:
    """The first part takes longest; no more parts are made than can be laid out soon."""
    made: list[str] = []

    def sheets() -> Iterator[Sheet]:
        for number in range(12):
            made.append(str(number))
            yield Sheet(f"s{number}", PAGE.format(number, "<p>words</p>" * (400 if number == 0 else 1)))

    results = laid_out(sheets(), 2)
    first, pdf = next(results)
    assert (first.name, pdf[:5]) == ("s0", b"%PDF-")
    assert len(made) <= 6
    assert [sheet.name for sheet, _ in results] == [f"s{number}" for number in range(1, 12)]


def test_a_fault_in_a_worker_reaches_the_caller() -> None:
    """With its sentence, as if it had been laid out here."""
    bad = Sheet("x", PAGE.format("x", '<img alt="x" src="http://192.0.2.1/x.png">'))
    with pytest.raises(ReportError, match="tried to fetch"):
        list(laid_out([bad, bad], 2))


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """Nothing is left behind, not even the fonts that they unpacked."""
    script = (
        "import itertools\n"
        "from auditor.reports.sheet import Sheet\nfrom auditor.reports.workers import laid_out\n"
        f"page = {PAGE.format('x', '<p>words</p>' * 50)!r}\n"
        "if __name__ == '__main__':\n"
        "    for _ in laid_out((Sheet(f's{n}', page) for n in itertools.count()), 2):\n"
        "        print('part', flush=True)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    workers = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text(encoding="ascii").split()
    unpacked = [*tmp_path.iterdir()]
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    assert len(workers) >= 2
    assert unpacked
    deadline = time.monotonic() + 20
    while alive := [pid for pid in workers if _runs(pid)]:
        assert time.monotonic() < deadline, f"workers {alive} outlived their parent"
        time.sleep(0.1)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("workers", [1, 2])
def test_fonts_are_put_away(tmp_path: Path, workers: int) -> None:
    """Neither files of ours nor words of the library are left where a process ends that made pages."""
    script = (
        "from auditor.reports.sheet import Sheet\nfrom auditor.reports.workers import laid_out\n"
        f"page = {PAGE.format('x', '<p>words</p>')!r}\n"
        "if __name__ == '__main__':\n"
        f"    print(len([*laid_out([Sheet('a', page), Sheet('b', page)], {workers})]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
    )
    assert (done.stdout, done.stderr, done.returncode) == (b"2\n", b"", 0)
    assert [*tmp_path.iterdir()] == []


def _runs(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


@pytest.mark.parametrize("name", ["s", "c", "t", "h0", "k", "b"])
def test_shortcuts_change_no_byte(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page read as XML, and tags dissolved before they are written, give what the long way gives."""
    made = paper(sample_run(), Detail.FULL)
    [part] = [each for each in made.sheets() if each.name == name]
    assert sheet.read_as_xml(part.html) is not None
    short = sheet.render_sheet(part)
    monkeypatch.setattr(sheet, "read_as_xml", lambda _: None)
    monkeypatch.setattr(sheet, "dissolve", lambda *_: None)
    assert sheet.render_sheet(part) == short


def test_a_page_that_is_no_xml_is_laid_out_all_the_same() -> None:
    """The short cut is one, and not a demand."""
    html = "<!DOCTYPE html><html lang=en><head><title>x</title></head><body><p>One<p>Two</body></html>"
    assert sheet.read_as_xml(html) is None
    assert pages_of(sheet.render_sheet(sheet.Sheet("x", html))) == 1
