"""Who carries out a plan: this process, or collectors at other sites. Whoever does, the rest of an audit is the same.

An executor is handed the planned hosts and yields the evidence of each one as it comes. The transcript of every request
reaches the ledger that it was made with, whichever machine made the request. Judging, scoring and reports see evidence
only, so they cannot tell one executor from another.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from auditor.engine.plan import HostPlan
from auditor.model.collected import HostEvidence
from auditor.model.inventory import Target
from auditor.wire.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What is to be told of a collection beside the evidence, once it has ended.

    `not_asked` says by the targets' names why nobody looked at them; a host that is in it has no evidence. `faults` are
    sentences about what went wrong on our side of it and belongs to no single host; `notes` are other such sentences.
    """

    not_asked: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING_REMAINS = Remains()


class Executor(Protocol):
    """Carries out a plan, once."""

    def run(self, plans: Iterable[HostPlan]) -> AsyncIterator[HostEvidence]:
        """Yield the evidence of each planned host as it comes; each host once, and in any order."""

    def stop(self) -> None:
        """End early: what was learnt is still handed on, and hosts that nobody looked at are left out."""

    @property
    def remains(self) -> Remains:
        """What is left to tell. Read it when `run` has ended."""


Executing = Callable[[Ledger, Callable[[Target], None]], Executor]
"""Makes the executor of an audit, from the ledger of its requests and what is called as a host's turn comes."""
