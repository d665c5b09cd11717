"""One audit from a checked inventory to a finished bundle, for `audit` and `demo` alike."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from auditor.cli.assembly import Assembly
from auditor.cli.descriptors import hosts_within_limit, too_few
from auditor.cli.kept_logins import forget, kept
from auditor.cli.progress import HostProgress
from auditor.cli.rendering import showing_pages
from auditor.cli.terminal import err, plain, warn
from auditor.engine.clock import check_clock
from auditor.engine.collect import Collector
from auditor.engine.executor import Executing, Executor
from auditor.engine.fetch_lists import addresses_in, fetch_lists
from auditor.engine.offline import read_offline
from auditor.engine.paces import Paces
from auditor.engine.plan import plan
from auditor.engine.run import assess_audit
from auditor.engine.saved import SavedFile
from auditor.model.assessment import AuditRun
from auditor.model.collected import AuditEnd, AuditHead, ClockCheck, FetchedList
from auditor.model.inventory import Inventory, Target
from auditor.reports.bundle import EVIDENCE, BundleWriter, put, write_manifest
from auditor.reports.evidence_file import read_evidence
from auditor.reports.interface import MissingLibraryError, Report, SourceError, files_of
from auditor.reports.pdf import MEDIA_TYPE as PDF
from auditor.reports.resume import Interrupted
from auditor.wire.gate import utc_now
from auditor.wire.ledger import Ledger
from auditor.wire.login import Login


@dataclass(frozen=True, slots=True)
class Performed:
    """A finished audit. `unmade` are sentences about reports that could not be made here."""

    run: AuditRun
    interrupted: bool
    unmade: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What an audit rests on beside the network, by the targets' names. With `offline`, nothing is sent at all."""

    logins: Mapping[str, Login] = field(default_factory=dict)
    saved: Mapping[str, SavedFile] = field(default_factory=dict)
    offline: bool = False


NOTHING_ELSE = Sources()

Seal = Callable[[str, bytes], bytes]
"""Takes the name and the content of a PDF and returns it signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An audit that others carry out: what makes their executor, and the head under which they were asked.

    `standing` says how far each part of the fleet is. Without `signals`, whoever runs the loop decides what Ctrl-C
    and SIGTERM do.
    """

    executing: Executing
    head: AuditHead
    standing: Callable[[], str] = str
    signals: bool = True


async def perform(
    assembly: Assembly,
    inventory: Inventory,
    folder: Path,
    reports: Sequence[Report],
    *,
    quiet: bool = False,
    sources: Sources = NOTHING_ELSE,
    elsewhere: Elsewhere | None = None,
    seal: Seal | None = None,
    going_on: Interrupted | None = None,
) -> Performed:
    """Audit the inventory into a new bundle, and return the result as it was read back from that bundle.

    This process asks the hosts itself, unless `elsewhere` says who does. With `going_on`, the folder holds that audit,
    and it is brought to its end.

    The first Ctrl-C (or SIGTERM) ends the questions and writes what was learnt; the second ends the program at once.
    Raises `BundleError` before the first packet, and OSError where the disk fails later.
    """
    interrupted = False
    with BundleWriter(folder, going_on.grown if going_on else None, repeatable=elsewhere is not None) as writer:
        if going_on and going_on.finished:
            forget(folder)
        elif sources.offline:
            _read_files(assembly, inventory, writer, sources, going_on)
        else:
            interrupted = await _collect(assembly, inventory, writer, sources, elsewhere, going_on, quiet=quiet)
    run = judge_bundle(assembly, folder)
    unmade = write_reports(run, folder, reports, assembly.profiles_digest, quiet=quiet, seal=seal)
    return Performed(run, interrupted, unmade)


