"""The numbers and words that every report shares."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from auditor.model.assessment import Score
from auditor.model.verdict import Status
from auditor.reports.chart import bar_chart
from auditor.reports.expiry import expiries
from auditor.reports.fleet import coverage
from auditor.reports.holdback import holdbacks
from auditor.reports.hostpage import checklist
from auditor.reports.instant import in_words, rfc3339, span_in_words
from auditor.reports.wording import count_of, level_meaning, level_words
from tests.reports.sample_run import END, certificate, chain, finding, meeting_host, missing_host, sample_run


def test_the_most_widespread_cause_comes_first() -> None:
    """Breaches count before doubts, and hosts are named in inventory order."""
    rows = holdbacks(sample_run())
    assert [(row.control, len(row.breached), len(row.in_doubt)) for row in rows] == [
        ("services.telnet-off", 2, 1),
        ("services.http-off", 2, 0),
        ("services.ftp-off", 0, 1),
    ]
    assert rows[1].breached == ("rm204", "tms")


def test_certificates_are_ordered_by_their_end() -> None:
    """What has ended comes first, and says so."""
    rows = expiries(sample_run())
    assert [(row.host, row.days_left, row.state) for row in rows][0::2] == [
        ("rm204", -12, "Expired"),
        ("vcs-core", 41, "Soon"),
    ]


@pytest.mark.parametrize(
    ("ends", "words", "state"),
    [
        (timedelta(hours=5), "within a day", "Soon"),
        (timedelta(hours=-5), "within the last day", "Expired"),
        (timedelta(days=-3), "3 days ago", "Expired"),
        (timedelta(days=60), "in 60 days", "Soon"),
        (timedelta(days=61), "in 61 days", "Later"),
    ],
)
def test_the_end_of_a_certificate_in_words(ends: timedelta, words: str, state: str) -> None:
    """The warning limit is the policy's, its day included."""
    leaf = replace(certificate("CN=x", 0), not_after=END + ends)
    run = replace(sample_run(), hosts=(replace(meeting_host(), chain=chain(leaf)),))
    (row,) = expiries(run)
    assert (row.words, row.state) == (words, state)


def test_coverage_counts_only_level_controls_and_never_hides_what_was_left_out() -> None:
    """Decided and undetermined make up what applies."""
    seen = coverage(sample_run())
    assert (seen.listed, seen.looked_at, seen.answered) == (8, 6, 5)
    assert seen.decided + seen.undetermined == seen.applicable
    assert (seen.undetermined, seen.not_applicable, seen.attested, seen.faults) == (3, 1, 1, 1)


def test_the_worst_finding_answers_an_item_of_the_checklist() -> None:
    """A met control cannot outweigh one that is not met, and item 10 comes after item 4."""
    rows = checklist(missing_host().findings)
    assert [(row.item.split()[0], row.answer) for row in rows] == [
        ("2", "No"), ("3", "Yes"), ("4", "No"), ("10", "No"), ("12", "Not known"),
    ]  # fmt: skip
    assert checklist((finding("services.ftp-off", Status.NOT_APPLICABLE, "none here"),)) == ()


@pytest.mark.parametrize(
    ("proven", "possible", "words", "means"),
    [
        (None, None, "No level", "no management service answered"),
        (4, 4, "Level 4 proven, Level 4 possible", "Everything that Level 4 asks for was shown."),
        (1, 1, "Level 1 proven, Level 1 possible", "Level 2 is ruled out"),
        (2, 3, "Level 2 proven, Level 3 possible", "evidence for Level 3 is missing. Level 4 is ruled out"),
        (1, 4, "Level 1 proven, Level 4 possible", "evidence for Levels 2 to 4 is missing."),
    ],
)
def test_levels_in_words(proven: int | None, possible: int | None, words: str, means: str) -> None:
    """Missing evidence and a breach are told apart."""
    score = Score(proven=proven, possible=possible)
    assert level_words(score) == words
    assert means in level_meaning(score)


def test_shares_show_their_numerator_and_denominator() -> None:
    """And there is no percentage of nothing."""
    assert count_of(1, 3) == "1 of 3 (33 %)"
    assert count_of(0, 0) == "0 of 0"


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    """The reader's locale and the machine's zone play no part."""
    oslo = datetime(2026, 3, 4, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert in_words(oslo) == "3 March 2026, 23:30 UTC"
    assert rfc3339(oslo) == "2026-03-03T23:30:00Z"
    assert span_in_words(END, END + timedelta(seconds=3725)) == "1 h 2 min 5 s"
    assert span_in_words(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)) == "0 s"


def test_a_chart_says_its_numbers_and_draws_empty_rows() -> None:
    """Widths are in proportion; nothing is divided by nothing."""
    chart = bar_chart(id="x", title="X", series=("a", "b"), rows=(("one", (4, 2)), ("none", (0, 0)), ("rest", (1,))))
    assert chart.description == "one: 4 a, 2 b; none: 0 a, 0 b; rest: 1."
    assert chart.rows[0].bars[1].width * 2 == chart.rows[0].bars[0].width
    assert [bar.solid for row in chart.rows for bar in row.bars] == [True, False, True, False, False]
    assert bar_chart(id="y", title="Y", series=("a",), rows=(("none", (0,)),)).rows[0].bars[0].width == 0
