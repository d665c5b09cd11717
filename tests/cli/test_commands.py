"""The commands as a person or a script meets them: output, exit codes, and what is not sent. Real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = "settings: {question_seconds: 2, snmp: false, dns_servers: ['127.0.0.1:9']}\n"


def auditor(*words: str | Path, cwd: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the command from an empty folder, as a pipe would."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", *map(str, words)],
        cwd=cwd, env=environment(), capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


def environment() -> dict[str, str]:
    """Return the environment of a test's process: ours, with the tree on the path."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@pytest.fixture
def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def inventory(folder: Path, text: str) -> Path:
    """Write an inventory."""
    path = folder / "fleet.yaml"
    path.write_text(text)
    return path


def one_host(folder: Path, port: int, *, product: str = "mps", level: int = 1) -> Path:
    """Write an inventory of one host all of whose ports are the given one."""
    ports = ", ".join(f"{s}: {port}" for s in ("ssh", "telnet", "http", "https", "tcp-21", "tcp-57"))
    return inventory(
        folder,
        f"version: 1\n{QUICK}systems:\n"
        f"  - {{name: box, product: {product}, address: 127.0.0.1, target_level: {level}, ports: {{{ports}}}}}\n",
    )


def test_five_mistakes_are_told_at_once_and_nothing_is_sent(tmp_path: Path) -> None:
    """Line and field of each; exit code 2; no bundle."""
    bad = inventory(
        tmp_path,
        "version: 1\nsettings:\n  target_level: 9\nsystems:\n"
        "  - {name: a, product: mpx, address: 127.0.0.1}\n"
        "  - {name: a, product: mxp, address: 300.1.1.1}\n"
        "  - {name: b, product: vcs, address: 127.0.0.1, colour: red}\n",
    )
    done = auditor("audit", bad, "--output", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    told = done.stderr.splitlines()
    for where in ("fleet.yaml:3", "fleet.yaml:5", "fleet.yaml:6", "fleet.yaml:7"):
        assert any(where in line for line in told), where
    for field in (
        "settings.target_level",
        "systems[0].product",
        "systems[1].name",
        "systems[1].address",
        "systems[2].colour",
    ):
        assert any(field in line for line in told), (field, done.stderr)
    assert "nothing was sent" in told[-1]
    assert not (tmp_path / "out").exists()


def test_dry_run_sends_nothing(tmp_path: Path) -> None:
    """A listening port sees no connection; the plan names it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = auditor("audit", one_host(tmp_path, port), "--dry-run", cwd=tmp_path)
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
    assert done.returncode == 0
    assert f"telnet {port}" in done.stdout
    assert "Nothing was sent" in done.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "fleet.yaml"]


POLITE = """\
version: 1
settings:
  question_seconds: 2
  politeness: {requests_per_second: 50, pause_seconds: 1, error_budget: 4}
  maintenance_windows:
    - {scope: {host: box}, opens: 2099-01-01T00:00:00Z, closes: 2099-01-02T00:00:00Z}
systems:
  - {name: box, product: mxp, address: 127.0.0.1, pause_seconds: 2}
"""


def test_dry_run_says_how_gently_hosts_are_asked(tmp_path: Path) -> None:
    """Rates, each host's rest, and when its window opens; as JSON too."""
    fleet = inventory(tmp_path, POLITE)
    told = auditor("audit", fleet, "--dry-run", "--max-hosts-at-once", "7", cwd=tmp_path).stdout
    for words in (
        "At most 7 hosts at once",
        "50 requests per second",
        "after 4 requests in a row",
        "2 s",
        "The host box",
    ):
        assert words in told
    plan = json.loads(auditor("audit", fleet, "--dry-run", "--json", cwd=tmp_path).stdout)
    assert plan["hosts_at_once"] == 20
    assert plan["politeness"]["error_budget"] == 4
    (host,) = plan["hosts"]
    assert (host["pause_seconds"], host["window"]) == (2.0, "opens 2099-01-01T00:00:00Z")


def test_a_host_outside_its_window_is_not_looked_at_and_never_passed(tmp_path: Path) -> None:
    """No request, exit code 3, everything undetermined, and a bundle that verifies."""
    fleet = inventory(tmp_path, POLITE)
    done = auditor("audit", fleet, "--output", "out", "--format", "html", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    audit = json.loads((tmp_path / "out" / "audit.json").read_text())
    (host,) = audit["hosts"]
    assert audit["audit"]["not_looked_at"] == ["box"]
    assert audit["audit"]["requests"]["made"] == 0
    assert (host["outcome"], host["reachable"], host["level"]) == (
        "unreachable", False, {"proven": None, "possible": None},
    )  # fmt: skip
    assert {finding["status"] for finding in host["findings"]} == {"undetermined"}
    assert "outside its maintenance window (it opens at 2099-01-01 00:00 UTC)" in done.stdout
    page = (tmp_path / "out" / "report.html").read_text()
    assert "outside its maintenance window" in page
    assert "The host box: 2099-01-01 00:00 to 2099-01-02 00:00 UTC, once." in page
    assert auditor("verify", "out", cwd=tmp_path).returncode == 0


def test_a_host_that_refuses_everything_has_no_level_and_ends_in_3(tmp_path: Path, closed_port: int) -> None:
    """With --json there is only JSON on standard output."""
    done = auditor(
        "audit", one_host(tmp_path, closed_port), "--json", "--output", "out", "--format", "json", cwd=tmp_path
    )
    audit = json.loads(done.stdout)
    assert done.returncode == 3
    (host,) = audit["hosts"]
    assert host["level"] == {"proven": None, "possible": None}
    assert (host["reachable"], host["outcome"]) == (True, "unreachable")
    assert audit["fleet"]["unreachable"] == 1
    assert (tmp_path / "out" / "audit.json").read_text() == done.stdout
    assert not (tmp_path / "out" / "report.pdf").exists()


def test_open_ports_miss_level_3_and_end_in_1(tmp_path: Path) -> None:
    """A silent listener on every port: Level 1, and never better."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        path = one_host(tmp_path, server.getsockname()[1], level=3)
        done = auditor("audit", path, "--json", "--output", "out", "--format", "json", cwd=tmp_path)
    (host,) = json.loads(done.stdout)["hosts"]
    assert done.returncode == 1, done.stderr
    assert host["level"]["proven"] == 1
    assert host["outcome"] == "misses"


def test_a_bundle_is_never_written_over(tmp_path: Path, closed_port: int) -> None:
    """The second audit into the same folder is a usage error, and the first stays as it was."""
    path = one_host(tmp_path, closed_port)
    auditor("audit", path, "--output", "out", "--format", "json", "-q", cwd=tmp_path)
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    done = auditor("audit", path, "--output", "out", "--format", "json", cwd=tmp_path)
    assert done.returncode == 2
    assert "already holds an audit" in done.stderr
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_replay_agrees_and_notices_an_edited_verdict(tmp_path: Path, closed_port: int) -> None:
    """Same findings from the evidence; an edited audit.json is told."""
    auditor("audit", one_host(tmp_path, closed_port), "--output", "out", "--format", "json", "-q", cwd=tmp_path)
    same = auditor("replay", "out", cwd=tmp_path)
    assert same.returncode == 3
    assert "The same" in same.stderr
    audit = tmp_path / "out" / "audit.json"
    audit.write_text(audit.read_text().replace('"not_met"', '"met"', 1))
    edited = auditor("replay", "out", cwd=tmp_path)
    assert "was met, is not_met" in edited.stderr


def test_replay_of_something_else_is_a_usage_error(tmp_path: Path) -> None:
    """One sentence, no traceback."""
    done = auditor("replay", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert "evidence.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_audits_leave_a_partial_bundle_and_130(tmp_path: Path) -> None:
    """SIGINT in the middle: what was learnt is there, judged, and marked."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        path = one_host(tmp_path, server.getsockname()[1])
        path.write_text(path.read_text().replace("question_seconds: 2", "question_seconds: 20"))
        running = subprocess.Popen(
            [sys.executable, "-m", "auditor", "audit", path, "--output", "out", "--format", "json"],
            cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while not (tmp_path / "out" / "evidence.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=30)
    assert running.returncode == 130, told
    audit = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert audit["audit"]["complete"] is False
    assert "Traceback" not in told


def test_only_names_a_host_a_tag_or_a_site(tmp_path: Path, closed_port: int) -> None:
    """And says so when it matches nothing."""
    path = inventory(
        tmp_path,
        f"version: 1\n{QUICK}systems:\n"
        f"  - {{name: a, product: mps, address: 127.0.0.1, tags: [red], ports: {{https: {closed_port}}}}}\n"
        f"  - {{name: b, product: mps, address: 127.0.0.1, site: oslo, ports: {{https: {closed_port}}}}}\n",
    )
    for only, name in (("red", "a"), ("oslo", "b"), ("b", "b")):
        done = auditor("audit", path, "--dry-run", "--json", "--only", only, cwd=tmp_path)
        assert [host["host"] for host in json.loads(done.stdout)["hosts"]] == [name]
    done = auditor("audit", path, "--dry-run", "--only", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_controls_list_and_show(tmp_path: Path) -> None:
    """The catalogue, a page of it, and a hint for a wrong name."""
    listed = json.loads(auditor("controls", "list", "--json", cwd=tmp_path).stdout)
    assert {"services.telnet-off", "certificates.trusted", "tms.secure-only"} <= {c["id"] for c in listed}
    page = auditor("controls", "show", "services.telnet-off", cwd=tmp_path)
    assert page.returncode == 0
    for heading in ("Why", "How it is checked", "What that cannot see", "D50520 Rev 2"):
        assert heading in page.stdout
    wrong = auditor("controls", "show", "telnet-off", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "services.telnet-off" in wrong.stderr


def test_unknown_formats_and_options_are_usage_errors(tmp_path: Path, closed_port: int) -> None:
    """Exit code 2, with the list of formats."""
    done = auditor("audit", one_host(tmp_path, closed_port), "--format", "docx", cwd=tmp_path)
    assert done.returncode == 2
    assert "html" in done.stderr
    assert auditor("audit", cwd=tmp_path).returncode == 2
    assert auditor("audit", "nowhere.yaml", cwd=tmp_path).returncode == 2


def test_hostile_names_reach_the_terminal_as_text(tmp_path: Path) -> None:
    """An ANSI sequence in a banner is shown, not obeyed."""
    banner = b"Welcome to \x1b[2Jevil\r\nTANDBERG Codec Release F7.2 NTSC\r\n\r\nPassword: "

    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(banner)
                    time.sleep(0.5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        path = one_host(tmp_path, server.getsockname()[1], product="mps")
        done = auditor("audit", path, "--output", "out", "--format", "html", cwd=tmp_path)
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    assert "\x1b[2J" not in done.stdout + done.stderr
    assert "\x1b[2J" not in (tmp_path / "out" / "report.html").read_text()
    assert "\\x1b[2J" in (tmp_path / "out" / "report.html").read_text()


def test_a_folder_that_cannot_be_written_is_told_before_the_first_packet(tmp_path: Path, closed_port: int) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "out").write_text("")
    done = auditor("audit", one_host(tmp_path, closed_port), "--output", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "out" in done.stderr
    assert "Traceback" not in done.stderr


def test_inventory_check(tmp_path: Path, closed_port: int) -> None:
    """Says what it found."""
    done = auditor("inventory", "check", one_host(tmp_path, closed_port), cwd=tmp_path)
    assert (done.returncode, "1 hosts" in done.stdout) == (0, True)
