"""The rules that make a verdict honest, as a table."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.engine.judge import judge_host
from auditor.model.assessment import Finding
from auditor.model.control import Context, Control, Need, control
from auditor.model.evidence import AnyObservation, Evidence
from auditor.model.facts import OpenService
from auditor.model.verdict import Met, NotApplicable, NotMet, Status, Undetermined, Verdict
from tests.engine.evidence import TOY, closed_port, context, filtered_port, open_port


def toy(judge: Callable[[Evidence, Context], Verdict], *needs: Need) -> Control:
    """Make the one toy control of the toy profile."""
    judge.__doc__ = "Because."
    wrap = control(
        "toy.off", title="Toy is off", level=2, needs=needs or (Need(OpenService, "telnet"),),
        method="by looking", blind_spots="none", section="2",
    )  # fmt: skip
    return wrap(judge)


def judged(verdict: Verdict, *observations: AnyObservation, needs: tuple[Need, ...] = ()) -> Finding:
    """Judge with a check that says `verdict`, whatever it sees."""
    (finding,) = judge_host([toy(lambda _e, _c: verdict, *needs)], Evidence(observations), context())
    return finding


MET = Met("It is off.", ("port/telnet",))
NOT_MET = NotMet("It is on.", ("port/telnet",))


@pytest.mark.parametrize(
    ("verdict", "observations", "expected"),
    [
        (MET, (closed_port(),), Status.MET),
        (NOT_MET, (open_port(),), Status.NOT_MET),
        (MET, (), Status.UNDETERMINED),
        (NOT_MET, (), Status.UNDETERMINED),
        (MET, (filtered_port(),), Status.UNDETERMINED),
        (NOT_MET, (filtered_port(),), Status.UNDETERMINED),
        (NotApplicable("There is none."), (), Status.UNDETERMINED),
        (NotApplicable("There is none.", ("port/telnet",)), (closed_port(),), Status.NOT_APPLICABLE),
        (Undetermined("Who knows."), (open_port(),), Status.UNDETERMINED),
        (Met("It is off.", ("port/nowhere",)), (closed_port(),), Status.UNDETERMINED),
    ],
)
def test_a_verdict_is_never_better_than_its_evidence(
    verdict: Verdict, observations: tuple[AnyObservation, ...], expected: Status
) -> None:
    """Whatever a check claims, what was not looked at is undetermined."""
    assert judged(verdict, *observations).status is expected


def test_a_gap_turns_met_into_undetermined_unless_the_check_outweighs_it() -> None:
    """One closed and one filtered port: met only where the check names the filtered one."""
    needs = (Need(OpenService),)
    seen = (closed_port("telnet"), filtered_port("http"))
    assert judged(MET, *seen, needs=needs).status is Status.UNDETERMINED
    outweighed = Met("Off by its setting.", ("port/telnet",), despite=("port/http",))
    finding = judged(outweighed, *seen, needs=needs)
    assert finding.status is Status.MET
    assert any(line.startswith("port/http:") for line in finding.evidence), "the other view must be shown"


def test_a_breach_stands_whatever_else_is_unknown() -> None:
    """An open port is a breach beside any number of filtered ones."""
    assert judged(NOT_MET, open_port(), filtered_port("http"), needs=(Need(OpenService),)).status is Status.NOT_MET


def test_a_need_that_was_never_asked_keeps_met_away_but_an_optional_one_does_not() -> None:
    """Half of the questions is not enough."""
    strict = (Need(OpenService, "telnet"), Need(OpenService, "http"))
    lenient = (Need(OpenService, "telnet"), Need(OpenService, "http", optional=True))
    assert judged(MET, closed_port(), needs=strict).status is Status.UNDETERMINED
    assert judged(MET, closed_port(), needs=lenient).status is Status.MET


def test_a_check_that_raises_is_our_fault_and_not_the_hosts() -> None:
    """The finding stays in the report, undetermined, marked as a fault."""

    def broken(_evidence: Evidence, _context: Context) -> Verdict:
        raise KeyError("oops")

    (finding,) = judge_host([toy(broken)], Evidence((open_port(),)), context())
    assert (finding.status, finding.fault) == (Status.UNDETERMINED, True)
    assert "KeyError" in finding.because


def test_a_host_that_was_not_looked_at_gets_a_finding_for_every_control() -> None:
    """Never a missing row, never a pass."""
    (finding,) = judge_host([toy(lambda _e, _c: MET)], Evidence(()), context(), looked_at=False)
    assert finding.status is Status.UNDETERMINED


def test_a_control_that_the_profile_does_not_list_gives_no_finding() -> None:
    """Families are data: the profile decides which controls apply."""
    assert judge_host([toy(lambda _e, _c: MET)], Evidence((closed_port(),)), context(replace(TOY, controls={}))) == ()


def test_a_finding_cites_shows_and_advises() -> None:
    """Citation from the profile, evidence with its identifier, remediation only where something is to be done."""
    bad, good = judged(NOT_MET, open_port()), judged(MET, closed_port())
    assert (bad.citation.section, bad.citation.step, bad.checklist) == ("Chapter", "step 1", "item 1")
    assert bad.evidence[0].startswith("port/telnet: tcp port 23 is open")
    assert (bad.remediation, good.remediation) == ("Switch it off.", "")
    assert bad.fingerprint == good.fingerprint == "b5e413b4c5d06440a8b872ded2f80080"
    assert replace(bad, host="toy2").fingerprint != bad.fingerprint != replace(bad, control="toy.on").fingerprint


def test_a_verdict_cannot_be_made_without_showing_anything() -> None:
    """Nothing is vacuously met or breached."""
    with pytest.raises(ValueError, match="vacuously"):
        Met("All of none are fine.", ())
    with pytest.raises(ValueError, match="observation"):
        NotMet("Somehow.", ())
