"""Reading what must not be read by others: key files, and passphrases from the environment or a file."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from auditor.cli.exits import Exit
from auditor.cli.options import stop

LONGEST_PASSPHRASE = 1024


def read_owned(path: Path, most: int) -> bytes:
    """Return a file that only its owner can read, up to one byte more than `most`; end the command otherwise."""
    try:
        with _opened(path) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                stop(f"{path}: no plain file", Exit.USAGE)
            if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                stop(f"{path} is open to others (mode {stat.S_IMODE(status.st_mode):o}): chmod 600", Exit.USAGE)
            return file.read(most + 1)
    except OSError as error:
        stop(f"{path}: {error.strerror}", Exit.USAGE)


def read_any(path: Path, most: int) -> bytes:
    """Return a file that is no secret, up to one byte more than `most`; end the command where it cannot be read."""
    try:
        with _opened(path) as file:
            return file.read(most + 1)
    except OSError as error:
        stop(f"{path}: {error.strerror}", Exit.USAGE)


def passphrase(variable: str, file_variable: str) -> bytes | None:
    """Return the passphrase from the file that one variable names, or from the other; None where neither is set."""
    named = os.environ.get(file_variable)
    if named:
        try:
            with _opened(Path(named)) as file:
                if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    stop(f"{named} is open to others: chmod 600", Exit.USAGE)
                given = file.read(LONGEST_PASSPHRASE + 2).split(b"\n", 1)[0].removesuffix(b"\r")
        except OSError as error:
            stop(f"{file_variable}: {named}: {error.strerror}", Exit.USAGE)
    elif variable in os.environ:
        given = os.environb[variable.encode()]
    else:
        return None
    if not given or len(given) > LONGEST_PASSPHRASE:
        stop(f"the passphrase is empty or longer than {LONGEST_PASSPHRASE:,} bytes", Exit.USAGE)
    return given


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading, without waiting where it is a pipe."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
