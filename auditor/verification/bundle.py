"""All checks of one bundle, in order."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from auditor.model.assessment import AuditRun
from auditor.model.profile import Profile
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST
from auditor.reports.evidence_file import EvidenceFileError
from auditor.signing.keys import PublicKey
from auditor.signing.paper import PaperTrust
from auditor.verification.belonging import Belonging
from auditor.verification.evidence import load_evidence
from auditor.verification.files import Found, ManifestError, check_files
from auditor.verification.folder import BundleFolder, NoBundleError, opened
from auditor.verification.outcome import Check, State, failed, not_checked
from auditor.verification.paper import check_papers
from auditor.verification.requests import check_transcript
from auditor.verification.signed import check_signature
from auditor.verification.verdicts import (
    MANIFEST_NAME,
    VERDICTS,
    Judged,
    Today,
    check_manifest,
    check_reports,
    check_verdicts,
)

UNJUDGEABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What judging may raise for evidence that has the right form and a senseless content. No audit writes such."""

KILLED = (
    "there is none: this audit was killed before it was judged, or the manifest was taken away. Nothing vouches for "
    "the files. `auditor replay BUNDLE --output NEW` judges what is there."
)


def verify_bundle(
    path: Path,
    *,
    key: PublicKey | None,
    judge: Callable[[], AuditRun],
    today: Today,
    profiles: Mapping[str, Profile],
    skip: Iterable[str] = (),
    paper: PaperTrust | None = None,
) -> tuple[Check, ...]:
    """Check a bundle; `judge` judges the evidence that lies in the folder. Raises `NoBundleError` where it is none.

    `key` is the public key that the signature must be of. `skip` names report formats that need not be made again.
    `paper` holds what the signatures of PDF files are held against; without it, they are not looked at.
    """
    with opened(path) as folder:
        kinds = folder.kinds()
        if not {MANIFEST, EVIDENCE, AUDIT} & kinds.keys():
            raise NoBundleError(f"{path}: neither {MANIFEST} nor {EVIDENCE} nor {AUDIT}: this is no bundle")
        checks, found = _files(folder, kinds)
        signature = check_signature(folder, None if found is None else found.data, key)
        evidence, stored = load_evidence(folder, profiles)
        checks += (signature, *(check_papers(folder, kinds, paper) if paper else ()), evidence)
        if stored is None:
            return (*checks, not_checked(VERDICTS, "the evidence is not usable"))
        checks += check_transcript(folder, stored, Belonging(stored, profiles))
        if found is not None and EVIDENCE in found.changed:
            return (*checks, not_checked(VERDICTS, f"{EVIDENCE} is not the file that the manifest names"))
        run = _judge(judge)
        if isinstance(run, Check):
            return (*checks, run)
        signed = signature.state is State.PASSED
        judged = Judged(folder=folder, stored=stored, run=run, today=today, found=found, signed=signed)
        if found is not None:
            checks.append(check_manifest(judged, found))
        if found is None and AUDIT not in kinds:
            return (*checks, not_checked(VERDICTS, f"there is no {AUDIT}: the audit was killed before it was judged"))
        return (*checks, check_verdicts(judged), *check_reports(judged, kinds, skip=skip))


def _files(folder: BundleFolder, kinds: Mapping[str, str]) -> tuple[list[Check], Found | None]:
    """Check the files; `Found` is None where there is no manifest that can be read."""
    if MANIFEST not in kinds:
        return [failed(MANIFEST_NAME, KILLED)], None
    try:
        found = check_files(folder)
    except ManifestError as error:
        return [failed(MANIFEST_NAME, str(error))], None
    return [found.check], found


def _judge(judge: Callable[[], AuditRun]) -> AuditRun | Check:
    try:
        return judge()
    except EvidenceFileError as error:
        return failed(VERDICTS, f"the evidence cannot be read: {error}")
    except UNJUDGEABLE as error:
        return failed(VERDICTS, f"the evidence cannot be judged ({type(error).__name__}: {error})")
