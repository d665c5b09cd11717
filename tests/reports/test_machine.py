"""What holds for every machine format: the same bytes each time, and hostile text is only ever text."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.reports.excerpt import excerpt
from auditor.reports.interface import Report
from auditor.reports.machine import MACHINE_REPORTS
from auditor.reports.native import NdjsonReport
from auditor.reports.ndjson import json_line
from auditor.reports.records import host_name_of, records
from auditor.reports.severity import SEVERITIES
from auditor.reports.visible import shortened, visible
from checks import CONTROLS
from tests.reports.machine_run import FORGED, machine_run, named_host

RUN = machine_run()

reports = pytest.mark.parametrize("report", MACHINE_REPORTS, ids=lambda report: report.name)


@reports
def test_the_same_run_gives_the_same_bytes(report: Report) -> None:
    """Made from scratch both times."""
    assert report.render(machine_run()) == report.render(machine_run())


@reports
def test_nothing_hides_in_the_bytes(report: Report) -> None:
    """No control, direction or zero-width character, no broken UTF-8; line ends are the only exception."""
    text = report.render(RUN).decode("utf-8")
    for line in text.replace("\r\n", "\n").split("\n"):
        assert line == visible(line), line[:200]


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, each in value.items():
                yield from (str(key), *_texts(each))
        case list():
            for each in value:
                yield from _texts(each)


def test_native_findings_are_those_of_the_native_report() -> None:
    """One line for each, with the host's words."""
    lines = [json.loads(line) for line in NdjsonReport().render(RUN).splitlines()]
    assert [line["finding"]["fingerprint"] for line in lines] == [r.finding.fingerprint for r in records(RUN)]
    assert {line["type"] for line in lines} == {"finding"}
    assert lines[0]["host"]["name"] == "rm204"


def test_every_control_of_the_catalogue_is_rated() -> None:
    """And nothing else is."""
    assert set(SEVERITIES) == {control.id for control in CONTROLS}


@pytest.mark.parametrize("name", ["rm204", "a.example.test", "x-1.y2", "A" * 63])
def test_host_names(name: str) -> None:
    """RFC 1123."""
    assert host_name_of(named_host(name)) == name


@pytest.mark.parametrize("name", ["", "a b", "-a", "a-", "a..b", "a.", "A" * 64, "a\n", "ä", FORGED, "x" * 300])
def test_what_is_no_host_name(name: str) -> None:
    """Everything else."""
    assert host_name_of(named_host(name)) is None


@given(st.text(max_size=300), st.integers(80, 400))
def test_an_excerpt_fits_and_says_what_is_missing(text: str, most: int) -> None:
    """Bytes, not characters."""
    short = excerpt(text, most)
    assert len(short.encode()) <= most
    assert short == visible(text) or short.endswith(" more characters]")


@given(
    st.dictionaries(st.text(max_size=9), st.recursive(st.text(), lambda inner: st.lists(inner, max_size=3)), max_size=4)
)
def test_any_json_comes_back_visible(value: dict[str, object]) -> None:
    """ASCII, on one line, and what a parser gives is the visible text."""
    line = json_line(value)
    assert line.isascii()
    assert b"\n" not in line
    back = json.loads(line)
    assert list(_texts(back)) == [shortened(t) for t in _texts(_unique(value))]


def _unique(value: dict[str, object]) -> dict[str, object]:
    """Keys that look alike when shown fall together, the last one's value stays."""
    found: dict[str, object] = {}
    for key, each in value.items():
        found[shortened(key)] = each
    return found
