"""Fetches the face that a TLS server shows: version, suite and chain; and which versions and weak suites it takes.

First a hand-made hello, which reads the chain of any server up to TLS 1.2 byte for byte; then one whole handshake by
the standard library, which proves that the server holds the key and shows TLS 1.3. A server that talks to only one
of the two is still read. One connection at a time, each of them a line of the transcript.
"""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from auditor.model.facts import TlsFace, TlsVersions
from auditor.wire import clienthello
from auditor.wire.clienthello import HELLO, read_flight
from auditor.wire.failures import (
    ClosedEarlyError,
    FilteredError,
    MalformedError,
    RefusedError,
    SilentError,
    StoppedError,
    TlsFailedError,
    UnreachableError,
    WireError,
)
from auditor.wire.gate import Gate
from auditor.wire.hello_message import SSLV2, SSLV3, TLS10, TLS11, TLS12, TLS13, VERSION_NAMES, Offer, server_name
from auditor.wire.server_flight import AlertError, Flight, NotTlsError
from auditor.wire.suites import OFFERED, WEAK_GROUPS, is_unprotected, suite_name
from auditor.wire.tls_session import TlsSession

NO_AGREEMENT = (TlsFailedError, ClosedEarlyError, MalformedError)
"""How a server ends a conversation about a hello that it does not like."""

GONE = (RefusedError, FilteredError, UnreachableError)
"""The port no longer takes connections."""

NOT_WANTED = {40, 47, 50, 60, 70, 71}
"""Alerts by which servers refuse a version or a suite; before protocol_version came, and on odd stacks, other ones."""

