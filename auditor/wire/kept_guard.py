"""The guard of an audit's passwords with a memory on disk, which outlives the program: one attempt, whoever goes on."""

import json
import os
from pathlib import Path

from auditor.wire.login import LoginGuard


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
