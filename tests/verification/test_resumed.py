"""Interrupted anywhere, once or more often, an audit that goes on ends as the one that was never interrupted.

The fleet's answers are those of a real audit, played again: host by host, with their requests, in a random order.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.kept_logins import BundleGuard, UnkeptLoginError, kept
from auditor.cli.perform import judge_bundle, write_reports
from auditor.engine.snapshot import snapshot_of
from auditor.history import open_history, record, runs
from auditor.model.collected import AuditEnd, HostEvidence
from auditor.model.evidence import Evidence
from auditor.reports.bundle import AUDIT, EVIDENCE, LOGINS, MANIFEST, TRANSCRIPT, BundleError, BundleWriter
from auditor.reports.evidence_file import EvidenceFileError, Stored, read_evidence
from auditor.reports.json_v1 import JsonReport
from auditor.reports.resume import Interrupted, look_at
from auditor.reports.transcript import START
from auditor.wire.failures import LoginWithheldError
from tests.lines import login_as
from tests.verification.bundles import FAILED, PASSED, Audited, Line

RUNS = 240


@dataclass(frozen=True)
class Played:
    """What a real audit asked and learnt."""

    stored: Stored
    requests: Mapping[str, list[Line]]

    @classmethod
    def of(cls, whole: Audited) -> "Played":
        """Take it from a bundle."""
        requests: dict[str, list[Line]] = {}
        for line in whole.lines():
            requests.setdefault(line["host"], []).append(line)
        return cls(read_evidence(whole.folder / EVIDENCE), requests)

    def ask(self, writer: BundleWriter, hosts: list[HostEvidence], counts: list[int], chance: random.Random) -> None:
        """Ask hosts, two at a time, and write what each said."""
        for place in range(0, len(hosts), 2):
            pair = hosts[place : place + 2]
            self.request(writer, pair, counts, chance)
            for host in pair:
                writer.host(host)

    def request(
        self, writer: BundleWriter, hosts: list[HostEvidence], counts: list[int], chance: random.Random
    ) -> None:
        """Make the requests of hosts, mingled."""
        waiting = [line for host in hosts for line in self.requests[host.target.name]]
        chance.shuffle(waiting)
        for line in waiting:
            writer.request(line)
            counts[not line["permitted"]] += 1


def begin(played: Played, folder: Path, chance: random.Random, *, stop: bool) -> None:
    """Write an audit to its end, or up to where somebody stopped it, with a host that was being asked then."""
    counts = [0, 0]
    hosts = list(played.stored.hosts)
    chance.shuffle(hosts)
    cut = chance.randrange(len(hosts) + 1) if stop else len(hosts)
    with BundleWriter(folder) as writer:
        writer.begin(played.stored.head)
        played.ask(writer, hosts[:cut], counts, chance)
        if stop and cut < len(hosts):
            played.request(writer, hosts[cut : cut + 1], counts, chance)
            writer.host(partly(hosts[cut], chance))
        writer.end(ended(played, counts, complete=not stop))


def partly(host: HostEvidence, chance: random.Random) -> HostEvidence:
    """Return a host as far as it had been asked."""
    made = host.evidence.observations
    known = Evidence(made[: chance.randrange(len(made))])
    return replace(host, evidence=known, complete=False, notes=("The audit was interrupted.",))


def ended(played: Played, counts: list[int], *, complete: bool) -> AuditEnd:
    """Return the end of the real audit with other counts."""
    assert played.stored.end is not None
    return replace(played.stored.end, complete=complete, requests_made=counts[0], requests_refused=counts[1])


def go_on(played: Played, folder: Path, found: Interrupted, chance: random.Random) -> None:
    """Do what the command does with an audit that was interrupted: ask the rest."""
    with BundleWriter(folder, found.grown) as writer:
        if found.finished:
            return
        assert not (folder / AUDIT).exists()
        writer.resume(found.resumption(at=found.stopped_at + timedelta(seconds=9), inventory_digest="f" * 64))
        counts = [found.requests_made, found.requests_refused]
        hosts = [host for host in played.stored.hosts if host.target.name not in found.done]
        chance.shuffle(hosts)
        played.ask(writer, hosts, counts, chance)
        writer.end(ended(played, counts, complete=True))


def shortened(folder: Path, chance: random.Random, head: int) -> None:
    """Cut both files at random, as a machine that lost its power, or the disk behind it, might leave them."""
    for name, least in ((EVIDENCE, head), (TRANSCRIPT, 0)):
        data = (folder / name).read_bytes()
        if chance.random() < 0.8:
            (folder / name).write_bytes(data[: chance.randrange(least, len(data) + 1)])


def same_as(bundle: Path, whole: Audited) -> Iterator[tuple[Any, Any]]:
    """Yield what must be the same: the whole of audit.json but its times, its remarks and the number of requests."""
    both = []
    for folder in (bundle, whole.folder):
        document = json.loads(JsonReport().render(judge_bundle(whole.assembly, folder)))
        for key in ("id", "finished_at", "notes", "requests"):
            document["audit"].pop(key, None)
        both.append(document)
    yield both[0], both[1]


@pytest.mark.parametrize("part", range(4))
def test_interrupted_anywhere_it_ends_the_same(whole: Audited, tmp_path: Path, part: int) -> None:
    """Cut at random up to three times, stopped or killed; then equal evidence and verdicts, and it verifies."""
    played = Played.of(whole)
    head = (whole.folder / EVIDENCE).read_bytes().index(b"\n") + 1
    resumed = asked_again = lost = 0
    for seed in range(part, RUNS, 4):
        chance = random.Random(seed)  # noqa: S311 - a test's choice, the same each time
        folder = tmp_path / str(seed)
        begin(played, folder, chance, stop=chance.random() < 0.5)
        for _ in range(chance.randrange(1, 4)):
            shortened(folder, chance, head)
            found = look_at(folder)
            asked_again += len(found.again)
            lost += found.requests_lost
            go_on(played, folder, found, chance)
        stored = read_evidence(folder / EVIDENCE)
        resumed += len(stored.resumed)
        assert stored.end is not None
        assert stored.end.complete
        assert sorted(_plain(stored)) == sorted(_plain(played.stored)), seed
        checks = Audited(folder, whole.assembly).checks()
        failures = {name for name, check in checks.items() if check.state is FAILED}
        assert failures == {"manifest"}, (seed, checks)  # there is none yet
        assert checks["transcript"].state is checks["answers"].state is checks["requests"].state is PASSED, seed
        if seed % 8 == part:
            finish(folder, whole)
    assert min(resumed, asked_again, lost) > RUNS // 16


def _plain(stored: Stored) -> list[str]:
    return [repr(replace(host, transcript_chain="")) for host in stored.hosts]


def finish(folder: Path, whole: Audited) -> None:
    """Write the reports; they verify, say that the audit was resumed, and give the same verdicts."""
    run = judge_bundle(whole.assembly, folder)
    assert write_reports(run, folder, [JsonReport()], whole.assembly.profiles_digest) == ()
    assert Audited(folder, whole.assembly).failures() == set()
    for ours, theirs in same_as(folder, whole):
        assert ours == theirs
    resumed = read_evidence(folder / EVIDENCE).resumed
    remarks = json.loads((folder / AUDIT).read_text())["audit"]["notes"]
    assert run.id.partition("+")[::2] == (read_evidence(folder / EVIDENCE).head.id, str(len(resumed) or ""))
    assert bool(resumed) == any(f"resumed. It was at work in {len(resumed) + 1} periods" in note for note in remarks)
    assert any(each.requests_lost for each in resumed) == any("may be missing" in note for note in remarks)


@pytest.fixture
def resumed(whole: Audited, tmp_path: Path) -> Audited:
    """A bundle of an audit that was stopped in the middle and went on."""
    played, chance, folder = Played.of(whole), random.Random(5), tmp_path / "resumed"  # noqa: S311 - as above
    begin(played, folder, chance, stop=True)
    go_on(played, folder, look_at(folder), chance)
    made = Audited(folder, whole.assembly)
    made.remake(("json",))
    assert made.failures() == set()
    assert len(read_evidence(folder / EVIDENCE).resumed) == 1
    return made


def records(bundle: Audited) -> list[Any]:
    """Return the lines of the evidence."""
    return [json.loads(line) for line in (bundle.folder / EVIDENCE).read_bytes().splitlines()]


def write(bundle: Audited, lines: list[Any]) -> None:
    """Write the lines of the evidence."""
    (bundle.folder / EVIDENCE).write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def test_a_mark_that_is_taken_out_is_found(resumed: Audited) -> None:
    """What was asked twice then stands there twice, or behind the end, which no audit writes."""
    write(resumed, [line for line in records(resumed) if line["record"] != "resumed"])
    assert "evidence" in resumed.failures()


def test_a_host_that_was_not_due_is_found(resumed: Audited) -> None:
    """Evidence of a host that was complete cannot be replaced by a later one."""
    lines = records(resumed)
    (mark,) = [line for line in lines if line["record"] == "resumed"]
    done = [line for line in lines[: lines.index(mark)] if line["record"] == "host" and line["complete"]]
    write(resumed, [*lines[:-1], done[0], lines[-1]])
    assert "evidence" in resumed.failures()
    mark["resumed"]["again"] = [*mark["resumed"]["again"], "a host that was never asked"]
    write(resumed, lines)
    with pytest.raises(EvidenceFileError, match="out of place"):
        read_evidence(resumed.folder / EVIDENCE)


def test_a_forged_place_is_found(resumed: Audited) -> None:
    """The mark and each host state a chain that a line of the transcript carries."""
    for kind in ("resumed", "host"):
        lines = records(resumed)
        line = next(line for line in lines if line["record"] == kind)
        (line["resumed"] if kind == "resumed" else line)["transcript_chain"] = "ab" * 32
        write(resumed, lines)
        resumed.remake(("json",))
        assert resumed.failures() == {"transcript"}


def test_a_forged_transcript_is_found_after_going_on(resumed: Audited) -> None:
    """A line taken out of the first part, with the chain made again and the end adapted: the hosts' chains tell."""
    before = records(resumed)
    resumed.write_lines_only(resumed.lines()[1:])
    write(resumed, [*before[:-1], records(resumed)[-1]])
    resumed.remake(("json",))
    assert "transcript" in resumed.failures()


