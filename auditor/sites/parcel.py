"""A parcel: what a collector delivers of one host, and what the centre makes of it.

The centre trusts the database's word on which site delivered, and nothing that is written in the parcel: it is bounded,
decoded strictly, held against the target of the inventory, and refused whole where a field does not fit. The evidence
in it is then judged by the centre's own catalogue.
"""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Literal
from uuid import UUID

import msgspec

from auditor.model.collected import HostEvidence
from auditor.model.facts import Attested
from auditor.model.inventory import AUTO, Target
from auditor.reports.evidence_file import EvidenceFileError, host_line, read_host_line
from auditor.wire.dns import SYSTEM
from auditor.wire.ledger import Entry

LARGEST = 64 * 2**20
"""Bytes of a parcel when it is unpacked."""
MOST_ENTRIES = 20_000
MOST_BEYOND, LONGEST_ADDRESS = 20, 64
"""Addresses that were not asked for a host, and characters of one."""
CLOCK_TOLERANCE_SECONDS = 5.0
"""How far a collector's clock may be off; devices are given far more."""


class ParcelError(ValueError):
    """The parcel is refused; the text says why, and never repeats more than a little of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a collector worked with. `clock_ahead` is in seconds, by the database's clock; None: it was not measured.

    `beyond` are addresses that it was to ask for this host and may not, as they are outside its networks.
    """

    tool_version: str
    catalogue_digest: str
    profiles_digest: str
    clock_ahead: float | None = None
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A parcel that fits."""

    host: HostEvidence
    entries: tuple[Entry, ...]
    beyond: tuple[str, ...] = ()


class _Parcel(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    run: UUID
    site: str
    ground: Ground
    evidence: bytes
    transcript: tuple[Entry, ...]


_decoder = msgspec.json.Decoder(_Parcel)


def packed(run: UUID, site: str, host: HostEvidence, entries: Sequence[Entry], ground: Ground) -> bytes:
    """Return the parcel of one host."""
    parcel = _Parcel(1, run, site, ground, host_line(host), tuple(entries))
    return zlib.compress(msgspec.json.encode(parcel), level=1)


def opened(
    payload: bytes,
    *,
    run: UUID,
    site: str,
    target: Target,
    received_at: datetime,
    own: Ground,
    families: Collection[str],
) -> Opened:
    """Open what `site` delivered of a target; raise `ParcelError` where anything in it does not fit.

    A clock that was wrong and a catalogue other than the centre's (`own`) are noted on the host.
    """
    parcel = _unpacked(payload)
    if (parcel.run, parcel.site) != (run, site):
        raise ParcelError("it says that it belongs to another run or site")
    try:
        host = read_host_line(parcel.evidence, target, "the parcel")
    except EvidenceFileError as error:
        raise ParcelError(str(error)[:300]) from error
    if host.product not in families or target.product not in {AUTO, host.product}:
        raise ParcelError(f"its host is a {host.product[:40]!r}, and a {target.product} in the inventory")
    if target.address is not None and host.address not in {None, target.address}:
        raise ParcelError(f"it comes from {str(host.address)[:60]!r}, and the host is at {target.address}")
    if any(made.asks is Attested for made in host.evidence.observations):
        raise ParcelError("it holds a statement that only the operator can make")
    if len(parcel.transcript) > MOST_ENTRIES or any(entry.host != target.name for entry in parcel.transcript):
        raise ParcelError("its transcript speaks of other hosts, or without end")
    if len(parcel.ground.beyond) > MOST_BEYOND or not all(map(_is_address, parcel.ground.beyond)):
        raise ParcelError("what it says was not asked is too much, or no address")
    if any(moment.tzinfo is None for moment in (host.started_at, host.finished_at, *_moments(host, parcel))):
        raise ParcelError("it holds times without a zone")
    doubt = _clock_doubt(site, host, received_at, parcel.ground)
    notes = (*host.notes, *_other_ground(site, parcel.ground, own), *((doubt,) if doubt else ()))
    host = replace(host, notes=notes, clock_doubt=doubt)
    return Opened(host=host, entries=parcel.transcript, beyond=tuple(dict.fromkeys(parcel.ground.beyond)))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return text == SYSTEM
    return len(text) <= LONGEST_ADDRESS


def _unpacked(payload: bytes) -> _Parcel:
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(payload, LARGEST)
        if not unpacker.eof or unpacker.unused_data:
            raise ParcelError(f"it does not end within {LARGEST:,} bytes, or goes on behind its end")
        return _decoder.decode(plain)
    except zlib.error as error:
        raise ParcelError("it cannot be unpacked") from error
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError) as error:
        raise error if isinstance(error, ParcelError) else ParcelError(f"it cannot be read: {error!s:.200}") from error


def _moments(host: HostEvidence, parcel: _Parcel) -> list[datetime]:
    return [*(made.at for made in host.evidence.observations), *(entry.at for entry in parcel.transcript)]


def _clock_doubt(site: str, host: HostEvidence, received_at: datetime, ground: Ground) -> str:
    """Say why the collector's times cannot be relied on. Evidence from the future needs no word of the collector."""
    early = (host.finished_at - received_at).total_seconds()
    ahead = ground.clock_ahead
    if ahead is None or abs(ahead) <= CLOCK_TOLERANCE_SECONDS < early:
        ahead = early if early > CLOCK_TOLERANCE_SECONDS else ahead
    if ahead is None:
        return f"The clock of the collector at {site} was not checked, so no clock is judged by it."
    if abs(ahead) > CLOCK_TOLERANCE_SECONDS:
        way = "ahead of" if ahead > 0 else "behind"
        off = f"{abs(ahead):.1f} seconds {way} the centre's"
        return f"The clock of the collector at {site} is {off}, so no clock is judged by it."
    return ""


def _other_ground(site: str, theirs: Ground, own: Ground) -> list[str]:
    version = f"version {theirs.tool_version[:40]} (here {own.tool_version})"
    parts = [
        version if theirs.tool_version != own.tool_version else "",
        "another catalogue of controls" if theirs.catalogue_digest != own.catalogue_digest else "",
        "other product profiles" if theirs.profiles_digest != own.profiles_digest else "",
    ]
    other = ", ".join(filter(None, parts))
    if not other:
        return []
    return [f"The collector at {site} works with {other}; its evidence was judged by the catalogue of the centre."]
