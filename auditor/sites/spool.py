"""What a collector has on its disk: parcels that wait for the database, and what it must not do twice.

A host that was asked for a run is not asked again for it, and a password that was tried is not tried again, although
the job is given out a second time because the collector died or the line was cut.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from auditor.wire.kept_guard import KeptGuard
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
