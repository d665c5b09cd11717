"""Fuzz target: whatever answers a hello, only `WireError` leaves the reader, and what is kept is bounded."""

from auditor.wire.failures import WireError
from auditor.wire.server_flight import MOST_CERTIFICATES, Flight, parse_server_flight, parse_sslv2_hello


def one_input(data: bytes) -> None:
    """Read octets as a recorded answer, as a single handshake message, and as an SSLv2 hello."""
    parse_sslv2_hello(data)
    for read in (parse_server_flight, _as_messages):
        try:
            flight = read(data)
        except WireError:
            continue
        chain = flight.chain or ()
        assert len(chain) <= MOST_CERTIFICATES
        assert sum(map(len, chain)) <= len(data)
        assert all(chain)


def _as_messages(data: bytes) -> Flight:
    """Read octets as the payload of one record, so that the fuzzer need not guess a record's header."""
    flight = Flight()
    flight.take(0x16, data)
    return flight
