"""The work of `auditor sites` and `auditor collector`. It needs the extra; `auditor.cli.extra` is the way here."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import typer
from rich.table import Table

from auditor import __version__
from auditor.cli.assembly import Assembly
from auditor.cli.credentials import CredentialError, fetch_secrets, logins
from auditor.cli.exits import Exit, exit_code
from auditor.cli.options import checked_inventory, chosen_reports, load_assembly, refuse, stop
from auditor.cli.perform import Elsewhere, Performed, Sources, perform
from auditor.cli.remember import opened as opened_history
from auditor.cli.remember import remember
from auditor.cli.saved import SavedFileError, read_saved_files
from auditor.cli.site_bundles import clear_killed, place_of
from auditor.cli.summary import print_summary
from auditor.cli.terminal import complain, out, plain, warn
from auditor.engine.executor import Executor
from auditor.inventory import InventoryError
from auditor.model.inventory import AUTO, Inventory, Settings, Target
from auditor.reports.bundle import BundleError
from auditor.sites.beside import asked_beside
from auditor.sites.collector import Means, SiteCollector
from auditor.sites.control import Control
from auditor.sites.database import DatabaseError, add_site, connect, delivered, install
from auditor.sites.executor import Inbox, SitesExecutor
from auditor.sites.logline import LineFormatter
from auditor.sites.parcel import Ground
from auditor.sites.queue import SiteJobs, opened_queue
from auditor.sites.runs import Run, RunError, Runs
from auditor.sites.settings import (
    CentreSettings,
    CollectorSettings,
    SettingsError,
    check_owner,
    read_centre,
    read_collector,
)
from auditor.sites.split import Split, SplitError, split
from auditor.wire.gate import utc_now
from auditor.wire.ledger import Ledger
from auditor.wire.login import Login, LoginGuard
from auditor.wire.secret import Secret


def prepare(database: str) -> None:
    """Make or update the database."""
    try:
        applied = asyncio.run(install(check_owner(database)))
    except SettingsError as error:
        stop(str(error), Exit.USAGE)
    except DatabaseError as error:
        stop(str(error), Exit.FAULT)
    out.print(plain(f"Applied: {', '.join(applied)}." if applied else "The database was up to date."))


def add(site: str, database: str) -> None:
    """Make a site's role."""
    try:
        role = asyncio.run(add_site(check_owner(database), site))
    except ValueError as error:
        stop(str(error), Exit.USAGE)
    except DatabaseError as error:
        stop(str(error), Exit.FAULT)
    out.print(plain(f"Collectors of {site} log in as {role}; the common name of their certificate is {role}."))


def show_plan(path: Path) -> None:
    """Print the jobs of each site."""
    settings, assembly = _centre(path), load_assembly()
    inventory = _inventory(settings, assembly)
    parts = _split(settings, inventory, uuid4())
    table = Table("site", "hosts", "jobs", "deadline")
    for site, tickets in sorted(parts.tickets.items()):
        minutes = settings.sites[site].deadline_minutes or settings.deadline_minutes
        hosts = sum(len(ticket.hosts) for ticket in tickets)
        table.add_row(site, str(hosts), str(len(tickets)), f"{minutes:g} min after the submission")
    out.print(table)
    for sentence in asked_beside(inventory):
        out.print(plain(sentence), soft_wrap=True)


def submit(path: Path) -> None:
    """Submit a run and print its identifier."""
    settings, assembly = _centre(path), load_assembly()
    inventory = _inventory(settings, assembly)
    try:
        run = asyncio.run(begin(settings, assembly, inventory, uuid4()))
    except DatabaseError as error:
        stop(str(error), Exit.FAULT)
    out.print(plain(str(run.id)))


async def begin(settings: CentreSettings, assembly: Assembly, inventory: Inventory, identifier: UUID) -> Run:
    """Write a run down and submit its jobs; a run that was begun before goes on as it was written down."""
    runs = Runs(settings.state)
    if str(identifier) in runs.all():
        run = runs.read(str(identifier))
        parts = _split(settings, run.head.inventory, identifier)
    else:
        parts = _split(settings, inventory, identifier)
        head = replace(assembly.head(inventory), id=str(identifier))
        minutes = {site: settings.sites[site].deadline_minutes or settings.deadline_minutes for site in parts.tickets}
        deadlines = {site: head.started_at + timedelta(minutes=each) for site, each in minutes.items()}
        run = Run(head=head, site_of=parts.site_of, deadlines=deadlines)
        runs.keep(run)
    async with opened_queue(settings.database) as queue:
        await queue.submit(parts.tickets, run.id)
    return run


