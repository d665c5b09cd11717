"""`auditor verify`: check a bundle that came from somewhere."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from auditor import __version__
from auditor.cli.assembly import library_versions
from auditor.cli.exits import Exit
from auditor.cli.options import load_assembly, stop
from auditor.cli.pdf_signing import PdfCa, TsaCa, load_trust
from auditor.cli.perform import judge_bundle
from auditor.cli.signing import load_public_key
from auditor.cli.terminal import out, plain
from auditor.reports.registry import REPORTS
from auditor.verification.bundle import verify_bundle
from auditor.verification.folder import NoBundleError
from auditor.verification.outcome import Check, State
from auditor.verification.verdicts import Today

SIGNS = {State.PASSED: "✔", State.FAILED: "✘", State.NOT_CHECKED: "–"}
STYLES = {State.PASSED: "green", State.FAILED: "bold red", State.NOT_CHECKED: "yellow"}
MOST_LINES = 20
"""Details of one check that are printed; `--json` has more."""


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder that an audit wrote.")],
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", metavar="FILE", help="Key that must have signed it, got by a way that you trust."),
    ] = None,
    pdf_ca: PdfCa = None,
    tsa_ca: TsaCa = None,
    skip_pdf: Annotated[
        bool, typer.Option("--skip-pdf", help="Do not lay the PDF out again, which is slow for large fleets.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON, and nothing else.")] = False,
) -> None:
    """Check a bundle: its files, signature, transcript, verdicts and reports. Nothing is sent, nothing is written.

    Exit codes: 0 no check failed, 5 one failed, 2 this is no bundle. Without the signer's key, files that were all
    made again by somebody who also changed the evidence cannot be told from true ones: see docs/verification.md.
    """
    assembly = load_assembly()
    paper = load_trust(pdf_ca, tsa_ca)
    key = None if public_key is None else load_public_key(public_key)
    today = Today(
        tool_version=__version__,
        catalogue_digest=assembly.catalogue_digest,
        profiles_digest=assembly.profiles_digest,
        versions=library_versions(),
        reports=REPORTS,
    )
    try:
        checks = verify_bundle(
            bundle,
            key=key,
            judge=lambda: judge_bundle(assembly, bundle),
            today=today,
            profiles=assembly.profiles,
            skip=("pdf",) if skip_pdf else (),
            paper=paper,
        )
    except NoBundleError as error:
        stop(str(error), Exit.USAGE)
    bad = sum(check.state is State.FAILED for check in checks)
    if as_json:
        plain_checks = {"bundle": str(bundle), "verified": not bad, "checks": checks}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(plain_checks), indent=2).decode() + "\n")
    else:
        _print(checks, bad)
    raise typer.Exit(Exit.VERIFICATION_FAILED if bad else Exit.MEETS)


def _print(checks: Sequence[Check], bad: int) -> None:
    for check in checks:
        line = plain(f"{SIGNS[check.state]} ", STYLES[check.state])
        out.print(line.append_text(plain(f"{check.name}: {check.words}")), soft_wrap=True)
        for detail in check.details[:MOST_LINES]:
            out.print(plain(f"    {detail}"), soft_wrap=True)
        if len(check.details) > MOST_LINES:
            out.print(plain(f"    … {len(check.details) - MOST_LINES:,} more lines with --json"))
    left = sum(check.state is State.NOT_CHECKED for check in checks)
    verdict = f"Verification failed: {bad} of {len(checks)} checks." if bad else "No check failed."
    out.print(plain(f"{verdict} {left} not checked." if left else verdict))
