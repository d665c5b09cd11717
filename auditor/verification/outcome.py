"""What a check of a bundle says."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

MOST_KEPT = 1000
"""Problems of one check that are kept word for word; beyond, they are only counted."""


class State(StrEnum):
    """How a check ended. What was not checked proves nothing in either direction."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it ended, a sentence, and one line for each thing found."""

    name: str
    state: State
    words: str
    details: tuple[str, ...] = ()


@dataclass(slots=True)
class Problems:
    """Collects problems without letting a hostile bundle fill the memory."""

    kept: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, sentence: str) -> None:
        """Count one problem, and keep its words while there is room."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(sentence[:2000])

    def extend(self, sentences: Iterable[str]) -> None:
        """Add several."""
        for sentence in sentences:
            self.add(sentence)

    def check(self, name: str, good: str, bad: str) -> Check:
        """Return the check: passed with `good` where there is no problem, failed with `bad` otherwise."""
        if not self.count:
            return Check(name, State.PASSED, good)
        more = (f"… and {self.count - len(self.kept):,} more",) if self.count > len(self.kept) else ()
        return Check(name, State.FAILED, f"{bad} ({self.count:,})", (*self.kept, *more))


def not_checked(name: str, why: str, details: Iterable[str] = ()) -> Check:
    """Return a check that was not made."""
    return Check(name, State.NOT_CHECKED, f"not checked: {why}", tuple(details))


def failed(name: str, words: str, details: Iterable[str] = ()) -> Check:
    """Return a check that failed."""
    return Check(name, State.FAILED, words, tuple(details))
