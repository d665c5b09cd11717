"""What stands although nobody saw it: trends and the last known verdicts, with hosts that fall silent in between."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.engine.changes import with_changes
from auditor.engine.snapshot import snapshot_of
from auditor.history import History, last_known, record, trend_of
from auditor.model.assessment import AuditRun, HostAssessment, Outcome, Score
from auditor.model.changes import Earlier, Known
from auditor.model.trend import Standing
from auditor.model.verdict import Status
from auditor.reports.html import HtmlReport
from tests.history.test_intervals import memory
from tests.reports.sample_run import START, finding, host, sample_run

TELNET, FTP = "services.telnet-off", "services.ftp-off"
NOT_MET, MET = Status.NOT_MET, Status.MET


def box(name: str, telnet: Status, ftp: Status = MET, *, reached: bool = True) -> HostAssessment:
    """Return a host with two verdicts; none where it was not reached."""
    said = (finding(TELNET, telnet, "So it is."), finding(FTP, ftp, "So it is.")) if reached else ()
    outcome = Outcome.UNREACHABLE if not reached else Outcome.MISSES if telnet is NOT_MET else Outcome.MEETS
    level = None if not reached else 1 if telnet is NOT_MET else 3
    return replace(host(name, outcome, Score(proven=level, possible=level), *said), reachable=reached)


def night(number: int, *hosts: HostAssessment) -> AuditRun:
    """Return the audit of a night."""
    at = START + timedelta(days=number)
    return replace(
        sample_run(), id=f"night-{number}", started_at=at, finished_at=at, complete=True, hosts=hosts, links=(),
        tool_faults=(), not_looked_at=(),
    )  # fmt: skip


NIGHTS = (
    night(1, box("a", NOT_MET), box("b", NOT_MET, NOT_MET), box("c", NOT_MET)),
    night(2, box("a", NOT_MET, reached=False), box("b", NOT_MET)),
    night(3, box("a", MET, NOT_MET), box("b", NOT_MET, reached=False), box("c", MET)),
)
EXPECTED = [Standing(seen=4), Standing(seen=1, unseen=1, not_listed=1), Standing(seen=1, unseen=1)]


@pytest.fixture
def past(tmp_path: Path) -> History:
    """A history of the first two nights."""
    history = memory(tmp_path)
    for run in NIGHTS[:2]:
        record(history, snapshot_of(run))
    return history


def test_a_silent_host_keeps_its_breaches_in_the_trend(past: History) -> None:
    """Seen, not seen but standing, and of hosts that are not in the audit: a gap in coverage is no improvement."""
    trend = trend_of(past, NIGHTS[2])
    assert trend is not None
    assert [moment.breaches for moment in trend.moments] == EXPECTED
    assert [moment.audit for moment in trend.moments] == ["night-1", "night-2", "night-3"]
    assert [moment.outcomes.get("unreachable", 0) for moment in trend.moments] == [0, 1, 1]
    assert [moment.without_level for moment in trend.moments] == [0, 1, 1]


def test_what_cannot_be_told_is_no_improvement(tmp_path: Path) -> None:
    """A breach that became undetermined stands in the trend until somebody sees that it is over, here twice."""
    history = memory(tmp_path)
    unclear = Status.UNDETERMINED
    nights = [
        night(number, box("a", status))
        for number, status in enumerate((unclear, NOT_MET, unclear, unclear, MET, unclear, NOT_MET, unclear))
    ]
    for run in nights[:-1]:
        record(history, snapshot_of(run))
    none, seen, unseen = Standing(), Standing(seen=1), Standing(unseen=1)
    trend = trend_of(history, nights[-1])
    assert trend is not None
    assert [moment.breaches for moment in trend.moments] == [none, seen, unseen, unseen, none, none, seen, unseen]
    unsettled = [known_before(history, run).hosts["a"][TELNET].unsettled for run in nights[1:]]
    assert unsettled == [False, False, True, True, False, False, False]
    at_fourth = trend_of(history, nights[3])
    assert at_fourth is not None
    assert at_fourth.moments[-1].breaches == unseen
    silent = with_changes(night(3, box("a", unclear, reached=False)), known_before(history, nights[3]))
    assert silent.changes is not None
    assert silent.changes.standing == 1


def known_before(history: History, run: AuditRun) -> Earlier:
    """Return what was known before an audit."""
    known = last_known(history, run)
    assert known is not None
    return known


def test_recording_the_audit_and_later_ones_changes_nothing(past: History) -> None:
    """The same run and the same past give the same bytes, before and after it is recorded."""

    def page() -> bytes:
        return HtmlReport(trend=lambda run: trend_of(past, run)).render(NIGHTS[2])

    before, known = page(), last_known(past, NIGHTS[2])
    record(past, snapshot_of(NIGHTS[2]))
    record(past, snapshot_of(night(4, box("a", MET), box("b", MET))))
    assert page() == before
    assert last_known(past, NIGHTS[2]) == known
    later = trend_of(past, night(5, box("a", MET)))
    assert later is not None
    assert [moment.breaches for moment in later.moments[:3]] == EXPECTED


def test_what_is_known_lasts_through_silence(past: History) -> None:
    """The verdict of the first night stands for the host that did not answer in the second."""
    known = last_known(past, NIGHTS[2])
    assert known is not None
    assert (known.audit, known.at) == ("night-2", NIGHTS[1].started_at)
    assert known.hosts["a"][TELNET] == Known(status=NOT_MET, first_seen=NIGHTS[0].started_at)
    assert known.hosts["b"][FTP] == Known(status=MET, first_seen=NIGHTS[0].started_at)
    assert known.hosts["c"][TELNET].status is NOT_MET


def test_without_an_earlier_audit_there_is_no_trend(tmp_path: Path) -> None:
    """Nor anything known, nor a section in the page."""
    empty = memory(tmp_path)
    record(empty, snapshot_of(NIGHTS[1]))
    assert trend_of(empty, NIGHTS[0]) is None
    assert last_known(empty, NIGHTS[1]) is None
    plain = HtmlReport().render(NIGHTS[0])
    assert HtmlReport(trend=lambda run: trend_of(empty, run)).render(NIGHTS[0]) == plain
    assert b'id="trends"' not in plain


def test_the_page_shows_the_trend_as_pictures_words_and_table(past: History) -> None:
    """Every picture has its words, and what stands unseen is told apart in all three."""
    text = HtmlReport(trend=lambda run: trend_of(past, run)).render(NIGHTS[2]).decode()
    section = text[text.index('<section id="trends"') :]
    section = section[: section.index("</section>")]
    assert section.count("<svg") == section.count("<title id=") == section.count("<desc id=") == 3
    assert "Not met: 4, 1+2, 1+1." in section
    assert section.count('<rect class="outline"') == 2
    assert "<td>1 (0)</td><td>1</td><td>1</td></tr>" in section
    assert "this audit" in section


def test_older_audits_are_counted_and_not_shown(tmp_path: Path) -> None:
    """The newest ones stand in the trend."""
    history = memory(tmp_path)
    for number in range(1, 6):
        record(history, snapshot_of(night(number, box("a", NOT_MET))))
    trend = trend_of(history, night(9, box("a", MET)), most=3)
    assert trend is not None
    assert [moment.audit for moment in trend.moments] == ["night-4", "night-5", "night-9"]
    assert trend.left_out == 3
    assert [moment.breaches.seen for moment in trend.moments] == [1, 1, 0]
