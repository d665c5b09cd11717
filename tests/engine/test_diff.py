"""Two audits compared: what is worse comes first, and what was not seen is never better."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.diff import diff
from auditor.model.difference import Category, Change
from auditor.model.snapshot import HostState, ServiceState, Snapshot, Verdict
from auditor.model.verdict import Status
from tests.history.snapshots import (
    BESIDE,
    MET,
    NOT_MET,
    UNKNOWN,
    certificate,
    facts,
    host,
    snapshot,
    verdict,
)

TELNET = "services.telnet-off"


def one(old: HostState, new: HostState) -> tuple[Change, ...]:
    """Compare one host."""
    return diff(snapshot(1, old), snapshot(2, new)).changes


def told(old: HostState, new: HostState) -> list[tuple[str, str, str]]:
    """Return category, kind and subject of each change."""
    return [(c.category.value, c.kind, c.subject) for c in one(old, new)]


@pytest.mark.parametrize(
    ("before", "after", "category"),
    [
        (MET, NOT_MET, "regression"),
        (UNKNOWN, NOT_MET, "regression"),
        (BESIDE, NOT_MET, "regression"),
        (None, NOT_MET, "regression"),
        (MET, UNKNOWN, "newly_unknown"),
        (NOT_MET, UNKNOWN, "newly_unknown"),
        (BESIDE, UNKNOWN, "newly_unknown"),
        (None, UNKNOWN, None),
        (NOT_MET, MET, "improvement"),
        (UNKNOWN, MET, "improvement"),
        (BESIDE, MET, "changed"),
        (None, MET, None),
        (NOT_MET, BESIDE, "changed"),
        (MET, BESIDE, "changed"),
        (MET, MET, None),
        (NOT_MET, NOT_MET, None),
    ],
)
def test_what_a_verdict_means_after_another(before: Status | None, after: Status, category: str | None) -> None:
    """The table of verdicts. Only `met` after a verdict that was not met, or not known, is an improvement."""
    old: Mapping[str, Verdict] = {} if before is None else {TELNET: verdict(before)}
    found = told(host("rm1", old), host("rm1", {TELNET: verdict(after)}))
    assert found == ([] if category is None else [(category, "verdict", TELNET)])


def test_a_host_that_was_not_reached_is_not_fixed() -> None:
    """Whatever stands in its verdicts: one change, newly unknown, that says what stays open."""
    old = host("rm1", {TELNET: verdict(NOT_MET)}, outcome="misses", level=(1, 1))
    [change] = one(old, host("rm1", {TELNET: verdict(MET)}, reached=False))
    assert (change.category, change.kind, change.subject) == (Category.UNKNOWN, "host", "not reached")
    assert "1 controls that it did not meet stay open" in change.sentence


def test_a_host_that_is_reached_again_shows_its_breaches() -> None:
    """Nothing of it is an improvement: nobody knows how it was meanwhile."""
    old = host("rm1", {TELNET: verdict(UNKNOWN)}, reached=False)
    new = host("rm1", {TELNET: verdict(NOT_MET), "a.b": verdict(MET)}, outcome="misses", level=(1, 1))
    assert told(old, new) == [("regression", "verdict", TELNET), ("changed", "host", "reached")]


def test_a_host_that_never_answers_is_no_change() -> None:
    """Twice not reached is the same."""
    silent = host("rm1", {TELNET: verdict(UNKNOWN)}, reached=False)
    assert one(silent, silent) == ()


def test_hosts_added_and_removed() -> None:
    """A host that nobody audits any more is not well: it is not known any more."""
    result = diff(snapshot(1, host("gone", {TELNET: verdict(NOT_MET)})), snapshot(2, host("new", {})))
    assert [(c.category.value, c.host, c.subject) for c in result.changes] == [
        ("newly_unknown", "gone", "removed"), ("changed", "new", "added"),
    ]  # fmt: skip


def test_levels_and_outcomes() -> None:
    """A lower possible level is a regression, a lower proven level alone is missing evidence."""
    full = host("rm1", {}, level=(3, 3))
    assert told(full, host("rm1", {}, level=(1, 2), outcome="misses")) == [
        ("regression", "outcome", "outcome"), ("regression", "level", "level"),
    ]  # fmt: skip
    assert told(full, host("rm1", {}, level=(1, 3), outcome="inconclusive")) == [
        ("newly_unknown", "outcome", "outcome"), ("newly_unknown", "level", "level"),
    ]  # fmt: skip
    assert told(host("rm1", {}, level=(2, 3), outcome="inconclusive"), full) == [
        ("improvement", "outcome", "outcome"), ("improvement", "level", "level"),
    ]  # fmt: skip


def test_facts() -> None:
    """Ports, certificates, software, settings, address: each with what it was and what it is."""
    old = host("rm1", {}, shown=facts())
    shown = facts(
        software="F7.2",
        address="192.0.2.22",
        services={"telnet": ServiceState(port=23, transport="tcp", state="open")},
        certificates={"443": certificate("b", "2A")},
        others={"setting telnet.mode": "On", "setting ftp.mode": "On"},
    )
    found = one(old, host("rm1", {}, shown=shown))
    assert [(c.kind, c.subject, c.before, c.after) for c in found if c.kind != "certificate"] == [
        ("service", "telnet (port 23/tcp)", "closed", "open"),
        ("software", "software", "F7.1", "F7.2"),
        ("fact", "address", "192.0.2.21", "192.0.2.22"),
        ("fact", "setting telnet.mode", "Off", "On"),
    ]
    [replaced] = [c for c in found if c.kind == "certificate"]
    for word in ("serial 1F", "a" * 64, "expires 2027-03-01"):
        assert word in replaced.before
    for word in ("serial 2A", "b" * 64, "CN=b.example.test"):
        assert word in replaced.after
    assert {c.category for c in found} == {Category.CHANGED}


def test_a_port_that_is_silent_now_is_newly_unknown() -> None:
    """Closed before, filtered now: it was not opened, and it is not known to be closed."""
    silent = facts(services={"telnet": ServiceState(port=23, transport="tcp", state="filtered")})
    assert told(host("rm1", {}), host("rm1", {}, shown=silent)) == [
        ("newly_unknown", "service", "telnet (port 23/tcp)")
    ]
    assert told(host("rm1", {}, shown=silent), host("rm1", {})) == [("changed", "service", "telnet (port 23/tcp)")]


def test_a_waiver_that_ended_is_a_regression() -> None:
    """The breach was accepted and is so no more; a new waiver is a change, and never an improvement."""
    plain, waived = host("rm1", {TELNET: verdict(NOT_MET)}), host("rm1", {TELNET: verdict(NOT_MET, waiver="W1")})
    assert told(waived, plain) == [("regression", "waiver", TELNET)]
    assert told(plain, waived) == [("changed", "waiver", TELNET)]


def test_order_notes_and_distance() -> None:
    """Regressions of all hosts come before anything else; what weakens the comparison is said."""
    old = snapshot(1, host("a", {TELNET: verdict(NOT_MET)}), host("b", {TELNET: verdict(MET)}))
    new = snapshot(
        8, host("a", {TELNET: verdict(MET)}), host("b", {TELNET: verdict(NOT_MET)}), complete=False, catalogue="d" * 64
    )
    result = diff(old, new)
    assert [(c.category.value, c.host) for c in result.changes] == [("regression", "b"), ("improvement", "a")]
    assert result.apart == timedelta(days=7)
    assert any("partial" in note for note in result.notes)
    assert any("different catalogues" in note for note in result.notes)
    assert any("backwards" in note for note in diff(new, old).notes)
    assert any("same audit" in note for note in diff(old, old).notes)


def test_bundles_judged_by_other_catalogues_are_told() -> None:
    """Re-judged by one catalogue, the verdicts compare; that they were first judged by two is still said."""
    notes = diff(snapshot(1), snapshot(2), judged_by=("1" * 64, "2" * 64)).notes
    digests = "(111111111111 and 222222222222)"
    said = f"The two audits were first judged by different catalogues {digests}; here, one and the same judges both."
    assert notes == (said,)


STATES = st.builds(
    lambda found, reached: host("rm1", {c: verdict(s) for c, s in found.items()}, reached=reached),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(list(Status))),
    st.booleans(),
)


@given(STATES, STATES)
def test_nothing_is_better_that_was_not_seen_on_both_sides(old: HostState, new: HostState) -> None:
    """An improvement of a verdict needs a host reached twice, a verdict that was not good, and `met` now."""
    for change in one(old, new):
        if change.category is Category.IMPROVEMENT:
            assert old.reached
            assert new.reached
            assert old.verdicts[change.subject].status in {NOT_MET, UNKNOWN}
            assert new.verdicts[change.subject].status is MET


@given(STATES, STATES)
def test_every_new_breach_is_a_regression(old: HostState, new: HostState) -> None:
    """No breach that is seen now and was not known before is left out, or called anything else."""
    before = old.verdicts if old.reached else {}
    expected = {
        c
        for c, v in new.verdicts.items()
        if new.reached and v.status is NOT_MET and (c not in before or before[c].status is not NOT_MET)
    }
    found = {c.subject for c in one(old, new) if c.kind == "verdict" and c.category is Category.REGRESSION}
    assert found == expected


@given(STATES)
def test_an_audit_compared_with_itself_has_no_changes(state: HostState) -> None:
    """The same is the same."""
    same: Snapshot = snapshot(1, state)
    assert diff(same, same).changes == ()
