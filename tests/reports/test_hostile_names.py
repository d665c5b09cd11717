"""Hostile names are text in every format there is: markup, formulas, escapes, direction, newlines, NUL, 10,000 letters.

The formats come from the registry, and what reads them back goes by media type: a new format is tested as soon as it is
registered, and a media type that nobody can read back fails.
"""

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from auditor.cli.summary import print_summary
from auditor.model.assessment import AuditRun
from auditor.model.changes import ChangeKind, Changes, FindingChange
from auditor.model.trend import Moment, Standing, Trend
from auditor.reports.csv_cell import harmless
from auditor.reports.html import HtmlReport
from auditor.reports.interface import Report, TellsChanges
from auditor.reports.island import MOST_PLAIN
from auditor.reports.pdf import PdfReport
from auditor.reports.records import records
from auditor.reports.registry import REPORTS
from auditor.reports.syslog import FORMS, syslog_messages
from auditor.reports.visible import visible
from tests.reports.cef_reader import read_cef
from tests.reports.machine_run import HOSTILE_NAMES, machine_run, named_host
from tests.reports.sample_run import sample_run

RUN = machine_run()
WITHOUT_HOSTS = {"ocsf-run"}
"""Formats that name no host."""

SHOWN = 60
"""Letters of a name that every format has room for."""


class Page(HTMLParser):
    """Collects what a browser would show, and the elements and attributes that it would make."""

    def __init__(self, text: str) -> None:
        """Read the whole page."""
        super().__init__()
        self.made: set[str] = set()
        self.texts: list[str] = []
        self.islands: list[str] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made |= {tag, *(f"{tag}.{name}" for name, _ in attrs)}
        self._open = "island" if ("type", "application/json") in attrs else tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "island":
            self.islands.append(data)
        elif self._open not in {"style", "script"}:
            self.texts.append(data)


def read_html(content: bytes) -> Iterator[str]:
    """Yield every text of a page, those of its data among them."""
    page = Page(content.decode())
    yield from page.texts
    for island in page.islands:
        yield from texts_in(json.loads(island))


def read_csv(content: bytes) -> Iterator[str]:
    """Yield every cell."""
    for row in csv.reader(io.StringIO(content.decode(), newline=""), strict=True):
        yield from row


def read_lines_of_cef(content: bytes) -> Iterator[str]:
    """Yield every value of every line."""
    for line in content.decode().splitlines():
        yield from read_cef(line).extension.values()


def read_xml(content: bytes) -> Iterator[str]:
    """Yield every attribute and every line of text."""
    for element in ET.fromstring(content).iter():  # noqa: S314 - our own document
        yield from element.attrib.values()
        yield from (element.text or "").strip().split("\n")


def read_json(content: bytes) -> Iterator[str]:
    """Yield every text of one document."""
    yield from texts_in(json.loads(content))


def read_json_lines(content: bytes) -> Iterator[str]:
    """Yield every text of every line; a line that is no object fails."""
    for line in content.splitlines():
        yield from texts_in(json.loads(line))


def read_pdf(content: bytes) -> Iterator[str]:
    """Yield the text of the pages as poppler gives it, a line at a time."""
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True, timeout=60)
    yield from re.split(r"[\n\f]", shown.stdout.decode())


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a JSON value, keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key, each in value.items():
                yield from (str(key), *texts_in(each))
        case list():
            for each in value:
                yield from texts_in(each)


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "text/html": read_html,
    "application/pdf": read_pdf,
    "application/json": read_json,
    "application/x-ndjson": read_json_lines,
    "application/vnd.cyclonedx+json": read_json,
    "text/csv": read_csv,
    "text/plain": read_lines_of_cef,
    "application/xml": read_xml,
}
"""What reads a format back, by media type without parameters."""


def read_back(report: Report, content: bytes) -> list[str]:
    """Return every text of a report as a reader of its format finds it."""
    kind = report.media_type.partition(";")[0]
    assert kind in READERS, f"{report.name}: nobody here can read {kind}; write a reader for it"
    return list(READERS[kind](content))


def squeezed(text: str) -> str:
    """Return text without blanks, which paper and terminal break lines at."""
    return "".join(text.split())


