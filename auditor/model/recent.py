"""What can be made again from a frozen value, kept for the values asked for last: quick, and bounded."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A function of one frozen value, which remembers its answers for the last `size` values, by identity.

    Evidence and observations are equal only after a deep comparison; here the same object counts, and no other.
    May be called from several threads.
    """

    def __init__(self, make: Callable[[K], V], size: int) -> None:
        self._make = make
        self._size = size
        self._kept: dict[int, tuple[K, V]] = {}
        self._growing = Lock()

    def __call__(self, value: K) -> V:
        """Return what `make` returns for this value; it is made again where others came between."""
        kept = self._kept.get(id(value))
        if kept is not None:  # it holds the value, so that no other object can have its identity meanwhile
            return kept[1]
        made = self._make(value)
        with self._growing:
            if len(self._kept) >= self._size:
                del self._kept[next(iter(self._kept))]
            self._kept[id(value)] = value, made
        return made

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._kept)
