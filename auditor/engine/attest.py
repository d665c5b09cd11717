"""Attestations of the inventory to derived observations, `attested/<statement>`. Pure.

This is the one place at which people's statements join the evidence. They are marked as derived, so they are never
stored as if they had been observed: a replay takes them from the inventory in the head again. Who finds that devices
contradict a statement judges observed facts and statements side by side; nothing is dropped or overruled here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from auditor.model.evidence import AnyObservation, Observation, Seen
from auditor.model.facts import Attested
from auditor.model.inventory import Attestation


def by_host(attestations: Iterable[Attestation]) -> dict[str, tuple[Attestation, ...]]:
    """Return the statements about each target, by its name and in their order."""
    found: dict[str, list[Attestation]] = defaultdict(list)
    for attestation in attestations:
        found[attestation.host].append(attestation)
    return {host: tuple(some) for host, some in found.items()}


def counts(attestation: Attestation, at: datetime) -> bool:
    """Tell whether a statement was made by this time and has not expired."""
    return attestation.on <= at < attestation.expires


def attested(stated: Sequence[Attestation], at: datetime) -> Iterator[AnyObservation]:
    """Yield one observation for each statement about one host, those that do not count among them.

    Those that count at `at`, the audit's time, come first, the newest before older ones: a check that reads one
    statement reads the one that holds. Whether it does is the check's own judgement.
    """
    for each in sorted(stated, key=lambda s: (not counts(s, at), -s.on.timestamp())):
        fact = Attested(
            statement=each.statement, value=each.value, by=each.by, on=each.on, expires=each.expires,
            document=each.document, document_sha256=each.document_sha256,
        )  # fmt: skip
        yield Observation(Attested, "attested", each.statement, at, Seen(fact), derived=True)
