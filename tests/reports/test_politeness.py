"""How gently a fleet was asked stands in the report, word for word as the dry run says it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auditor.model.assessment import Pacing
from auditor.model.politeness import Distress, Politeness, Window
from auditor.reports.detail import Detail
from auditor.reports.html import HtmlReport
from auditor.reports.paper import paper
from auditor.reports.politeness_view import politeness_words, window_words
from tests.reports.sample_run import sample_run

WINDOWS = (
    Window(scope="site", scope_name="oslo<b>", days=("sat", "sun"), start="22:00", end="05:00", zone="Europe/Oslo"),
    Window(
        scope="host", scope_name="rm204",
        opens=datetime(2026, 11, 26, 21, tzinfo=UTC), closes=datetime(2026, 11, 27, 4, tzinfo=UTC),
    ),
    Window(scope="fleet", days=("mon",), start="00:00", end="24:00", zone="UTC"),
)  # fmt: skip
FULL = Politeness(
    requests_per_second=50, requests_per_second_per_site=10, per_site={"oslo": 2.5}, hosts_at_once_per_site=4,
    pause_seconds=0, pause_below_profile=True, error_budget=8, windows=WINDOWS, wait_seconds=600,
    distress=Distress(signs=4, slower_by=20, back_off_seconds=7, back_offs=3),
)  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "At most 300 hosts at once, and at most 4 of one site",
        "lies a rest of 0 s, whatever its product's profile prescribes: the operator asked for it",
        "At most 50 requests per second over all hosts",
        "At most 10 requests per second to one site",
        "At most 2.5 requests per second to the site oslo",
        "no more after 8 requests in a row",
        "an answer 20 times as slow as before",
        "After 4 in a row nothing is sent for 7 s",
        "after 3 such pauses the host is asked no more",
        "Windows that open within 10 minutes",
    ],
)
def test_every_rule_is_said(words: str) -> None:
    """With its number."""
    assert words in " ".join(politeness_words(FULL, 300))


def test_what_is_switched_off_is_said_to_be_off() -> None:
    """Nobody reads a limit where there is none."""
    off = Politeness(error_budget=0, distress=Distress(signs=0))
    said = " ".join(politeness_words(off, 1))
    assert "No error budget" in said
    assert "No watch for signs of distress" in said
    assert "No limit to the requests per second" in said
    assert "At most 1 host at once;" in said
    hasty = " ".join(politeness_words(Politeness(distress=Distress(back_offs=0, slower_by=0)), 1))
    assert "After 3 in a row a host is asked no more" in hasty
    assert "slow" not in hasty


def test_collectors_have_settings_of_their_own() -> None:
    """The inventory's number of hosts at once is nobody's then, so no number stands there; nor does a false promise."""
    said = " ".join(politeness_words(FULL, None))
    assert "as each collector's own setting says, which the centre does not know, and at most 4 of one site" in said
    assert "At most 20 host" not in said
    assert "several collectors of one site know nothing of each other" in said
    assert "several collectors" not in " ".join(politeness_words(Politeness(), None))
    assert "collector" not in " ".join(politeness_words(FULL, 20))
    assert all(len(sentence) <= 300 for sentence in politeness_words(FULL, None))  # the page shortens what is longer


def test_windows_in_words() -> None:
    """Whose, when, and in which zone."""
    assert window_words(FULL) == (
        "The site oslo<b>: sat, sun from 22:00 to 05:00 (Europe/Oslo).",
        "The host rm204: 2026-11-26 21:00 to 2026-11-27 04:00 UTC, once.",
        "Hosts without a window of their own: mon from 00:00 to 24:00 (UTC).",
    )


def test_the_method_says_all_of_it_on_the_screen() -> None:
    """Every sentence, escaped."""
    page = HtmlReport().render(replace(sample_run(), pace=Pacing(politeness=FULL, hosts_at_once=300))).decode()
    method = page[page.index('id="method"') : page.index('id="glossary"')]
    for sentence in (*politeness_words(FULL, 300), *window_words(FULL)):
        assert sentence.replace("'", "&#39;").replace("<", "&lt;").replace(">", "&gt;") in method
    assert "Politeness" not in HtmlReport().render(sample_run()).decode()


def test_the_method_says_all_of_it_on_paper() -> None:
    """In every volume's last part, whatever its detail."""
    made = paper(replace(sample_run(), pace=Pacing(politeness=FULL, hosts_at_once=300)), Detail.SUMMARY)
    text = " ".join(sheet.html for sheet in made.sheets())
    for sentence in politeness_words(FULL, 300):
        assert sentence.replace("'", "&#39;") in text
