"""`auditor replay`: judge stored evidence again, offline."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from auditor.cli.exits import Exit, exit_code
from auditor.cli.options import AsJson, BundleFolder, Formats, Quiet, chosen_reports, load_assembly, stop
from auditor.cli.perform import judge_bundle, write_reports
from auditor.cli.rendering import DetailChoice, with_detail
from auditor.cli.summary import print_summary
from auditor.cli.terminal import err, out, plain, warn
from auditor.cli.waivers import AcceptWaived
from auditor.model.assessment import AuditRun
from auditor.reports.bundle import AUDIT, BundleError, copy_evidence
from auditor.reports.evidence_file import EvidenceFileError
from auditor.reports.registry import report_named


def replay(
    bundle: BundleFolder,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write a new bundle with these findings here.")
    ] = None,
    formats: Formats = None,
    detail: DetailChoice = None,
    accept_waived: AcceptWaived = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Judge the evidence of a bundle again with today's catalogue. No packet is sent.

    Says whether the findings are those of the bundle's audit.json, and which differ.
    """
    assembly = load_assembly()
    try:
        run = judge_bundle(assembly, bundle)
    except EvidenceFileError as error:
        stop(str(error), Exit.USAGE)
    rendered = report_named("json").render(run)
    if output is not None:
        reports = with_detail(chosen_reports(formats), detail)
        try:
            copy_evidence(bundle, output)
        except BundleError as error:
            stop(str(error), Exit.USAGE)
        for sentence in write_reports(run, output, reports, assembly.profiles_digest, quiet=quiet or as_json):
            warn(sentence)
    if as_json:
        sys.stdout.write(rendered.decode())
    elif not quiet:
        print_summary(run, out, folder=output)
    _compare(run, rendered, bundle)
    raise typer.Exit(exit_code(run, accept_waived=accept_waived))


def _compare(run: AuditRun, rendered: bytes, bundle: Path) -> None:
    """Tell on standard error whether the stored findings are the same."""
    stored = bundle / AUDIT
    if not stored.exists():
        err.print(plain(f"{stored.name} is not there: this audit was killed before it was judged."))
        return
    try:
        before, now = _verdicts(stored.read_bytes()), _verdicts(rendered)
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        warn(f"{stored} cannot be compared: {error}")
        return
    changed = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    if not changed:
        err.print(plain(f"The same {len(now)} findings as in {stored}."), soft_wrap=True)
    for host, control in changed:
        key = (host, control)
        warn(f"{host}: {control} was {before.get(key, 'not there')}, is {now.get(key, 'not there')}")


def _verdicts(audit: bytes) -> dict[tuple[str, str], str]:
    plain_audit: dict[str, Any] = msgspec.json.decode(audit)
    return {(h["name"], f["control"]): f["status"] for h in plain_audit["hosts"] for f in h["findings"]}
