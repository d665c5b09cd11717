"""How reports are written from the command line: the detail of the PDF, and what is shown while it is laid out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer
from rich.status import Status

from auditor.cli.terminal import err, plain
from auditor.reports.detail import MOST_IN_A_VOLUME, MOST_IN_FULL, Detail
from auditor.reports.interface import Report
from auditor.reports.pdf import PdfReport

DetailChoice = Annotated[
    Detail | None,
    typer.Option(
        "--detail",
        help="What the PDF tells of each host: nothing, breaches with their evidence, or everything. Default: full up "
        f"to {MOST_IN_FULL} hosts, exceptions up to {MOST_IN_A_VOLUME:,}, then summary. Above {MOST_IN_A_VOLUME:,} "
        "hosts, exceptions and full write a volume for each site beside the summary.",
        show_default=False,
    ),
]


def with_detail(reports: Sequence[Report], detail: Detail | None) -> tuple[Report, ...]:
    """Return the reports, the PDF among them with this detail."""
    return tuple(replace(r, detail=detail) if isinstance(r, PdfReport) else r for r in reports)


@contextmanager
def showing_pages(reports: Sequence[Report], *, quiet: bool) -> Iterator[tuple[Report, ...]]:
    """Yield the reports, the PDF among them set to say on standard error how far it is."""
    if quiet or not any(isinstance(report, PdfReport) for report in reports):
        yield tuple(reports)
        return
    status = Status("", console=err)
    said = -1

    def show(file_name: str, done: int, hosts: int) -> None:
        nonlocal said
        line = f"{file_name}: {done} of {hosts} hosts laid out" if hosts else f"{file_name}: laying out"
        if err.is_terminal:
            status.update(plain(line))
            status.start()
        elif hosts and done != said and (done == hosts or done - max(said, 0) >= 100):
            said = done
            err.print(plain(line), soft_wrap=True)

    try:
        yield tuple(replace(r, progress=show) if isinstance(r, PdfReport) else r for r in reports)
    finally:
        status.stop()
