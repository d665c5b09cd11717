"""History, diff and waivers as a person or a script meets them. Real processes, audits of simulated hosts."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.cli.test_commands import auditor, environment, one_host

CONTROL = "services.telnet-off"
WAIVER = """version: 1
waivers:
  - {{id: W1, control: {control}, scope: {{fleet: true}}, reason: Until the move., owner: Ann, approver: Bo,
     created: 2020-01-01, expires: "{expires}"}}
"""


@contextmanager
def telnet(port: int) -> Iterator[None]:
    """Serve a Telnet login prompt on this port, for as long as the context lasts."""
    ready, stop = Event(), Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"TANDBERG MPS\r\nlogin: ")
        try:
            await reader.read(64)
        finally:
            writer.close()

    async def serve() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", port):
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three audits of one host: `closed`, `opened` (Telnet answers), `silent` (nothing was looked at)."""
    folder = tmp_path_factory.mktemp("bundles")
    port = 28623
    inventory = one_host(folder, port, level=2)
    text = inventory.read_text()
    for name in ("closed", "opened"):
        ports = f"telnet: {port}, ssh: 28624, http: 28624, https: 28624, tcp-21: 28624, tcp-57: 28624"
        inventory.write_text(text[: text.index("ports: {")] + f"ports: {{{ports}}}}}\n")
        if name == "opened":
            with telnet(port):
                done = auditor("audit", inventory, "--output", name, "--format", "json", "-q", cwd=folder)
        else:
            done = auditor("audit", inventory, "--output", name, "--format", "json", "-q", cwd=folder)
        assert done.returncode in {1, 3}, done.stderr
    done = auditor("audit", inventory, "--offline", "--output", "silent", "--format", "json", "-q", cwd=folder)
    assert done.returncode == 3, done.stderr
    return folder


def test_a_port_that_was_opened_is_a_regression(bundles: Path) -> None:
    """Exit code 1; the regression stands before everything else, and the port is named."""
    done = auditor("diff", "closed", "opened", cwd=bundles)
    assert done.returncode == 1, done.stderr
    assert f"box: {CONTROL} was met, is not met." in done.stdout
    assert done.stdout.index("Regressions") < done.stdout.index("Other changes")
    assert "was closed, is open" in done.stdout
    assert "apart" in done.stdout


def test_the_way_back_is_an_improvement(bundles: Path) -> None:
    """Reached twice and shown to be met: exit code 0; said to run backwards."""
    done = auditor("diff", "opened", "closed", "--json", cwd=bundles)
    document = json.loads(done.stdout)
    assert any("backwards" in note for note in document["notes"])
    by_category = {c["category"] for c in document["changes"] if c["subject"] == CONTROL}
    assert by_category == {"improvement"}
    assert done.returncode == (
        1 if document["totals"]["regression"] else 3 if document["totals"]["newly_unknown"] else 0
    )


def test_a_host_that_is_silent_is_not_fixed(bundles: Path) -> None:
    """Exit code 3, one line, and not a word of improvement."""
    done = auditor("diff", "opened", "silent", "--json", "--changes-only", cwd=bundles)
    assert done.returncode == 3, done.stdout
    [change] = map(json.loads, done.stdout.splitlines())
    assert (change["category"], change["subject"]) == ("newly_unknown", "not reached")


@pytest.mark.parametrize("words", [("closed", "nowhere"), ("closed", "7", "--history", "none.db")])
def test_an_audit_that_is_not_there(bundles: Path, words: tuple[str, ...]) -> None:
    """Exit code 2 and one sentence; no file is made."""
    done = auditor("diff", *words, cwd=bundles)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (bundles / "none.db").exists()


