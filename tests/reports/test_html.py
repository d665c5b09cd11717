"""`report.html`: safe, self-contained, and it says what it must."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from auditor.model.assessment import AuditRun
from auditor.reports.environment import environment, printable
from auditor.reports.html import HtmlReport
from tests.reports.sample_run import HOSTILE_LONG, sample_run

FETCHING = {
    "src",
    "srcset",
    "href",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "cite",
    "ping",
    "xlink:href",
}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text: str) -> None:
        """Read the whole page."""
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.raw: dict[str, str] = {}
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"style", "script"}:
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        else:
            self.text.append(data)

    def all(self, name: str) -> list[str]:
        """Return every value of an attribute."""
        return [value for _, attribute, value in self.attributes if attribute == name]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as `#12181f` (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def render(run: AuditRun | None = None) -> str:
    """Return the page as text."""
    return HtmlReport().render(run or sample_run()).decode()


@pytest.fixture(scope="module")
def page() -> Page:
    """Return the sample, parsed."""
    return Page(render())


def test_the_page_is_well_formed_and_identifiers_are_unique(page: Page) -> None:
    """Every element is closed, and every fragment link leads to one place."""
    assert page.open == []
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    targets = {value[1:] for value in page.all("href") if value.startswith("#")}
    assert targets <= set(ids)
    labels = {word for value in page.all("aria-labelledby") for word in value.split()}
    assert labels <= set(ids)


def test_hostile_text_makes_no_element_and_no_handler(page: Page) -> None:
    """One script and one style, ours; no image, no event handler, no frame."""
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 1
    assert not set(page.tags) & {"img", "iframe", "object", "embed", "base", "link", "b"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"]


def test_nothing_is_fetched(page: Page) -> None:
    """Every address on the page is a fragment of the page itself."""
    addresses = [value for _, name, value in page.attributes if name in FETCHING]
    assert addresses
    assert all(value.startswith("#") for value in addresses)
    assert not re.search(r"url\(|@import|https?:", page.raw["style"] + page.raw["script"])


def test_the_content_policy_allows_exactly_the_style_and_the_script(page: Page) -> None:
    """The hashes are those of what is on the page."""

    def hashed(text: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    policy = next(value for tag, name, value in page.attributes if tag == "meta" and "default-src" in value)
    assert policy == (
        f"default-src 'none'; style-src '{hashed(page.raw['style'])}'; script-src '{hashed(page.raw['script'])}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_hostile_text_is_shown_as_text() -> None:
    """A reader sees the markup, the escapes and how much was left out."""
    text = render()
    assert "evil&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}gnp.exe" in text
    assert "\\x1b[31mred" in text
    assert not set(text) & set("\x1b\x00\r\u202e\u2066")
    assert HOSTILE_LONG[:700] not in text
    assert "more characters]" in text


def test_tables_have_captions_and_scoped_headers(page: Page) -> None:
    """What a screen reader needs."""
    assert page.tags.count("caption") == page.tags.count("table")
    assert all(tag == "th" for tag, name, _ in page.attributes if name == "scope")
    assert page.all("scope").count("col") + page.all("scope").count("row") == page.tags.count("th")
    assert {"main", "nav", "footer"} <= set(page.tags)
    assert page.tags.count("h1") == 1
    assert ("html", "lang", "en") in page.attributes


def test_charts_have_text_alternatives(page: Page) -> None:
    """Each SVG is one image with a title and a description."""
    assert page.tags.count("svg") == 2
    assert page.tags.count("desc") == 2
    words = " ".join(page.text)
    assert "Level 4: 1 proven, 2 possible" in words
    assert "Misses target: 3; Inconclusive: 1" in words


def test_headings_skip_no_level(page: Page) -> None:
    """The outline can be walked."""
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_page_says_what_was_audited_and_what_was_not(page: Page) -> None:
    """Page one answers the auditor's first questions, with numerators and denominators."""
    words = re.sub(r"\s+", " ", " ".join(page.text))
    for expected in (
        "4 March 2026, 02:00 UTC",
        "D50520 Rev 2",
        "6 of 8 (75 %)",
        "rm400, rm401<b>",
        "services.ftp-off on rm118: ValueError",
        "214 made, 1 refused before a byte left",
        "Level 1 proven, Level 4 possible",
        "evidence for Levels 2 to 4 is missing",
        "10 X509_V_ERR_CERT_HAS_EXPIRED",
        "rests on a person's statement",
        "fault of the auditor, not of the host",
        "12 days ago",
        "in 41 days",
        "no, changed by the operator",
        "changed from the defaults: expiry_warning_days is 60",
        "Level 3 for 6 hosts",
        "Write with: xconfiguration telnet mode: off",
        "Nothing came back from 192.0.2.99 on any port.",
    ):
        assert expected in words, expected


