"""Which reports a command writes."""

import pytest
import typer

from auditor.cli.options import chosen_reports


def names(*asked: str) -> list[str]:
    """Return the names of the chosen formats."""
    return [report.name for report in chosen_reports(asked or None)]


def test_the_default_set_is_the_bundles() -> None:
    """The files that product.md lists."""
    files = {report.file_name for report in chosen_reports(None)}
    assert files == {"report.html", "report.pdf", "audit.json", "findings.ocsf.ndjson", "findings.csv"}


def test_formats_may_be_listed_or_repeated() -> None:
    """JSON is always among them; the order is the table's."""
    assert names("cef,ocsf-1.1.0", "html") == ["html", "json", "ocsf-1.1.0", "cef"]


def test_an_unknown_format_ends_the_command() -> None:
    """With exit code 2, before anything is sent."""
    with pytest.raises(typer.Exit) as caught:
        names("docx")
    assert caught.value.exit_code == 2