def test_bundles_are_imported_once_and_compared_by_number(bundles: Path, tmp_path: Path) -> None:
    """In the wrong order, twice; the history is as if they had come in the right one."""
    history = str(tmp_path / "h.db")
    first = auditor("history", "import", "opened", "closed", "opened", "--history", history, cwd=bundles)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("recorded as number") == 2
    assert first.stdout.count("is there already") == 1
    listed = json.loads(auditor("history", "--json", "--history", history, cwd=bundles).stdout)
    assert [audit["number"] for audit in listed["audits"]] == [2, 1]
    spans = json.loads(
        auditor("history", "--json", "--host", "box", "--control", CONTROL, "--history", history, cwd=bundles).stdout
    )["intervals"]
    assert [(span["status"], span["until"] is None) for span in spans] == [("met", False), ("not_met", True)]
    done = auditor("diff", "2", "latest", "--history", history, cwd=bundles)
    assert done.returncode == 1
    assert f"box: {CONTROL} was met, is not met." in done.stdout
    auditor("history", "import", "silent", "--history", history, cwd=bundles)
    told = auditor("history", "--host", "box", "--control", CONTROL, "--history", history, cwd=bundles).stdout
    assert "not met since" in told
    assert "still so, last seen" in told
    assert "not reached since in 1 audit(s)" in told


def test_an_audit_records_itself(tmp_path: Path) -> None:
    """By the option, or by the variable; the list names it."""
    inventory = one_host(tmp_path, 28624)
    done = auditor("audit", inventory, "--offline", "-o", "a", "--format", "json", "--history", "h.db", cwd=tmp_path)
    assert "Recorded in h.db as audit number 1." in done.stderr
    assert "1 hosts: 0 meets, 0 misses" in auditor("history", "--history", "h.db", cwd=tmp_path).stdout


def test_a_broken_history_is_told_before_the_first_packet(tmp_path: Path) -> None:
    """Exit code 2, no bundle, the file as it was."""
    (tmp_path / "h.db").write_bytes(b"not a database" * 500)
    done = auditor("audit", one_host(tmp_path, 28624), "-o", "a", "--history", "h.db", cwd=tmp_path)
    assert done.returncode == 2
    assert "h.db: this is not a history, or it is damaged" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "h.db").read_bytes() == b"not a database" * 500


def test_a_history_that_fails_at_the_end_leaves_the_bundle(tmp_path: Path) -> None:
    """A table is gone: exit code 4, the bundle is whole, and what to do is said."""
    inventory = one_host(tmp_path, 28624)
    auditor("audit", inventory, "--offline", "-o", "a", "--format", "json", "--history", "h.db", cwd=tmp_path)
    with sqlite3.connect(tmp_path / "h.db") as raw:
        raw.execute("DROP TABLE host")
    raw.close()
    done = auditor("audit", inventory, "--offline", "-o", "b", "--format", "json", "--history", "h.db", cwd=tmp_path)
    assert done.returncode == 4
    assert "auditor history import" in done.stderr
    assert (tmp_path / "b" / "manifest.json").exists()


