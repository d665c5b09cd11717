"""`auditor plan`: the ordered steps to the target level, for the fleet and for each host. Nothing is sent."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from auditor.cli.exits import Exit
from auditor.cli.options import BundleFolder, load_assembly, stop
from auditor.cli.perform import judge_bundle
from auditor.cli.terminal import out, plain
from auditor.engine.remedy import plan_remedy
from auditor.model.assessment import AuditRun, Score
from auditor.model.remedy import Batch, FleetRemedy, HostRemedy, Step, StepKind
from auditor.reports.evidence_file import EvidenceFileError

KINDS = {
    StepKind.CHANGE: "change",
    StepKind.FIND_OUT: "find out",
    StepKind.RESTART: "restart",
    StepKind.REACH: "reach",
}


def plan(
    bundle: BundleFolder,
    host: Annotated[
        list[str] | None, typer.Option("--host", metavar="H", help="Plan this host only. May be repeated.")
    ] = None,
    level: Annotated[
        int | None,
        typer.Option("--level", min=2, max=4, metavar="N", help="Level to reach. Default: each host's own target."),
    ] = None,
    lock_down: Annotated[
        bool, typer.Option("--lock-down", help="Add the guide's optional restriction of the management server.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON, and nothing else.")] = False,
) -> None:
    """Print what is to be done to reach the target level, in order, and the level after each step.

    Made from the evidence of a bundle. The steps are for a person: nothing is sent. Exit code 0: nothing is left to do;
    1: there are steps; 2: no such bundle or host.
    """
    remedy = plan_remedy(_run(bundle, host), hosts=host, level=level, lock_down=lock_down)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document(remedy)), indent=2).decode() + "\n")
    else:
        _print(remedy, in_full=host is not None)
    raise typer.Exit(Exit.MEETS if remedy.nothing_left else Exit.MISSES)


def _run(bundle: Path, hosts: list[str] | None) -> AuditRun:
    try:
        run = judge_bundle(load_assembly(), bundle)
    except EvidenceFileError as error:
        stop(str(error), Exit.USAGE)
    names = [h.target.name for h in run.hosts]
    unknown = [name for name in hosts or () if name not in names]
    if unknown:
        stop(f"This bundle has no host {', '.join(unknown)}; it has {', '.join(names)}.", Exit.USAGE)
    return run


def document(remedy: FleetRemedy) -> dict[str, object]:
    """Return the plan as plain values for JSON."""
    return {
        "plan_version": "1.0",
        "nothing_left": remedy.nothing_left,
        "batches": [asdict(batch) for batch in remedy.batches],
        "hosts": [
            {**asdict(host), "steps": [_plain_step(step) for step in host.steps], "projected": _levels(host.projected)}
            for host in remedy.hosts
        ],
    }


def _plain_step(step: Step) -> dict[str, object]:
    return {**asdict(step), "controls": list(step.controls), "after": _levels(step.after)}


def _levels(score: Score) -> dict[str, int | None]:
    return {"proven": score.proven, "possible": score.possible}


def _print(remedy: FleetRemedy, *, in_full: bool) -> None:
    """Print host by host in full where hosts were named, else the fleet's batches and a line for each step."""
    if remedy.nothing_left:
        _line("Nothing is left to do: every host meets its target.")
        return
    _line("Steps for a person, in this order. Nothing is sent. A level after a step assumes that it was carried out.")
    if not in_full:
        for batch in remedy.batches:
            _print_batch(batch)
    for host in remedy.hosts:
        _print_host(host, in_full=in_full)


def _print_batch(batch: Batch) -> None:
    _line("")
    what = f"{batch.title} ({KINDS[batch.kind]})" + (f": {batch.control}" if batch.control else "")
    _line(f"{batch.number}. {what}", "bold")
    _line(f"   on {', '.join(batch.hosts)}")
    _line(f"   why now: {batch.reason}")
    for paragraph in batch.text.splitlines():
        _line(f"   {paragraph}")


def _print_host(host: HostRemedy, *, in_full: bool) -> None:
    _line("")
    _line(f"{host.host}: {_words(host.now)}, target {host.target_level}", "bold")
    if host.out_of_reach:
        _line(f"  The target is out of reach: {host.out_of_reach}", "bold red")
    if not host.steps and not host.out_of_reach:
        _line("  nothing is left to do")
    for step in host.steps:
        marked = "" if step.raises else "; changes no level by itself"
        _line(f"  {step.number}. {step.title} ({KINDS[step.kind]}): {', '.join(step.controls) or '–'}")
        if in_full or step.kind is StepKind.REACH:
            _line(f"     why now: {step.reason}")
        if in_full:
            for action in step.actions:
                _print_action(action.control, action.because, action.text)
        _line(f"     then: {_words(step.after)}{marked}")


def _print_action(control: str, because: str, text: str) -> None:
    if control:
        _line(f"     {control}: {because}")
    for paragraph in text.splitlines():
        _line(f"       {paragraph}")


def _words(score: Score) -> str:
    if score.proven is None or score.possible is None:
        return "no level"
    if score.proven == score.possible:
        return f"Level {score.proven}"
    return f"Level {score.proven} proven, {score.possible} possible"


def _line(text: str, style: str = "") -> None:
    out.print(plain(text, style), soft_wrap=True)
