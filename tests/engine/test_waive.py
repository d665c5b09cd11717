"""Waivers: what they cover, what they never change, and what is reported of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cli.exits import Exit, exit_code
from auditor.engine.waive import covers, waive
from auditor.model.assessment import AuditRun, Outcome
from auditor.model.verdict import Status
from auditor.model.waiver import ScopeKind, Waiver
from tests.reports.sample_run import START, sample_run

HELD = ("services.telnet-off", "services.http-off")
"""What holds the sample's host rm204 back."""


def waiver(
    control: str = HELD[0],
    scope: ScopeKind = "host",
    name: str = "rm204",
    *,
    id: str = "W1",  # noqa: A002 - the field's own name
    days: int = 100,
    since: int = -10,
) -> Waiver:
    """Return a waiver that ends so many days after the audit began."""
    return Waiver(
        id=id, control=control, scope=scope, scope_name=name, reason="The room closes in May.", owner="Ann",
        approver="Bo", created=START + timedelta(days=since), expires=START + timedelta(days=days),
    )  # fmt: skip


def waived(*waivers: Waiver) -> AuditRun:
    """Lay waivers beside the sample."""
    return waive(sample_run(), waivers)


def accepted(run: AuditRun) -> set[str]:
    """Return the hosts whose miss is accepted."""
    return {host.target.name for host in run.hosts if host.accepted}


def troubles(run: AuditRun) -> list[tuple[str, str]]:
    """Return the waivers that have a problem, and which."""
    return [(problem.waiver, problem.kind) for problem in run.waiver_problems]


def test_a_miss_is_accepted_only_when_all_that_holds_the_host_back_is_waived() -> None:
    """One of two controls is not enough."""
    assert accepted(waived(waiver(HELD[0]))) == set()
    run = waived(waiver(HELD[0]), waiver(HELD[1], id="W2"))
    assert accepted(run) == {"rm204"}
    [host] = [h for h in run.hosts if h.target.name == "rm204"]
    assert host.outcome is Outcome.MISSES
    assert host.score.held_back_by == HELD
    shown = {f.control: f.waiver.id for f in host.findings if f.waiver}
    assert shown == {HELD[0]: "W1", HELD[1]: "W2"}


@pytest.mark.parametrize(
    ("scope", "name", "hit"),
    [
        ("host", "rm204", True), ("host", "rm2", False), ("tag", "boardroom", True), ("tag", "rm204", False),
        ("site", "oslo", True), ("site", "bergen", False), ("fleet", "", True),
    ],
)  # fmt: skip
def test_scopes(scope: ScopeKind, name: str, *, hit: bool) -> None:
    """A host by its name, its tag, its site, or as part of the fleet; whole words only."""
    [target] = [host.target for host in sample_run().hosts if host.target.name == "rm204"]
    assert covers(waiver(scope=scope, name=name), target) is hit


@pytest.mark.parametrize(
    ("one", "kinds"),
    [
        (waiver(), []),
        (waiver(days=29), ["expires-soon"]),
        (waiver(days=0), ["expired"]),
        (waiver(days=-1), ["expired"]),
        (waiver(since=1), ["not-yet"]),
        (waiver(control="services.telnet-of"), ["unknown-control"]),
        (waiver(control="services.telnet-of", days=-1), ["unknown-control", "expired"]),
        (waiver(name="nobody"), ["unused"]),
        (waiver(control="services.ftp-off"), ["unused"]),
        (waiver(control="clients.verify-server-certificate"), []),
    ],
)
def test_what_is_wrong_with_a_waiver_is_reported(one: Waiver, kinds: list[str]) -> None:
    """All of it, each time in a sentence that names the waiver; a control that could not be judged is no reason."""
    run = waived(one)
    assert troubles(run) == [("W1", kind) for kind in kinds]
    assert all(problem.message.startswith("Waiver W1 (") for problem in run.waiver_problems)


@pytest.mark.parametrize("one", [waiver(days=0), waiver(days=-5), waiver(since=1)])
def test_a_waiver_counts_within_its_time_only(one: Waiver) -> None:
    """The instant of its end is outside: the finding returns."""
    run = waived(one, replace(one, id="W2", control=HELD[1]))
    assert accepted(run) == set()
    assert not any(f.waiver for host in run.hosts for f in host.findings)


def test_the_last_microsecond_counts() -> None:
    """Ends are exact, not days."""
    end = START + timedelta(microseconds=1)
    run = waived(*(replace(waiver(control, id=control), expires=end) for control in HELD))
    assert accepted(run) == {"rm204"}


def test_of_several_waivers_the_one_that_ends_last_is_shown() -> None:
    """Both cover the finding, so neither is unused."""
    run = waived(waiver(days=40), waiver(scope="fleet", name="", id="W2", days=80))
    [host] = [h for h in run.hosts if h.target.name == "rm204"]
    assert {f.waiver.id for f in host.findings if f.waiver} == {"W2"}
    assert troubles(run) == []


CONTROLS = sorted({f.control for host in sample_run().hosts for f in host.findings})
WAIVERS = st.lists(
    st.builds(
        lambda control, scope, name, number, days, since: waiver(
            control, scope, name, id=number, days=days, since=since
        ),
        st.sampled_from([*CONTROLS, "no.such"]),
        st.sampled_from(["host", "tag", "site", "fleet"]),
        st.sampled_from(["rm204", "boardroom", "oslo", "", "x"]),
        st.sampled_from(["W1", "W2", "W3"]),
        st.integers(-50, 400),
        st.integers(-100, 10),
    ),
    max_size=12,
)


@given(WAIVERS)
def test_no_waiver_changes_a_verdict_or_a_level(waivers: Sequence[Waiver]) -> None:
    """With waivers and accepted miss taken away again, every host is what it was before, byte for byte."""
    before, after = sample_run(), waive(sample_run(), waivers)
    stripped = tuple(
        replace(host, accepted=False, findings=tuple(replace(f, waiver=None) for f in host.findings))
        for host in after.hosts
    )
    assert stripped == before.hosts


@given(WAIVERS)
def test_only_breaches_and_doubts_carry_a_waiver_that_counts(waivers: Sequence[Waiver]) -> None:
    """What is met carries none; what is carried counts at the audit's time and is for that control."""
    by_id = {(w.id, w.control, w.expires) for w in waivers if w.counts(START)}
    for host in waive(sample_run(), waivers).hosts:
        assert not host.accepted or host.outcome is Outcome.MISSES
        for found in host.findings:
            if found.waiver is not None:
                assert found.status in {Status.NOT_MET, Status.UNDETERMINED}
                assert (found.waiver.id, found.control, found.waiver.expires) in by_id


def test_exit_codes() -> None:
    """An accepted miss is a miss all the same, unless it is asked to count as meeting."""
    everything = [waiver(control, "fleet", "", id=control) for control in CONTROLS]
    run = waive(sample_run(), everything)
    misses = tuple(h for h in run.hosts if h.outcome is Outcome.MISSES and h.accepted)
    run = replace(run, tool_faults=(), requests_refused=0, hosts=misses)
    assert run.hosts
    assert exit_code(run) is Exit.MISSES
    assert exit_code(run, accept_waived=True) is Exit.MEETS
    plain = replace(run, hosts=tuple(replace(host, accepted=False) for host in run.hosts))
    assert exit_code(plain, accept_waived=True) is Exit.MISSES
