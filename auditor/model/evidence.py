"""Observations: what one question to one host brought, or why it brought nothing.

An answer is one of three things, never a value that may be missing: the host *showed* a fact (`Seen`), the host
*proved* that there is none (`Absent`, e.g. a refused port), or nothing can be said (`Unknown`, with its cause).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from auditor.model.facts import Fact
from auditor.model.recent import Recent

F_co = TypeVar("F_co", bound=Fact, covariant=True)
F = TypeVar("F", bound=Fact)


class Cause(StrEnum):
    """Why nothing is known. `BUG` is a fault of ours and never a finding about a host.

    `STOPPED` is a question that was planned and left out to spare the host: it might have told something, so nothing
    that is known beside it makes up for it.
    """

    TIMED_OUT = "timed_out"
    FILTERED = "filtered"
    UNREACHABLE = "unreachable"
    NAME_NOT_FOUND = "name_not_found"
    CLOSED_EARLY = "closed_early"
    TLS_FAILED = "tls_failed"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    REFUSED_LOGIN = "refused_login"
    NOT_PERMITTED = "not_permitted"
    NOT_ASKED = "not_asked"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Seen(Generic[F_co]):
    """The host showed this fact."""

    fact: F_co


@dataclass(frozen=True, slots=True)
class Absent:
    """The host proved that there is no such fact, e.g. it refused the connection."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing can be said about the fact; `detail` is a sentence for the report."""

    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class Observation(Generic[F_co]):
    """One question, asked once, and its outcome.

    `subject` says what the question was about: a service of the profile (`telnet`), a path (`http /tms/`) or a
    name. `probe` and `subject` together name the observation within its host. `at` is aware and in UTC.
    `derived` marks what `engine.interpret` concluded from other observations; it is never stored.
    """

    asks: type[F_co]
    probe: str
    subject: str
    at: datetime
    outcome: Seen[F_co] | Absent | Unknown
    port: int | None = None
    derived: bool = False

    @property
    def id(self) -> str:
        """Name of this observation within its host, e.g. `port/telnet`."""
        return f"{self.probe}/{self.subject}"

    @property
    def fact(self) -> F_co | None:
        """The fact that was seen, or None for `Absent` and `Unknown`."""
        return self.outcome.fact if isinstance(self.outcome, Seen) else None


AnyObservation = Observation[Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All observations of one host, in the order in which they were made."""

    observations: tuple[AnyObservation, ...] = ()

    def observed(self, kind: type[F], subject: str | None = None) -> tuple[Observation[F], ...]:
        """Every observation of this kind (and subject, if given), whatever its outcome."""
        return tuple(self._matching(kind, subject))

    def one(self, kind: type[F], subject: str | None = None) -> Observation[F] | None:
        """Return the first observation of this kind, or None where the question was never asked."""
        return next(iter(self._matching(kind, subject)), None)

    def of(self, kind: type[F], subject: str | None = None) -> tuple[F, ...]:
        """Return the facts of this kind that were seen."""
        return tuple(o.outcome.fact for o in self._matching(kind, subject) if isinstance(o.outcome, Seen))

    def gaps(self, kind: type[F], subject: str | None = None) -> tuple[Observation[F], ...]:
        """Return the observations of this kind that ended in `Unknown`."""
        return tuple(o for o in self._matching(kind, subject) if isinstance(o.outcome, Unknown))

    def plus(self, more: Iterable[AnyObservation]) -> "Evidence":
        """Return new evidence with `more` behind what is there."""
        return Evidence((*self.observations, *more))

    def _matching(self, kind: type[F], subject: str | None) -> Sequence[Observation[F]]:
        found: Sequence[Observation[F]] = _by_kind(self).get(kind, ())
        return found if subject is None else [o for o in found if o.subject == subject]


def _sorted(evidence: Evidence) -> dict[type[Fact], list[AnyObservation]]:
    kinds: dict[type[Fact], list[AnyObservation]] = {}
    for observation in evidence.observations:
        kinds.setdefault(observation.asks, []).append(observation)
    return kinds


_by_kind = Recent(_sorted, 256)
"""What is asked of a host's evidence is asked again and again, and then no more."""
