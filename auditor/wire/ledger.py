"""The ledger: every request that was made or refused, in order. It becomes `transcript.jsonl`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request. `at` is UTC, `milliseconds` how long it took; bytes are counted as they crossed the socket.

    `outcome` is `answered`, `refused by the read list`, or the kind of failure. Neither answers nor secrets are kept.
    """

    at: datetime
    host: str
    address: str
    port: int
    transport: str
    protocol: str
    operation: str
    argument: str
    permitted: bool
    outcome: str
    sent_bytes: int = 0
    received_bytes: int = 0
    milliseconds: int = 0

    def fields(self) -> dict[str, object]:
        """Return everything by name, in the order of the transcript; all of it is plain, so nothing is copied."""
        return {name: getattr(self, name) for name in self.__slots__}


class Ledger:
    """Counts requests and hands each to `sink` as soon as it has ended.

    `beyond` are the addresses that this machine may not ask, by the names of the hosts for which they were to be asked.
    """

    __slots__ = ("_sink", "beyond", "made", "refused")

    def __init__(self, sink: Callable[[Entry], None]) -> None:
        """Write entries to `sink`, which must be quick: it is called in the event loop."""
        self._sink = sink
        self.made = 0
        self.refused = 0
        self.beyond: dict[str, set[str]] = {}

    def record(self, entry: Entry) -> None:
        """Count and pass on one entry."""
        if entry.permitted:
            self.made += 1
        else:
            self.refused += 1
        self._sink(entry)

    def keep_off(self, host: str, address: str) -> None:
        """Note an address beyond the fence. Nobody sent a request there, so there is none to record."""
        self.beyond.setdefault(host, set()).add(address)
