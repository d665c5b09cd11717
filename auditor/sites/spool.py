"""What a collector has on its disk: parcels that wait for the database, and what it must not do twice.

A host that was asked for a run is not asked again for it, and a password that was tried is not tried again, although
the job is given out a second time because the collector died or the line was cut.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from auditor.wire.login import LoginGuard

WAITING, SENT, GUARD = ".parcel", ".sent", "logins.jsonl"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel that is not delivered yet."""

    run: UUID
    host: str
    path: Path


class Spool:
    """The folder of one collector. Two collectors must not share one."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made where there is none and is for this user alone; raises OSError."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._folder = folder

    def put(self, run: UUID, host: str, payload: bytes) -> Waiting:
        """Keep a parcel until it is delivered: whole or not at all."""
        path = self._place(run, host, WAITING)
        path.parent.mkdir(exist_ok=True)
        beside = path.with_suffix(".part")
        name = host.encode()
        beside.write_bytes(len(name).to_bytes(2, "big") + name + payload)
        beside.replace(path)
        return Waiting(run, host, path)

    def payload(self, waiting: Waiting) -> bytes:
        """Return the parcel."""
        content = waiting.path.read_bytes()
        return content[2 + int.from_bytes(content[:2], "big") :]

    def sent(self, waiting: Waiting) -> None:
        """Forget a parcel that the database has; that its host was asked stays known."""
        self._place(waiting.run, waiting.host, SENT).touch()
        waiting.path.unlink(missing_ok=True)

    def has(self, run: UUID, host: str) -> bool:
        """Tell whether the host was asked for this run."""
        return any(self._place(run, host, kind).exists() for kind in (SENT, WAITING))

    def waiting(self) -> Iterator[Waiting]:
        """Yield what an earlier process left behind. A file that lost its content with the power is forgotten."""
        for path in sorted(self._folder.glob(f"*/*{WAITING}")):
            content = path.read_bytes()
            size = int.from_bytes(content[:2], "big")
            if not size or len(content) <= 2 + size:
                path.unlink()  # its host is asked again; as a parcel, it would be refused for ever
                continue
            yield Waiting(UUID(path.parent.name), content[2 : 2 + size].decode(), path)

    def guard(self, run: UUID) -> LoginGuard:
        """Return the guard of a run's passwords, which remembers over the death of a process."""
        folder = self._folder / str(run)
        folder.mkdir(exist_ok=True)
        return KeptGuard(folder / GUARD)

    def tidy(self, before: float) -> None:
        """Forget runs that nobody has touched since a moment (seconds since 1970), unless parcels wait there."""
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.stat().st_mtime < before and not any(folder.glob(f"*{WAITING}")):
                shutil.rmtree(folder)

    def _place(self, run: UUID, host: str, kind: str) -> Path:
        return self._folder / str(run) / (hashlib.sha256(host.encode()).hexdigest()[:40] + kind)


class KeptGuard(LoginGuard):
    """A guard that writes down what it is told before a password leaves, and begins with what it was told before."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        """Read what is there. A line that was cut off counts for nothing: its password had not left yet."""
        super().__init__()
        self._path = path
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        if text and not text.endswith("\n"):
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")  # or what is noted next would be cut off with it
        for line in text.splitlines():
            try:
                what, credential, host = json.loads(line)
            except ValueError:
                continue
            match what:
                case "tried":
                    super().try_once(credential, host)
                case "accepted":
                    super().accepted(credential, host)
                case "refused":
                    super().refused(credential, host)

    def try_once(self, credential: str, host: str) -> None:
        """Take the one attempt; raises `LoginWithheldError` where it was taken, by whatever process."""
        known = (credential, host) in self._states
        super().try_once(credential, host)
        if not known:
            self._note("tried", credential, host, safe=True)

    def accepted(self, credential: str, host: str) -> None:
        """Note that the host took the password."""
        super().accepted(credential, host)
        self._note("accepted", credential, host)

    def refused(self, credential: str, host: str) -> None:
        """Note that the host did not take it."""
        super().refused(credential, host)
        self._note("refused", credential, host)

    def _note(self, *words: str, safe: bool = False) -> None:
        """Write it down; `safe` waits for the disk, so that no loss of power lets the password leave once more."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(words) + "\n")
            if safe:
                file.flush()
                os.fsync(file.fileno())
