"""Fetches revocation lists from the distribution points that certificates name, where the operator asked for it.

A certificate is a stranger's word, and so is the address in it: only plain HTTP, only to hosts that the operator listed
(`crl_hosts`), each address once and a bounded number of them. What is not fetched is told.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from auditor.engine.clock import OURSELVES
from auditor.model.collected import FetchedList
from auditor.model.evidence import Evidence, Unknown
from auditor.model.facts import TlsFace
from auditor.model.inventory import Settings
from auditor.model.profile import Limits
from auditor.trust import list_addresses
from auditor.wire.dns import resolve
from auditor.wire.failures import Answer, attempt
from auditor.wire.gate import Gate, utc_now
from auditor.wire.ledger import Ledger
from auditor.wire.pace import Pace
from auditor.wire.readlist import ForbiddenReadError, ReadList, Request, forbidden
from auditor.wire.revocation_list import fetch_list

MOST_LISTS = 64
LONGEST = 500
"""Characters of an address."""

SECONDS = 30.0
"""For one list."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list is: host and port as the operator may list them, and the path."""

    host: str
    port: int
    path: str


def addresses_in(evidence: Evidence) -> tuple[str, ...]:
    """Return the addresses of lists that the certificates of a host name, as they stand there."""
    chains = (face.chain for face in evidence.of(TlsFace))
    return tuple(dict.fromkeys(address for chain in chains for der in chain for address in list_addresses(der)))


async def fetch_lists(
    addresses: Iterable[str],
    settings: Settings,
    ledger: Ledger,
    *,
    now: Callable[[], datetime] = utc_now,
    pace: Pace | None = None,
) -> tuple[FetchedList, ...]:
    """Fetch what may be fetched, one after the other; nothing unless `fetch_crls` is set. Raises nothing of a host's.

    Every address has its entry, those that were not asked with the reason. Every request waits for `pace`.
    """
    if not settings.fetch_crls:
        return ()
    found = []
    for number, address in enumerate(dict.fromkeys(addresses)):
        if number == MOST_LISTS:
            found.append(FetchedList(url="", at=now(), because=f"no more than {MOST_LISTS} addresses are asked"))
            break
        place = _place(address, settings)
        if isinstance(place, str):
            found.append(FetchedList(url=address[:LONGEST], at=now(), because=place))
        else:
            found.append(await _fetched(address, place, settings, ledger, now, pace))
    return tuple(found)


def permitted_fetches(lists: Iterable[FetchedList], settings: Settings) -> frozenset[tuple[Request, int]]:
    """Return the requests, each with its port, by which an audit with these settings may have asked for its lists."""
    places = (_place(one.url, settings) for one in lists)
    requests = ((Request("http", "GET", place.path), place.port) for place in places if isinstance(place, _Place))
    return frozenset((request, port) for request, port in requests if forbidden(request) is None)


def _place(address: str, settings: Settings) -> _Place | str:
    """Return where to fetch, or why that must not be."""
    if (
        not (address.isascii() and address.isprintable()) or " " in address
    ):  # urlsplit would quietly take some of it out
        return "the address holds what no address may"
    if len(address) > LONGEST:
        return "the address is too long"
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port or 80
    except ValueError:
        return "the address cannot be read"
    if parts.scheme.lower() != "http" or parts.username is not None or parts.fragment:
        return "it is no plain http address"
    listed = {entry.casefold() for entry in settings.crl_hosts}
    if f"{host}:{port}" not in listed and not (port == 80 and host in listed):
        return f"{host[:100] or 'its host'} is not among crl_hosts"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(host, port, path)


async def _fetched(
    address: str,
    place: _Place,
    settings: Settings,
    ledger: Ledger,
    now: Callable[[], datetime],
    pace: Pace | None,
) -> FetchedList:
    try:
        reads = ReadList([Request("http", "GET", place.path)])
    except ForbiddenReadError:
        return FetchedList(url=address, at=now(), because="its path is one that is never sent")
    limits = Limits(pause_seconds=0.0, question_seconds=settings.question_seconds or SECONDS)

    async def ask() -> bytes:
        def gate_to(address: str) -> Gate:
            return Gate(
                host=OURSELVES, address=address, reads=reads, limits=limits, ledger=ledger, now=now, pace=pace
            )  # fmt: skip

        reached = (await resolve(gate_to(""), place.host, settings.dns_servers))[0]
        gate = gate_to(reached)
        return await fetch_list(gate, host=place.host, port=place.port, path=place.path)

    result = await attempt(ask())
    if isinstance(result, Answer):
        return FetchedList(url=address, at=now(), content=result.value)
    outcome = result.outcome
    return FetchedList(
        url=address, at=now(), because=outcome.detail if isinstance(outcome, Unknown) else outcome.reason
    )
