"""The client's half of SSH's key exchange by hand, up to the server's key and the proof that it holds it.

Classic groups (RFC 4253 section 8), elliptic curves (RFC 5656) and Curve25519 (RFC 8731). Libraries test the primes of
the groups for being prime each time, which takes longer than all other questions to a host together; these are
constants. Nothing is ever sent under the keys that are agreed on: the conversation ends with the server's proof. So the
exponents of the classic groups are short, and made once.
"""

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import asyncssh
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auditor.wire.failures import STUMBLES, MalformedError
from auditor.wire.server_flight import Cursor

INIT, REPLY = 30, 31

GROUP_1 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16,
)  # fmt: skip
"""RFC 2409 section 6.2, which SSH calls group 1."""

GROUP_14 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF", 16,
)  # fmt: skip
"""RFC 3526 section 3."""

SHORT = 160
"""Bits of an exponent: enough for what is to stay secret here, which is nothing."""


class Agreement(Protocol):
    """Our half of one agreement: what is sent, and what both sides then share."""

    ours: bytes

    def shared(self, theirs: bytes) -> int:
        """Return the shared number; raise `MalformedError` for what cannot be the other half."""
        ...


class _Classic:
    """Diffie-Hellman in a group with the generator 2. Both halves stand as `mpint` in messages and hash."""

    __slots__ = ("_exponent", "_prime", "ours")

    def __init__(self, prime: int) -> None:
        self._prime = prime
        self._exponent = secrets.randbits(SHORT) | 1 << (SHORT - 1)
        self.ours = mpint(pow(2, self._exponent, prime))

    def shared(self, theirs: bytes) -> int:
        number = int.from_bytes(theirs, "big")
        if not 1 < number < self._prime - 1:
            raise MalformedError("the SSH server's half of the key exchange is no number of the group")
        return pow(number, self._exponent, self._prime)


class _Curve:
    """One of the NIST curves."""

    __slots__ = ("_key", "ours")

    def __init__(self, curve: ec.EllipticCurve) -> None:
        self._key = ec.generate_private_key(curve)
        self.ours = _string(self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def shared(self, theirs: bytes) -> int:
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(self._key.curve, theirs)
            return int.from_bytes(self._key.exchange(ec.ECDH(), point), "big")
        except ValueError as error:
            raise MalformedError("the SSH server's half of the key exchange is no point of the curve") from error


class _Curve25519:
    __slots__ = ("_key", "ours")

    def __init__(self) -> None:
        self._key = X25519PrivateKey.generate()
        self.ours = _string(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def shared(self, theirs: bytes) -> int:
        try:
            return int.from_bytes(self._key.exchange(X25519PublicKey.from_public_bytes(theirs)), "big")
        except ValueError as error:
            raise MalformedError("the SSH server's half of the key exchange is no point of the curve") from error


@lru_cache(maxsize=2)
def _classic(prime: int) -> _Classic:
    return _Classic(prime)


KINDS: dict[str, tuple[Callable[[], Agreement], str]] = {
    "curve25519-sha256": (_Curve25519, "sha256"),
    "curve25519-sha256@libssh.org": (_Curve25519, "sha256"),
    "ecdh-sha2-nistp256": (lambda: _Curve(ec.SECP256R1()), "sha256"),
    "ecdh-sha2-nistp384": (lambda: _Curve(ec.SECP384R1()), "sha384"),
    "ecdh-sha2-nistp521": (lambda: _Curve(ec.SECP521R1()), "sha512"),
    "diffie-hellman-group14-sha256": (lambda: _classic(GROUP_14), "sha256"),
    "diffie-hellman-group14-sha1": (lambda: _classic(GROUP_14), "sha1"),
    "diffie-hellman-group1-sha1": (lambda: _classic(GROUP_1), "sha1"),
}
"""Key exchanges that are known here, with the hash of each."""


class Exchange:
    """One key exchange. `opening` is the message to be sent; `proven` reads the server's reply to it."""

    __slots__ = ("_agreement", "_digest", "opening")

    def __init__(self, name: str) -> None:
        """Make our half of the exchange of this name, one of `KINDS`."""
        make, self._digest = KINDS[name]
        self._agreement = make()
        self.opening = bytes([INIT]) + self._agreement.ours

    def proven(self, reply: bytes, said: tuple[bytes, bytes, bytes, bytes]) -> bytes:
        """Return the host key of a reply whose signature is right; raise `MalformedError` for anything else.

        `said` are the identifications and the KEXINIT messages, each time the client's and then the server's.
        """
        cursor = Cursor(reply, "the SSH key exchange's reply")
        if cursor.number(1) != REPLY:
            raise MalformedError("no SSH key exchange: another message came where the server's reply is due")
        blob, theirs, signature = cursor.vector(4), cursor.vector(4), cursor.vector(4)
        shared = self._agreement.shared(theirs)
        hashed = hashlib.new(self._digest, usedforsecurity=False)
        hashed.update(b"".join(map(_string, (*said, blob))) + self._agreement.ours + _string(theirs) + mpint(shared))
        if not _signed(blob, hashed.digest(), signature):
            raise MalformedError("no SSH key exchange: the signature does not fit the host key")
        return blob


def _signed(blob: bytes, data: bytes, signature: bytes) -> bool:
    try:
        kind = Cursor(blob, "the SSH host key").vector(4)
        return asyncssh.import_public_key(kind + b" " + b64encode(blob)).verify(data, signature)
    except (asyncssh.Error, *STUMBLES, UnsupportedAlgorithm) as error:
        raise MalformedError(f"no SSH key exchange: the host key cannot be read: {error}") from error


def mpint(number: int) -> bytes:
    """Return a number that is not negative as RFC 4251 section 5 writes it."""
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
