"""Auditing without a packet, and sources that are missing. Real processes; one of them cannot make a socket."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.test_commands import auditor, environment, inventory

TEXT = """*c xConfiguration HTTP Mode: On
*c xConfiguration Telnet Mode: Off
*c xConfiguration FTP Mode: Off
*c xConfiguration SNMP Mode: Off
*c xConfiguration HTTPS Mode: On

OK
"""
FLEET = """version: 1
settings: {ntp_servers: ["ntp.example.test"], dns_servers: ["127.0.0.1:9"]}
credentials:
  codec: {username: admin, password_env: NO_SUCH_VARIABLE_A}
  other: {username: admin, password_command: [/nowhere/pass, show]}
systems:
  - {name: rm1, product: mxp, address: 127.0.0.1, saved_config: rm1.txt, credentials: codec}
  - {name: rm2, product: mxp, hostname: rm2.example.test, credentials: other}
  - {name: rm3, product: mxp, address: 127.0.0.1}
"""

FORBIDDING = """
import socket, sys
class Socket(socket.socket):
    def __init__(self, family=socket.AF_INET, *rest, **more):
        if family in (socket.AF_INET, socket.AF_INET6):
            print("SOCKET", file=sys.stderr, flush=True)
            raise PermissionError("no sockets here")
        super().__init__(family, *rest, **more)
def refuse(*args, **more):
    print("SOCKET", file=sys.stderr, flush=True)
    raise PermissionError("no sockets here")
socket.socket = Socket
socket.create_connection = socket.getaddrinfo = refuse
from auditor.__main__ import main
sys.argv = ["auditor", *sys.argv[1:]]
main()
"""
"""Starts the program in a process in which no network socket can be made and no name looked up."""


def fleet(folder: Path) -> Path:
    (folder / "rm1.txt").write_text(TEXT)
    return inventory(folder, FLEET)


def test_an_offline_audit_sends_nothing_and_judges_what_it_has(tmp_path: Path) -> None:
    """No socket is made, no password wanted; a setting that is wrong is found, and nothing else is claimed."""
    path = fleet(tmp_path)
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "rm3.txt").write_text(TEXT)
    words = ["audit", str(path), "--offline", "--saved-configs", "saved", "--output", "bundle", "--format", "json"]
    ran = subprocess.run(
        [sys.executable, "-c", FORBIDDING, *words], cwd=tmp_path, env=environment(), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert "SOCKET" not in ran.stderr
    assert ran.returncode == 1, ran.stderr
    assert (tmp_path / "bundle" / "transcript.jsonl").read_bytes() == b""
    audit = json.loads((tmp_path / "bundle" / "audit.json").read_text())
    hosts = {host["name"]: host for host in audit["hosts"]}
    for name in ("rm1", "rm3"):
        status = {f["control"]: f["status"] for f in hosts[name]["findings"]}
        assert status["services.http-off"] == "not_met"
        assert status["services.telnet-off"] != "not_met"
        assert status["certificates.trusted"] == "undetermined"
        assert status["services.https-on"] in {"undetermined", "met"}
    assert {f["status"] for f in hosts["rm2"]["findings"]} <= {"undetermined", "not_applicable"}
    assert audit["audit"]["complete"]


def test_the_forbidding_process_does_forbid(tmp_path: Path) -> None:
    """An audit that is not offline tries to make a socket there: the test above can fail."""
    path = inventory(tmp_path, "version: 1\nsystems:\n  - {name: a, product: mxp, address: 127.0.0.1}\n")
    words = ["audit", str(path), "--output", "bundle", "--format", "json"]
    ran = subprocess.run(
        [sys.executable, "-c", FORBIDDING, *words], cwd=tmp_path, env=environment(), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert "SOCKET" in ran.stderr


def test_missing_passwords_and_files_are_told_at_once(tmp_path: Path) -> None:
    """Before the first packet, all of them, with exit code 2 and without a bundle."""
    path = fleet(tmp_path)
    ran = auditor("audit", path, "--saved-configs", "nowhere", "--output", "bundle", cwd=tmp_path)
    assert ran.returncode == 2
    for told in ("NO_SUCH_VARIABLE_A", "/nowhere/pass", "nowhere is not a folder", "3 problems; nothing was sent."):
        assert told in ran.stderr
    assert not (tmp_path / "bundle").exists()


def test_a_dry_run_needs_no_password(tmp_path: Path) -> None:
    """It shows that settings would be asked for, and of whom."""
    ran = auditor("audit", fleet(tmp_path), "--dry-run", "--json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    plan = {host["host"]: [q["probe"] for q in host["questions"]] for host in json.loads(ran.stdout)["hosts"]}
    assert "settings" in plan["rm1"]
    assert "settings" not in plan["rm3"]
    assert plan["rm1"].index("settings") < plan["rm1"].index("snmp")


def test_a_folder_with_two_files_for_a_host_is_refused(tmp_path: Path) -> None:
    """Nobody knows which one is meant; a folder in which nothing fits is refused as well."""
    path = inventory(tmp_path, "version: 1\nsystems:\n  - {name: a, product: mxp, address: 127.0.0.1}\n")
    folder = tmp_path / "saved"
    folder.mkdir()
    ran = auditor("audit", path, "--offline", "--saved-configs", folder, "--output", "bundle", cwd=tmp_path)
    assert (ran.returncode, "holds no file for any host" in ran.stderr) == (2, True)
    for suffix in ("txt", "xml"):
        (folder / f"a.{suffix}").write_text(TEXT)
    ran = auditor("audit", path, "--offline", "--saved-configs", folder, "--output", "bundle", cwd=tmp_path)
    assert (ran.returncode, "two files for a" in ran.stderr) == (2, True)
    os.unlink(folder / "a.xml")  # noqa: PTH108 - as a script would
    assert auditor("audit", path, "--offline", "--saved-configs", folder, "-o", "bundle", cwd=tmp_path).returncode != 2
