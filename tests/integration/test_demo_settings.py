"""Audits of the demonstration fleet with the right password, with a wrong one, and with saved configurations."""

import asyncio
import base64
import hashlib
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, quote_plus

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.demo.device import DeviceSpec, Truth
from auditor.demo.fleet import FLEET, start_fleet
from auditor.demo.recorder import Recorder
from auditor.demo.saved_truths import OFFLINE, beside
from auditor.demo.truths import LAX_PASSWORD
from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.verdict import Status
from auditor.reports.registry import REPORTS
from auditor.wire.gate import utc_now

Means = Literal["right", "wrong", "saved", "offline"]
WRONG = "certainly-wrong-4711"


@dataclass(frozen=True)
class Audited:
    """An audit's result, its bundle, what the devices saw, and what must be found nowhere."""

    folder: Path
    run: AuditRun
    recorder: Recorder
    canaries: tuple[str, ...]

    @property
    def hosts(self) -> Mapping[str, HostAssessment]:
        """Assessments by name."""
        return {host.target.name: host for host in self.run.hosts}


async def _audit(means: Means, scratch: Path) -> Audited:
    assembly = assemble()
    kept, offline = means in {"saved", "offline"}, means == "offline"
    async with start_fleet(scratch, now=utc_now(), with_credentials=not kept, with_saved=kept) as fleet:
        if means == "wrong":
            for path in fleet.password_files.values():
                path.write_text(WRONG, encoding="utf-8")
        inventory = load_inventory(fleet.inventory_path, assembly)
        reports = tuple(report for report in REPORTS if report.name != "pdf")
        sources = gather(inventory, offline=offline)
        done = await perform(assembly, inventory, scratch / "bundle", reports, quiet=True, sources=sources)
        return Audited(scratch / "bundle", done.run, fleet.recorder, (*fleet.canaries, WRONG))


