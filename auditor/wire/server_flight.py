"""What a TLS server answers to a hello, read without any cryptography. Pure.

SSLv3 to TLS 1.2 are read whole: the chain is in clear there, whatever the suite. Of TLS 1.3 only the server's hello can
be read. Every inner length is checked before anything is cut out; the sizes of a record, of the handshake and of the
chain are bounded.
"""

from dataclasses import dataclass, field

from auditor.wire.failures import ClosedEarlyError, MalformedError, TlsFailedError, TooLargeError
from auditor.wire.hello_message import SSLV2, SSLV3, TLS13

LARGEST_RECORD = 18_432
"""2^14 bytes and what RFC 5246 section 6.2.3 lets a record grow by."""
LARGEST_HANDSHAKE = 262_144
MOST_CERTIFICATES = 64

ALERT, HANDSHAKE = 0x15, 0x16
SERVER_HELLO, CERTIFICATE, CERTIFICATE_REQUEST, HELLO_DONE, CERTIFICATE_STATUS = 2, 11, 13, 14, 22

ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
"""Names of alerts as the IANA registry "TLS Alerts" spells them."""


class AlertError(TlsFailedError):
    """The server answered the hello with an alert. `description` is its number."""

    def __init__(self, description: int) -> None:
        """Keep the number and name it in the sentence."""
        name = ALERTS.get(description, f"number {description}")
        super().__init__(f"the server refused the TLS hello with the alert {name}")
        self.description = description


class NotTlsError(MalformedError):
    """The peer speaks, but not TLS."""


@dataclass(slots=True)
class Flight:
    """The first answer of a server as far as it has been read.

    `version` and `suite` are numbers as on the wire and None before the server's hello; `chain` is DER as it was sent.
    `done` holds when the server has said everything that it says in clear.
    """

    version: int | None = None
    suite: int | None = None
    chain: tuple[bytes, ...] | None = None
    client_certificate_requested: bool = False
    ocsp_staple: bytes | None = None
    done: bool = False
    _pending: bytearray = field(default_factory=bytearray)
    _size: int = 0

    def take(self, kind: int, payload: bytes) -> None:
        """Take in one record; raise `AlertError`, `MalformedError` or `TooLargeError`."""
        if kind == ALERT:
            self._alert(payload)
            return
        if kind != HANDSHAKE:
            if self.version is not None:  # TLS 1.3 goes on in encrypted records
                self.done = True
                return
            raise MalformedError(f"a TLS record of type {kind} where the server's hello is due")
        self._size += len(payload)
        if self._size > LARGEST_HANDSHAKE:
            raise TooLargeError(f"the TLS handshake is longer than {LARGEST_HANDSHAKE:,} bytes")
        self._pending += payload
        while not self.done and len(self._pending) >= 4:
            size = int.from_bytes(self._pending[1:4], "big")
            if size > LARGEST_HANDSHAKE:
                raise TooLargeError(f"a TLS handshake message of {size:,} bytes was announced")
            if len(self._pending) < 4 + size:
                return
            message, body = self._pending[0], bytes(self._pending[4 : 4 + size])
            del self._pending[: 4 + size]
            self._message(message, body)

    def _alert(self, payload: bytes) -> None:
        if len(payload) != 2:
            raise MalformedError(f"a TLS alert of {len(payload)} bytes where there must be 2")
        level, description = payload
        if level == 1 and description not in {0, 41}:  # a warning, e.g. unrecognized_name: the server goes on
            return
        raise AlertError(description)

    def _message(self, kind: int, body: bytes) -> None:
        if (kind == SERVER_HELLO) != (self.version is None):
            raise MalformedError(f"TLS handshake message {kind} came out of order")
        match kind:
            case 2:
                self.version, self.suite = parse_server_hello(body)
                self.done = self.version >= TLS13
            case 11:
                self.chain = parse_certificates(body)
            case 13:
                self.client_certificate_requested = True
            case 22:
                self.ocsp_staple = parse_staple(body)
            case 14:
                self.done = True
            case _:
                pass  # a ServerKeyExchange, or something newer: it says nothing of the chain