def status(path: Path, identifier: str | None) -> None:
    """Print how far each site of a run is."""
    settings = _centre(path)
    runs = Runs(settings.state)
    run = _run(runs, identifier or (runs.all() or ("",))[-1])
    try:
        came, jobs = asyncio.run(_standing(settings, run))
    except DatabaseError as error:
        stop(str(error), Exit.FAULT)
    table = Table("site", "hosts", "delivered", "jobs", "most attempts", "deadline (UTC)", title=f"Audit {run.id}")
    for site, deadline in sorted(run.deadlines.items()):
        mine = jobs.get(site, SiteJobs())
        states = ", ".join(f"{number} {state}" for state, number in sorted(mine.by_status.items()))
        hosts = sum(each == site for each in run.site_of.values())
        late = " passed" if utc_now() >= deadline else ""
        table.add_row(
            site, str(hosts), str(came.get(site, 0)), states, str(mine.attempts), f"{deadline:%Y-%m-%d %H:%M}{late}"
        )
    out.print(table)
    if bundle := runs.bundle(run.head.id):
        out.print(plain(f"Gathered into {bundle}."))


async def _standing(settings: CentreSettings, run: Run) -> tuple[dict[str, int], dict[str, SiteJobs]]:
    async with connect(settings.database) as connection, opened_queue(settings.database) as queue:
        return await delivered(connection, run.id), await queue.jobs(run.id)


def gather_run(
    path: Path, identifier: str, output: Path | None, formats: Sequence[str] | None, *, wait: bool, quiet: bool
) -> None:
    """Gather a run into a bundle, and end with the exit code of an audit."""
    settings, assembly = _centre(path), load_assembly()
    runs = Runs(settings.state)
    run = _run(runs, identifier)
    folder = output or place_of(run, settings.bundles)
    try:
        performed = asyncio.run(
            gathered(settings, assembly, run, folder, formats or settings.formats, wait=wait, quiet=quiet)
        )
    except BundleError as error:
        stop(str(error), Exit.USAGE)
    except SavedFileError as error:
        stop(str(error), Exit.USAGE)
    for sentence in performed.unmade:
        warn(sentence)
    final = wait and not performed.interrupted
    if final:
        runs.done(run, folder)
    if not quiet:
        print_summary(performed.run, out, folder=folder)
    # The history keeps the first word on an audit: that must not be what had come when somebody took a look.
    raise typer.Exit(_ended(settings, performed, quiet=quiet) if final else _code(performed))


async def gathered(
    settings: CentreSettings,
    assembly: Assembly,
    run: Run,
    folder: Path,
    formats: Sequence[str],
    *,
    wait: bool = True,
    quiet: bool = True,
    signals: bool = True,
) -> Performed:
    """Gather a run into a new bundle: the same path as an audit of one machine, with another executor."""
    inventory = run.head.inventory
    inbox = Inbox(
        dsn=settings.database,
        profiles=assembly.profiles,
        own=ground_of(assembly),
        now=utc_now,
        saved=read_saved_files(inventory.targets),
        poll_seconds=settings.poll_seconds,
        wait=wait,
    )
    made: list[SitesExecutor] = []

    def executing(ledger: Ledger, _on_start: Callable[[Target], None]) -> Executor:
        made.append(SitesExecutor(run, inbox, ledger))
        return made[0]

    elsewhere = Elsewhere(
        executing=executing,
        head=replace(run.head, sites=tuple(sorted(run.deadlines))),
        standing=lambda: made[0].standing if made else "",
        signals=signals,
    )
    reports = chosen_reports(formats or None)
    return await perform(
        assembly, inventory, folder, reports, quiet=quiet, sources=Sources(saved=inbox.saved), elsewhere=elsewhere
    )


def ground_of(assembly: Assembly) -> Ground:
    """Return what this installation works with."""
    return Ground(
        tool_version=__version__,
        catalogue_digest=assembly.catalogue_digest,
        profiles_digest=assembly.profiles_digest,
    )


