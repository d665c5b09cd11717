"""The demonstration fleet read with credentials, with a wrong password, and the hunt for canaries."""

import asyncio
import base64
import hashlib
import itertools
import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.demo.device import DeviceSpec
from auditor.demo.fleet import FLEET, start_fleet
from auditor.demo.recorder import Recorder
from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.evidence import Cause, Unknown
from auditor.model.facts import LoginAnswer, Setting
from auditor.reports.evidence_file import read_evidence
from auditor.reports.registry import REPORTS
from auditor.wire.gate import utc_now
from auditor.wire.readlist import ReadList, Request

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

WRONG = "kanarie-wrong-9917"
NAMES = ("rm101", "rm103", "rm104", "rm111", "rm135", "mps1", "mps2", "vcs1", "vcs2", "far2", "tms")
SOME = tuple(spec for spec in FLEET if spec.name in NAMES)
"""One for each way in: Digest and Basic over HTTPS, SSH old and new, Digest over HTTP, nothing at all."""


@dataclass(frozen=True)
class LoggedAudit:
    """One audit with logins: its bundle and result, what the devices saw, and everything that must not be found."""

    folder: Path
    run: AuditRun
    recorder: Recorder
    canaries: tuple[str, ...]
    realms: tuple[str, ...]

    @property
    def hosts(self) -> dict[str, HostAssessment]:
        """Assessments by name."""
        return {host.target.name: host for host in self.run.hosts}


async def _audit(folder: Path, scratch: Path, *, wrong: bool) -> LoggedAudit:
    assembly = assemble()
    async with start_fleet(scratch, specs=SOME, now=utc_now(), with_credentials=True) as fleet:
        if wrong:
            for path in fleet.password_files.values():
                path.write_text(WRONG)
        inventory = load_inventory(fleet.inventory_path, assembly)
        reports = tuple(report for report in REPORTS if report.name != "pdf")  # the same words as the page, compressed
        performed = await perform(assembly, inventory, folder, reports, quiet=True, sources=gather(inventory))
        assert performed.unmade == ()
        realms = tuple(spec.system_name for spec in fleet.specs)
        canaries = (WRONG,) if wrong else fleet.canaries
        return LoggedAudit(folder, performed.run, fleet.recorder, canaries, realms)


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> LoggedAudit:
    """Audit the fleet once with the right passwords, and with every logger turned up."""
    logging.getLogger("asyncssh").setLevel(logging.DEBUG)
    log = tmp_path_factory.mktemp("log") / "debug.log"
    handler = logging.FileHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        audit = asyncio.run(
            _audit(tmp_path_factory.mktemp("right") / "bundle", tmp_path_factory.mktemp("fleet"), wrong=False)
        )
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger("asyncssh").setLevel(logging.NOTSET)
        handler.close()
    (audit.folder / "debug.log").write_bytes(log.read_bytes())
    return audit


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> LoggedAudit:
    """Audit the fleet once with a wrong password for everybody."""
    return asyncio.run(
        _audit(tmp_path_factory.mktemp("wrong") / "bundle", tmp_path_factory.mktemp("fleet"), wrong=True)
    )


def test_nothing_was_written_and_no_fault_was_ours(right: LoggedAudit, wrong: LoggedAudit) -> None:
    """Logged in or not, the auditor only reads."""
    for audit in (right, wrong):
        assert audit.recorder.writes == ()
        assert audit.run.tool_faults == ()
        assert audit.run.requests_refused == 0
        assert audit.run.complete


def test_with_the_right_password_settings_are_read(right: LoggedAudit) -> None:
    """Every device whose web server or SSH answers tells its settings, and no login failed."""
    assert right.recorder.failed_attempts == ()
    assert right.recorder.locked_out == frozenset()
    read = [name for name, host in right.hosts.items() if host.evidence.of(Setting)]
    assert len(read) == len(NAMES) - 2
    channels = Counter((f.channel, f.scheme) for h in right.run.hosts for f in h.evidence.of(LoginAnswer))
    assert {("https", "digest"), ("https", "basic"), ("ssh", "password"), ("http", "digest")} <= channels.keys()


def test_no_password_crossed_the_network_in_clear(right: LoggedAudit, wrong: LoggedAudit) -> None:
    """Neither the right nor the wrong one, on any simulated wire."""
    for audit in (right, wrong):
        assert audit.recorder.attempts_in_clear == ()
        for request in audit.recorder.requests:
            if request.service not in {"https", "ssh"}:
                assert not any(canary.encode() in request.received for canary in audit.canaries), request


