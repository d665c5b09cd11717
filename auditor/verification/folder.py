"""A bundle's folder, opened so that nothing in it leads out of it, blocks, or is read without an end.

Only plain files directly in the folder are opened, by their names inside the opened folder: no links, pipes, devices,
no further folders. Names that a manifest states are compared, and never opened as such.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

MOST_FILES = 10_000
LARGEST_FILE = 16 * 2**30
"""Bytes. Larger files are not read."""


class NoBundleError(OSError):
    """The folder cannot be opened, or holds nothing of a bundle; the text says which."""


class OddFileError(OSError):
    """A file is not there, is no plain file, or is too large; the text says which."""


class BundleFolder:
    """An open folder. Use it as a context manager's value from `opened`."""

    def __init__(self, path: Path, number: int) -> None:
        """Take a folder and its open file descriptor."""
        self.path = path
        self._number = number

    def kinds(self) -> dict[str, str]:
        """Return what lies in the folder: name → `file`, `folder`, `link` or `special`. Raises `NoBundleError`."""
        found: dict[str, str] = {}
        with os.scandir(self._number) as entries:
            for entry in entries:
                if len(found) >= MOST_FILES:
                    raise NoBundleError(f"{self.path}: more than {MOST_FILES:,} files; this is no bundle")
                found[entry.name] = _kind(entry.stat(follow_symlinks=False).st_mode)
        return found

    def size(self, name: str) -> int:
        """Return a plain file's size in bytes; raise `OddFileError` where there is none."""
        return self._plain(name).st_size

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a plain file for reading; raise `OddFileError` where there is none."""
        before = self._plain(name)
        if before.st_size > LARGEST_FILE:
            raise OddFileError(f"{name}: {before.st_size:,} bytes are too many to be read")
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            number = os.open(name, flags, dir_fd=self._number)
        except OSError as error:
            raise OddFileError(f"{name}: {error.strerror}") from error
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OddFileError(f"{name}: no plain file")
            yield file

    def read(self, name: str, most: int) -> bytes:
        """Return a file of at most `most` bytes; raise `OddFileError` otherwise."""
        with self.open(name) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise OddFileError(f"{name}: more than {most:,} bytes")
        return data

    def _plain(self, name: str) -> os.stat_result:
        if not is_plain_name(name):
            raise OddFileError(f"{name!r}: not the name of a file of this folder")
        try:
            found = os.stat(name, dir_fd=self._number, follow_symlinks=False)
        except (OSError, ValueError) as error:
            raise OddFileError(f"{name}: {getattr(error, 'strerror', None) or error}") from error
        if not stat.S_ISREG(found.st_mode):
            raise OddFileError(f"{name}: a {_kind(found.st_mode)}, where a plain file belongs")
        return found


@contextmanager
def opened(path: Path) -> Iterator[BundleFolder]:
    """Open the folder of a bundle; raise `NoBundleError` where it cannot be opened."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise NoBundleError(f"{path}: {error.strerror}") from error
    try:
        yield BundleFolder(path, number)
    finally:
        os.close(number)


def is_plain_name(name: str) -> bool:
    """Tell whether a name names something directly in the folder."""
    return bool(name) and name not in (".", "..") and not set(name) & {"/", "\\", "\0"}


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "special file"