def audited(means: Means, factory: pytest.TempPathFactory) -> Audited:
    """Run one audit. Cryptography warns of the algorithms that the oldest devices have."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Diffie-Hellman over finite fields")
        return asyncio.run(_audit(means, factory.mktemp(means)))


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """With the password of each device."""
    return audited("right", tmp_path_factory)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """With the same wrong password for every device."""
    return audited("wrong", tmp_path_factory)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """Without any password, but with configurations that were taken earlier."""
    return audited("saved", tmp_path_factory)


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """With nothing but configurations that were taken earlier."""
    return audited("offline", tmp_path_factory)


def agrees(host: HostAssessment, truth: Truth, story: str) -> None:
    """Levels, every breached level control, and the advisories that are sure."""
    breached = {f.control for f in host.findings if f.status is Status.NOT_MET and f.kind == "level"}
    open_questions = [f.control for f in host.findings if f.status is Status.UNDETERMINED and f.kind == "level"]
    assert breached == truth.held_back_by, story
    assert (host.score.proven, host.score.possible) == (truth.proven, truth.possible), (story, open_questions)
    assert truth.also_not_met <= {f.control for f in host.findings if f.status is Status.NOT_MET}, story
    assert truth.also_met <= {f.control for f in host.findings if f.status is Status.MET}, story


@pytest.mark.parametrize("spec", FLEET, ids=lambda spec: spec.name)
def test_with_the_right_password(right: Audited, spec: DeviceSpec) -> None:
    """The stated truth of each system, settings included."""
    agrees(right.hosts[spec.name], spec.truth_with_settings, spec.story)


@pytest.mark.parametrize("spec", FLEET, ids=lambda spec: spec.name)
def test_with_a_wrong_password(wrong: Audited, spec: DeviceSpec) -> None:
    """The truth from outside; only a system without a password tells more."""
    agrees(wrong.hosts[spec.name], spec.truth_with_settings if spec.open_to_all else spec.truth, spec.story)


def test_every_device_sees_one_wrong_password_at_most(wrong: Audited) -> None:
    """Exactly one where a password could be tried without showing it to everybody; nobody is locked out."""
    failed = [attempt.device for attempt in wrong.recorder.failed_attempts]
    assert len(failed) == len(set(failed)) > 40
    assert wrong.recorder.locked_out == frozenset()


@pytest.mark.parametrize("means", ["right", "wrong", "saved", "offline"])
def test_nothing_was_written_and_no_password_crossed_in_clear(means: Means, request: pytest.FixtureRequest) -> None:
    """Whatever the audit knows."""
    done: Audited = request.getfixturevalue(means)
    assert done.recorder.writes == ()
    assert done.recorder.attempts_in_clear == ()
    assert done.run.tool_faults == ()
    assert done.run.requests_refused == 0


def test_the_right_password_is_never_refused(right: Audited) -> None:
    """A refusal would mean that it was sent in a wrong way; and without a password nobody logs in."""
    assert right.recorder.attempts
    assert right.recorder.failed_attempts == ()


@pytest.mark.parametrize("spec", FLEET, ids=lambda spec: spec.name)
def test_from_outside_with_saved_configurations(saved: Audited, spec: DeviceSpec) -> None:
    """A kept session holds settings, status and roots: as good as a password, and no login is seen."""
    agrees(saved.hosts[spec.name], beside(spec), spec.story)
    assert saved.recorder.attempts == ()


@pytest.mark.parametrize("spec", FLEET, ids=lambda spec: spec.name)
def test_offline(offline: Audited, spec: DeviceSpec) -> None:
    """What each file tells by itself; advisories that need a look from outside are not asked of it."""
    truth = OFFLINE[spec.name]
    agrees(offline.hosts[spec.name], truth, spec.story)
    if truth.possible is not None and spec.truth_with_settings.also_not_met >= LAX_PASSWORD:
        assert {f.control for f in offline.hosts[spec.name].findings if f.status is Status.NOT_MET} >= LAX_PASSWORD


def test_offline_sends_nothing(offline: Audited) -> None:
    """Not a connection, not a question to the name server; and no certificate, port or name is judged."""
    assert offline.recorder.requests == ()
    assert (offline.run.requests_made, offline.run.requests_refused) == (0, 0)
    judged = {
        f.control for host in offline.run.hosts for f in host.findings if f.status in {Status.MET, Status.NOT_MET}
    }
    assert judged
    assert not any(control.startswith("certificates.") for control in judged)
    assert judged.isdisjoint({"services.https-on", "prerequisites.clock", "prerequisites.fqdn"})


def test_every_product_that_saves_a_configuration_has_them() -> None:
    """All but the hosts that never said a word and the management servers, whose settings nothing shows."""
    without = {spec.name for spec in FLEET if not spec.saved}
    assert without == {"far2", "far3", "far4", "tms", "tms-bergen", "tms-test"}
    assert set(OFFLINE) == {spec.name for spec in FLEET}
    assert {(spec.product, spec.saved) for spec in FLEET if spec.saved} == {
        (product, form) for product in ("mxp", "mps", "vcs") for form in ("text", "xml")
    }


def spelled(secret: str) -> set[bytes]:
    """A secret in every form in which it could slip out."""
    raw = secret.encode()
    pairs = (raw, b"admin:" + raw)
    forms = {raw, quote(secret, safe="").encode(), quote_plus(secret).encode(), raw.hex().encode()}
    forms |= {base64.b64encode(one).rstrip(b"=")[:-1] for one in pairs}
    forms |= {
        digest(one).hexdigest().encode() for one in pairs for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256)
    }
    return forms


BETWEEN = re.compile(rb"[^A-Za-z0-9+/=%:_.-]+")
"""What stands in no form of a secret."""


def words_of(content: bytes) -> bytes:
    """Every different word of a file, once: reports repeat themselves, and thousands of forms are looked for."""
    return b" ".join(set(BETWEEN.split(content)))


@pytest.mark.parametrize("means", ["right", "wrong", "saved", "offline"])
def test_no_secret_is_in_the_bundle(means: Means, request: pytest.FixtureRequest) -> None:
    """Neither passwords nor what devices hold as secrets, in any encoding, in any file."""
    done: Audited = request.getfixturevalue(means)
    files = {path.name: words_of(path.read_bytes()) for path in done.folder.rglob("*") if path.is_file()}
    assert {"audit.json", "evidence.jsonl", "transcript.jsonl"} <= set(files)
    forms = {form: secret for secret in done.canaries for form in spelled(secret)}
    assert not [form for form in forms if BETWEEN.search(form)], "a form that is cut in two would never be found"
    leaked = [(name, forms[form][:9]) for name, content in files.items() for form in forms if form in content]
    assert leaked == []


def test_no_password_is_seen_by_a_service_in_clear(right: Audited) -> None:
    """Nothing that a Telnet, FTP, HTTP or SNMP port received holds one."""
    clear = [
        r.received
        for r in right.recorder.requests
        if r.service in {"telnet", "telnet-challenge", "ftp", "http", "snmp"}
    ]
    forms = {form for secret in right.canaries for form in spelled(secret)}
    assert clear
    assert not [form for received in clear for form in forms if form in received]
