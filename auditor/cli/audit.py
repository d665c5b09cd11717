"""`auditor audit`: ask a fleet, judge it, write the bundle."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.dry_run import print_plan
from auditor.cli.exits import Exit, exit_code
from auditor.cli.options import (
    AsJson,
    Formats,
    InventoryFile,
    Only,
    Quiet,
    chosen_reports,
    load_assembly,
    load_inventory,
    stop,
    with_target_level,
)
from auditor.cli.pdf_signing import PdfCert, PdfKey, TsaTlsCa, TsaUrl, load_seal
from auditor.cli.perform import perform
from auditor.cli.remember import HistoryPlace, opened, remember
from auditor.cli.rendering import DetailChoice, with_detail
from auditor.cli.resume import ChangedInventory, Resume, refuse_together, taken_up
from auditor.cli.signing import SignKey, load_signing_key, sign_if_asked
from auditor.cli.sources import gather
from auditor.cli.summary import print_summary
from auditor.cli.terminal import out, warn
from auditor.cli.trends import beside
from auditor.cli.waivers import AcceptWaived, WaiverFiles, with_waivers
from auditor.reports.bundle import AUDIT, BundleError
from auditor.wire.gate import utc_now

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="New folder for the bundle. Default: audit-DATE-TIME here."),
]


def audit(
    inventory: InventoryFile,
    output: Output = None,
    formats: Formats = None,
    detail: DetailChoice = None,
    target_level: Annotated[
        int | None,
        typer.Option("--target-level", min=1, max=4, help="Level for every host, instead of the inventory's."),
    ] = None,
    only: Only = None,
    hosts_at_once: Annotated[
        int | None,
        typer.Option(
            "--max-hosts-at-once",
            min=1,
            max=1000,
            help="Hosts that are asked at the same time, whatever the inventory says.",
        ),
    ] = None,
    wait_for_windows: Annotated[
        int,
        typer.Option(
            "--wait-for-windows",
            metavar="MINUTES",
            min=0,
            max=10_080,
            help="Wait for maintenance windows that open within this time; other hosts outside theirs are not asked.",
        ),
    ] = 0,
    snmp: Annotated[
        bool | None,
        typer.Option("--snmp/--no-snmp", help="Ask the one SNMP question, or leave it out.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be asked of whom, send nothing, and stop.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Send nothing: judge the hosts by their saved configurations alone.")
    ] = False,
    saved_configs: Annotated[
        Path | None,
        typer.Option(
            "--saved-configs",
            metavar="FOLDER",
            help="Saved configurations called NAME.txt or NAME.xml after the hosts.",
        ),
    ] = None,
    resume: Resume = None,
    changed_inventory: ChangedInventory = False,
    sign_key: SignKey = None,
    pdf_key: PdfKey = None,
    pdf_cert: PdfCert = None,
    tsa: TsaUrl = None,
    tsa_tls_ca: TsaTlsCa = None,
    waivers: WaiverFiles = None,
    accept_waived: AcceptWaived = False,
    history: HistoryPlace = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Audit the hosts of an inventory. Nothing on them is changed."""
    refuse_together(resume, output=output, dry_run=dry_run)
    assembly = load_assembly()
    fleet = with_waivers(with_target_level(load_inventory(inventory, assembly, only), target_level), waivers)
    settings = fleet.settings
    if hosts_at_once is not None:
        settings = replace(settings, hosts_at_once=hosts_at_once)
    if wait_for_windows:
        settings = replace(settings, politeness=replace(settings.politeness, wait_seconds=wait_for_windows * 60.0))
    if snmp is not None:
        settings = replace(settings, snmp=snmp)
    fleet = replace(fleet, settings=settings)
    reports = with_detail(chosen_reports(formats), detail)
    if dry_run:
        print_plan(fleet, assembly, as_json=as_json)
        return
    going_on = None if resume is None else taken_up(resume, fleet, assembly, changed_inventory=changed_inventory)
    key = None if sign_key is None else load_signing_key(sign_key)
    seal = load_seal(pdf_key, pdf_cert, tsa, tsa_tls_ca)
    memory = opened(history, create=True) if history else None
    reports = beside(reports, memory)
    sources = gather(fleet, offline=offline, folder=saved_configs)
    folder = resume or output or Path(f"audit-{utc_now():%Y%m%d-%H%M%S}")
    try:
        auditing = perform(
            assembly, fleet, folder, reports, quiet=quiet or as_json, sources=sources, seal=seal, going_on=going_on
        )
        performed = asyncio.run(auditing)
    except BundleError as error:
        stop(str(error), Exit.USAGE)
    unsigned = seal.problems if seal else []
    for sentence in (*performed.unmade, *unsigned):
        warn(sentence)
    sign_if_asked(folder, key)
    if as_json:
        sys.stdout.write((folder / AUDIT).read_text(encoding="utf-8"))
    elif not quiet:
        print_summary(performed.run, out, folder=folder)
    code = exit_code(performed.run, interrupted=performed.interrupted, accept_waived=accept_waived)
    kept = remember(memory, performed.run, quiet=quiet or as_json)
    if not kept and code is not Exit.INTERRUPTED:
        code = Exit.FAULT
    if (unsigned or (performed.unmade and formats)) and code is not Exit.INTERRUPTED:
        code = Exit.FAULT
    raise typer.Exit(code)
