"""`auditor history`: the audits of a history with their totals, verdicts over time, and recording bundles later."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from auditor.cli.exits import Exit
from auditor.cli.options import load_assembly, stop
from auditor.cli.perform import judge_bundle
from auditor.cli.remember import HistoryPlace, from_command_line, opened
from auditor.cli.terminal import complain, out, plain
from auditor.engine.snapshot import snapshot_of
from auditor.history import History, HistoryError, Interval, RunSummary, intervals, record, runs
from auditor.model.assessment import AuditRun, Outcome
from auditor.model.verdict import Status
from auditor.reports.evidence_file import EvidenceFileError

commands = typer.Typer(rich_markup_mode=None, help="The memory between audits.")

LEVELS = (1, 2, 3, 4)


@commands.callback(invoke_without_command=True)
def history(
    context: typer.Context,
    history: HistoryPlace = None,
    host: Annotated[
        list[str] | None, typer.Option("--host", metavar="H", help="Verdicts on this host over time. May be repeated.")
    ] = None,
    control: Annotated[
        list[str] | None,
        typer.Option("--control", metavar="ID", help="Verdicts of this control over time. May be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False,
) -> None:
    """List the audits of a history with their totals, oldest first; with --host or --control, verdicts over time.

    A verdict stands until an audit that reached the host shows another one: a host that does not answer fixes nothing.
    Exit code 0; 2 where the history cannot be used or holds nothing of that name.
    """
    if context.invoked_subcommand is not None:
        context.obj = history
        return
    memory = opened(history)
    try:
        audits = runs(memory)
        spans = intervals(memory, hosts=host or (), controls=control or ()) if host or control else ()
    except HistoryError as error:
        stop(str(error), Exit.USAGE)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document(audits, spans)), indent=2).decode() + "\n")
    elif host or control:
        _print_intervals(spans)
    else:
        _print_runs(audits)


@commands.command("import")
def import_bundles(
    context: typer.Context,
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE…", help="Folders that audits wrote.")],
    history: HistoryPlace = None,
) -> None:
    """Record bundles, in whichever order; they are judged with today's catalogue. One that is there is left as it is.

    Exit code 0: all are in the history; 2: a bundle or the history cannot be used (what was recorded before stays).
    """
    memory = opened(history if from_command_line(context, "history") else context.obj or history, create=True)
    assembly = load_assembly()
    bad = 0
    for bundle in bundles:
        try:
            run = judge_bundle(assembly, bundle)
        except EvidenceFileError as error:
            complain(str(error))
            bad += 1
            continue
        _record(memory, bundle, run)
    if bad:
        stop(f"{bad} of {len(bundles)} bundles could not be read.", Exit.USAGE)


def _record(memory: History, bundle: Path, run: AuditRun) -> None:
    try:
        recorded = record(memory, snapshot_of(run))
    except HistoryError as error:
        stop(str(error), Exit.USAGE)
    done = (
        f"recorded as number {recorded.run}; {recorded.began} verdicts are new or changed"
        if recorded.new
        else f"is there already, as number {recorded.run}"
    )
    out.print(plain(f"{bundle}: audit {run.id} of {run.started_at:%Y-%m-%d %H:%MZ} {done}."), soft_wrap=True)


def document(audits: tuple[RunSummary, ...], spans: tuple[Interval, ...]) -> dict[str, object]:
    """Return the history as plain values for JSON."""
    return {
        "history_version": "1.0",
        "audits": [
            {
                **asdict(audit),
                "started_at": _instant(audit.started_at),
                "finished_at": _instant(audit.finished_at),
                "outcomes": {outcome.value: audit.outcomes.get(outcome.value, 0) for outcome in Outcome},
                "proven": {str(level): audit.proven.get(level, 0) for level in LEVELS},
            }
            for audit in audits
        ],
        "intervals": [
            {
                **asdict(span),
                "since": _instant(span.since),
                "until": _instant(span.until) if span.until else None,
                "confirmed_at": _instant(span.confirmed_at),
            }
            for span in spans
        ],
    }


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _print_runs(audits: tuple[RunSummary, ...]) -> None:
    for audit in audits:
        levels = "/".join(str(audit.proven.get(level, 0)) for level in LEVELS)
        outcomes = ", ".join(f"{audit.outcomes.get(outcome.value, 0)} {outcome.value}" for outcome in Outcome)
        accepted = f" ({audit.accepted} of the misses accepted)" if audit.accepted else ""
        partial = ", partial" if not audit.complete else ""
        out.print(plain(f"{audit.number}. {audit.started_at:%Y-%m-%d %H:%MZ}{partial}", "bold"), soft_wrap=True)
        out.print(
            plain(f"   {audit.hosts} hosts: {outcomes}{accepted}; {audit.not_reached} not reached"), soft_wrap=True
        )
        out.print(plain(f"   proven Level 1/2/3/4: {levels}; audit {audit.audit}"), soft_wrap=True)
    out.print(plain(_trend(audits)), soft_wrap=True)


def _trend(audits: tuple[RunSummary, ...]) -> str:
    """Say how the newest audit compares with the one before, in numbers of hosts."""
    if len(audits) < 2:
        return f"{len(audits)} audit{'s' if len(audits) != 1 else ''}; a trend needs two."
    before, now = audits[-2:]
    parts = [
        f"{outcome.value} {before.outcomes.get(outcome.value, 0)} → {now.outcomes.get(outcome.value, 0)}"
        for outcome in Outcome
    ]
    return f"Since the audit before: {', '.join(parts)}; not reached {before.not_reached} → {now.not_reached}."


def _print_intervals(spans: tuple[Interval, ...]) -> None:
    place = ("", "")
    for span in spans:
        if (span.host, span.control) != place:
            place = (span.host, span.control)
            out.print(plain(f"{span.host}: {span.control}", "bold"), soft_wrap=True)
        style = {Status.NOT_MET: "red", Status.UNDETERMINED: "yellow", Status.MET: "green"}.get(span.status, "")
        out.print(plain(f"  {_span(span)}", style), soft_wrap=True)


def _span(span: Interval) -> str:
    until = f"until {span.until:%Y-%m-%d %H:%MZ}" if span.until else "still so"
    silent = f", last seen {span.confirmed_at:%Y-%m-%d %H:%MZ}, not reached since in {span.not_reached} audit(s)"
    waiver = f", accepted by waiver {span.waiver}" if span.waiver else ""
    changes = f", evidence changed {span.evidence_changes} time(s)" if span.evidence_changes else ""
    when = f"since {span.since:%Y-%m-%d %H:%MZ}, {until}{silent if span.not_reached else ''}"
    return f"{span.status.value.replace('_', ' ')} {when}{waiver}{changes}: {span.because}"
