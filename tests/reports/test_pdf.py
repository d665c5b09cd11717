"""`report.pdf`: what the external auditor gets, read back with poppler."""

import hashlib
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from auditor.model.assessment import AuditRun
from auditor.reports.detail import Detail, detail_for
from auditor.reports.interface import ReportError, files_of
from auditor.reports.json_v1 import JsonReport
from auditor.reports.paper import paper
from auditor.reports.pdf import PdfReport, volumes
from auditor.reports.sheet import Sheet, render_sheet
from auditor.reports.tagtree import annotations_of, kids_of
from benchmarks.large_fleet import large_fleet
from tests.reports.sample_run import sample_run


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample as a file."""
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(PdfReport(workers=1).render(sample_run()))
    return path


def poppler(tool: str, *arguments: str | Path) -> str:
    """Return what one of poppler's tools prints."""
    return subprocess.run(
        [tool, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"TZ": "UTC"},
    ).stdout


def test_the_text_can_be_read_back(pdf: Path) -> None:
    """Cover, levels, findings, citations and the page count are text, not pictures."""
    text = poppler("pdftotext", "-layout", pdf, "-")
    for expected in (
        "Video-conferencing fleet",
        "Level 1 proven, Level 4 possible",
        "D50520 Rev 2",
        "rm204",
        "Glossary",
    ):
        assert expected in text, expected
    assert "Page 1 of " in text
    assert "\\x1b[31mred" in text
    assert "\x1b" not in text


def test_the_document_is_tagged_titled_and_dated_by_the_audit(pdf: Path) -> None:
    """The only date in it is the audit's."""
    info = poppler("pdfinfo", "-isodates", pdf)
    properties = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    assert properties["Tagged"].strip() == "yes"
    assert properties["Title"].strip() == "Security level audit of a video-conferencing fleet, 4 March 2026"
    assert properties["CreationDate"].strip().startswith("2026-03-04T02:03:20")
    assert properties["JavaScript"].strip() == "no"


def test_every_font_is_ours_and_embedded(pdf: Path) -> None:
    """The look does not depend on the machine that reads it."""
    rows = [line.split() for line in poppler("pdffonts", pdf).splitlines()[2:]]
    assert rows
    assert all("Source" in row[0] for row in rows), rows
    assert all(row[-5] == "yes" for row in rows)


def test_the_host_stands_in_the_header_of_its_pages(pdf: Path) -> None:
    """Whoever holds one sheet knows whose it is."""
    pages = poppler("pdftotext", "-layout", pdf, "-").split("\f")
    heads = [page.strip().splitlines()[0] for page in pages if page.strip()]
    assert sum(head.endswith(" rm204") for head in heads) >= 2
    assert sum(head.strip() == "Security level audit" for head in heads) >= 4


def test_the_outline_has_parts_and_under_them_hosts(pdf: Path) -> None:
    """A reader finds a host without leafing, and every bookmark leads to a page."""
    with pikepdf.open(pdf) as document, document.open_outline() as outline:
        tops = {str(item.title): [str(child.title) for child in item.children] for item in outline.root}
        pages = {page.obj.objgen for page in document.pages}
        for item in outline.root:
            assert isinstance(item.destination, pikepdf.Array)
            assert item.destination[0].objgen in pages
    assert list(tops)[:3] == ["Cover", "Contents", "Summary"]
    assert list(tops)[-3:] == ["Glossary", "What went wrong or was left out", "Signatures"]
    assert tops["Hosts"][0] == "rm204"
    assert "vcs-core" in tops["Hosts"]
    assert len(tops["Hosts"]) == 6


def test_every_link_leads_to_a_place_and_has_words(pdf: Path) -> None:
    """Links between parts work: no placeholder is left, and a screen reader can say where each leads."""
    with pikepdf.open(pdf) as document:
        names = list(document.Root.Names.Dests.Names)
        places = {str(name) for name in names[::2]}
        assert [bytes(n) for n in names[::2]] == sorted(bytes(n) for n in names[::2])
        links = [link for page in document.pages for link in annotations_of(page)]
        assert len(links) > 50
        assert all("/A" not in link and str(link.Dest) in places for link in links)
        assert all(len(str(link.Contents)) > 3 for link in links)


def test_the_contents_tell_the_right_pages(pdf: Path) -> None:
    """What the contents say of a host is the page on which it stands, also in print."""
    pages = poppler("pdftotext", "-layout", pdf, "-").split("\f")
    said = dict(re.findall(r"(rm204|vcs-core|Glossary|Controls)[. ]*\s(\d+)", "\n".join(pages[1:3])))
    assert set(said) == {"rm204", "vcs-core", "Glossary", "Controls"}
    for title, number in said.items():
        assert re.search(rf"^\s*{re.escape(title)}\s*$", pages[int(number) - 1], re.MULTILINE), (title, number)