@pytest.mark.parametrize("spec", SOME, ids=lambda spec: spec.name)
def test_a_wrong_password_reaches_each_device_once_at_most(wrong: LoggedAudit, spec: DeviceSpec) -> None:
    """Counted by the device itself; what was wanted says why it is not known."""
    attempts = [a for a in wrong.recorder.attempts if a.device == spec.name]
    assert len(attempts) <= 1
    refused = [
        o for o in wrong.hosts[spec.name].evidence.observed(Setting)
        if isinstance(o.outcome, Unknown) and o.outcome.cause is Cause.REFUSED_LOGIN
    ]  # fmt: skip
    assert bool(refused) == bool(attempts)


def test_a_wrong_password_locks_nobody_out(wrong: LoggedAudit) -> None:
    """And there were devices that could have been."""
    assert wrong.recorder.locked_out == frozenset()
    assert len(wrong.recorder.failed_attempts) == len(NAMES) - 2


def test_every_line_of_the_transcript_is_permitted(right: LoggedAudit) -> None:
    """Held against the read list of its family; a login is permitted where there were credentials, and names nobody."""
    profiles = assemble().profiles
    lines = [json.loads(line) for line in (right.folder / "transcript.jsonl").read_text().splitlines()]
    assert len(lines) == right.run.requests_made
    logins = 0
    for line in lines:
        host = right.hosts[line["host"]]
        request = Request(line["protocol"], line["operation"], line["argument"])
        lists = [
            ReadList.of(profiles[family].reads, login=host.target.credentials is not None)
            for family in {host.product, "unknown"}
        ]
        assert any(each.refusal(request) is None for each in lists), line
        logins += request.operation == "LOGIN"
    assert logins > len(NAMES)


def test_the_evidence_has_no_user_names(right: LoggedAudit) -> None:
    """The head names credentials, and neither who nor how to fetch them."""
    head = read_evidence(right.folder / "evidence.jsonl").head
    assert head.inventory.credentials
    assert {reference.username for reference in head.inventory.credentials} == {""}


def encodings(canary: str, realms: tuple[str, ...]) -> Iterator[bytes]:
    """Yield the forms in which a password could give itself away."""
    plain = canary.encode()
    pairs = [plain, *(f"{user}:{canary}".encode() for user in ("admin", "", "root"))]
    yield from (plain, plain.upper(), plain[::-1], plain.hex().encode(), plain.hex().upper().encode())
    yield from (
        quote(canary, safe="").encode(),
        quote(canary).encode(),
        quote_plus(canary).encode(),
        json.dumps(canary).strip('"').encode(),
    )
    yield from (canary.encode("utf-16-le"), canary.encode("utf-16-be"))
    for pair, shift in itertools.product(pairs, range(3)):
        whole = base64.b64encode(b"\0" * shift + pair)
        core = whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
        yield from (core, core.translate(bytes.maketrans(b"+/", b"-_")))
    for text in (canary, *(f"admin:{realm}:{canary}" for realm in realms)):
        digest = hashlib.md5(text.encode(), usedforsecurity=False)
        yield from (digest.hexdigest().encode(), digest.digest(), base64.b64encode(digest.digest()))
    yield from (hashlib.new(name, plain).hexdigest().encode() for name in ("sha1", "sha256"))


def test_no_canary_in_any_file_of_any_bundle(right: LoggedAudit, wrong: LoggedAudit) -> None:
    """Plain, for URLs, hex, UTF-16, Base64 at every shift, digests and the secret half of HTTP Digest; logs too."""
    for audit in (right, wrong):
        files = [path for path in audit.folder.rglob("*") if path.is_file()]
        assert {"audit.json", "evidence.jsonl", "transcript.jsonl", "report.html"} <= {path.name for path in files}
        forms = {form for canary in audit.canaries for form in encodings(canary, audit.realms) if len(form) >= 8}
        for path in files:
            data = path.read_bytes()
            found = [form for form in forms if form in data]
            assert found == [], (path.name, found[:3])


def test_the_hunt_finds_what_it_hunts_for(right: LoggedAudit, tmp_path: Path) -> None:
    """A password that was written in any of the forms would be found: the test above can fail."""
    canary = right.canaries[0]
    forms = set(encodings(canary, right.realms))
    for text in (canary, quote(canary), canary.encode().hex(), base64.b64encode(f"x{canary}".encode()).decode()):
        path = tmp_path / "leak"
        path.write_text(f"before {text} after")
        assert any(form in path.read_bytes() for form in forms), text
