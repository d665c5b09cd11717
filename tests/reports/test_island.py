"""`report.html` of a large fleet: data islands that nothing breaks out of, and a script that shows text as text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from auditor.reports.html import HtmlReport
from auditor.reports.island import MOST_PLAIN, as_island
from benchmarks.large_fleet import large_fleet
from tests.browser import CHROMIUM, Browser
from tests.reports.sample_run import HOSTILE_NAME, missing_host, sample_run

HOSTS = MOST_PLAIN + 20


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page of a fleet that is just large enough, with a host whose every word is hostile."""
    run = large_fleet(HOSTS)
    hostile = next(host for host in sample_run().hosts if host.target.name == HOSTILE_NAME)
    return HtmlReport().render(replace(run, hosts=(*run.hosts, hostile))).decode()


@pytest.fixture(scope="module")
def browser(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser in which the page is open."""
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(page, encoding="utf-8")
    if not CHROMIUM:  # CI installs it; Ubuntu has it as a snap only, which a test cannot ask for
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with Browser() as opened:
        opened.open(path)
        yield opened


def shown(browser: Browser) -> str:
    """Return what the filter says of the hosts that it shows."""
    text: str = browser.run("document.getElementById('filter').elements.namedItem('shown').value")
    return text


def choose(browser: Browser, name: str, value: str) -> str:
    """Set a field of the filter and return what is shown then; everything else is cleared."""
    browser.run(
        "(() => { const form = document.getElementById('filter'); form.querySelectorAll('input, select').forEach("
        "(field) => { if (field.name !== 'status') field.value = ''; });"
        f"form.elements.namedItem({json.dumps(name)}).value = {json.dumps(value)};"
        "form.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    return shown(browser)


def test_no_text_ends_an_island() -> None:
    """What would close the script element or open a comment is an escape of JSON's."""
    text = "</script><!--&\u2028"
    island = str(as_island([text]))
    assert not set("<>&\u2028") & set(island)
    assert json.loads(island) == [text]


def test_islands_hold_every_host_and_are_json(page: str) -> None:
    """The index names all of them; details come in groups; a repeated text stands once."""
    islands = re.findall(r'<script type="application/json" id="([^"]*)">(.*?)</script>', page, re.DOTALL)
    data = {name: json.loads(text) for name, text in islands}
    assert len(data["fleet-data"]["hosts"]) == HOSTS + 1
    assert sum(len(group) for name, group in data.items() if name != "fleet-data") == HOSTS + 1
    assert len(data) == 1 + -(-(HOSTS + 1) // 100)
    assert page.count("Telnet answered on port 23 and asked for a password in clear.") == 1


def test_without_scripts_the_hosts_are_listed(page: str) -> None:
    """The list stands in the page itself, with level, outcome and what holds back."""
    listed = page[page.index("<noscript>") : page.index("</noscript>")]
    assert listed.count('<th scope="row">') == HOSTS + 1
    assert "services.telnet-off, services.http-off" in listed


def test_the_page_is_the_same_each_time(page: str) -> None:
    """No order of a set or a clock in it."""
    run = large_fleet(HOSTS)
    assert HtmlReport().render(run) == HtmlReport().render(run)


def test_the_filter_finds_by_every_field(browser: Browser) -> None:
    """Counts agree with the run."""
    run = large_fleet(HOSTS)
    misses = sum(host.outcome.value == "misses" for host in run.hosts) + 1
    assert choose(browser, "text", "") == f"1 to 50 of {HOSTS + 1} hosts"
    assert choose(browser, "text", "rm17").startswith("1 to 11 of 11 hosts")
    value = browser.run(
        "[...document.querySelectorAll('[name=outcome] option')].find((o) => o.text.startsWith('Misses')).value"
    )
    assert f"of {misses} hosts" in choose(browser, "outcome", value)
    assert "1 to 8 of 8 hosts" in choose(browser, "site", "site-3")
    tagged = sum("tag-5" in host.target.tags for host in run.hosts)
    assert f"of {tagged} hosts" in choose(browser, "tag", "tag-5")
    broken = sum(
        f.control == "services.telnet-off" and f.status.value == "not_met" for h in run.hosts for f in h.findings
    )
    number = [control.id for control in run.catalogue].index("services.telnet-off")
    words = choose(browser, "control", str(number))
    assert f"of {broken} hosts" in words or f"of {broken + 1} hosts" in words
    assert "of 0" not in choose(browser, "level", "none")


def test_a_host_is_drawn_when_it_is_chosen(browser: Browser) -> None:
    """Verdict, services, certificate and findings with their evidence; the focus goes there."""
    choose(browser, "text", "rm0")
    browser.run("location.hash = '#host-rm0'; new Promise((done) => setTimeout(done, 200))")
    text = browser.run("document.getElementById('host-place').innerText")
    expected = missing_host().findings[0]
    for words in (
        "rm0",
        "Misses target",
        "10 X509_V_ERR_CERT_HAS_EXPIRED",
        expected.because,
        expected.title,
        "asks for a password",
    ):
        assert words in text, words
    assert browser.run("document.activeElement.id") == "host-rm0"


def test_hostile_text_stays_text(browser: Browser) -> None:
    """Neither the list nor a host's part makes an element of what a device says, and nothing is fetched."""
    assert choose(browser, "text", 'evil">').startswith("1 to 1 of 1 hosts")
    assert browser.run("document.querySelector('#fleet-table tbody th a').textContent").startswith('evil"><script>')
    browser.run(
        "location.hash = document.querySelector('#fleet-table tbody th a').hash; new Promise((d) => setTimeout(d, 200))"
    )
    assert browser.run("document.querySelectorAll('#host-place img, #host-place script, #host-place b').length") == 0
    assert "\\x1b[31mred" in browser.run("document.getElementById('host-place').innerText")
    requests = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in requests if not url.startswith("file:")] == []
    thrown = [e for e in browser.events if e["method"] in {"Runtime.exceptionThrown", "Log.entryAdded"}]
    assert thrown == []


def test_pages_and_sorting(browser: Browser) -> None:
    """Fifty hosts a page; the heads sort, and say so."""
    choose(browser, "text", "")
    browser.run("document.querySelector('#pager [name=after]').click()")
    assert shown(browser).startswith("51 to 100 of")
    browser.run("document.querySelector('#fleet-table th button').click()")
    assert browser.run("document.querySelector('#fleet-table th').getAttribute('aria-sort')") == "ascending"
    names = browser.run("[...document.querySelectorAll('#fleet-table tbody th a')].map((a) => a.textContent)")
    assert names[1:4] == ["rm0", "rm1", "rm2"]
