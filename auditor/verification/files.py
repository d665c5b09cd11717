"""The files of a bundle against its manifest, and the manifest against what it must be."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from auditor.reports.bundle import MANIFEST, SIGNATURE
from auditor.reports.manifest import CHUNK, FileDigest
from auditor.verification.folder import BundleFolder, OddFileError, is_plain_name
from auditor.verification.outcome import Check, Problems

LARGEST_MANIFEST = 16 * 2**20
NAME = "files"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str
    bytes: int


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """The manifest as it was read. Nothing in it is believed."""

    schema_version: str
    audit_id: str
    complete: bool
    tool_version: str
    guide: str
    catalogue_digest: str
    profiles_digest: str
    policy_digest: str | None
    inventory_digest: str
    attestations_digest: str | None
    waivers_digest: str | None
    transcript_chain: str | None
    files: dict[str, _File]


class ManifestError(ValueError):
    """The manifest is missing or cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest, and the files as they lie there now. `changed` holds names that differ from it."""

    manifest: Manifest
    data: bytes
    check: Check
    digests: Mapping[str, FileDigest]
    changed: frozenset[str]


def check_files(folder: BundleFolder) -> Found:
    """Hash every file that the manifest names, and tell all that are missing, changed, odd or not named.

    Raises `ManifestError` where there is no manifest to read.
    """
    try:
        data = folder.read(MANIFEST, LARGEST_MANIFEST)
        manifest = msgspec.json.decode(data, type=Manifest)
    except (OddFileError, msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ManifestError(f"{MANIFEST} cannot be read: {error}") from error
    problems, digests, changed = Problems(), dict[str, FileDigest](), set[str]()
    kinds = folder.kinds()
    for name, stated in manifest.files.items():
        problem = None
        if not is_plain_name(name) or name in (MANIFEST, SIGNATURE):
            problem = f"{name!r}: not the name of a file of a bundle; it was not opened"
        elif name not in kinds:
            problem = f"{name}: missing"
        else:
            problem = _hash(folder, name, stated, digests)
        if problem is not None:
            changed.add(name)
            problems.add(problem)
    for name in sorted(kinds.keys() - manifest.files.keys() - {MANIFEST, SIGNATURE}):
        problems.add(f"{name}: not in the manifest ({kinds[name]})")
    count = len(manifest.files)
    check = problems.check(NAME, f"{count} files, each with the SHA-256 of the manifest", "files differ")
    return Found(manifest, data, check, digests, frozenset(changed))


def _hash(folder: BundleFolder, name: str, stated: _File, digests: dict[str, FileDigest]) -> str | None:
    """Hash one file into `digests`; return what is wrong with it. A file of another size need not be read."""
    try:
        size = folder.size(name)
        if size != stated.bytes:
            return f"{name}: changed ({size:,} bytes, {stated.bytes:,} in the manifest)"
        whole = hashlib.sha256()
        with folder.open(name) as file:
            while chunk := file.read(CHUNK):
                whole.update(chunk)
    except OSError as error:
        return str(error)
    digests[name] = FileDigest(whole.hexdigest(), size)
    if digests[name].sha256 != stated.sha256:
        return f"{name}: changed (SHA-256 {digests[name].sha256}, {stated.sha256} in the manifest)"
    return None
