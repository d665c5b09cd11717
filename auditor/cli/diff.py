"""`auditor diff`: two audits compared, regressions first. Nothing is sent."""

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from auditor.cli.assembly import Assembly
from auditor.cli.exits import Exit
from auditor.cli.options import load_assembly, stop
from auditor.cli.remember import HistoryPlace, opened
from auditor.cli.terminal import out, plain
from auditor.engine.diff import diff as compare
from auditor.engine.run import assess_audit
from auditor.engine.snapshot import snapshot_of
from auditor.history import HistoryError, stored_snapshot
from auditor.model.difference import Category, Difference, Side
from auditor.model.snapshot import Snapshot
from auditor.reports.bundle import EVIDENCE
from auditor.reports.evidence_file import EvidenceFileError, read_evidence

HEADINGS = {
    Category.REGRESSION: ("Regressions", "bold red"),
    Category.UNKNOWN: ("Newly unknown", "yellow"),
    Category.IMPROVEMENT: ("Improvements", "green"),
    Category.CHANGED: ("Other changes", ""),
}


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="Bundle of the earlier audit, or its number or identifier.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Bundle of the later audit, or its number or identifier.")],
    history: HistoryPlace = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False,
    changes_only: Annotated[
        bool, typer.Option("--changes-only", help="Print the changes alone; with --json, one object a line.")
    ] = False,
) -> None:
    """Compare two audits: verdicts, levels, ports, certificates, software. Regressions come first.

    Bundles are judged again with today's catalogue, so that like is compared with like. Numbers and identifiers are
    those of the history, where an audit stands as it was judged then. A host that was not reached is never better.

    Exit code 0: no regression; 1: a regression, or a breach that was not known before; 3: no regression, but something
    is not known any more, such as a host that did not answer; 2: no such audit.
    """
    assembly = load_assembly()
    (before, first), (after, second) = (_read(name, history, assembly) for name in (old, new))
    result = compare(before, after, judged_by=(first, second))
    if as_json:
        _print_json(result, changes_only=changes_only)
    else:
        _print(result, changes_only=changes_only)
    raise typer.Exit(exit_of(result))


def exit_of(result: Difference) -> Exit:
    """Return the exit code of a comparison: regressions first, then what is not known any more."""
    if result.of(Category.REGRESSION):
        return Exit.MISSES
    return Exit.INCONCLUSIVE if result.of(Category.UNKNOWN) else Exit.MEETS


def _read(name: str, history: str | None, assembly: Assembly) -> tuple[Snapshot, str]:
    """Return an audit, and the digest of the catalogue that first judged it."""
    folder = Path(name)
    if folder.is_dir():
        try:
            stored = read_evidence(folder / EVIDENCE)
        except EvidenceFileError as error:
            stop(str(error), Exit.USAGE)
        run = assess_audit(
            stored.head,
            stored.hosts,
            stored.end,
            controls=assembly.controls,
            profiles=assembly.profiles,
            catalogue_digest=assembly.catalogue_digest,
        )
        return snapshot_of(run), stored.head.catalogue_digest
    if not history:
        stop(f"{name}: there is no such bundle. To compare audits of a history, name it with --history.", Exit.USAGE)
    try:
        snapshot = stored_snapshot(opened(history), name)
    except HistoryError as error:
        stop(str(error), Exit.USAGE)
    return snapshot, snapshot.catalogue_digest


def document(result: Difference) -> dict[str, object]:
    """Return a comparison as plain values for JSON."""
    return {
        "diff_version": "1.0",
        "old": _side(result.old),
        "new": _side(result.new),
        "apart_seconds": round(result.apart.total_seconds()),
        "notes": list(result.notes),
        "totals": {
            **{category.value: len(result.of(category)) for category in Category},
            "unchanged_verdicts": result.unchanged,
        },
        "changes": [asdict(change) for change in result.changes],
    }


def _side(side: Side) -> dict[str, object]:
    return {**asdict(side), "started_at": f"{side.started_at:%Y-%m-%dT%H:%M:%S}Z"}


def _print_json(result: Difference, *, changes_only: bool) -> None:
    if changes_only:
        text = "".join(msgspec.json.encode(asdict(change)).decode() + "\n" for change in result.changes)
    else:
        text = msgspec.json.format(msgspec.json.encode(document(result)), indent=2).decode() + "\n"
    sys.stdout.write(text)


def _print(result: Difference, *, changes_only: bool) -> None:
    if not changes_only:
        for word, side in (("Old", result.old), ("New", result.new)):
            reached = f"{side.reached} of {side.hosts} hosts reached"
            _line(f"{word}: {side.started_at:%Y-%m-%d %H:%MZ}, {reached}, audit {side.audit}")
        _line(f"They are {span(result.apart)} apart.")
        for note in result.notes:
            _line(f"note: {note}", "yellow")
    for category, (heading, style) in HEADINGS.items():
        changes = result.of(category)
        if changes:
            _line("")
            _line(f"{heading} ({len(changes)})", f"bold {style}".strip())
            for change in changes:
                _line(f"  {change.sentence}", style)
    if not changes_only:
        _line("")
        counts = ", ".join(f"{len(result.of(c))} {c.value.replace('_', ' ')}" for c in Category)
        _line(f"{counts}; {result.unchanged} verdicts are the same.")


def span(apart: timedelta) -> str:
    """Return a span of time for a person, in its two largest units; its sign is left out."""
    seconds = round(abs(apart.total_seconds()))
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number) or "0 s"


def _line(text: str, style: str = "") -> None:
    out.print(plain(text, style), soft_wrap=True)
