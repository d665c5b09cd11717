"""`auditor export`: the findings of a bundle arrive at a real rsyslog, one record each, none of them forged."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.perform import judge_bundle
from auditor.model.assessment import AuditRun
from auditor.model.collected import AuditEnd, HostEvidence
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import OpenService, TelnetGreeting
from auditor.model.inventory import Inventory, Target
from auditor.reports.bundle import EVIDENCE
from auditor.reports.evidence_file import end_line, head_line, host_line
from auditor.reports.records import records
from auditor.reports.syslog import FORMS, syslog_messages
from auditor.wire.gate import utc_now
from auditor.wire.syslog_tls import Collector, hand_over
from tests.peers import free_port
from tests.reports.cef_reader import read_cef
from tests.reports.machine_run import FORGED, HOSTILE_NAMES, machine_run
from tests.syslog_peers import COLLECTOR, Authority, rsyslog

ROOT = Path(__file__).parents[2]


def auditor(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", *map(str, words)],
        cwd=ROOT, env={**os.environ, "COLUMNS": "200", **environment}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of three hosts whose names and banners try to begin records of their own."""
    folder = tmp_path_factory.mktemp("bundle")
    names = (FORGED, "room act=allowed|x", "<script>")
    targets = tuple(Target(name=name, product="mxp", address="192.0.2.1") for name in names)
    head = replace(assemble().head(Inventory(targets=targets, digest="0" * 64, taken_at=utc_now())), id="audit-1")
    at = head.started_at
    lines = [head_line(head)]
    for target in targets:
        opened = OpenService(service="telnet", transport="tcp", port=23)
        greeting = TelnetGreeting(port=23, banner=f"\r\n{FORGED}\r\n", prompt="password")
        seen = (
            Observation(OpenService, "port", "telnet", at, Seen(opened)),
            Observation(TelnetGreeting, "telnet", "telnet", at, Seen(greeting)),
        )
        lines.append(
            host_line(
                HostEvidence(
                    target=target, product="mxp", address="192.0.2.1", evidence=Evidence(seen), started_at=at,
                    finished_at=at,
                )
            )
        )  # fmt: skip
    lines.append(end_line(AuditEnd(finished_at=at, complete=True)))
    (folder / EVIDENCE).write_bytes(b"".join(lines))
    return folder


def judged(bundle: Path) -> AuditRun:
    """Return what the command will send."""
    return judge_bundle(assemble(), bundle)


@pytest.mark.parametrize("form", ["ocsf", "ecs", "cef", "json"])
def test_a_bundle_arrives_whole(bundle: Path, tmp_path: Path, form: str) -> None:
    """One record for each finding, each of them readable, no other."""
    run, authority = judged(bundle), Authority(tmp_path)
    wanted = [record.finding.fingerprint for record in records(run)]
    assert len(wanted) > 60
    with rsyslog(tmp_path, authority) as peer:
        url = f"syslog+tls://{COLLECTOR}:{peer.port}"
        done = auditor("export", bundle, "--to", url, "--format", form, "--ca", authority.file, "--sender", "audit1")
        assert done.returncode == 0, done.stderr
        received = peer.records(lambda lines: len(lines) >= len(wanted))
    assert done.stdout == ""
    assert f"{len(wanted)} messages" in done.stderr
    assert "handed over" in done.stderr
    assert "delivered" not in done.stderr
    bodies = []
    for line in received:
        head, _, body = line.partition(" finding - ")
        assert head.split(" ")[2:] == ["audit1", "auditor", "audit-1"]
        bodies.append(body)
    assert [_fingerprint(form, body) for body in bodies] == wanted


def _fingerprint(form: str, body: str) -> str:
    if form == "cef":
        return read_cef(body).extension["externalId"]
    event = json.loads(body)
    places = {"ocsf": ("finding_info", "uid"), "ecs": ("event", "id"), "json": ("finding", "fingerprint")}
    group, name = places[form]
    return str(event[group][name])


@pytest.mark.parametrize("form", list(FORMS))
def test_every_hostile_name_stays_inside_its_record(tmp_path: Path, form: str) -> None:
    """The whole set of hostile names and texts, in every form."""
    run, authority = machine_run(), Authority(tmp_path)
    assert FORGED in HOSTILE_NAMES
    wanted = [record.finding.fingerprint for record in records(run)]
    with rsyslog(tmp_path, authority) as peer:
        hand_over(Collector(host=COLLECTOR, port=peer.port, ca=authority.file), syslog_messages(run, form, "audit1"))
        received = peer.records(lambda lines: len(lines) >= len(wanted))
    assert [_fingerprint(form.partition("-")[0], line.partition(" finding - ")[2]) for line in received] == wanted
    assert not any(line.startswith("<13>") for line in received)


def test_a_key_with_a_password_from_the_environment(bundle: Path, tmp_path: Path) -> None:
    """The password stands in no argument and in no output."""
    authority = Authority(tmp_path)
    pair = authority.pair("auditor", password=b"hunter2-hunter2")
    words = ("--ca", authority.file, "--client-cert", pair.certificate, "--client-key", pair.key)
    with rsyslog(tmp_path, authority, client="auditor") as peer:
        to = ("--to", f"syslog+tls://{COLLECTOR}:{peer.port}")
        bare = auditor("export", bundle, *to, *words)
        assert bare.returncode == 2
        named = ("--client-key-password-env", "KEY_WORD")
        assert auditor("export", bundle, *to, *words, *named).returncode == 2
        done = auditor("export", bundle, *to, *words, *named, "--quiet", KEY_WORD="hunter2-hunter2")
        assert (done.returncode, done.stderr) == (0, "")
        peer.records(lambda lines: len(lines) == sum(1 for _ in records(judged(bundle))))
        refused = auditor("export", bundle, *to, "--ca", authority.file)
    assert refused.returncode == 4
    assert "client certificate" in refused.stderr
    assert "handed over" not in refused.stderr
    assert "hunter2" not in bare.stderr + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "syslog://h:6514"), "wanted is syslog+tls://HOST:PORT"),
        (("--to", "syslog+tls://"), "wanted is"),
        (("--to", "syslog+tls://h:99999"), "wanted is"),
        (("--to", "syslog+tls://h:0"), "port 0"),
        (("--to", "syslog+tls://h/path"), "wanted is"),
        (("--to", "syslog+tls://h", "--format", "leef"), "known formats"),
        (("--to", "syslog+tls://h", "--client-cert", "x.pem"), "belong together"),
        (("--to", "syslog+tls://h", "--ca", "missing.pem"), "missing.pem"),
    ],
)
def test_wrong_use_sends_nothing(bundle: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 2 and a sentence."""
    done = auditor("export", bundle, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_password_in_the_address_is_not_repeated(bundle: Path) -> None:
    """It should not have been there, and is not spread further."""
    done = auditor("export", bundle, "--to", "syslog+tls://user:pa55word@h:6514")
    assert done.returncode == 2
    assert "pa55word" not in done.stderr


def test_no_collector_is_no_success(bundle: Path) -> None:
    """Exit code 4 and where it failed."""
    port = free_port()
    done = auditor("export", bundle, "--to", f"syslog+tls://127.0.0.1:{port}")
    assert done.returncode == 4
    assert f"127.0.0.1:{port}: no connection" in done.stderr
