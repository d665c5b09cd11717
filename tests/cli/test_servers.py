"""An audit of a management server with a database and an exported list of systems, end to end: real processes."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import auditor, inventory
from tests.wire.test_tds import answering, packet

EXPORT = "System Name,Network Address\nrm1,rm1.example.test\nrm2,192.0.2.2\nrm3,rm3.example.test\n"
STATEMENTS = """\
version: 1
attestations:
- {{host: tms, statement: systems-by-hostname, value: yes, by: Kari, on: 2020-01-01, expires: 2099-01-01T00:00:00Z,
   evidence: {{file: export.csv, sha256: {digest}}}}}
- {{host: tms, statement: database-encrypted, value: yes, by: Kari, on: 2020-01-01, expires: 2099-01-01T00:00:00Z,
   evidence: {{file: export.csv, sha256: {digest}}}}}
"""
FLEET = """\
version: 1
settings: {{question_seconds: 2, dns_servers: ['127.0.0.1:9'], attestations: [stated.yaml]}}
tms:
- name: tms
  address: 127.0.0.1
  ports: {{http: {closed}, https: {closed}, tcp-1433: {closed}}}
  database: {{address: 127.0.0.2, port: {port}}}
  system_list: export.csv
systems:
- {{name: rm1, product: vcs, address: 127.0.0.1, tms: tms, ports: {{ssh: {closed}, http: {closed}, https: {closed}}}}}
"""


@pytest.fixture
def database() -> Iterator[int]:
    """The port of a database at 127.0.0.2 that cannot encrypt."""
    with socket.create_server(("127.0.0.2", 0)) as listening:

        def serve() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(packet(answering(2)))
                peer.recv(4096)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def test_what_was_observed_wins_over_what_was_signed(tmp_path: Path, database: int) -> None:
    """Two signed statements are refuted, uncovered systems are named, and the bundle verifies and replays."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    (tmp_path / "export.csv").write_text(EXPORT)
    (tmp_path / "stated.yaml").write_text(STATEMENTS.format(digest=hashlib.sha256(EXPORT.encode()).hexdigest()))
    path = inventory(tmp_path, FLEET.format(closed=closed, port=database))
    planned = auditor("audit", path, "--dry-run", cwd=tmp_path)
    assert f"database at 127.0.0.2 port {database}" in planned.stdout
    done = auditor("audit", path, "--only", "tms", "--output", "bundle", "--format", "json", cwd=tmp_path)
    assert "Not in the inventory, so not audited: 2 of the 3 systems in tms's list export.csv" in done.stdout
    audit = json.loads((tmp_path / "bundle" / "audit.json").read_text())
    assert any("rm2, rm3." in note for note in audit["audit"]["notes"])
    (tms,) = audit["hosts"]
    found = {f["control"]: f for f in tms["findings"]}
    for control, words in (
        ("tms.systems-by-hostname", "1 of 3 tracked by an address: rm2 (192.0.2.2)"),
        ("tms.database-encrypted", f"127.0.0.2 port {database} cannot encrypt"),
    ):
        assert (found[control]["status"], found[control]["attested"]) == ("not_met", False)
        assert words in found[control]["because"]
    row = next(i for i in tms["interactions"] if i["row"] == "database")
    assert (row["level"], row["by_default"]) == (1, 4)
    lines = [json.loads(line) for line in (tmp_path / "bundle" / "transcript.jsonl").read_text().splitlines()]
    asked = [(line["host"], line["address"], line["port"]) for line in lines if line["protocol"] == "tds"]
    assert asked == [("tms", "127.0.0.2", database)]
    assert auditor("verify", "bundle", cwd=tmp_path).returncode == 0
    assert auditor("replay", "bundle", "--json", cwd=tmp_path).stdout == (tmp_path / "bundle/audit.json").read_text()
