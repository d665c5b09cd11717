"""Reads the presented chain and probes protocol versions with hand-made hellos: no TLS library, any old version.

Nothing is proven here: a chain that was read this way was presented, but the handshake is not finished, so the server
has not shown that it holds the private key.
"""

import secrets

from auditor.wire.failures import ClosedEarlyError, MalformedError
from auditor.wire.gate import Gate, Line
from auditor.wire.hello_message import Offer, client_hello, sslv2_hello
from auditor.wire.readlist import Request
from auditor.wire.server_flight import ALERT, HANDSHAKE, Flight, NotTlsError, parse_record_header, parse_sslv2_hello

HELLO = Request("tls", "HELLO")


async def read_flight(gate: Gate, port: int, offer: Offer) -> Flight:
    """Send one hello on a connection of its own and read what the server says in clear.

    Raises `AlertError` where the server refuses, `NotTlsError` where it speaks something else, and any other
    `WireError`. A connection that ends behind the chain is no error: what was sent is returned.
    """
    async with gate.line(HELLO, port) as line:
        await line.send(client_hello(offer, secrets.token_bytes(32), secrets.token_bytes(32)))
        flight = Flight()
        while not flight.done:
            try:
                await _take_record(line, flight)
            except ClosedEarlyError:
                if flight.chain is None:
                    raise
                break
        if flight.version is not None and flight.version > offer.version:
            raise MalformedError("the server chose a higher TLS version than it was offered")
        return flight


async def speaks_sslv2(gate: Gate, port: int) -> bool:
    """Tell whether the server answers an SSLv2 hello with one of its own; raise `WireError` where it cannot be told."""
    async with gate.line(HELLO, port) as line:
        await line.send(sslv2_hello(secrets.token_bytes(16)))
        head = await line.read_exactly(2)
        if head[0] in {ALERT, HANDSHAKE}:  # in the words of a later version
            return False
        if not head[0] & 0x80:
            raise NotTlsError(f"the peer speaks no SSL: its answer begins with {head.hex(' ')}")
        size = int.from_bytes(head, "big") & 0x7FFF
        if size > 16_384:
            raise MalformedError("the answer to an SSLv2 hello is longer than that version allows")
        return parse_sslv2_hello(await line.read_exactly(size))


async def _take_record(line: Line, flight: Flight) -> None:
    kind, size = parse_record_header(await line.read_exactly(5))
    flight.take(kind, await line.read_exactly(size))
