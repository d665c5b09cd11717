"""`auditor report`: write reports of a bundle again, from its evidence."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.changes import ChangesOnly, Since, narrowed, telling_changes
from auditor.cli.exits import Exit
from auditor.cli.options import BundleFolder, Formats, chosen_reports, load_assembly, stop
from auditor.cli.perform import judge_bundle
from auditor.cli.remember import HistoryPlace
from auditor.cli.rendering import DetailChoice, showing_pages, with_detail
from auditor.cli.terminal import err, out, plain
from auditor.cli.trends import with_trends
from auditor.reports.bundle import put
from auditor.reports.change_view import FILE_NAME, changes_file, sentence
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
    changes_only: ChangesOnly = False,
    since: Since = None,
    history: HistoryPlace = None,
) -> None:
    """Write reports from the evidence of a bundle. The bundle itself is not touched.

    With --history, the HTML shows how the fleet stood in the audits before this one, too.
    """
    assembly = load_assembly()
    chosen = telling_changes(formats) if changes_only else chosen_reports(formats)
    reports = with_detail(with_trends(chosen, history), detail)
    folder = output or Path("reports")
    if folder.resolve() == bundle.resolve():
        stop("A bundle is not written over: name another folder with --output.", Exit.USAGE)
    try:
        judged = judge_bundle(assembly, bundle)
    except EvidenceFileError as error:
        stop(str(error), Exit.USAGE)
    run = narrowed(judged, assembly, changes_only=changes_only, since=since, history=history)
    folder.mkdir(parents=True, exist_ok=True)
    with showing_pages(reports, quiet=False) as shown:
        for each in shown:
            try:
                for name, content in files_of(each, run):
                    out.print(plain(str(put(folder, name, content))), soft_wrap=True)
            except ReportError as error:
                stop(f"{each.file_name}: {error}", Exit.FAULT)
    if run.changes is not None:
        out.print(plain(str(put(folder, FILE_NAME, changes_file(run)))), soft_wrap=True)
        err.print(plain(sentence(run.changes)), soft_wrap=True)
