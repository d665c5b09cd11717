"""Attestations as evidence: what counts at the audit's time, what the finding says, and that a replay says the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from auditor.engine.attest import attested, by_host
from auditor.engine.interpret import Trust, interpret
from auditor.engine.judge import judge_host
from auditor.engine.run import assess_audit
from auditor.model.assessment import AuditRun, Finding
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence
from auditor.model.control import Context
from auditor.model.evidence import Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import Attested, OpenService, Setting
from auditor.model.inventory import Attestation, Inventory, Target
from auditor.model.policy import Policy
from auditor.profiles import load_profiles
from auditor.reports.evidence_file import end_line, head_line, host_line, read_evidence
from auditor.trust import Anchors
from checks import CONTROLS
from tests.engine.evidence import AT

PROFILES = load_profiles()
SERVER = Target(name="manager", product="tms", hostname="tms.example.test", address="192.0.2.10")
DEVICE = Target(name="codec", product="mxp", hostname="codec.example.test", address="192.0.2.21", tms="manager")
CONTROL = "tms.secure-only"
DIGEST = "ab" * 32


def stated(
    value: str = "yes",
    *,
    statement: str = "secure-only",
    host: str = "manager",
    on: datetime = AT - timedelta(days=10),
    expires: datetime = AT + timedelta(days=10),
) -> Attestation:
    """Make an attestation that counts, apart from what is given."""
    return Attestation(
        host=host, statement=statement, value=value, by="Kari Nordmann", on=on, expires=expires,
        document="settings.pdf", document_sha256=DIGEST,
    )  # fmt: skip


EXPIRED = stated(expires=AT)
COMING = stated(on=AT + timedelta(seconds=1))


def collected(target: Target = SERVER, *observations: Observation[Setting]) -> HostEvidence:
    """Evidence of a host that nobody could reach, with these observations."""
    silent = Observation(OpenService, "port", "https", AT, Unknown(Cause.FILTERED, "No answer."), 443)
    return HostEvidence(
        target=target, product=target.product, address=target.address, evidence=Evidence((silent, *observations)),
        started_at=AT, finished_at=AT,
    )  # fmt: skip


def run_of(head: AuditHead, hosts: Sequence[HostEvidence], end: AuditEnd | None) -> AuditRun:
    """Judge with the catalogue and the profiles that ship."""
    return assess_audit(head, hosts, end, controls=CONTROLS, profiles=PROFILES, catalogue_digest="c")


def head(*attestations: Attestation) -> AuditHead:
    """Head of an audit of the server and a device with these attestations."""
    inventory = Inventory(targets=(SERVER, DEVICE), digest="d", attestations=attestations)
    return AuditHead(
        id="a", tool_version="0", started_at=AT, inventory=inventory, catalogue_digest="c", profiles_digest="p"
    )


def finding(run: AuditRun, control: str, host: str = "manager") -> Finding:
    """Return one finding of a run."""
    (found,) = (f for h in run.hosts if h.target.name == host for f in h.findings if f.control == control)
    return found


def judged(*attestations: Attestation, control: str = CONTROL, host: str = "manager") -> Finding:
    """Return one finding of an audit in which nothing answered."""
    return finding(run_of(head(*attestations), (collected(), collected(DEVICE)), None), control, host)


def test_a_yes_that_counts_is_met_and_says_so() -> None:
    """`judge_host` itself marks it as attested; person, document and digest stand in the finding."""
    trust = Trust.under(Policy(), Anchors.of(()), AT)
    evidence = interpret(collected(), PROFILES, trust, (stated(),))
    context = Context(target=SERVER, profile=PROFILES["tms"], policy=Policy(), at=AT)
    (found,) = judge_host([c for c in CONTROLS if c.id == CONTROL], evidence, context)
    assert (found.status, found.attested) == ("met", True)
    assert "Kari Nordmann stated 'secure-only: yes'" in found.because
    (line,) = found.evidence
    assert line.startswith("attested/secure-only: attested, not observed: “yes” by Kari Nordmann")
    assert "settings.pdf" in line
    assert DIGEST in line


@pytest.mark.parametrize(
    ("given", "status", "is_attested", "says"),
    [
        ((), "undetermined", False, "none was given"),
        ((stated("no"),), "not_met", True, "secure-only: no"),
        ((EXPIRED,), "undetermined", False, "not valid at the time of the audit"),
        ((COMING,), "undetermined", False, "not valid at the time of the audit"),
        ((stated(host="codec"),), "undetermined", False, "none was given"),
        ((stated(statement="verify-certificates"),), "undetermined", False, "none was given"),
        ((EXPIRED, stated()), "met", True, "secure-only: yes"),
        ((stated("no", expires=AT), stated()), "met", True, "secure-only: yes"),
        ((stated("no"), stated(on=AT)), "undetermined", False, "not a clear yes or no"),
    ],
)
def test_what_counts(given: tuple[Attestation, ...], status: str, is_attested: bool, says: str) -> None:  # noqa: FBT001 - a column of the table
    """Expired, coming and other hosts' statements do not; two that contradict each other leave it open."""
    found = judged(*given)
    assert (found.status, found.attested) == (status, is_attested)
    assert says in found.because