def run_control(path: Path) -> None:
    """Run the control worker until it is stopped."""
    settings, assembly = _centre(path), load_assembly()
    _log()

    async def carry_out(identifier: UUID) -> None:
        runs = Runs(settings.state)
        if runs.bundle(str(identifier)) is not None:
            return
        inventory = await asyncio.to_thread(checked_inventory, settings.inventory, assembly)
        run = await begin(settings, assembly, inventory, identifier)
        clear_killed(run, settings.bundles)
        folder = place_of(run, settings.bundles)
        performed = await gathered(settings, assembly, run, folder, settings.formats, signals=False)
        runs.done(run, folder)
        code = await asyncio.to_thread(_ended, settings, performed, quiet=True)
        logging.getLogger(__name__).info("audit %s: %s, exit code %d", run.id, folder, code)

    async def work() -> None:
        control = Control(settings, carry_out, utc_now)
        _on_signals(control.stop)
        await control.run()

    try:
        asyncio.run(work())
    except SettingsError as error:
        stop(f"{path}: {error}", Exit.USAGE)


def run_collector(site: str, path: Path) -> None:
    """Run a site's collector until it is stopped."""
    assembly = load_assembly()
    try:
        settings = read_collector(path, site)
        means = means_of(settings, assembly)
        _log()
        asyncio.run(_collect(site, settings, means))
    except SettingsError as error:
        stop(str(error), Exit.USAGE)
    except CredentialError as error:
        for problem in error.problems:
            complain(problem)
        stop("Passwords are missing; nothing was sent.", Exit.USAGE)
    except DatabaseError as error:
        stop(str(error), Exit.FAULT)


async def _collect(site: str, settings: CollectorSettings, means: Means) -> None:
    collector = SiteCollector(site, settings, means)
    _on_signals(collector.drain)
    await collector.run()


def means_of(settings: CollectorSettings, assembly: Assembly) -> Means:
    """Return what a collector works with; raise `CredentialError` where a password of its site cannot be had."""
    references = settings.references()
    users = tuple(Target(name=each.name, product=AUTO, credentials=each.name) for each in references)
    secrets: dict[str, Secret] = fetch_secrets(Inventory(targets=users, credentials=references))

    def found(targets: Sequence[Target], asked: Settings, guard: LoginGuard) -> dict[str, Login]:
        inventory = Inventory(targets=tuple(targets), settings=asked, credentials=references)
        return logins(inventory, secrets, guard)

    community = settings.snmp_community_env
    if community is not None and community not in os.environ:
        raise SettingsError(f"the environment variable {community} is not set")
    return Means(
        profiles=assembly.profiles,
        probes=assembly.probes,
        ground=ground_of(assembly),
        logins=found,
        clock=lambda: utc_now().timestamp(),
        community=None if community is None else os.environ[community],
    )


def _ended(settings: CentreSettings, performed: Performed, *, quiet: bool) -> Exit:
    """Remember the run where a history is kept, and return the exit code."""
    code = _code(performed)
    memory = opened_history(settings.history, create=True) if settings.history else None
    kept = remember(memory, performed.run, quiet=quiet)
    return code if kept or code is Exit.INTERRUPTED else Exit.FAULT


def _code(performed: Performed) -> Exit:
    return exit_code(performed.run, interrupted=performed.interrupted)


def _centre(path: Path) -> CentreSettings:
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)  # what it tells, our own errors tell
    try:
        return read_centre(path)
    except SettingsError as error:
        stop(str(error), Exit.USAGE)


def _inventory(settings: CentreSettings, assembly: Assembly) -> Inventory:
    try:
        return checked_inventory(settings.inventory, assembly)
    except InventoryError as error:
        refuse(str(settings.inventory), error.problems)


def _split(settings: CentreSettings, inventory: Inventory, identifier: UUID) -> Split:
    try:
        return split(
            inventory,
            identifier,
            settings.called(),
            hosts_per_job=settings.hosts_per_job,
            without_site=settings.hosts_without_site,
        )
    except SplitError as error:
        for problem in error.problems:
            complain(problem)
        stop("Not every host has a site that asks it; nothing was submitted.", Exit.USAGE)


def _run(runs: Runs, identifier: str) -> Run:
    try:
        return runs.read(identifier)
    except RunError as error:
        stop(str(error), Exit.USAGE)


def _log() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in ("procrastinate", "psycopg.pool", "asyncssh", "httpx"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _on_signals(stop_it: Callable[[], None]) -> None:
    """Let the first signal end the work in good order, and the second at once."""
    loop = asyncio.get_running_loop()

    def first(number: signal.Signals) -> None:
        stop_it()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, first, number)
