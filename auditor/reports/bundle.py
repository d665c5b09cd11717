"""The bundle: the folder that an audit leaves. It is written so that whatever moment it ends at, what is there is good.

Evidence and transcript grow line by line. Every other file is written beside its place and then moved there, so it is
either whole or absent. The manifest comes last and holds the SHA-256 of all of them.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from auditor.model.assessment import AuditRun
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence
from auditor.reports.evidence_file import end_line, head_line, host_line
from auditor.reports.manifest import FileDigest, ground_of, manifest_bytes
from auditor.reports.transcript import START, chained_line, last_chain

EVIDENCE = "evidence.jsonl"
TRANSCRIPT = "transcript.jsonl"
AUDIT = "audit.json"
MANIFEST = "manifest.json"
SIGNATURE = MANIFEST + ".minisig"


class BundleError(OSError):
    """The folder cannot be used as a bundle; the text says why and what to do."""


class BundleWriter:
    """Writes the evidence of an audit while it runs. Use it as a context manager: it closes its files in any case."""

    def __init__(self, folder: Path) -> None:
        """Make the folder and open the two growing files; raise `BundleError` where an audit lies there already."""
        self.folder = folder
        self._chain = START
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BundleError(f"{folder}: cannot make this folder: {error.strerror}") from error
        if any((folder / name).exists() for name in (EVIDENCE, AUDIT, MANIFEST)):
            raise BundleError(f"{folder} already holds an audit. Name another folder with --output, or move that one.")
        try:
            self._evidence: BinaryIO = (folder / EVIDENCE).open("xb")
            self._transcript: BinaryIO = (folder / TRANSCRIPT).open("xb")
        except OSError as error:
            raise BundleError(f"{folder}: cannot write here: {error.strerror}") from error

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close both files."""
        self._transcript.close()
        self._evidence.close()

    def begin(self, head: AuditHead) -> None:
        """Write the head of the evidence."""
        self._evidence.write(head_line(head))
        self._evidence.flush()

    def request(self, entry: Mapping[str, object]) -> None:
        """Append one request to the transcript. It is buffered until a host ends; called in the event loop."""
        line, self._chain = chained_line(self._chain, entry)
        self._transcript.write(line)

    def host(self, host: HostEvidence) -> None:
        """Append one host's evidence, and let both files reach the disk."""
        self._evidence.write(host_line(host))
        for file in (self._evidence, self._transcript):
            file.flush()
            os.fsync(file.fileno())

    def end(self, end: AuditEnd) -> None:
        """Write how the audit ended, with the head of the transcript's chain, and let it reach the disk."""
        self._evidence.write(end_line(replace(end, transcript_chain=self._chain)))
        for file in (self._evidence, self._transcript):
            file.flush()
            os.fsync(file.fileno())


def put(folder: Path, name: str, content: bytes | Iterator[bytes]) -> Path:
    """Write a file whole or not at all, and return its path; content that comes in pieces is written as it is made."""
    place = folder / name
    beside = folder / f".{name}.part"
    try:
        with beside.open("wb") as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return place


def write_manifest(folder: Path, run: AuditRun, profiles_digest: str) -> Path:
    """Write `manifest.json`: the SHA-256 and size of every file of the bundle, and the digests of what it rests on."""
    places = [p for p in folder.iterdir() if p.is_file() and p.name not in (MANIFEST, SIGNATURE)]
    files = {p.name: FileDigest(_sha256(p), p.stat().st_size) for p in places if not p.name.startswith(".")}
    chain = last_chain(folder / TRANSCRIPT)
    ground = ground_of(run, folder / EVIDENCE, catalogue=run.catalogue_digest, profiles=profiles_digest, chain=chain)
    return put(folder, MANIFEST, manifest_bytes(run, ground, files))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_evidence(bundle: Path, folder: Path) -> None:
    """Copy evidence and transcript of a bundle into a new folder; raise `BundleError` where an audit lies there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BundleError(f"{folder} is not empty. Name another folder with --output.")
        for name in (EVIDENCE, TRANSCRIPT):
            if (bundle / name).exists():
                put(folder, name, (bundle / name).read_bytes())
    except OSError as error:
        raise error if isinstance(error, BundleError) else BundleError(f"{folder}: {error.strerror}") from error