def test_a_statement_that_does_not_count_is_kept_as_an_observation() -> None:
    """The report can show that there was one, and why it did not count."""
    assert any("valid until 2026-11-24 12:00Z" in line for line in judged(EXPIRED).evidence)


def test_those_that_count_come_first_and_the_newest_before_others() -> None:
    """A check that reads one statement reads the one that holds."""
    older, newer = stated("old", on=AT - timedelta(days=3)), stated("new", on=AT - timedelta(days=1))
    made = list(attested((EXPIRED, older, COMING, newer), AT))
    assert [o.fact.value for o in made if o.fact] == ["new", "old", "yes", "yes"]
    assert {(o.id, o.at, o.derived, o.asks) for o in made} == {("attested/secure-only", AT, True, Attested)}
    releases = (
        stated("9.0", statement="software-version", expires=AT),
        stated("12.1", statement="software-version"),
    )
    found = judged(*releases, control="software.supports-secure-management")
    assert (found.status, found.attested) == ("met", True)


def test_attestations_are_sorted_by_host() -> None:
    """In the order of the inventory, and nothing for a host without any."""
    one, two = stated(), stated("no")
    assert by_host((one, stated(host="codec"), two)) == {"manager": (one, two), "codec": (stated(host="codec"),)}


def test_an_observed_setting_wins() -> None:
    """What was read from the device decides, whatever was stated; the statement is neither used nor hidden."""
    seen = Observation(Setting, "setting", "dns.server", AT, Seen(Setting(path="dns.server", value="")))
    word = stated(statement="server-dns", host="codec")
    run = run_of(head(word), (collected(), collected(DEVICE, seen)), None)
    found = finding(run, "prerequisites.dns-server", "codec")
    assert (found.status, found.attested) == ("not_met", False)
    assert judged(word, control="prerequisites.dns-server", host="codec").attested
    assert [o.id for o in run.hosts[1].evidence.observed(Attested)] == ["attested/server-dns"]


def test_a_statement_makes_no_host_reachable_and_is_not_evidence_of_a_look() -> None:
    """A host that was never asked stays undetermined, and an unreachable one without a level."""
    run = run_of(head(stated()), (collected(),), None)
    assert not run.hosts[0].reachable
    assert run.hosts[0].score.proven is None
    left_out = run_of(head(stated()), (), None)
    assert finding(left_out, CONTROL).status == "undetermined"


def test_a_replay_from_the_file_gives_the_same(tmp_path: Path) -> None:
    """Statements travel in the head, never among what was observed; every finding comes out again."""
    given = head(
        stated(), EXPIRED, stated("no", statement="open-tickets"), stated(statement="server-dns", host="codec")
    )
    hosts = (collected(), collected(DEVICE))
    end = AuditEnd(finished_at=AT, complete=True)
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(head_line(given) + b"".join(host_line(h) for h in hosts) + end_line(end))
    assert b"attested/" not in path.read_bytes()
    stored = read_evidence(path)
    before, after = run_of(given, hosts, end), run_of(stored.head, stored.hosts, stored.end)
    assert after.hosts == before.hosts
    assert {f.control for h in after.hosts for f in h.findings if f.attested} >= {CONTROL, "tms.open-tickets"}
    assert finding(after, "tms.open-tickets").status == "met"
    assert b"Kari Nordmann" not in host_line(replace(hosts[0], evidence=before.hosts[0].evidence))