def test_reports_of_before_are_taken_away_first(whole: Audited, tmp_path: Path) -> None:
    """No manifest vouches for an audit that goes on; the operator's own files stay."""
    bundle = whole.copy(tmp_path / "copy")
    lines = records(bundle)
    lines[-1]["end"]["complete"] = False
    write(bundle, lines)
    for name in ("report-oslo.pdf", ".report.html.part", "notes.txt"):
        (bundle.folder / name).write_text("x")
    with BundleWriter(bundle.folder, look_at(bundle.folder).grown):
        assert {path.name for path in bundle.folder.iterdir()} == {EVIDENCE, TRANSCRIPT, "notes.txt"}


def test_one_at_a_time(whole: Audited, tmp_path: Path) -> None:
    """While somebody writes, nobody else goes on, and nothing is changed."""
    bundle = whole.copy(tmp_path / "copy")
    (bundle.folder / MANIFEST).unlink()
    found = look_at(bundle.folder)
    with BundleWriter(bundle.folder, found.grown):
        before = (bundle.folder / EVIDENCE).read_bytes()
        with pytest.raises(BundleError, match="still writing"):
            BundleWriter(bundle.folder, found.grown)
        assert (bundle.folder / EVIDENCE).read_bytes() == before
    bundle.edit(EVIDENCE, lambda data: data[:-1])
    with pytest.raises(BundleError, match="somebody else"):
        BundleWriter(bundle.folder, found.grown)


