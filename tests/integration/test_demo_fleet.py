"""The audit of the demonstration fleet agrees with the stated truth of each system, and changed nothing."""

import hashlib
import json
from dataclasses import replace

import pytest

from auditor.cli.perform import judge_bundle
from auditor.demo.device import DeviceSpec
from auditor.demo.systems import FLEET
from auditor.engine.assess import Bench, assess, shared_keys
from auditor.engine.interpret import Trust
from auditor.model.assessment import Outcome
from auditor.model.evidence import Cause, Evidence, Unknown
from auditor.model.verdict import Status
from auditor.reports.evidence_file import read_evidence
from auditor.reports.registry import report_named
from auditor.trust import Anchors
from auditor.wire.readlist import ReadList, Request
from tests.integration.conftest import DemoAudit


@pytest.mark.parametrize("spec", FLEET, ids=lambda spec: spec.name)
def test_levels_and_decisive_controls_are_the_stated_truth(demo_audit: DemoAudit, spec: DeviceSpec) -> None:
    """Proven, possible and every breached level control, system by system."""
    host, truth = demo_audit.hosts[spec.name], spec.truth
    breached = {f.control for f in host.findings if f.status is Status.NOT_MET and f.kind == "level"}
    assert (host.score.proven, host.score.possible) == (truth.proven, truth.possible), spec.story
    assert breached == truth.held_back_by, spec.story
    for status, stated in ((Status.NOT_MET, truth.also_not_met), (Status.MET, truth.also_met)):
        assert stated <= {f.control for f in host.findings if f.status is status}, spec.story


def test_nothing_was_written_and_nobody_logged_in(demo_audit: DemoAudit) -> None:
    """The devices saw many requests and not one that would change anything."""
    assert len(demo_audit.records) > 100
    assert demo_audit.writes == ()
    assert demo_audit.logins == ()


def test_no_fault_of_ours_and_nothing_refused(demo_audit: DemoAudit) -> None:
    """A bug would end in exit code 4."""
    run = demo_audit.run
    assert run.tool_faults == ()
    assert run.requests_refused == 0
    assert [f.control for h in run.hosts for f in h.findings if f.fault] == []
    assert run.complete


def test_the_transcript_holds_permitted_reads_only(demo_audit: DemoAudit) -> None:
    """Each line is on the list of its host's family, and goes to the fleet's addresses."""
    lists = {family: ReadList.of(p.reads) for family, p in demo_audit.assembly.profiles.items()}
    lines = [json.loads(line) for line in (demo_audit.folder / "transcript.jsonl").read_text().splitlines()]
    assert len(lines) == demo_audit.run.requests_made
    for line in lines:
        families = {demo_audit.hosts[line["host"]].product, "unknown"}
        request = Request(line["protocol"], line["operation"], line["argument"])
        assert any(lists[family].refusal(request) is None for family in families), line
        assert line["permitted"]
        assert line["address"].startswith("127.")


def test_replay_gives_the_same_bytes(demo_audit: DemoAudit) -> None:
    """Judging the stored evidence again gives the same audit.json."""
    again = report_named("json").render(judge_bundle(demo_audit.assembly, demo_audit.folder))
    assert again == (demo_audit.folder / "audit.json").read_bytes()


def test_the_manifest_names_every_file_with_its_digest(demo_audit: DemoAudit) -> None:
    """And no file is missing from it."""
    manifest = json.loads((demo_audit.folder / "manifest.json").read_text())
    names = {p.name for p in demo_audit.folder.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == names
    assert {"audit.json", "evidence.jsonl", "transcript.jsonl", "report.html", "report.pdf"} <= names
    for name, entry in manifest["files"].items():
        content = (demo_audit.folder / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (entry["sha256"], entry["bytes"])


def test_the_four_kinds_of_silence_are_told_apart_and_gain_nothing(demo_audit: DemoAudit) -> None:
    """Unreachable, refusing, silent and garbled hosts: each with its own words, none above Level 1."""
    silent = {
        h.target.name: h for h in demo_audit.run.hosts if h.score.proven in {None, 1} and h.score.possible in {None, 1}
    }
    filtered = [h for h in silent.values() if not h.reachable]
    refusing = [h for h in silent.values() if h.reachable and h.score.proven is None]
    assert filtered
    assert refusing
    assert all(h.outcome is Outcome.UNREACHABLE for h in (*filtered, *refusing))
    assert {h.unreachable_because for h in filtered}.isdisjoint({h.unreachable_because for h in refusing})
    for host in filtered:
        from_host = [f for f in host.findings if f.kind == "level" and f.control != "prerequisites.fqdn"]
        judged = [f.control for f in from_host if f.status in {Status.MET, Status.NOT_MET}]
        assert judged == [], "only DNS can speak for a host that is silent"


def test_every_control_of_a_profile_has_a_finding_with_citation(demo_audit: DemoAudit) -> None:
    """Never a missing row."""
    for host in demo_audit.run.hosts:
        listed = set(demo_audit.assembly.profiles[host.product].controls)
        assert {f.control for f in host.findings} == listed
        assert all(f.citation.section and f.because for f in host.findings)
        assert all(f.evidence for f in host.findings if f.status in {Status.MET, Status.NOT_MET})


def test_taking_evidence_away_never_raises_a_level(demo_audit: DemoAudit) -> None:
    """Drop or blind one observation at a time, for every host: neither level rises above what the whole shows.

    `possible` may rise when the proof of a breach is taken away, but `proven` never may.
    """
    stored = read_evidence(demo_audit.folder / "evidence.jsonl")
    head = stored.head
    bench = Bench(
        controls=demo_audit.assembly.controls, profiles=demo_audit.assembly.profiles, policy=head.inventory.policy,
        trust=Trust.under(
            head.inventory.policy,
            Anchors.of(d for r in head.inventory.settings.roots for d in r.certificates),
            head.started_at,
        ),
        shared_keys=shared_keys(stored.hosts),
    )  # fmt: skip
    for host in stored.hosts:
        whole = assess(host, bench).score.proven or 0
        for index, made in enumerate(host.evidence.observations):
            rest = (*host.evidence.observations[:index], *host.evidence.observations[index + 1 :])
            blind = replace(made, outcome=Unknown(Cause.TIMED_OUT, "no answer"))
            for changed in (rest, (*rest, blind)):
                now = assess(replace(host, evidence=Evidence(changed)), bench).score.proven or 0
                assert now <= whole, f"{host.target.name} without {made.id}"
