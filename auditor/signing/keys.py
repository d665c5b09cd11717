"""Key pairs in minisign's files: Ed25519 (RFC 8032), the secret half in clear or under a passphrase (scrypt, RFC 7914).

A public key is `Ed`, eight bytes of identifier, 32 of key. A secret key is the names of three algorithms, salt and
costs of scrypt, and then identifier, seed, public key and checksum, masked with what scrypt makes of the passphrase.
"""

import hashlib
import hmac
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from auditor.signing.lines import UNTRUSTED, SigningError, comment, decoded, encoded, lines_of

ALGORITHM, SCRYPT, CLEAR, BLAKE = b"Ed", b"Sc", b"\0\0", b"B2"
PUBLIC_SIZE, SECRET_SIZE = 42, 158
ID_SIZE, SEED_SIZE, SALT_SIZE, CHECKSUM_SIZE = 8, 32, 32, 32

OPERATIONS, MEMORY = 4 * 2**17 * 8, 128 * 2**17 * 8
"""Costs of the keys made here: N = 2^17, r = 8, p = 1, which is 128 MiB (the OWASP password storage sheet's figure)."""
MOST_MEMORY = 2**30
"""Bytes. minisign's own keys ask for this much; a file that asks for more is not obeyed."""

_HEAD = struct.Struct("<2s2s2s32sQQ")
_BLOCK = 8
_LEAST_OPERATIONS = 32_768


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half: eight bytes that name the pair, and the key."""

    key_id: bytes
    key: bytes

    @classmethod
    def parse(cls, data: bytes) -> "PublicKey":
        """Read a public key file; raise `SigningError` where it is none."""
        what = "public key"
        first, second = lines_of(data, what, 2)
        comment(first, UNTRUSTED, what)
        raw = decoded(second, PUBLIC_SIZE, what)
        if raw[:2] != ALGORITHM:
            raise SigningError(f"{what}: of another algorithm than Ed25519")
        return cls(raw[2 : 2 + ID_SIZE], raw[2 + ID_SIZE :])

    def file(self) -> bytes:
        """Return the public key file."""
        line = encoded(ALGORITHM + self.key_id + self.key)
        return f"{UNTRUSTED}minisign public key {self.name}\n{line}\n".encode()

    @property
    def name(self) -> str:
        """The identifier as minisign prints it: hexadecimal, last byte first."""
        return self.key_id[::-1].hex().upper()

    def is_right(self, signature: bytes, message: bytes) -> bool:
        """Tell whether a signature of 64 bytes is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The secret half. It never prints its seed."""

    key_id: bytes
    seed: bytes = field(repr=False)

    @classmethod
    def parse(cls, data: bytes, passphrase: bytes | None = None) -> "SecretKey":
        """Read a secret key file; raise `SigningError` where it is none or the passphrase is missing or wrong."""
        what = "secret key"
        first, second = lines_of(data, what, 2)
        comment(first, UNTRUSTED, what)
        raw = decoded(second, SECRET_SIZE, what)
        algorithm, kdf, checksum, salt, operations, memory = _HEAD.unpack_from(raw)
        body = raw[_HEAD.size :]
        if (algorithm, checksum) != (ALGORITHM, BLAKE) or kdf not in (SCRYPT, CLEAR):
            raise SigningError(f"{what}: of a kind that is not known here")
        if kdf == SCRYPT:
            if passphrase is None:
                raise SigningError(f"{what}: it is protected by a passphrase, and none was given")
            body = _masked(body, passphrase, salt, operations, memory)
        return cls._from_body(body, protected=kdf == SCRYPT)

    @classmethod
    def _from_body(cls, body: bytes, *, protected: bool) -> "SecretKey":
        key_id, seed = body[:ID_SIZE], body[ID_SIZE : ID_SIZE + SEED_SIZE]
        key, checksum = body[ID_SIZE + SEED_SIZE : -CHECKSUM_SIZE], body[-CHECKSUM_SIZE:]
        found = cls(key_id, seed)
        # minisign writes no checksum into a key without a passphrase.
        absent = not protected and checksum == bytes(CHECKSUM_SIZE)
        if not absent and not hmac.compare_digest(checksum, found._checksum()):
            raise SigningError("secret key: the passphrase is wrong" if protected else "secret key: it is damaged")
        if found.public().key != key:
            raise SigningError("secret key: its two halves do not belong together")
        return found

    def file(self, passphrase: bytes | None = None, *, salt: bytes = b"") -> bytes:
        """Return the secret key file. With a passphrase it is masked, and `salt` must be 32 random bytes."""
        body = self.key_id + self.seed + self.public().key + self._checksum()
        if passphrase is None:
            head = _HEAD.pack(ALGORITHM, CLEAR, BLAKE, bytes(SALT_SIZE), 0, 0)
        else:
            if len(salt) != SALT_SIZE:
                raise SigningError(f"secret key: a salt has {SALT_SIZE} bytes")
            head = _HEAD.pack(ALGORITHM, SCRYPT, BLAKE, salt, OPERATIONS, MEMORY)
            body = _masked(body, passphrase, salt, OPERATIONS, MEMORY)
        return f"{UNTRUSTED}minisign encrypted secret key\n{encoded(head + body)}\n".encode()

    def public(self) -> PublicKey:
        """Return the public half."""
        return PublicKey(self.key_id, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature, the same for the same message."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def _checksum(self) -> bytes:
        whole = ALGORITHM + self.key_id + self.seed + self.public().key
        return hashlib.blake2b(whole, digest_size=CHECKSUM_SIZE).digest()


def scrypt_costs(operations: int, memory: int) -> tuple[int, int, int]:
    """Return N, r and p for two limits as libsodium derives them; raise `SigningError` where they ask for too much."""
    if memory > MOST_MEMORY or operations > MOST_MEMORY:
        raise SigningError("secret key: it asks for more memory or work than is allowed")
    operations = max(operations, _LEAST_OPERATIONS)
    few = operations < memory // 32
    most = operations // (_BLOCK * 4) if few else memory // (_BLOCK * 128)
    exponent = next(n for n in range(1, 64) if 1 << n > most // 2)
    side_by_side = 1 if few else min(operations // 4 // (1 << exponent), 0x3FFF_FFFF) // _BLOCK
    if side_by_side < 1:
        raise SigningError("secret key: its costs fit no scrypt")
    return 1 << exponent, _BLOCK, side_by_side


def _masked(body: bytes, passphrase: bytes, salt: bytes, operations: int, memory: int) -> bytes:
    """Mask or unmask the body."""
    n, r, p = scrypt_costs(operations, memory)
    room = 128 * r * (n + p + 2) + 1_048_576
    try:
        stream = hashlib.scrypt(passphrase, salt=salt, n=n, r=r, p=p, maxmem=room, dklen=len(body))
    except (ValueError, MemoryError) as error:
        raise SigningError("secret key: this machine cannot compute what its passphrase needs") from error
    return bytes(a ^ b for a, b in zip(body, stream, strict=True))