State = Literal["accepted", "refused", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What a finished handshake showed."""

    version: str
    cipher: str
    unprotected: bool
    chain: tuple[bytes, ...]
    chain_complete: bool


async def fetch(gate: Gate, port: int, *, sni: str | None = None) -> TlsFace:
    """Return what the server shows; `sni` is the host's name (an address is not sent).

    Raises `TlsFailedError` where no way of asking brought a session, `NotTlsError` where something else answers, and
    the other wire errors where the connection fails.
    """
    name = server_name(sni)
    offer = Offer(version=TLS12, sni=name)
    try:
        flight, shaken, offer = await _modern(gate, port, offer)
    except NotTlsError:
        raise
    except (*NO_AGREEMENT, SilentError) as refusal:
        flight, offer = await _old(gate, port, refusal)
        shaken = None
        if flight.version != SSLV3:
            shaken = await _handshake_or_none(gate, port, name)
    protected = await _protected(gate, port, flight, offer)
    return _face(port, name, protected or flight, shaken)


async def _modern(gate: Gate, port: int, offer: Offer) -> tuple[Flight | None, Handshake | None, Offer]:
    """Ask with today's hello, then with a whole handshake; raise the first refusal where neither was answered."""
    try:
        flight = await read_flight(gate, port, offer)
    except NotTlsError:
        raise
    except NO_AGREEMENT as refusal:
        shaken = await _handshake_or_none(gate, port, offer.sni)
        if shaken is None:
            raise refusal from None
        return None, shaken, offer
    if flight.version == SSLV3:
        return flight, None, offer
    return flight, await _handshake_or_none(gate, port, offer.sni), offer


async def _old(gate: Gate, port: int, refusal: WireError) -> tuple[Flight, Offer]:
    """Ask again without extensions, with TLS 1.0 and then SSLv3; raise the first refusal where nothing helps.

    A server that said nothing to the first hello is asked once more only: it costs a deadline each time.
    """
    versions = (TLS10,) if isinstance(refusal, SilentError) else (TLS10, SSLV3)
    for version in versions:
        offer = Offer(version=version, extensions=False)
        try:
            return await read_flight(gate, port, offer), offer
        except (*NO_AGREEMENT, SilentError, *GONE):
            continue
    if isinstance(refusal, MalformedError | SilentError):
        raise refusal
    raise TlsFailedError(f"no TLS session could be agreed on, from SSLv3 to TLS 1.3: {refusal}") from refusal


async def _protected(gate: Gate, port: int, flight: Flight | None, offer: Offer) -> Flight | None:
    """Where the server chose a suite that protects nothing, ask whether it would do better; None where it would not."""
    if flight is None or flight.suite is None or not is_unprotected(flight.suite):
        return None
    better = tuple(code for code in OFFERED if not is_unprotected(code))
    try:
        return await read_flight(gate, port, replace(offer, suites=better))
    except StoppedError:
        raise  # that it would not do better must not be said where nobody asked
    except WireError:
        return None


async def _handshake_or_none(gate: Gate, port: int, sni: str | None) -> Handshake | None:
    # Most old servers fail here: RC4, 3DES and SSLv3 are no longer in the library. It says nothing against the host.
    try:
        return await complete_handshake(gate, port, sni)
    except WireError:
        return None


async def complete_handshake(gate: Gate, port: int, sni: str | None) -> Handshake:
    """Finish one handshake and hang up; raise `TlsFailedError` where the library and the server cannot agree."""
    async with gate.line(HELLO, port) as line:
        session = TlsSession(line, sni)
        await session.handshake()
        chain, complete = session.chain()
        suite = session.suite
        return Handshake(
            version=session.version,
            cipher=session.cipher,
            unprotected=suite is not None and is_unprotected(suite),
            chain=chain,
            chain_complete=complete,
        )


def _rather(shaken: Handshake, flight: Flight | None) -> bool:
    """Tell whether the handshake alone is to be shown: no chain was read, or a server with two keys used the other."""
    if flight is None:
        return True
    both = flight.chain and shaken.chain and shaken.chain_complete
    return bool(both) and shaken.chain[:1] != (flight.chain or ())[:1]


def _face(port: int, sni: str | None, flight: Flight | None, shaken: Handshake | None) -> TlsFace:
    if shaken is not None and _rather(shaken, flight):
        return TlsFace(
            port=port,
            version=shaken.version,
            cipher=shaken.cipher,
            chain=shaken.chain,
            completed=bool(shaken.chain),
            protection="none" if shaken.unprotected else "full",
            sni=sni,
            chain_complete=shaken.chain_complete,
        )
    assert flight is not None  # noqa: S101 - `fetch` raises where it has neither
    assert flight.version is not None  # noqa: S101 - `read_flight` returns no answer without a server's hello
    assert flight.suite is not None  # noqa: S101 - the same
    chain = flight.chain or ()
    proven = shaken is not None and bool(chain) and shaken.chain[:1] == chain[:1]
    version, cipher, unprotected = VERSION_NAMES[flight.version], suite_name(flight.suite), is_unprotected(flight.suite)
    if shaken is not None and proven and (unprotected or not shaken.unprotected):
        version, cipher, unprotected = shaken.version, shaken.cipher, shaken.unprotected
    return TlsFace(
        port=port,
        version=version,
        cipher=cipher,
        chain=chain,
        completed=proven,
        protection="none" if unprotected else "full",
        sni=sni,
        client_certificate_requested=flight.client_certificate_requested,
        ocsp_staple=flight.ocsp_staple,
    )


async def probe_versions(gate: Gate, port: int, *, sni: str | None = None) -> TlsVersions:
    """Offer each version alone, then each kind of weak suite alone, one connection after the other.

    A version is refused when the server says so, hangs up or answers with a lower one; where it says nothing or
    something odd, it is unclear. Of each kind of weak suite the one that the server chose is named. A server that
    twice says nothing is asked no more. Raises `WireError` only where the first connection is not accepted.
    """
    name = server_name(sni)
    patience = Patience()
    states: dict[int, State] = {}
    for version in (TLS13, TLS12, TLS11, TLS10, SSLV3, SSLV2):
        try:
            states[version] = await patience.state_of(_accepts(gate, port, version, name))
        except (*GONE, StoppedError):
            if not states:
                raise
            states[version] = "unclear"
    weak, unclear = await _weak_suites(gate, port, states, name, patience)

    def those(state: State) -> tuple[str, ...]:
        return tuple(VERSION_NAMES[version] for version in sorted(states) if states[version] == state)

    return TlsVersions(
        port=port,
        accepted=those("accepted"),
        refused=those("refused"),
        unclear=those("unclear"),
        weak_suites=weak,
        weak_suites_unclear=unclear,
    )


class Patience:
    """Tells how a server took an offer, and asks no more once two offers were met with silence."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        """Begin with all of it."""
        self._left = 2

    async def state_of(self, question: Coroutine[object, object, bool]) -> State:
        """Await a question about an offer; let `GONE` and `StoppedError` through."""
        if not self._left:
            question.close()
            return "unclear"
        try:
            return "accepted" if await question else "refused"
        except AlertError as alert:
            return "refused" if alert.description in NOT_WANTED else "unclear"
        except ClosedEarlyError:
            return "refused"
        except SilentError:
            self._left -= 1
            return "unclear"
        except (*GONE, StoppedError):
            raise
        except WireError:
            return "unclear"


def _offer(version: int, sni: str | None) -> Offer:
    return Offer(version=version, extensions=version > SSLV3, sni=sni if version > SSLV3 else None)


async def _accepts(gate: Gate, port: int, version: int, sni: str | None) -> bool:
    if version == SSLV2:
        return await clienthello.speaks_sslv2(gate, port)
    return (await read_flight(gate, port, _offer(version, sni))).version == version


async def _weak_suites(
    gate: Gate, port: int, states: Mapping[int, State], sni: str | None, patience: Patience
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a suite of each weak kind that was accepted, and the names of the kinds of which nothing is known."""
    versions = [version for version in (TLS12, TLS11, TLS10, SSLV3) if states[version] == "accepted"]
    chosen: list[str] = []
    unclear: list[str] = []

    async def takes(offer: Offer) -> bool:
        suite = (await read_flight(gate, port, offer)).suite
        if suite is None or suite not in offer.suites:
            return False
        chosen.append(suite_name(suite))
        return True

    for kind, group, newest in WEAK_GROUPS if versions else ():
        fitting = [version for version in versions if version <= newest] or versions[-1:]
        try:
            state = await patience.state_of(takes(replace(_offer(fitting[0], sni), suites=group)))
        except (*GONE, StoppedError):
            state = "unclear"
        if state == "unclear":
            unclear.append(kind)
    return tuple(chosen), tuple(unclear)