def judge_bundle(assembly: Assembly, folder: Path) -> AuditRun:
    """Judge the evidence of a bundle; raise `EvidenceFileError` where it cannot be read."""
    with _without_collector():
        stored = read_evidence(folder / EVIDENCE)
        return assess_audit(
            stored.head,
            stored.hosts,
            stored.end,
            controls=assembly.controls,
            profiles=assembly.profiles,
            catalogue_digest=assembly.catalogue_digest,
            resumed=stored.resumed,
        )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector from going through millions of frozen values, none of which refers back to itself."""
    running = gc.isenabled()
    gc.disable()
    gc.unfreeze()  # what an earlier audit of this process left
    try:
        yield
    finally:
        gc.freeze()
        if running:
            gc.enable()


def write_reports(
    run: AuditRun,
    folder: Path,
    reports: Sequence[Report],
    profiles_digest: str,
    *,
    quiet: bool = True,
    seal: Seal | None = None,
) -> tuple[str, ...]:
    """Write the reports and the manifest; return a sentence for each report that this machine cannot make.

    `seal` signs what is paper, before the manifest is made of it.

    The PDF comes last, as it takes longest: whoever ends the program then has the others.
    """
    unmade = []
    with showing_pages(reports, quiet=quiet) as shown:
        for report in sorted(shown, key=lambda each: each.name == "pdf"):
            try:
                for name, content in files_of(report, run):
                    if seal and report.media_type == PDF:
                        content = seal(name, content if isinstance(content, bytes) else b"".join(content))  # noqa: PLW2901
                    put(folder, name, content)
            except (MissingLibraryError, SourceError) as error:
                unmade.append(f"{report.file_name} was not written: {error}")
    write_manifest(folder, run, profiles_digest)
    return tuple(unmade)


def _begin(
    head: AuditHead,
    writer: BundleWriter,
    going_on: Interrupted | None,
    inventory: Inventory,
    clock: ClockCheck | None = None,
    at_once: int | None = None,
) -> None:
    """Write the head, or that the audit goes on under the head that it has."""
    if going_on is None:
        writer.begin(replace(head, clock=clock))
    else:
        resumption = going_on.resumption(at=utc_now(), inventory_digest=inventory.digest)
        writer.resume(replace(resumption, clock=clock, hosts_at_once=at_once))


def _read_files(
    assembly: Assembly, inventory: Inventory, writer: BundleWriter, sources: Sources, going_on: Interrupted | None
) -> None:
    head = going_on.head if going_on else assembly.head(inventory)
    _begin(head, writer, going_on, inventory)
    due = [target for target in inventory.targets if going_on is None or target.name not in going_on.done]
    for host in read_offline(due, sources.saved, assembly.profiles, at=head.started_at):
        writer.host(host)
    writer.end(AuditEnd(finished_at=utc_now(), complete=True))


async def _collect(
    assembly: Assembly,
    inventory: Inventory,
    writer: BundleWriter,
    sources: Sources,
    elsewhere: Elsewhere | None,
    going_on: Interrupted | None,
    *,
    quiet: bool,
) -> bool:
    ledger = Ledger(lambda entry: writer.request(entry.fields()))
    plans = plan(inventory, assembly.profiles, assembly.probes)
    addresses: dict[str, None] = {}
    if going_on:
        ledger.made, ledger.refused = going_on.requests_made, going_on.requests_refused
        plans = tuple(each for each in plans if each.target.name not in going_on.done)
        done = (host for host in going_on.stored.hosts if host.target.name in going_on.done)
        addresses = dict.fromkeys(address for host in done for address in addresses_in(host.evidence))
    lists: tuple[FetchedList, ...] = ()
    if elsewhere is None:
        sources = replace(sources, logins=kept(sources.logins, writer.folder, going_on))
    paces, at_once = Paces(inventory.settings.politeness), None
    if elsewhere is None:
        at_once = _lowered(assembly, inventory)
    executing = elsewhere.executing if elsewhere else _here(assembly, inventory, sources, paces, at_once)
    with (
        HostProgress(len(plans), quiet=quiet, standing=elsewhere.standing if elsewhere else str) as progress,
        _stoppable(executing(ledger, progress.started), signals=elsewhere is None or elsewhere.signals) as run,
    ):
        head = elsewhere.head if elsewhere else replace(assembly.head(inventory), hosts_at_once=at_once)
        clock = await check_clock(inventory.settings, ledger, pace=paces.ours())
        _begin(head, writer, going_on, inventory, clock, at_once)
        async for host in run.executor.run(plans):
            await asyncio.to_thread(writer.host, host)
            addresses |= dict.fromkeys(addresses_in(host.evidence))
            progress.finished(host)
        if not run.interrupted:
            lists = await fetch_lists(addresses, inventory.settings, ledger, pace=paces.ours())
        remains = run.executor.remains
        end = AuditEnd(
            finished_at=utc_now(),
            complete=not run.interrupted,
            requests_made=ledger.made,
            requests_refused=ledger.refused,
            lists=lists,
            not_asked=remains.not_asked,
            faults=remains.faults,
            notes=remains.notes,
        )
        await asyncio.to_thread(writer.end, end)
        if end.complete:
            forget(writer.folder)
    if not quiet:
        err.print(plain(f"{ledger.made} requests made, {ledger.refused} refused. Judging and writing reports …"))
    return run.interrupted


def _lowered(assembly: Assembly, inventory: Inventory) -> int | None:
    """Return how many hosts are asked at once where this machine cannot as many as were wanted, with a warning."""
    wanted = inventory.settings.hosts_at_once
    possible = hosts_within_limit(min(wanted, len(inventory.targets)), assembly.profiles)
    if possible >= min(wanted, len(inventory.targets)):
        return None
    warn(too_few(wanted, possible))
    return possible


def _here(assembly: Assembly, inventory: Inventory, sources: Sources, paces: Paces, at_once: int | None) -> Executing:
    """Return what makes the executor of this machine."""
    settings = inventory.settings if at_once is None else replace(inventory.settings, hosts_at_once=at_once)

    def executing(ledger: Ledger, on_start: Callable[[Target], None]) -> Executor:
        return Collector(
            profiles=assembly.profiles,
            probes=assembly.probes,
            settings=settings,
            ledger=ledger,
            on_start=on_start,
            logins=sources.logins,
            saved=sources.saved,
            paces=paces,
        )

    return executing


@dataclass(slots=True)
class _Run:
    """An executor at work, and whether somebody ended it early."""

    executor: Executor
    interrupted: bool = False


@contextmanager
def _stoppable(executor: Executor, *, signals: bool) -> Iterator[_Run]:
    """End the executor at the first Ctrl-C or SIGTERM; the second has its own way."""
    run = _Run(executor)
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM) if signals else ()

    def interrupt(number: signal.Signals) -> None:
        run.interrupted = True
        executor.stop()
        warn(f"{number.name}: writing what was learnt. Once more ends the program at once.")
        loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, interrupt, number)
    try:
        yield run
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