def test_no_password_stands_on_the_command_line(tmp_path: Path) -> None:
    """Refused there and not repeated; in the variable it is taken."""
    url = "postgresql://auditor:hunter2@127.0.0.1:9/fleet"
    done = auditor("history", "--history", url, cwd=tmp_path)
    assert done.returncode == 2
    assert "may not stand on the command line" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_the_variable_names_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AUDITOR_HISTORY, also with a password; without either, a sentence says what to give."""
    done = auditor("history", cwd=tmp_path)
    assert done.returncode == 2
    assert "Give --history FILE, or set AUDITOR_HISTORY." in done.stderr
    monkeypatch.setenv("AUDITOR_HISTORY", "postgresql://auditor:hunter2@127.0.0.1:9/fleet")
    assert environment()["AUDITOR_HISTORY"]
    done = auditor("history", cwd=tmp_path)
    assert done.returncode == 2
    assert "127.0.0.1" in done.stderr
    assert "hunter2" not in done.stderr


def held_back(bundle: Path) -> list[str]:
    """Return what holds the one host back."""
    found: list[str] = json.loads((bundle / "audit.json").read_text())["hosts"][0]["held_back_by"]
    return found


def audit_with_waivers(bundles: Path, folder: Path, *words: str, expires: str) -> tuple[int, dict[str, object], str]:
    """Audit the host whose Telnet answers, with a waiver for each control that holds it back."""
    inventory = folder / "fleet.yaml"
    shutil.copy(bundles / "fleet.yaml", inventory)
    for number, control in enumerate(held_back(bundles / "opened")):
        text = WAIVER.format(control=control, expires=expires).replace("W1", f"W{number}")
        (folder / f"w{number}.yaml").write_text(text)
    files = [word for path in sorted(folder.glob("w*.yaml")) for word in ("--waivers", str(path))]
    with telnet(28623):
        done = auditor("audit", inventory, "-o", "out", "--format", "html", *files, *words, cwd=folder)
    document = json.loads((folder / "out" / "audit.json").read_text())
    return done.returncode, document, done.stdout


def test_a_waived_miss_is_accepted_and_stays_a_miss(bundles: Path, tmp_path: Path) -> None:
    """Level, outcome and verdict stay; the word is added everywhere; exit code 1 without the option, 0 with it."""
    code, document, told = audit_with_waivers(bundles, tmp_path, expires="2999-01-01T00:00:00Z")
    assert code == 1
    host = document["hosts"][0]  # type: ignore[index] # plain JSON
    before = json.loads((bundles / "opened" / "audit.json").read_text())["hosts"][0]
    assert (host["outcome"], host["accepted"], host["level"]) == ("misses", True, before["level"])
    waived = {f["control"]: f["waiver"]["id"] for f in host["findings"] if f["waiver"] and f["status"] == "not_met"}
    assert set(waived) >= set(host["held_back_by"])
    assert "misses, accepted" in told
    assert "accepted by waiver" in (tmp_path / "out" / "report.html").read_text()
    replayed = auditor("replay", "out", "--accept-waived", "-q", cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stderr


def test_an_expired_waiver_is_reported_and_does_not_count(bundles: Path, tmp_path: Path) -> None:
    """The finding returns; terminal, JSON and HTML say that the waiver has expired."""
    code, document, told = audit_with_waivers(bundles, tmp_path, "--accept-waived", expires="2021-01-01T00:00:00Z")
    assert code == 1
    host = document["hosts"][0]  # type: ignore[index] # plain JSON
    assert host["accepted"] is False
    kinds = {p["kind"] for p in document["audit"]["waiver_problems"]}  # type: ignore[index] # plain JSON
    assert kinds == {"expired"}
    assert "expired on 2021-01-01" in told
    assert "expired on 2021-01-01" in (tmp_path / "out" / "report.html").read_text()


def test_a_bad_file_of_waivers_is_refused_before_the_first_packet(tmp_path: Path) -> None:
    """Exit code 2, line and field, no bundle."""
    (tmp_path / "w.yaml").write_text(WAIVER.format(control=CONTROL, expires="2026-06-01"))
    done = auditor("audit", one_host(tmp_path, 28624), "-o", "out", "--waivers", "w.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "w.yaml:4: waivers[0].expires: A date alone" in done.stderr
    assert not (tmp_path / "out").exists()


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of an NDJSON file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_report_of_changes_holds_news_alone(bundles: Path) -> None:
    """Since a named bundle: the opened port is a new finding, what is unchanged is counted and left out."""
    words = (
        "report",
        "opened",
        "--changes-only",
        "--since",
        "closed",
        "--output",
        "news",
        "--format",
        "ocsf,csv,ndjson",
    )
    done = auditor(*words, cwd=bundles)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (bundles / "news").iterdir()}
    assert names == {"findings.ocsf.ndjson", "run.ocsf.ndjson", "findings.csv", "findings.ndjson", "changes.json"}
    events = lines(bundles / "news" / "findings.ocsf.ndjson")
    by_control = {event["metadata"]["event_code"]: event for event in events}
    assert by_control[CONTROL]["activity_name"] == "Create"
    assert by_control[CONTROL]["unmapped"]["change"]["before"] == "met"
    assert by_control[CONTROL]["finding_info"]["uid"] in (bundles / "opened" / "audit.json").read_text()
    *some, last = lines(bundles / "news" / "findings.ndjson")
    assert [line["finding"]["control"] for line in some] == list(by_control)
    told = json.loads((bundles / "news" / "changes.json").read_text())
    assert last == {**last, "type": "summary", "changes": told}
    whole = json.loads((bundles / "opened" / "audit.json").read_text())["hosts"][0]["findings"]
    assert told["given"] + told["left_out_unchanged"] == len(whole) > told["given"] == len(events)
    [run] = lines(bundles / "news" / "run.ocsf.ndjson")
    assert run["unmapped"]["changes"] == told
    assert f"{told['left_out_unchanged']} unchanged ones are left out" in done.stderr


def test_a_host_that_fell_silent_is_not_in_the_news_as_fixed(bundles: Path) -> None:
    """No event at all, and the summary says how many breaches stand; the last audit of the history is the measure."""
    where = str(bundles / "changes.db")
    assert auditor("history", "import", "closed", "opened", "--history", where, cwd=bundles).returncode == 0
    words = ("report", "silent", "--changes-only", "--history", where, "--output", "none", "--format", "ecs,junit,cef")
    done = auditor(*words, cwd=bundles)
    assert done.returncode == 0, done.stderr
    told = json.loads((bundles / "none" / "changes.json").read_text())
    assert (told["given"], told["resolved"], told["hosts_not_reached"]) == (0, 0, ["box"])
    assert told["standing"] > 0
    [summary] = lines(bundles / "none" / "findings.ecs.ndjson")
    assert summary["auditor"]["changes"] == told
    assert "are not over" in (bundles / "none" / "findings.cef").read_text()


def test_changes_need_something_to_compare_with(bundles: Path) -> None:
    """And a format that can leave something out; each refusal names what is wanted."""
    for words, said in (
        ((), "--since BUNDLE, or --history FILE"),
        (("--since", "opened"), "the same audit"),
        (("--since", "silent"), "the later one"),
        (("--since", "nowhere"), "nowhere"),
        (("--since", "closed", "--format", "html"), "html tells the whole"),
        (("--history", str(bundles / "unheard-of.db")), "unheard-of.db"),
    ):
        done = auditor("report", "opened", "--changes-only", *words, "--output", "refused", cwd=bundles)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert auditor("report", "opened", "--since", "closed", "--output", "refused", cwd=bundles).returncode == 2
    assert not (bundles / "refused").exists()


def test_trends_only_where_a_history_is_named(bundles: Path) -> None:
    """The same history gives the same bytes; without one, the report is the bundle's."""
    where = str(bundles / "trends.db")
    assert auditor("history", "import", "closed", "--history", where, cwd=bundles).returncode == 0
    pages = []
    for name, more in (("plain", ()), ("one", ("--history", where)), ("two", ("--history", where))):
        done = auditor("report", "opened", "--format", "html", *more, "--output", f"t-{name}", cwd=bundles)
        assert done.returncode == 0, done.stderr
        pages.append((bundles / f"t-{name}" / "report.html").read_text())
        if name == "one":
            assert auditor("history", "import", "opened", "silent", "--history", where, cwd=bundles).returncode == 0
    assert 'id="trends"' not in pages[0]
    assert 'id="trends"' in pages[1]
    assert pages[1] == pages[2]


def test_an_audit_with_a_history_leaves_a_bundle_that_can_be_verified(bundles: Path) -> None:
    """The report with trends stands beside the one that evidence alone gives again."""
    where = str(bundles / "nightly.db")
    assert auditor("history", "import", "closed", "--history", where, cwd=bundles).returncode == 0
    words = ("audit", "fleet.yaml", "--offline", "--history", where, "--output", "night", "--format", "html", "-q")
    assert auditor(*words, cwd=bundles).returncode == 3
    assert 'id="trends"' in (bundles / "night" / "report-trends.html").read_text()
    assert 'id="trends"' not in (bundles / "night" / "report.html").read_text()
    done = auditor("verify", "night", cwd=bundles)
    assert done.returncode == 0, done.stdout
    assert "report.html" in done.stdout