def test_what_cannot_go_on_is_said(whole: Audited, tmp_path: Path) -> None:
    """An audit that ended, one without a head, a transcript that was changed, one that is not there, and no audit."""
    bundle = whole.copy(tmp_path / "copy")
    with pytest.raises(BundleError, match="came to its end"):
        look_at(bundle.folder)
    (bundle.folder / MANIFEST).unlink()
    assert look_at(bundle.folder).finished
    bundle.edit(TRANSCRIPT, lambda data: data.replace(b'"permitted":true', b'"permitted":false', 1))
    with pytest.raises(BundleError, match=r"transcript\.jsonl, line \d+: it does not follow.*cannot go on"):
        look_at(bundle.folder)
    (bundle.folder / TRANSCRIPT).unlink()
    with pytest.raises(BundleError, match="No such file"):
        look_at(bundle.folder)
    bundle.edit(EVIDENCE, lambda data: data[:200])
    with pytest.raises(BundleError, match="nothing to go on with"):
        look_at(bundle.folder)
    with pytest.raises(BundleError, match="No such file"):
        look_at(tmp_path)


def test_nothing_was_asked_yet(whole: Audited, tmp_path: Path) -> None:
    """Killed behind the head: everything is due, and the transcript begins at its start."""
    bundle = whole.copy(tmp_path / "copy")
    (bundle.folder / TRANSCRIPT).write_bytes(b'{"at":"20')
    bundle.edit(EVIDENCE, lambda data: data[: data.index(b"\n") + 1] + b'{"rec')
    (bundle.folder / MANIFEST).unlink()
    found = look_at(bundle.folder)
    assert (found.done, found.again, found.finished, found.requests_lost) == (frozenset(), (), False, True)
    assert found.grown.chain == START
    assert found.grown.transcript_whole == 0