def parse_server_hello(body: bytes) -> tuple[int, int]:
    """Return version and suite of a ServerHello; of TLS 1.3 the version that its extension names (RFC 8446, 4.2.1)."""
    cursor = Cursor(body, "the server's hello")
    version = cursor.number(2)
    cursor.take(32)
    cursor.vector(1)
    suite = cursor.number(2)
    cursor.take(1)
    if not SSLV3 <= version < TLS13:
        raise MalformedError(f"the server's hello names the unknown version 0x{version:04X}")
    if cursor.left:
        inner = Cursor(cursor.vector(2), "the extensions of the server's hello")
        while inner.left:
            number, value = inner.number(2), inner.vector(2)
            if number == 43:
                if len(value) != 2:
                    raise MalformedError("the server's hello chooses no single version")
                version = int.from_bytes(value, "big")
    if not SSLV3 <= version <= TLS13:
        raise MalformedError(f"the server's hello chooses the unknown version 0x{version:04X}")
    return version, suite


def parse_certificates(body: bytes) -> tuple[bytes, ...]:
    """Return the certificates of a Certificate message (RFC 5246 section 7.4.2), at most 64, none of them empty."""
    inner = Cursor(Cursor(body, "the certificate message").only_vector(3), "the list of certificates")
    chain: list[bytes] = []
    while inner.left:
        if len(chain) == MOST_CERTIFICATES:
            raise TooLargeError(f"more than {MOST_CERTIFICATES} certificates in one chain")
        der = inner.vector(3)
        if not der:
            raise MalformedError("an empty certificate stands in the chain")
        chain.append(der)
    return tuple(chain)


def parse_staple(body: bytes) -> bytes | None:
    """Return the OCSP response of a CertificateStatus message (RFC 6066 section 8), None for other kinds."""
    cursor = Cursor(body, "the certificate status")
    return cursor.only_vector(3) if cursor.number(1) == 1 else None


def parse_server_flight(data: bytes) -> Flight:
    """Read a whole answer that was recorded; raise `ClosedEarlyError` where it ends before the server's hello."""
    flight = Flight()
    at = 0
    while at + 5 <= len(data) and not flight.done:
        kind, size = parse_record_header(data[at : at + 5])
        if at + 5 + size > len(data):
            break
        flight.take(kind, data[at + 5 : at + 5 + size])
        at += 5 + size
    if flight.version is None:
        raise ClosedEarlyError("the answer ends before the server's hello is complete")
    return flight


def parse_record_header(header: bytes) -> tuple[int, int]:
    """Return type and length of a record; raise `NotTlsError` where the five bytes cannot begin one."""
    kind, major, size = header[0], header[1], int.from_bytes(header[3:5], "big")
    if not 0x14 <= kind <= 0x18 or major != 3:
        raise NotTlsError(f"the peer does not speak TLS: its answer begins with {header.hex(' ')}")
    if size > LARGEST_RECORD:
        raise TooLargeError(f"a TLS record of {size:,} bytes was announced, {LARGEST_RECORD:,} are the most")
    return kind, size


def parse_sslv2_hello(message: bytes) -> bool:
    """Tell whether an SSLv2 message (without its header) is a server's hello of that version."""
    return len(message) >= 11 and message[0] == 4 and int.from_bytes(message[3:5], "big") == SSLV2


class Cursor:
    """Walks through bytes and checks each length before it cuts; `what` names them in the error."""

    __slots__ = ("_at", "_data", "_what")

    def __init__(self, data: bytes, what: str) -> None:
        """Stand at the first byte."""
        self._data, self._what, self._at = data, what, 0

    @property
    def left(self) -> int:
        """Number of bytes that have not been taken."""
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        """Return the next bytes; raise `MalformedError` where there are fewer."""
        if size > self.left:
            raise MalformedError(f"{self._what} announces {size:,} bytes where {self.left:,} are left")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        """Return the next bytes as a big-endian number."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, width: int) -> bytes:
        """Return what stands behind a length of `width` bytes."""
        return self.take(self.number(width))

    def only_vector(self, width: int) -> bytes:
        """Return the vector that must fill all the rest."""
        data = self.vector(width)
        if self.left:
            raise MalformedError(f"{self._what} has {self.left:,} bytes too many")
        return data
