"""`auditor audit --resume BUNDLE`: whether an interrupted audit may go on with this program and this inventory."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from auditor import __version__
from auditor.cli.assembly import Assembly
from auditor.cli.exits import Exit
from auditor.cli.options import stop
from auditor.model.collected import AuditHead
from auditor.model.inventory import Inventory
from auditor.reports.bundle import BundleError
from auditor.reports.evidence_file import head_line
from auditor.reports.resume import Interrupted, look_at

LONGEST_AUDIT = timedelta(days=7)
"""An audit shows a fleet at one time. Waiting for maintenance windows may take as long."""

OF_THE_FILE = ("digest", "source", "taken_at", "credentials")
"""What is known of an inventory and changes no question and no verdict: its file, and where passwords come from."""

Resume = Annotated[
    Path | None,
    typer.Option(
        "--resume",
        metavar="BUNDLE",
        exists=True,
        file_okay=False,
        help="Go on where the audit in this folder was interrupted or killed, with the same inventory and options. A "
        "host that was asked no more for its own sake (error budget, distress) stays as it was: audit it anew.",
    ),
]
ChangedInventory = Annotated[
    bool,
    typer.Option(
        "--changed-inventory",
        help="With --resume: the inventory's file may have changed since, as long as hosts, settings and policy are "
        "the same.",
    ),
]


def refuse_together(resume: Path | None, *, output: Path | None, dry_run: bool) -> None:
    """End the command where options stand beside --resume that have no meaning there."""
    if resume is not None and output is not None:
        stop("--resume writes into the folder of the audit that goes on: leave --output out.", Exit.USAGE)
    if resume is not None and dry_run:
        stop("--resume cannot be tried with --dry-run. Nothing was sent.", Exit.USAGE)


def taken_up(folder: Path, fleet: Inventory, assembly: Assembly, *, changed_inventory: bool) -> Interrupted:
    """Return the audit that goes on; end the command with a sentence where it must not. Nothing is changed yet."""
    try:
        interrupted = look_at(folder)
    except BundleError as error:
        stop(str(error), Exit.USAGE)
    for reason in _reasons(interrupted.head, fleet, assembly, changed_inventory=changed_inventory):
        stop(f"{folder}: {reason} Nothing was sent.", Exit.USAGE)
    return interrupted


def _reasons(head: AuditHead, fleet: Inventory, assembly: Assembly, *, changed_inventory: bool) -> Iterator[str]:
    """Yield why an audit cannot go on, the weightiest first."""
    now = assembly.head(fleet)
    if head.sites:
        yield "collectors asked the hosts of this audit; `auditor sites gather` gathers once more what they delivered."
    made_by = {
        f"the auditor's version ({head.tool_version}, now {__version__})": head.tool_version != __version__,
        "the catalogue of controls": head.catalogue_digest != now.catalogue_digest,
        "the product profiles": head.profiles_digest != now.profiles_digest,
        "a library": dict(head.versions) != dict(now.versions),
    }
    other = [what for what, differs in made_by.items() if differs]
    if other:
        yield (
            f"{', '.join(other)} changed since this audit began, and half of an audit cannot be held against the other "
            "half then. Go on with the installation that began it, or audit anew."
        )
    changed = sorted(_changed(head, fleet))
    if changed:
        yield (
            f"the audit began with another inventory or other options ({', '.join(changed)} differ). Give the same "
            "inventory and options, or audit anew."
        )
    if fleet.digest != head.inventory.digest and not changed_inventory:
        yield (
            "the inventory's file is not the one that this audit began with, though hosts, settings and policy are the "
            "same. If that is meant, say --changed-inventory."
        )
    if now.started_at - head.started_at > LONGEST_AUDIT:
        yield f"this audit began on {head.started_at:%Y-%m-%d}, more than {LONGEST_AUDIT.days} days ago. Audit anew."
    if now.started_at < head.started_at:
        yield f"this audit began on {head.started_at:%Y-%m-%d %H:%M:%SZ}, which is still to come by this clock."


def _changed(head: AuditHead, fleet: Inventory) -> Iterator[str]:
    """Yield the parts of the inventory, as they stand in evidence, that are not the same now."""
    before, now = _parts(head), _parts(replace(head, inventory=fleet))
    for part in before.keys() | now.keys():
        if before.get(part) != now.get(part):
            yield part


def _parts(head: AuditHead) -> Mapping[str, Any]:
    parts: dict[str, Any] = json.loads(head_line(head))["audit"]["inventory"]
    return {name: value for name, value in parts.items() if name not in OF_THE_FILE}
