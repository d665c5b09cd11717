"""The options that ask for what is new, and nothing else, and what an audit is compared with for it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.assembly import Assembly
from auditor.cli.exits import Exit
from auditor.cli.options import stop
from auditor.cli.perform import judge_bundle
from auditor.cli.remember import opened
from auditor.engine.changes import earlier_of, with_changes
from auditor.history import HistoryError, last_known
from auditor.model.assessment import AuditRun
from auditor.model.changes import Earlier
from auditor.reports.evidence_file import EvidenceFileError
from auditor.reports.interface import Report, TellsChanges, UnknownFormatError
from auditor.reports.registry import REPORTS, report_named

DEFAULT_FORMATS = ("ocsf", "csv")

ChangesOnly = Annotated[
    bool,
    typer.Option(
        "--changes-only",
        help="Give only findings that are new or changed since --since BUNDLE, or since the last audit of --history. "
        "A summary says what is left out; a host that was not reached is never fixed.",
    ),
]
Since = Annotated[
    Path | None,
    typer.Option("--since", metavar="BUNDLE", help="Earlier audit to compare with, for --changes-only."),
]


def narrowed(
    run: AuditRun, assembly: Assembly, *, changes_only: bool, since: Path | None, history: str | None
) -> AuditRun:
    """Return the run with what is new in it where that was asked for, or end the command where nothing is earlier."""
    if not changes_only:
        if since is not None:
            stop("--since belongs to --changes-only.", Exit.USAGE)
        return run
    earlier = _from_history(run, history) if since is None else _from_bundle(run, assembly, since)
    return with_changes(run, earlier)


def telling_changes(names: Sequence[str] | None) -> tuple[Report, ...]:
    """Return the named formats, or end the command for one that cannot leave out what is not new."""
    able = [report.name for report in REPORTS if isinstance(report, TellsChanges)]
    try:
        chosen = [report_named(name.strip()) for each in names or DEFAULT_FORMATS for name in each.split(",")]
    except UnknownFormatError as error:
        stop(str(error), Exit.USAGE)
    for report in chosen:
        if report.name not in able:
            stop(f"--changes-only: {report.name} tells the whole; formats of changes: {', '.join(able)}.", Exit.USAGE)
    return tuple(dict.fromkeys(chosen))


def _from_bundle(run: AuditRun, assembly: Assembly, since: Path) -> Earlier:
    try:
        before = judge_bundle(assembly, since)
    except EvidenceFileError as error:
        stop(str(error), Exit.USAGE)
    if before.id == run.id:
        stop(f"--since {since}: that is the same audit.", Exit.USAGE)
    if before.started_at > run.started_at:
        stop(f"--since {since}: that audit is the later one.", Exit.USAGE)
    return earlier_of(before)


def _from_history(run: AuditRun, history: str | None) -> Earlier:
    if not history:
        stop("--changes-only needs an earlier audit: --since BUNDLE, or --history FILE.", Exit.USAGE)
    memory = opened(history)
    try:
        earlier = last_known(memory, run)
    except HistoryError as error:
        stop(str(error), Exit.USAGE)
    if earlier is None:
        stop(f"{memory.where} holds no audit before {run.id}: without --changes-only, all is given.", Exit.USAGE)
    return earlier