def test_a_host_that_was_spared_is_not_asked_again(whole: Audited, tmp_path: Path) -> None:
    """It was asked no more for its own sake, and a resumed audit is the same audit; its neighbour is asked again."""
    played, chance, folder = Played.of(whole), random.Random(5), tmp_path / "killed"  # noqa: S311 - as above
    suffering, cut_off = (partly(host, chance) for host in played.stored.hosts[:2])
    with BundleWriter(folder) as writer:
        writer.begin(played.stored.head)
        for host in (replace(suffering, spared=True), cut_off):
            played.request(writer, [host], [0, 0], chance)
            writer.host(host)
    found = look_at(folder)
    assert found.done == {suffering.target.name}
    assert found.again == (cut_off.target.name,)
    go_on(played, folder, found, chance)
    stored = {host.target.name: host for host in read_evidence(folder / EVIDENCE).hosts}
    assert stored.keys() == {host.target.name for host in played.stored.hosts}
    kept = stored[suffering.target.name]
    assert (kept.spared, kept.complete, kept.evidence) == (True, False, suffering.evidence)
    assert stored[cut_off.target.name].complete


def test_a_password_that_went_out_before_does_not_go_out_again(whole: Audited, tmp_path: Path) -> None:
    """Refused or nobody knows: it is spent. Accepted, or never sent: it may be used. A kill loses none of it."""
    played, folder = Played.of(whole), tmp_path / "killed"
    line = next(iter(played.requests.values()))[0] | {"permitted": True, "protocol": "ssh"}
    with BundleWriter(folder) as writer:
        writer.begin(played.stored.head)
        for host, operation, outcome in (
            ("refused", "LOGIN", "LoginRefused: the host refused the login"), ("refused", "LOGIN", "answered"),
            ("cut", "LOGIN", "interrupted"), ("mute", "LOGIN", "Silent: no answer; the host is asked no more"),
            ("good", "LOGIN", "answered"), ("busy", "RUN", "answered"), ("busy", "LOGIN", "interrupted"),
            ("shut", "LOGIN", "Refused: port 22 refused the connection"), ("odd", "LOGIN", "HostKey: another key"),
            ("plain", "GET", "interrupted"), ("late", "LOGIN", "ClosedEarly: the peer reset the connection"),
            ("far", "LOGIN", "Unreachable: no way to 192.0.2.8:22: No route to host"),
            ("lost", "LOGIN", "Unreachable: no way to the peer: No route to host"),
            ("told", "LOGIN", "LoginUndecided: the host answered the login (digest) with status 302"),
        ):  # fmt: skip
            address = f"192.0.2.{len(host)}-{host}"
            writer.request(line | {"host": host, "operation": operation, "outcome": outcome, "address": address})
        found = look_at(folder)  # as a killed program leaves it: nothing was closed
    unknown = {"cut", "mute", "late", "lost", "told"}
    assert {name: became for (name, _), became in found.logins.items()} == (
        dict.fromkeys(unknown, "unknown") | {"refused": "refused", "good": "accepted", "busy": "accepted"}
    )
    names = [name for name, _ in found.logins] + ["shut", "odd", "plain", "far"]
    logins = kept({name: login_as("canary") for name in names}, folder, found)
    # By now a target may have another address than the one to which the password went.
    assert {name for name, login in logins.items() if login.spent} == unknown | {"refused"}
    for (name, address), login in ((place, logins["plain"]) for place in found.logins):
        # Whatever other target stands at an address that had the password, has had it.
        assert replace(login, host=address).spent == (name in unknown | {"refused"})
    for name in unknown:
        assert "before the audit was interrupted" in logins[name].why_spent
        assert "audit this host anew" in logins[name].why_spent
        with pytest.raises(LoginWithheldError, match="not sent a second time"), logins[name].attempt():
            raise AssertionError("the password was given out again")


