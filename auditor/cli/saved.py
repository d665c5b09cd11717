"""Saved configurations on the disk: those that the inventory names, and those in a folder, by the hosts' names."""

import os
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from auditor.engine.saved import SavedFile
from auditor.model.inventory import Target

SUFFIXES = (".xml", ".txt")
LARGEST = 8 * 1024 * 1024


class SavedFileError(ValueError):
    """Files cannot be used. `problems` holds a sentence for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep the sentences."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_saved_files(targets: Iterable[Target], folder: Path | None = None) -> dict[str, SavedFile]:
    """Return the saved configuration of each target that has one, by its name.

    What the inventory names comes first; `folder` holds files called `NAME.xml` or `NAME.txt`. Raises SavedFileError
    with every file that cannot be read, and for a folder in which no file belongs to a target.
    """
    found: dict[str, SavedFile] = {}
    problems: list[str] = []
    if folder is not None and not folder.is_dir():
        raise SavedFileError([f"{folder} is not a folder"])
    beside = 0
    for target in targets:
        path = target.saved_config
        if path is None and folder is not None:
            path = _in_folder(folder, target.name, problems)
            beside += path is not None
        if path is None:
            continue
        try:
            found[target.name] = _read(path)
        except OSError as error:
            problems.append(f"{path} cannot be read: {error.strerror or error}")
    if folder is not None and not beside and not found and not problems:
        problems.append(f"{folder} holds no file for any host: they are called NAME.txt or NAME.xml")
    if problems:
        raise SavedFileError(problems)
    return found


def _in_folder(folder: Path, name: str, problems: list[str]) -> Path | None:
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        return None
    there = [path for path in (folder / (name + suffix) for suffix in SUFFIXES) if path.is_file()]
    if len(there) > 1:
        problems.append(f"{folder} holds two files for {name}: {', '.join(path.name for path in there)}")
    return there[0] if there else None


def _read(path: Path) -> SavedFile:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "it is not a file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(None, f"it is larger than {LARGEST:,} bytes")
    return SavedFile(path=str(path), data=data, changed_at=datetime.fromtimestamp(status.st_mtime, UTC))