def missing(found: str, *, shown: int = SHOWN) -> list[str]:
    """Return the names that cannot be found, spelt visibly; formulas may have their apostrophe."""
    ways = ((visible(name)[:shown], harmless(visible(name))[:shown]) for name in HOSTILE_NAMES)
    return [plain for plain, calm in ways if squeezed(plain) not in found and squeezed(calm) not in found]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_hostile_names_are_text_in_every_format(report: Report) -> None:
    """A reader finds every name, every text it finds is visible, and nothing became a record or a line of its own."""
    made = replace(report, workers=1) if isinstance(report, PdfReport) else report
    content = made.render(RUN)
    texts = read_back(report, content)
    assert len(texts) > 10
    assert b"\n<13>1" not in content
    if report.name == "json":
        check_exact(content, texts)
        return
    for text in texts:
        lines = text.split("\n") if report.media_type.startswith("text/html") else [text]
        hidden = [line for line in lines if line != visible(line)]
        assert not hidden, ascii(hidden[0][:200])
    if report.name not in WITHOUT_HOSTS:
        assert missing(squeezed("".join(texts)), shown=20 if isinstance(report, PdfReport) else SHOWN) == []


def check_exact(content: bytes, texts: list[str]) -> None:
    """`audit.json` gives names exactly, for programs; whoever looks at the file sees JSON's escapes."""
    assert all(character in "\n\u0301" or character == visible(character) for character in content.decode())
    assert {re.sub("[\ud800-\udfff]", "\ufffd", name) for name in HOSTILE_NAMES} <= set(texts)


@pytest.mark.parametrize("many", [False, True], ids=["plain", "islands"])
def test_hostile_names_make_no_element_of_a_page(many: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """Elements and attributes are those of a fleet with harmless names, in both forms of the page and with trends."""
    fill = tuple(named_host(f"rm{number}") for number in range(MOST_PLAIN + 1 if many else 1))
    calm = replace(sample_run(), hosts=(*fill[1:], named_host("rm0")), tool_faults=(), not_looked_at=("x",))
    wild = replace(calm, hosts=(*fill, *(named_host(name) for name in HOSTILE_NAMES)), not_looked_at=HOSTILE_NAMES)
    pages = [Page(HtmlReport(trend=trend_named(name)).render(run).decode()) for run, name in
             ((calm, "calm"), (wild, HOSTILE_NAMES[0]))]  # fmt: skip
    assert bool(pages[1].islands) is many
    assert pages[1].made - pages[0].made <= ({"details", "summary"} if not many else set())
    assert missing(squeezed("".join(read_html(HtmlReport().render(wild))))) == []


def trend_named(name: str) -> Callable[[AuditRun], Trend]:
    """Return a trend of audits that are called so."""
    moment = Moment(
        audit=name, at=sample_run().started_at, complete=True, hosts=1, not_reached=0, accepted=0,
        outcomes={"misses": 1, name: 2}, proven={1: 1}, breaches=Standing(seen=3, unseen=1),
    )  # fmt: skip
    return lambda _: Trend(moments=(moment, moment))


@pytest.mark.parametrize("report", [r for r in REPORTS if isinstance(r, TellsChanges)], ids=lambda report: report.name)
def test_hostile_names_are_text_where_only_changes_are_told(report: Report) -> None:
    """The summary names hosts and audits too."""
    news = {r.finding.fingerprint: FindingChange(kind=ChangeKind.FIRST) for r in records(RUN)}
    changes = Changes(
        since=HOSTILE_NAMES[0], since_at=RUN.started_at, findings=news, not_reached=HOSTILE_NAMES,
        not_listed=HOSTILE_NAMES,
    )  # fmt: skip
    content = report.render(replace(RUN, changes=changes))
    for text in read_back(report, content):
        assert text == visible(text), ascii(text[:200])
    assert b"\n<13>1" not in content


@pytest.mark.parametrize("form", FORMS)
def test_hostile_names_are_text_in_syslog(form: str) -> None:
    """One counted message for each finding, and every name in one of them."""
    stream = b"".join(syslog_messages(RUN, form, HOSTILE_NAMES[0]))
    found = []
    while stream:
        count, _, rest = stream.partition(b" ")
        found.append(rest[: int(count)].decode())
        stream = rest[int(count) :]
    assert len(found) == len(list(records(RUN)))
    assert all(message == visible(message) for message in found)
    bodies = [message.split(" - ", 1)[1] for message in found]
    texts = ("".join(read_cef(b).extension.values() if form == "cef" else texts_in(json.loads(b))) for b in bodies)
    assert missing(squeezed("".join(texts)), shown=30) == []


@pytest.mark.parametrize("width", [60, 80, 200])
def test_hostile_names_are_text_in_the_terminal(width: int, tmp_path: Path) -> None:
    """Whatever the width; no line holds anything but what shows itself and the colours that we set."""
    written = io.StringIO()
    print_summary(RUN, Console(file=written, width=width, highlight=False, markup=False, emoji=False), folder=tmp_path)
    lines = written.getvalue().split("\n")
    assert all(line == visible(line) for line in lines)
    assert not [line for line in lines if line.startswith(("<13>1", "Set-Cookie"))]
    if width == 200:
        assert missing(squeezed("".join(lines)), shown=10) == []
