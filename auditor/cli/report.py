"""`auditor report`: write reports of a bundle again, from its evidence."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.exits import Exit
from auditor.cli.options import BundleFolder, Formats, chosen_reports, load_assembly, stop
from auditor.cli.perform import judge_bundle
from auditor.cli.rendering import DetailChoice, showing_pages, with_detail
from auditor.cli.terminal import out, plain
from auditor.reports.bundle import put
from auditor.reports.evidence_file import EvidenceFileError
from auditor.reports.interface import ReportError, files_of


def report(
    bundle: BundleFolder,
    formats: Formats = None,
    detail: DetailChoice = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder for the reports. Default: reports here."),
    ] = None,
) -> None:
    """Write reports from the evidence of a bundle. The bundle itself is not touched."""
    assembly = load_assembly()
    reports = with_detail(chosen_reports(formats), detail)
    folder = output or Path("reports")
    if folder.resolve() == bundle.resolve():
        stop("A bundle is not written over: name another folder with --output.", Exit.USAGE)
    try:
        run = judge_bundle(assembly, bundle)
    except EvidenceFileError as error:
        stop(str(error), Exit.USAGE)
    folder.mkdir(parents=True, exist_ok=True)
    with showing_pages(reports, quiet=False) as shown:
        for each in shown:
            try:
                for name, content in files_of(each, run):
                    out.print(plain(str(put(folder, name, content))), soft_wrap=True)
            except ReportError as error:
                stop(f"{each.file_name}: {error}", Exit.FAULT)