def test_worst_hosts_come_first_and_every_host_has_a_part() -> None:
    """Order by need; nobody is left out."""
    text = render()
    order = re.findall(r'<section class="host" id="([^"]+)"', text)
    assert order == ["host-rm204", "host--6", "host-tms", "host-rm118", "host-rm300", "host-vcs-core"]


def test_no_choice_of_host_names_makes_two_places_share_an_identifier() -> None:
    """Not even names that look like the identifiers of another host's findings."""
    names = ("rm", "rm--services.telnet-off", "t-host-rm", "host-rm", "-1", "2", "Ærø", "", " ", "x" * 300)
    hosts = tuple(replace(h, target=replace(h.target, name=name)) for name in names for h in sample_run().hosts[:1])
    ids = Page(render(replace(sample_run(), hosts=hosts))).all("id")
    assert len(ids) == len(set(ids))


def test_an_empty_fleet_renders() -> None:
    """No host, no link, no version: still a page, and no share of nothing."""
    text = render(replace(sample_run(), hosts=(), links=(), versions={}, tool_faults=()))
    assert "0 of 0" in text
    assert Page(text).open == []


def test_the_same_run_gives_the_same_bytes() -> None:
    """No clock and no random identifier."""
    assert render() == render()


def test_a_hole_in_a_template_stops_the_rendering() -> None:
    """Undefined names, None and containers are faults, not empty cells."""
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()
    holes: tuple[object, ...] = (None, [], True, b"bytes")
    for value in holes:
        with pytest.raises(TypeError):
            printable(value)


def test_every_pair_of_colours_can_be_read() -> None:
    """Text has a contrast of 4.5:1 or more on paper and on wash, in light, in dark and in print (WCAG 2.2, 1.4.3)."""
    themes = re.findall(r":root \{([^}]*)\}", files("report_templates").joinpath("screen.css").read_text("utf-8"))
    assert len(themes) == 3
    for theme in themes:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})\b", theme))
        for text in ("ink", "soft", "accent", "met", "not-met", "undetermined", "none"):
            for ground in ("paper", "wash"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground, theme)
        assert contrast(colours["bar"], colours["paper"]) >= 3


def test_templates_leave_escaping_to_the_engine() -> None:
    """No template marks text as safe or glues it to markup."""
    folders = (files("report_templates"), files("report_templates").joinpath("paper"))
    templates = [t for folder in folders for t in folder.iterdir() if t.name.endswith(".j2")]
    assert len(templates) >= 20
    for template in templates:
        source = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*(safe|e|escape|xmlattr|tojson|urlize)\b|autoescape|Markup|~", source), template.name
        assert "<wbr" not in source, f"{template.name}: on paper it takes the link out of the tag tree"
        assert not re.search(r"\bstyle=|\bon[a-z]+=", source), template.name


def test_remarks_on_the_audit_as_a_whole_are_printed() -> None:
    """A doubt about our own clock, a list that lacks systems: said aloud, and escaped."""
    run = replace(sample_run(), notes=("This clock is 400 s off.", "Not in the inventory: <b>rm9</b>\x1b[31m."))
    page = render(run)
    assert "This clock is 400 s off." in page
    assert r"&lt;b&gt;rm9&lt;/b&gt;\x1b[31m." in page
    assert "This clock is" not in render(replace(run, notes=()))