def test_pages_are_counted(pdf: Path) -> None:
    """Page x of y stands on every sheet."""
    pages = poppler("pdftotext", "-layout", pdf, "-").split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page


def test_tags_are_whole_and_identifiers_unique(pdf: Path) -> None:
    """Every piece of marked content has an owner in the tree, every header cell an identifier of its own."""
    with pikepdf.open(pdf) as document:
        root = document.Root.StructTreeRoot
        numbers = list(root.ParentTree.Nums)
        keys = [int(key) for key in numbers[::2]]
        assert keys == sorted(set(keys))
        owners = dict(zip(keys, numbers[1::2], strict=True))
        identifiers: list[bytes] = []
        headers: set[bytes] = set()
        pieces = 0
        for element, page, piece in walk(root.K[0]):
            if piece is not None:
                pieces += 1
                assert owners[int(page.StructParents)][piece].objgen == element.objgen
            if "/ID" in element and piece is None:
                identifiers.append(bytes(element.ID))
                assert str(element.A.Scope) in {"/Row", "/Column"}
            if "/A" in element and "/Headers" in element.A:
                headers |= {bytes(header) for header in element.A.Headers}
        assert pieces > 500
        assert len(identifiers) == len(set(identifiers))
        assert headers <= set(identifiers)
        assert not [page for page in document.pages if b"/MCID" not in b"".join(streams(page))]


def walk(element: pikepdf.Object) -> Iterator[tuple[pikepdf.Object, pikepdf.Object, int | None]]:
    """Yield every element of a tag tree once for itself, and once for each piece of content that it owns."""
    if element.S != "/Document":
        yield element, element.Pg, None
    for kid in kids_of(element):
        if isinstance(kid, int):
            yield element, element.Pg, kid
        elif kid.get("/Type") == "/StructElem":
            assert kid.P.objgen == element.objgen
            yield from walk(kid)


def streams(page: pikepdf.Page) -> list[bytes]:
    """Return the content streams of a page."""
    contents = page.obj.Contents
    return [each.read_bytes() for each in contents] if isinstance(contents, pikepdf.Array) else [contents.read_bytes()]


def test_the_result_is_attached_and_dated_by_the_audit(pdf: Path) -> None:
    """The very bytes of audit.json, as data of the document, with a digest on the cover."""
    result = JsonReport().render(sample_run())
    with pikepdf.open(pdf) as document:
        (attached,) = document.Root.AF
        assert attached.AFRelationship == "/Data"
        assert attached.EF.F.read_bytes() == result
        assert str(attached.EF.F.Params.ModDate) == "D:20260304020320+00'00'"
        assert str(document.Root.Lang) == "en"
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == (
                "3",
                "A",
                "1",
            )
    assert hashlib.sha256(result).hexdigest() in poppler("pdftotext", "-layout", "-l", "1", pdf, "-")


def test_the_same_run_gives_the_same_bytes_with_other_workers(pdf: Path) -> None:
    """Neither the clock nor the hash seed nor the number of processes leaves a trace."""
    script = (
        "import sys\nfrom auditor.reports.pdf import PdfReport\nfrom tests.reports.sample_run import sample_run\n"
        "if __name__ == '__main__':\n    sys.stdout.buffer.write(PdfReport(workers=2).render(sample_run()))\n"
    )
    root = Path(__file__).parents[2]
    again = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, cwd=root, timeout=120,
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert again.stdout == pdf.read_bytes()


def test_layout_has_nothing_to_complain_of(caplog: pytest.LogCaptureFixture) -> None:
    """WeasyPrint understands every rule of the style sheet and every template."""
    made = paper(sample_run(), Detail.EXCEPTIONS)
    with caplog.at_level(logging.WARNING):
        render_sheet(made.front(made.contents(), "0" * 64))
        render_sheet(next(made.sheets()))
    assert [record.getMessage() for record in caplog.records] == []


def test_a_sheet_does_not_depend_on_what_was_laid_out_before() -> None:
    """Fonts and styles are shared in a process, and leave no trace."""
    sheet = Sheet("x", '<html lang="en"><title>x</title><body><p id="a">Żółw <a href="#b">b</a></p></body></html>')
    first = render_sheet(sheet)
    render_sheet(Sheet("y", '<html lang="en"><title>y</title><body><p>Other words, Ωμέγα</p></body></html>'))
    assert render_sheet(sheet) == first
    assert b"part:" not in first


