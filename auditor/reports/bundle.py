"""The bundle: the folder that an audit leaves. It is written so that whatever moment it ends at, what is there is good.

Evidence and transcript grow line by line. Every other file is written beside its place and then moved there, so it is
either whole or absent. The manifest comes last and holds the SHA-256 of all of them.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from auditor.model.assessment import AuditRun
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence, Resumption
from auditor.reports.evidence_file import end_line, head_line, host_line, resumed_line
from auditor.reports.manifest import FileDigest, ground_of, manifest_bytes
from auditor.reports.registry import REPORTS
from auditor.reports.transcript import START, chained_line, last_chain

EVIDENCE = "evidence.jsonl"
TRANSCRIPT = "transcript.jsonl"
AUDIT = "audit.json"
MANIFEST = "manifest.json"
LOGINS = "logins.jsonl"
"""What is known of the logins of an audit that has not come to its end. It holds no password."""
SIGNATURE = MANIFEST + ".minisig"
VOLUMES = "report-*.pdf"
"""Further files of the PDF report."""


class BundleError(OSError):
    """The folder cannot be used as a bundle; the text says why and what to do."""


class StorageError(OSError):
    """The evidence cannot be written any more; the text says why, where what was learnt lies, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """The two growing files as an audit left them: their sizes, how much of each is whole lines, the last chain."""

    evidence_size: int
    evidence_whole: int
    transcript_size: int
    transcript_whole: int
    chain: str


class BundleWriter:
    """Writes the evidence of an audit while it runs. Use it as a context manager: it closes its files in any case."""

    def __init__(self, folder: Path, grown: Grown | None = None, *, repeatable: bool = False) -> None:
        """Make the folder and open the two growing files; raise `BundleError` where an audit lies there already.

        With `grown` go on behind the last whole lines of the audit that lies there, and take away what was made from
        it; raise `BundleError` where somebody is still writing it. `repeatable` says that the evidence can be had
        again, so the disk is waited for at the end, and not after each host.
        """
        self.folder = folder
        self._repeatable = repeatable
        self._chain = grown.chain if grown else START
        if grown is None:
            _make_empty(folder)
        try:
            self._evidence: BinaryIO = (folder / EVIDENCE).open("r+b" if grown else "x+b")
            self._transcript: BinaryIO = (folder / TRANSCRIPT).open("r+b" if grown else "x+b")
        except OSError as error:
            raise BundleError(f"{folder}: cannot write here: {error.strerror}") from error
        try:
            fcntl.flock(self._transcript, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if grown:
                self._go_on(grown)
        except BlockingIOError:
            self.close()
            raise BundleError(f"{folder}: an audit is still writing here.") from None
        except BaseException:
            self.close()
            raise

    def _go_on(self, grown: Grown) -> None:
        rows = (
            (self._evidence, grown.evidence_size, grown.evidence_whole),
            (self._transcript, grown.transcript_size, grown.transcript_whole),
        )
        if any(os.fstat(file.fileno()).st_size != size for file, size, _ in rows):
            raise BundleError(f"{self.folder}: somebody else has written here meanwhile.")
        clear_made(self.folder)
        for file, _, whole in rows:
            file.truncate(whole)
            file.seek(whole)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close both files. Where something went wrong already, a file that cannot be closed adds nothing to it."""
        try:
            self.close()
        except OSError as failure:
            if error is None:
                raise self._lost(failure) from failure

    def close(self) -> None:
        """Close both files, and let others write to them."""
        try:
            self._transcript.close()
        finally:
            self._evidence.close()

    def begin(self, head: AuditHead) -> None:
        """Write the head of the evidence."""
        self._keep(head_line(head))

    def resume(self, resumed: Resumption) -> None:
        """Write that the audit goes on, and let it reach the disk."""
        self._keep(resumed_line(replace(resumed, transcript_chain=self._chain)))

    def request(self, entry: Mapping[str, object]) -> None:
        """Append one request to the transcript. It is buffered until a host ends; called in the event loop.

        A login is handed to the system at once: it is not to be made again, even where this program is killed.
        """
        line, chain = chained_line(self._chain, entry)
        self._transcript.write(line)
        self._chain = chain  # only now: `host` reads it in another thread, and what it reads must have been written
        if entry.get("operation") == "LOGIN":
            self._transcript.flush()

    def host(self, host: HostEvidence) -> None:
        """Append one host's evidence, and let both files reach the disk: the requests first, then what they brought."""
        chain = self._chain
        self._keep(host_line(replace(host, transcript_chain=chain)), self._let_go)

    def _let_go(self, file: BinaryIO) -> None:
        if self._repeatable:
            file.flush()
        else:
            _sync(file)

    def end(self, end: AuditEnd) -> None:
        """Write how the audit ended, with the head of the transcript's chain, and let it reach the disk."""
        self._keep(end_line(replace(end, transcript_chain=self._chain)))
        self._put_back()

    def _keep(self, line: bytes, let_go: Callable[[BinaryIO], None] | None = None) -> None:
        """Let the requests reach the disk, then a line of evidence; raise `StorageError` where that fails."""
        hand_on = let_go or _sync
        try:
            hand_on(self._transcript)
            self._evidence.write(line)
            hand_on(self._evidence)
        except OSError as error:
            raise self._lost(error) from error

    def _put_back(self) -> None:
        """Write both files again where somebody took the folder away: what was learnt is still in our hands."""
        for name, file in ((EVIDENCE, self._evidence), (TRANSCRIPT, self._transcript)):
            if (self.folder / name).exists():
                continue
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                file.seek(0)
                put(self.folder, name, file.read())
            except OSError as error:
                raise self._lost(error) from error

    def _lost(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self.folder}: the evidence cannot be written: {error.strerror or error}. What was learnt before lies "
            f"there: `auditor replay {self.folder} --output NEW` judges it."
        )


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BundleError(f"{folder}: cannot make this folder: {error.strerror}") from error
    if any((folder / name).exists() for name in (EVIDENCE, AUDIT, MANIFEST, LOGINS)):
        raise BundleError(f"{folder} already holds an audit. Name another folder with --output, or move that one.")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def clear_made(folder: Path) -> None:
    """Take away what was made from the evidence of an audit that goes on: manifest and signature first, then reports.

    So whatever moment it ends at, no manifest vouches for an audit that has more evidence than it. Other files stay.
    """
    reports = [report.file_name for report in REPORTS]
    for pattern in (MANIFEST, SIGNATURE, *reports, VOLUMES, ".*.part"):
        for place in sorted(folder.glob(pattern)):
            if place.is_file() or place.is_symlink():
                place.unlink()


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
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        error.filename = error.filename or str(place)
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
