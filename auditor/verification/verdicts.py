"""Verdicts judged again from the evidence, and the manifest and reports made again from that."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from auditor.model.assessment import AuditRun
from auditor.reports.bundle import AUDIT, EVIDENCE, TRANSCRIPT
from auditor.reports.evidence_file import Stored
from auditor.reports.interface import MissingLibraryError, Report, ReportError
from auditor.reports.json_v1 import JsonReport
from auditor.reports.manifest import ground_of, manifest_bytes
from auditor.reports.signed_pdf import MOST_ADDED, is_signed, what_was_added
from auditor.reports.transcript import last_chain
from auditor.verification.difference import differences, verdict_differences
from auditor.verification.files import Found
from auditor.verification.folder import BundleFolder, OddFileError
from auditor.verification.outcome import Check, State, failed, not_checked

VERDICTS, MANIFEST_NAME = "verdicts", "manifest"
PDF = "application/pdf"
LAYOUT = ("weasyprint", "pikepdf", "pango")
"""Libraries on whose versions the bytes of a PDF depend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """This program: its version, digests of catalogue and profiles, versions of libraries, and report formats."""

    tool_version: str
    catalogue_digest: str
    profiles_digest: str
    versions: Mapping[str, str]
    reports: Sequence[Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A bundle's evidence judged again. `found` is None without a manifest; `signed`: a given key vouches for it."""

    folder: BundleFolder
    stored: Stored
    run: AuditRun
    today: Today
    found: Found | None
    signed: bool

    @property
    def same_program(self) -> bool:
        """Tell whether the bundle says that this very version, catalogue and profiles made it."""
        if self.found is None:
            return False
        manifest, today = self.found.manifest, self.today
        made_by = (self.stored.head.tool_version, manifest.catalogue_digest, manifest.profiles_digest)
        return made_by == (today.tool_version, today.catalogue_digest, today.profiles_digest)


def check_verdicts(judged: Judged) -> Check:
    """Hold `audit.json` against what the evidence gives now: every byte, or with another catalogue every verdict."""
    now = JsonReport().render(judged.run)
    try:
        stored = judged.folder.read(AUDIT, 4 * len(now) + 1_048_576)
        if stored == now:
            return Check(VERDICTS, State.PASSED, f"{AUDIT} is, byte for byte, what the evidence gives")
        before, after = msgspec.json.decode(stored), msgspec.json.decode(now)
    except (OddFileError, msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return failed(VERDICTS, f"{AUDIT} cannot be compared: {error}")
    if judged.same_program:
        words = f"{AUDIT} is not what the evidence gives"
        return failed(VERDICTS, words, differences(before, after) or ["its form was changed, no value"])
    changed = verdict_differences(before, after)
    other = "made with another version, catalogue or profiles than this program's"
    if not changed:
        return Check(VERDICTS, State.PASSED, f"{AUDIT}: the same verdicts, levels and outcomes; {other}")
    if judged.signed:
        return not_checked(VERDICTS, f"{AUDIT} was {other}, as its signature proves; catalogue changed", changed)
    words = f"{AUDIT} says that it was {other}; nothing proves that this is why it differs"
    return failed(VERDICTS, words, changed)


def check_manifest(judged: Judged, found: Found) -> Check:
    """Make the manifest again from the files and the evidence, and compare every byte of it."""
    if found.check.state is State.FAILED:
        return not_checked(MANIFEST_NAME, "the files are not those that it names")
    manifest, head, today = found.manifest, judged.stored.head, judged.today
    makers = [(head.catalogue_digest, head.profiles_digest), (today.catalogue_digest, today.profiles_digest)]
    if judged.signed:
        makers.append((manifest.catalogue_digest, manifest.profiles_digest))
    place = judged.folder.path
    chain = last_chain(place / TRANSCRIPT) if TRANSCRIPT in found.digests else None
    for catalogue, profiles in makers:
        ground = ground_of(judged.run, place / EVIDENCE, catalogue=catalogue, profiles=profiles, chain=chain)
        made = manifest_bytes(judged.run, ground, found.digests)
        if made == found.data:
            return Check(MANIFEST_NAME, State.PASSED, "it is, byte for byte, what files and evidence give")
    details = differences(msgspec.json.decode(found.data), msgspec.json.decode(made))
    return failed(MANIFEST_NAME, "it is not what files and evidence give", details)


def check_reports(judged: Judged, kinds: Mapping[str, str], *, skip: Iterable[str] = ()) -> tuple[Check, ...]:
    """Render every report of the bundle again and compare its bytes; `skip` names formats that are left out."""
    skipped = set(skip)
    return tuple(
        _report(judged, report, left_out=report.name in skipped)
        for report in judged.today.reports
        if report.file_name in kinds and report.file_name != AUDIT
    )


def _report(judged: Judged, report: Report, *, left_out: bool) -> Check:
    name = report.file_name
    reason = "left out on request; its digest is in the manifest" if left_out else _incomparable(judged, report)
    if reason is not None:
        return not_checked(name, reason)
    try:
        made = report.render(judged.run)
        paper = report.media_type == PDF
        stored = judged.folder.read(name, len(made) + (MOST_ADDED if paper else 0))
    except MissingLibraryError as error:
        return not_checked(name, str(error))
    except (ReportError, OddFileError) as error:
        return failed(name, f"it is not what the evidence gives: {error}")
    return _same(name, stored, made, paper=paper)


def _same(name: str, stored: bytes, made: bytes, *, paper: bool) -> Check:
    if stored == made:
        return Check(name, State.PASSED, "it is, byte for byte, what the evidence gives")
    if not paper or not is_signed(stored):
        return failed(name, "it is not what the evidence gives")
    if added := what_was_added(made, stored):
        return failed(name, f"beside its signature, it is not what the evidence gives: {added}")
    return Check(name, State.PASSED, "before its signature it is, byte for byte, what the evidence gives")


def _incomparable(judged: Judged, report: Report) -> str | None:
    """Return why the bytes of a report cannot be compared here, or None where they can."""
    if not judged.same_program:
        return "made with another version of program, catalogue or profiles"
    then, now = judged.stored.head.versions, judged.today.versions
    other = [f"{name} {then.get(name, 'unknown')}, here {now.get(name, 'unknown')}" for name in LAYOUT
             if name not in then or then[name] != now.get(name)]  # fmt: skip
    if report.media_type != PDF or not other:
        return None
    return f"laid out with other libraries ({'; '.join(other)}); its digest is in the manifest"
