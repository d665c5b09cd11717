"""What is news in an audit: only what the host itself showed, and never anything about a host that was not reached."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.changes import changes_since, earlier_of, with_changes
from auditor.model.assessment import AuditRun, HostAssessment, Outcome, Score
from auditor.model.changes import ChangeKind, Changes
from auditor.model.verdict import Status
from auditor.model.waiver import AppliedWaiver
from auditor.reports.records import records
from tests.reports.sample_run import END, START, finding, host, sample_run

CONTROLS = ("services.telnet-off", "services.ftp-off")
WAIVER = AppliedWaiver(
    id="W1", reason="Until the move.", owner="Ann", approver="Bo", created=START, expires=END, scope="the fleet"
)

Given = tuple[Status, bool, bool]
"""Status, whether a waiver covers it, whether a fault of ours took it."""


def run_of(name: str, **verdicts: Given | Status | None) -> AuditRun:
    """Return a run of one host called rm1 (not reached where `reached` is None) with these verdicts, in order."""
    reached = verdicts.pop("reached", Status.MET) is not None
    some = []
    for control, given_ in zip(CONTROLS, verdicts.values(), strict=False):
        if given_ is None:
            continue
        status, waived, fault = given_ if isinstance(given_, tuple) else (given_, False, False)
        made = finding(control, Status.UNDETERMINED if fault else status, "So it is.")
        some.append(replace(made, waiver=WAIVER if waived else None, fault=fault))
    one = host("rm1", Outcome.MISSES, Score(proven=1, possible=1), *(some if reached else ()))
    at = START + timedelta(days=len(name))
    return replace(sample_run(), id=name, started_at=at, hosts=(replace(one, reachable=reached),))


def kinds(old: AuditRun, new: AuditRun) -> list[ChangeKind]:
    """Return the kinds of change, in the order of the findings."""
    return [record.change.kind for record in records(with_changes(new, earlier_of(old))) if record.change]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Status.NOT_MET, Status.NOT_MET, []),
        (Status.MET, Status.MET, []),
        (Status.MET, Status.NOT_MET, [ChangeKind.OPENED]),
        (Status.MET, Status.UNDETERMINED, [ChangeKind.OPENED]),
        (Status.NOT_APPLICABLE, Status.NOT_MET, [ChangeKind.OPENED]),
        (Status.NOT_MET, Status.UNDETERMINED, [ChangeKind.CHANGED]),
        (Status.UNDETERMINED, Status.NOT_MET, [ChangeKind.CHANGED]),
        (Status.MET, Status.NOT_APPLICABLE, [ChangeKind.CHANGED]),
        (Status.NOT_MET, Status.MET, [ChangeKind.RESOLVED]),
        (Status.UNDETERMINED, Status.MET, [ChangeKind.RESOLVED]),
        (None, Status.MET, [ChangeKind.FIRST]),
        ((Status.NOT_MET, False, False), (Status.NOT_MET, True, False), [ChangeKind.CHANGED]),
        ((Status.NOT_MET, True, False), (Status.NOT_MET, False, False), [ChangeKind.CHANGED]),
        ((Status.NOT_MET, False, False), (Status.UNDETERMINED, False, True), []),
        ((Status.UNDETERMINED, False, True), (Status.NOT_MET, False, False), [ChangeKind.FIRST]),
    ],
)
def test_what_a_verdict_is_after_another(
    before: Given | Status | None, after: Given | Status, expected: list[ChangeKind]
) -> None:
    """A waiver resolves nothing, what is not known resolves nothing, and a fault of ours is no news."""
    assert kinds(run_of("a", telnet=before), run_of("ab", telnet=after)) == expected


def test_a_host_that_was_not_reached_is_not_fixed() -> None:
    """It is named, its breaches are counted as standing, and there is no event of it."""
    old = run_of("a", telnet=Status.NOT_MET, ftp=Status.MET)
    new = run_of("ab", reached=None)
    changes = changes_since(earlier_of(old), new)
    assert changes.findings == {}
    assert (changes.not_reached, changes.standing, changes.unchanged) == (("rm1",), 1, 0)


def test_findings_of_a_silent_host_are_no_news_either() -> None:
    """Where every verdict of it is undetermined because nothing came back."""
    old = run_of("a", telnet=Status.NOT_MET)
    silent = run_of("ab", telnet=Status.UNDETERMINED)
    silent = replace(silent, hosts=(replace(silent.hosts[0], reachable=False),))
    assert changes_since(earlier_of(old), silent).findings == {}
    assert list(records(with_changes(silent, earlier_of(old)))) == []


def test_a_breach_that_a_saved_configuration_shows_is_news() -> None:
    """An audit of files alone reaches nobody, and is not silent for that; but nothing is over by a file."""
    old = run_of("a", telnet=Status.MET, ftp=Status.NOT_MET)
    from_file = run_of("ab", telnet=Status.NOT_MET, ftp=Status.MET)
    from_file = replace(from_file, hosts=(replace(from_file.hosts[0], reachable=False),))
    assert kinds(old, from_file) == [ChangeKind.OPENED]
    assert changes_since(earlier_of(old), from_file).standing == 1
    nobody = replace(old, hosts=())
    assert kinds(nobody, from_file) == [ChangeKind.FIRST]


def test_a_host_that_nobody_audits_any_more_is_not_fixed() -> None:
    """Nor is a control that was not judged."""
    old = run_of("a", telnet=Status.NOT_MET, ftp=Status.NOT_MET)
    gone = changes_since(earlier_of(old), replace(run_of("ab"), hosts=()))
    assert (gone.not_listed, gone.standing) == (("rm1",), 2)
    less = changes_since(earlier_of(old), run_of("ab", telnet=Status.NOT_MET))
    assert (less.not_judged, less.unchanged, less.standing) == (1, 1, 0)


STATUSES = st.sampled_from([Status.MET, Status.NOT_MET, Status.UNDETERMINED])
GIVEN = st.one_of(st.none(), st.tuples(STATUSES, st.booleans(), st.booleans()))
REACHED = st.sampled_from([Status.MET, None])


@given(GIVEN, GIVEN, REACHED, GIVEN, GIVEN, REACHED)
def test_nothing_is_lost_and_nothing_is_resolved_unseen(
    a: Given | None, b: Given | None, here: Status | None, c: Given | None, d: Given | None, there: Status | None
) -> None:
    """Every finding is given, or counted as left out; what is resolved is met on a host that was reached."""
    old, new = run_of("a", telnet=a, ftp=b, reached=here), run_of("ab", telnet=c, ftp=d, reached=there)
    changes: Changes = changes_since(earlier_of(old), new)
    only: HostAssessment = new.hosts[0]
    judged = [f for f in only.findings if only.reachable]
    assert len(changes.findings) + changes.unchanged + changes.faults == len(judged)
    for each in judged:
        change = changes.findings.get(each.fingerprint)
        if change and change.kind is ChangeKind.RESOLVED:
            assert each.status is Status.MET
    breaches = sum(f.status is Status.NOT_MET and not f.fault for f in old.hosts[0].findings)
    ended = sum(
        1 for f in old.hosts[0].findings if f.status is Status.NOT_MET and any(g.control == f.control for g in judged)
    )
    assert changes.standing + changes.not_judged + ended == breaches
