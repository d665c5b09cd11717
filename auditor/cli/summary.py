"""The audit's result on a terminal: a row for each host, then counts, causes and files."""

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from auditor.cli.terminal import plain
from auditor.cli.waivers import print_waivers
from auditor.model.assessment import AuditRun, HostAssessment, Outcome, Score

WORDS = {
    Outcome.MEETS: ("✔ meets", "green"),
    Outcome.MISSES: ("✘ misses", "bold red"),
    Outcome.INCONCLUSIVE: ("? inconclusive", "yellow"),
    Outcome.UNREACHABLE: ("– unreachable", "magenta"),
}
WIDE = 100
"""Columns from which on the product has room."""
MANY = 60
"""Above this number of hosts, only those that do not meet their target get a row."""


def print_summary(run: AuditRun, console: Console, *, folder: Path | None = None) -> None:
    """Print the result of an audit for the person who ran it."""
    shown = [h for h in run.hosts if len(run.hosts) <= MANY or h.outcome is not Outcome.MEETS]
    console.print(_table(shown, wide=console.width >= WIDE))
    if len(shown) < len(run.hosts):
        console.print(plain(f"{len(run.hosts) - len(shown)} hosts that meet their target are not listed."))
    count = Counter(host.outcome for host in run.hosts)
    parts = [f"{count[outcome]} {outcome.value}" for outcome in Outcome]
    console.print(plain(f"{len(run.hosts)} hosts: {', '.join(parts)}"), soft_wrap=True)
    console.print(plain("Level: proven, or proven to possible where evidence is missing."), soft_wrap=True)
    _print_causes(run, console)
    print_waivers(run, console)
    for note in run.notes:
        console.print(plain(note), soft_wrap=True)
    if not run.complete:
        console.print(plain("The audit is partial: what was not looked at is not passed.", "bold yellow"))
    for fault in run.tool_faults:
        console.print(plain(f"fault of the auditor: {fault}", "bold red"), soft_wrap=True)
    if folder is not None:
        console.print(plain(f"Bundle: {folder}"), soft_wrap=True)


def _table(hosts: list[HostAssessment], *, wide: bool) -> Table:
    """Return a row for each host; on a narrow terminal without the product, so that no control's name is broken."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("host", *(("product",) if wide else ()), "level", "target", "outcome", "held back by"):
        table.add_column(heading, overflow="fold")
    for host in hosts:
        word, style = WORDS[host.outcome]
        table.add_row(
            plain(host.target.name),
            *((plain(host.product),) if wide else ()),
            plain(_level(host.score)),
            plain(str(host.target.target_level)),
            Text(f"{word}, accepted" if host.accepted else word, style=style),
            plain(_reason(host)),
        )
    return table


def _level(score: Score) -> str:
    """Return `2`, or `2 to 4` where the proven and the possible level differ."""
    if score.proven is None or score.possible is None:
        return "none"
    return str(score.proven) if score.proven == score.possible else f"{score.proven} to {score.possible}"


def _reason(host: HostAssessment) -> str:
    if host.unreachable_because:
        return host.unreachable_because
    if host.score.held_back_by:
        return _first(host.score.held_back_by)
    number = len(host.score.doubts)
    return f"{number} control{'s' if number != 1 else ''} not known" if host.outcome is Outcome.INCONCLUSIVE else ""


def _first(controls: tuple[str, ...], most: int = 3) -> str:
    """Return the first controls and how many more there are: the reports have them all."""
    more = f" and {len(controls) - most} more" if len(controls) > most else ""
    return ", ".join(controls[:most]) + more


def _print_causes(run: AuditRun, console: Console) -> None:
    causes = Counter(control for host in run.hosts for control in host.score.held_back_by)
    if causes:
        top = ", ".join(f"{control} ({number})" for control, number in causes.most_common(5))
        console.print(plain(f"Most frequent causes: {top}"), soft_wrap=True)