def test_detail_follows_the_size_of_the_fleet() -> None:
    """Unless somebody asks."""
    assert [detail_for(n).value for n in (1, 12, 13, 1000, 1001)] == [
        "full", "full", "exceptions", "exceptions", "summary",
    ]  # fmt: skip
    assert detail_for(5000, Detail.FULL) is Detail.FULL


def html_of(detail: Detail) -> str:
    """Return all parts of the sample as HTML."""
    made = paper(sample_run(), detail)
    return "".join(sheet.html for sheet in (made.front(made.contents(), "0" * 64), *made.sheets()))


def test_what_a_detail_leaves_out_is_said_on_the_cover() -> None:
    """The evidence of what is met stands in full only, a part for each host not in the summary."""
    full, exceptions, summary = (html_of(detail) for detail in (Detail.FULL, Detail.EXCEPTIONS, Detail.SUMMARY))
    met, breach = "tls/https: TLSv1.2", "telnet/telnet: banner"
    assert met in full
    assert breach in full
    assert met not in exceptions
    assert breach in exceptions
    assert "Left out: the evidence of what is met" in exceptions
    assert breach not in summary
    assert "Left out: a part for each host" in summary
    assert 'href="#host-' not in summary


def test_above_a_thousand_hosts_each_site_has_its_volume() -> None:
    """Every host is in exactly one volume, none of them larger than a thousand, under names fit for files."""
    run = large_fleet(2500)
    made = dict(volumes(replace(run, hosts=tuple(replace(h, target=replace(h.target, site=site)) for h, site in zip(
        run.hosts, ["../../etc"] * 1200 + [None] * 300 + ["oslo"] * 1000, strict=True)))))  # fmt: skip
    assert {name: len(part.hosts) for name, part in made.items()} == {
        "etc-1": 1000, "etc-2": 200, "no-site": 300, "oslo": 1000,
    }  # fmt: skip
    names = [host.target.name for part in made.values() for host in part.hosts]
    assert len(names) == len(set(names)) == 2500


def test_a_large_fleet_is_a_summary_unless_volumes_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of the files follow from the detail that was asked for."""
    monkeypatch.setattr("auditor.reports.pdf.MOST_IN_A_VOLUME", 4)
    asked: list[tuple[str, str]] = []

    def document(_self: PdfReport, run: AuditRun, detail: Detail, file_name: str, volume: str = "") -> bytes:
        asked.append((file_name, detail.value))
        return f"{len(run.hosts)} {volume}".encode()

    monkeypatch.setattr(PdfReport, "_document", document)
    assert dict(files_of(PdfReport(), sample_run())) == {"report.pdf": b"6 "}
    assert dict(files_of(PdfReport(Detail.FULL), sample_run())).keys() == {
        "report.pdf", "report-no-site.pdf", "report-oslo.pdf", "report-b-site-b.pdf",
    }  # fmt: skip
    assert asked[1:3] == [("report.pdf", "summary"), ("report-b-site-b.pdf", "full")]


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1/x.png", "file:///etc/hostname", "font:../base.css", "font:none.woff2"]
)
def test_any_other_address_stops_the_rendering(address: str) -> None:
    """A page that would fetch something is a fault, not a picture that is missing."""
    with pytest.raises(ReportError, match="fetch"):
        render_sheet(Sheet("x", f'<html lang="en"><title>x</title><body><img alt="x" src="{address}"></body></html>'))


def test_without_pango_the_packages_are_named(tmp_path: Path) -> None:
    """The message says what to install; importing the module works without it."""
    (tmp_path / "weasyprint").mkdir()
    (tmp_path / "weasyprint/__init__.py").write_text("raise OSError('cannot load library libpango-1.0-0')\n")
    script = (
        "from auditor.reports.interface import MissingLibraryError\n"
        "from auditor.reports.registry import report_named\n"
        "from tests.reports.sample_run import sample_run\n"
        "try:\n    report_named('pdf').render(sample_run())\n"
        "except MissingLibraryError as error:\n    print(error)\n"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=root, timeout=60,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{root}"},
    ).stdout  # fmt: skip
    assert "libpango-1.0-0 and libpangoft2-1.0-0" in said


def test_an_empty_fleet_is_printed() -> None:
    """An audit that was interrupted at once still has a report, and no table without rows."""
    run = replace(sample_run(), hosts=(), links=(), tool_faults=(), versions={})
    with pikepdf.open(BytesIO(PdfReport(workers=1).render(run))) as document:
        assert len(document.pages) > 5
        tables = [e for e, _, piece in walk(document.Root.StructTreeRoot.K[0]) if e.S == "/Table" and piece is None]
        assert all(any(kid.S in {"/TBody", "/TR"} for kid in kids_of(table)) for table in tables)
