"""The first messages of SSH, read and made by hand (RFC 4253 sections 4.2, 6, 7.1), and host keys (6.6). Pure."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.facts import SshHostKey
from auditor.wire.failures import MalformedError
from auditor.wire.server_flight import Cursor

LARGEST_PACKET = 35_000
"""Bytes of a packet that every implementation must be able to take (RFC 4253 section 6.1)."""
DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, KEXINIT = 1, 2, 3, 4, 20

KEX = (
    "curve25519-sha256", "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256", "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
    "diffie-hellman-group14-sha256", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group1-sha1",
)  # fmt: skip
HOST_KEYS = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa", "ssh-dss",
)  # fmt: skip
CIPHERS = (
    "aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com", "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc",
)  # fmt: skip
MACS = (
    "hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96",
)  # fmt: skip
"""What we can do ourselves, old algorithms last: no secret of ours ever goes through such a session."""


@dataclass(frozen=True, slots=True)
class Identification:
    """The line by which a server introduces itself: the whole of it, the protocol's version, the software."""

    line: str
    protocol: str
    software: str


@dataclass(frozen=True, slots=True)
class KexInit:
    """What a server offers. `ciphers` and `macs` join both directions."""

    kex: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]


def parse_identification(line: bytes) -> Identification | None:
    """Return the identification, or None for a line that a server may send before it (RFC 4253 section 4.2)."""
    match = re.match(r"SSH-(\d{1,3}\.\d{1,3})-([^ ]*)", text := line.decode("latin-1"))
    return Identification(text, match[1], match[2]) if match else None


def parse_kexinit(payload: bytes) -> KexInit:
    """Return the name lists of a KEXINIT message (RFC 4253 section 7.1)."""
    cursor = Cursor(payload, "the SSH algorithm list")
    if cursor.number(1) != KEXINIT:
        raise MalformedError("the SSH server opens with another message than KEXINIT")
    cursor.take(16)
    kex, keys, to_server, to_client, macs_to_server, macs_to_client = (_names(cursor) for _ in range(6))
    return KexInit(
        kex, keys, tuple(dict.fromkeys(to_server + to_client)), tuple(dict.fromkeys(macs_to_server + macs_to_client))
    )


def packet(payload: bytes, padding_byte: bytes = b"\x00") -> bytes:
    """Return an unencrypted packet around a message (RFC 4253 section 6)."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return (len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding]) + payload + padding_byte * padding


def unwrap(body: bytes) -> bytes:
    """Return the message within a packet that came without its length field."""
    padding = body[0]
    if padding > len(body) - 2:
        raise MalformedError("an SSH packet is all padding")
    return body[1 : len(body) - padding]


def kexinit(
    cookie: bytes,
    kex: Sequence[str] = KEX,
    host_keys: Sequence[str] = HOST_KEYS,
    ciphers: Sequence[str] = CIPHERS,
    macs: Sequence[str] = MACS,
) -> bytes:
    """Return our own KEXINIT message; `cookie` is 16 random bytes."""
    both = (kex, host_keys, ciphers, ciphers, macs, macs, ("none",), ("none",), (), ())
    return bytes([KEXINIT]) + cookie + b"".join(_string(",".join(names).encode()) for names in both) + bytes(5)


def read_host_key(blob: bytes) -> SshHostKey:
    """Return what a public key in SSH's own form says; raise `MalformedError` where it cannot be read.

    The size is that of the modulus (RSA), of p (DSA) or of the curve; 0 for a kind of key that is not known here.
    """
    cursor = Cursor(blob, "the SSH host key")
    algorithm = _ascii(cursor.vector(4))
    if algorithm == "ssh-rsa":
        cursor.vector(4)
        bits = int.from_bytes(cursor.vector(4), "big").bit_length()
    elif algorithm == "ssh-dss":
        bits = int.from_bytes(cursor.vector(4), "big").bit_length()
    elif match := re.fullmatch(r"ecdsa-sha2-nistp(\d{3})", algorithm):
        bits = int(match[1])
    else:
        bits = {"ssh-ed25519": 256, "ssh-ed448": 448}.get(algorithm, 0)
    digest = b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")
    return SshHostKey(algorithm=algorithm, bits=bits, fingerprint=f"SHA256:{digest}", blob=blob)


def _names(cursor: Cursor) -> tuple[str, ...]:
    return tuple(name for name in _ascii(cursor.vector(4)).split(",") if name)


def _ascii(data: bytes) -> str:
    text = data.decode("latin-1")
    if not text.isascii() or not (text.isprintable() or not text):
        raise MalformedError("an SSH algorithm's name holds other than printable ASCII")
    return text


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