def test_what_the_guard_wrote_down_outlives_a_kill(tmp_path: Path) -> None:
    """Tried and nothing more: used up, and it says why. Accepted, though no line of the transcript tells: usable."""
    guard = BundleGuard(tmp_path)
    for host in ("tried", "accepted", "refused"):
        guard.try_once("lab", host)
    guard.accepted("lab", "accepted")
    guard.refused("lab", "refused")
    after = BundleGuard(tmp_path)
    assert {host for host in ("tried", "accepted", "refused", "new") if after.spent("lab", host)} == {
        "tried", "refused",
    }  # fmt: skip
    assert "audit this host anew" in after.why_spent("lab", "tried")
    assert after.why_spent("lab", "refused") == "the host refused them"


def test_a_login_that_cannot_be_written_down_is_not_made(tmp_path: Path) -> None:
    """It is our fault and says nothing about a host; where the folder is gone, nothing is left that could go on."""
    (tmp_path / LOGINS).mkdir()
    with pytest.raises(IsADirectoryError):
        BundleGuard(tmp_path)
    (tmp_path / LOGINS).rmdir()
    guard = BundleGuard(tmp_path)
    (tmp_path / LOGINS).mkdir()
    with pytest.raises(UnkeptLoginError, match="was not made"):
        guard.try_once("lab", "host")
    lost = BundleGuard(tmp_path / "gone")
    lost.try_once("lab", "host")
    assert lost.spent("lab", "host")


def test_a_history_has_both(whole: Audited, tmp_path: Path) -> None:
    """The part that was recorded when it was interrupted, and then the whole, which is not taken for it."""
    played, chance, folder = Played.of(whole), random.Random(5), tmp_path / "resumed"  # noqa: S311 - as above
    history = open_history(str(tmp_path / "h.db"), create=True)
    begin(played, folder, chance, stop=True)
    assert record(history, snapshot_of(judge_bundle(whole.assembly, folder))).new
    go_on(played, folder, look_at(folder), chance)
    assert record(history, snapshot_of(judge_bundle(whole.assembly, folder))).new
    identifier = played.stored.head.id
    assert {each.audit: each.complete for each in runs(history)} == {identifier: False, f"{identifier}+1": True}
