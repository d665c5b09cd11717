"""The signatures of the paper reports (PAdES), against certificates that were given. Nothing is fetched."""

import re
from collections.abc import Mapping

from auditor.reports.signed_pdf import is_signed
from auditor.signing.paper import MISSING, PaperSignature, PaperTrust
from auditor.verification.folder import BundleFolder, OddFileError
from auditor.verification.outcome import Check, State, failed, not_checked

LARGEST = 2**30
"""Bytes of a PDF that is read whole."""

_PAPER = re.compile(r"report(-.+)?\.pdf")


def papers_in(kinds: Mapping[str, str]) -> list[str]:
    """Return the names of the paper reports among the files of a bundle."""
    return sorted(name for name, kind in kinds.items() if kind == "file" and _PAPER.fullmatch(name))


def check_papers(folder: BundleFolder, kinds: Mapping[str, str], trust: PaperTrust) -> tuple[Check, ...]:
    """Check the signature of every paper report; one that is not signed gets no check unless a signer was given."""
    return tuple(check for name in papers_in(kinds) for check in _paper(folder, name, trust))


def _paper(folder: BundleFolder, name: str, trust: PaperTrust) -> tuple[Check, ...]:
    what = f"signature of {name}"
    try:
        content = folder.read(name, LARGEST)
    except OddFileError as error:
        return (failed(what, str(error)),)
    given = bool(trust.roots or trust.time_roots)
    unsigned = (failed(what, "a certificate was given, and it is not signed"),) if given else ()
    if not is_signed(content):
        return unsigned
    try:
        from auditor.signing.pades import look_at  # noqa: PLC0415 - an extra
    except ImportError:
        return (not_checked(what, MISSING),)
    found = look_at(content, trust)
    return unsigned if found is None else (_told(what, found, trust),)


def _told(what: str, found: PaperSignature, trust: PaperTrust) -> Check:
    if found.problem is not None:
        return failed(what, f"said to be of {found.signer}: {found.problem}")
    when = "no time is stated" if found.stated_at is None else f"{found.stated_at:%Y-%m-%d %H:%M:%S %z}"
    if found.time_trusted:
        time = f"timestamped {when}"
    elif found.timestamped:
        time = f"{when} by its own word; its timestamp was not checked, as no authority was given for it"
    else:
        time = f"{when} by its own word"
    if not trust.roots:
        return not_checked(what, f"no certificate given (it says that it is of {found.signer}; {time})")
    return Check(what, State.PASSED, f"by {found.signer}; {time}; revocation was not looked at")
