"""`report.pdf`: what the external auditor gets, read back with poppler."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.reports.interface import ReportError
from auditor.reports.pdf import PdfReport, print_page, write_pdf
from tests.reports.sample_run import sample_run


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample as a file."""
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(PdfReport().render(sample_run()))
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
    """A reader finds a host without leafing."""
    xml = poppler("pdftohtml", "-xml", "-i", "-stdout", pdf)
    outline = re.sub(r"\s*<item[^>]*>([^<]*)</item>\s*", r"\1|", xml[xml.index("<outline>") : xml.rindex("</outline>")])
    parts = [part.split("<outline>")[-1] for part in outline.split("</outline>")]
    assert "rm204|" in outline
    assert any(part.startswith("rm204|") and part.endswith("vcs-core|") for part in parts), parts
    for top in ("Cover", "Summary", "Fleet", "Hosts", "Controls", "Method and limits", "Glossary"):
        assert f"{top}|" in outline, outline


def test_the_same_run_gives_the_same_bytes_in_another_process(pdf: Path) -> None:
    """Neither the clock nor the hash seed leaves a trace."""
    script = (
        "import sys\nfrom auditor.reports.pdf import PdfReport\nfrom tests.reports.sample_run import sample_run\n"
        "sys.stdout.buffer.write(PdfReport().render(sample_run()))\n"
    )
    root = Path(__file__).parents[2]
    again = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, cwd=root, timeout=120,
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert again.stdout == pdf.read_bytes()


def test_layout_has_nothing_to_complain_of(caplog: pytest.LogCaptureFixture) -> None:
    """WeasyPrint understands every rule of the style sheet."""
    with caplog.at_level(logging.WARNING):
        write_pdf(print_page(sample_run()).split("<nav", maxsplit=1)[0] + "</body></html>")
    assert [record.getMessage() for record in caplog.records if "anchor" not in record.getMessage()] == []


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1/x.png", "file:///etc/hostname", "font:../base.css", "font:none.woff2"]
)
def test_any_other_address_stops_the_rendering(address: str) -> None:
    """A page that would fetch something is a fault, not a picture that is missing."""
    with pytest.raises(ReportError, match="fetch"):
        write_pdf(f'<html lang="en"><title>x</title><body><img alt="x" src="{address}"></body></html>')


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
