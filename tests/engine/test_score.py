"""The scoring rule: proven, possible, outcome."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.score import outcome, score
from auditor.model.assessment import Citation, Finding, Outcome
from auditor.model.verdict import Status

STATUSES = st.sampled_from(list(Status))


def finding(level: int | None, status: Status, kind: str = "level") -> Finding:
    """Make a finding of which only level, kind and status matter."""
    return Finding(
        control=f"c{level}.{status}", host="h", title="t", kind=kind, level=level, status=status, because="b",
        evidence=(), citation=Citation(document="d", section="s", step="t"), remediation="", checklist=None,
    )  # fmt: skip


FINDINGS = st.lists(st.builds(finding, st.sampled_from([2, 3, 4]), STATUSES), max_size=8)


@given(FINDINGS)
def test_levels_follow_the_rule_as_it_is_written(findings: list[Finding]) -> None:
    """Compare with the sentence of the specification, spelled out."""
    got = score(findings, answered=True, target_level=3)
    proven = max(
        n for n in (1, 2, 3, 4)
        if all(f.status in {Status.MET, Status.NOT_APPLICABLE} for f in findings if f.level in range(2, n + 1))
    )  # fmt: skip
    possible = max(
        n for n in (1, 2, 3, 4) if all(f.status is not Status.NOT_MET for f in findings if f.level in range(2, n + 1))
    )
    assert (got.proven, got.possible) == (proven, possible)
    assert proven <= possible


@given(FINDINGS, st.integers(0, 7), st.sampled_from([Status.UNDETERMINED, Status.NOT_MET]))
def test_losing_evidence_or_failing_never_raises_a_level(findings: list[Finding], index: int, worse: Status) -> None:
    """Turn one met finding into something worse: neither number rises."""
    if not findings:
        return
    index %= len(findings)
    if findings[index].status is not Status.MET:
        return
    before = score(findings, answered=True, target_level=4)
    after = score([*findings[:index], finding(findings[index].level, worse), *findings[index + 1 :]], answered=True,
                  target_level=4)  # fmt: skip
    assert (after.proven or 0) <= (before.proven or 0)
    assert (after.possible or 0) <= (before.possible or 0)


def test_a_host_on_which_nothing_answered_has_no_level() -> None:
    """Neither 1 nor 4, whatever its findings say."""
    got = score([finding(2, Status.MET)], answered=False, target_level=3)
    assert (got.proven, got.possible) == (None, None)
    assert outcome(got, 1) is Outcome.UNREACHABLE


def test_advisories_links_and_lock_down_decide_nothing() -> None:
    """Only level controls count."""
    others = [finding(None, Status.NOT_MET, kind) for kind in ("advisory", "link", "lock-down")]
    assert score([*others, finding(4, Status.MET)], answered=True, target_level=4).proven == 4


def test_held_back_and_doubts_reach_up_to_the_target() -> None:
    """What lies beyond the target does not hold the host back from it."""
    findings = [finding(2, Status.NOT_MET), finding(3, Status.UNDETERMINED), finding(4, Status.NOT_MET)]
    got = score(findings, answered=True, target_level=3)
    assert got.held_back_by == ("c2.not_met",)
    assert got.doubts == ("c3.undetermined",)


def test_outcomes() -> None:
    """Meets at proven, misses below possible, inconclusive between."""
    findings = [finding(3, Status.UNDETERMINED), finding(4, Status.NOT_MET)]
    got = score(findings, answered=True, target_level=3)
    assert [outcome(got, n) for n in (1, 2, 3, 4)] == [
        Outcome.MEETS, Outcome.MEETS, Outcome.INCONCLUSIVE, Outcome.MISSES,
    ]  # fmt: skip
