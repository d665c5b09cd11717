"""ClientHello messages, made byte by byte (RFC 6101 section 5.6, RFC 5246 section 7.4, RFC 8446 section 4.1). Pure.

A hello is kept within 255 bytes as long as that is possible, since some old servers hang on longer ones; one that
cannot be is padded to 512, beyond the sizes that are known to hurt (RFC 7685).
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.wire.suites import OFFERED, RENEGOTIATION_INFO, TLS13_OFFERED

SSLV2, SSLV3, TLS10, TLS11, TLS12, TLS13 = 0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304

VERSION_NAMES = {
    SSLV2: "SSLv2",
    SSLV3: "SSLv3",
    TLS10: "TLSv1.0",
    TLS11: "TLSv1.1",
    TLS12: "TLSv1.2",
    TLS13: "TLSv1.3",
}
"""Protocol versions by their number on the wire."""

COMFORTABLE = 255
PADDED = 512
FEWEST_SUITES = 20
ELLIPTIC = frozenset(range(0xC001, 0xC100)) | {0xCCA8, 0xCCA9}
"""Suites that need the extensions of RFC 8422."""

GROUPS = (0x001D, 0x0017, 0x0018, 0x0019)
SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
    0x0201, 0x0203, 0x0202, 0x0402, 0x0101,
)  # fmt: skip
"""ECDSA, RSA-PSS, RSA, then SHA-1, DSA and MD5: we judge the certificate afterwards and refuse none here."""

SSLV2_KINDS = (0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700C0)
"""Every cipher kind of SSLv2 (the 1995 draft, appendix C.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a hello offers: the highest version, the suites, and whether it has extensions. `sni` is a DNS name."""

    version: int
    suites: tuple[int, ...] = OFFERED
    extensions: bool = True
    sni: str | None = None


def server_name(hostname: str | None) -> str | None:
    """Return the name as it may be sent in a hello (RFC 6066: DNS names only, no final dot), or None for an address."""
    name = (hostname or "").rstrip(".")
    if not name or len(name) > 253 or ":" in name:
        return None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        try:
            return name.encode("ascii" if name.isascii() else "idna").decode("ascii")
        except UnicodeError:
            return None
    return None


def client_hello(offer: Offer, random: bytes, share: bytes = b"") -> bytes:
    """Return the record with the hello; `random` is 32 bytes, `share` 32 bytes for TLS 1.3 (any X25519 public key)."""
    suites = TLS13_OFFERED if offer.version == TLS13 else _fitting(offer)
    tail = _extensions(offer, share)
    message = _message(offer, suites, random, tail)
    if offer.extensions and COMFORTABLE < len(message) + 4 < PADDED:
        filler = PADDED - len(message) - 8
        message = _message(offer, suites, random, tail + _extension(21, bytes(max(0, filler))))
    handshake = b"\x01" + len(message).to_bytes(3, "big") + message
    outer = min(offer.version, TLS10)
    return b"\x16" + outer.to_bytes(2, "big") + _long(handshake)


def sslv2_hello(challenge: bytes) -> bytes:
    """Return the hello of SSLv2 with its two-byte record header (1995 draft, section 2.5); 16 bytes of challenge."""
    kinds = b"".join(kind.to_bytes(3, "big") for kind in SSLV2_KINDS)
    sizes = len(kinds).to_bytes(2, "big") + b"\x00\x00" + len(challenge).to_bytes(2, "big")
    message = b"\x01\x00\x02" + sizes + kinds + challenge
    return (0x8000 | len(message)).to_bytes(2, "big") + message


def _fitting(offer: Offer) -> Sequence[int]:
    # The rarest suites stand last and go first. The signalling value must stay.
    suites = [code for code in offer.suites if offer.extensions or code not in ELLIPTIC]
    fixed = 5 + 4 + 2 + 32 + 1 + 2 + 2 + 2 + len(_extensions(offer, b""))
    room = max(FEWEST_SUITES, (COMFORTABLE - fixed) // 2 - 1)
    return [*suites[:room], RENEGOTIATION_INFO]


def _message(offer: Offer, suites: Sequence[int], random: bytes, extensions: bytes) -> bytes:
    coded = b"".join(code.to_bytes(2, "big") for code in suites)
    body = min(offer.version, TLS12).to_bytes(2, "big") + random + b"\x00" + _long(coded) + b"\x01\x00"
    return body + (_long(extensions) if offer.extensions else b"")


def _extensions(offer: Offer, share: bytes) -> bytes:
    if not offer.extensions:
        return b""
    parts = []
    if offer.sni:
        name = offer.sni.encode("ascii")
        parts.append(_extension(0, _long(b"\x00" + _long(name))))
    groups = b"".join(group.to_bytes(2, "big") for group in GROUPS)
    parts.append(_extension(10, _long(groups)))
    if offer.version >= TLS12:
        signatures = b"".join(scheme.to_bytes(2, "big") for scheme in SIGNATURES)
        parts.append(_extension(13, _long(signatures)))
    if offer.version < TLS13:
        parts.append(_extension(11, b"\x01\x00"))
        parts.append(_extension(5, b"\x01\x00\x00\x00\x00"))
    else:
        parts.append(_extension(43, b"\x02\x03\x04"))
        parts.append(_extension(51, _long(b"\x00\x1d" + _long(share))))
    return b"".join(parts)


def _extension(number: int, body: bytes) -> bytes:
    return number.to_bytes(2, "big") + _long(body)


def _long(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
