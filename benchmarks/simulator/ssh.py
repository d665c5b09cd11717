"""The server's half of SSH up to the first key exchange (RFC 4253, RFC 5656, RFC 8731), as cheap as it can be.

Secret exponents are short and never change: this is load, and protects nothing.
"""

import asyncio
import hashlib
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from benchmarks.simulator.systems import Ssh

GROUP1 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16,
)  # fmt: skip
GROUP14 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF", 16,
)  # fmt: skip
"""Primes of RFC 2409 section 6.2 and RFC 3526 section 3."""
EXPONENT = secrets.randbits(160) | 1 << 159

BANNERS = {
    "2008": b"SSH-2.0-OpenSSH_3.8.1p1",
    "group1 only": b"SSH-2.0-OpenSSH_3.4p1",
    "today": b"SSH-2.0-OpenSSH_9.6",
}
_OLD_CIPHERS = b"aes128-cbc,3des-cbc"
_NEW_CIPHERS = b"aes256-gcm@openssh.com,aes256-ctr,aes128-ctr"
OFFERS: dict[str, tuple[bytes, bytes, bytes, bytes]] = {
    "2008": (b"diffie-hellman-group14-sha1,diffie-hellman-group1-sha1", b"ssh-rsa", _OLD_CIPHERS, b"hmac-sha1"),
    "group1 only": (b"diffie-hellman-group1-sha1", b"ssh-rsa", _OLD_CIPHERS, b"hmac-sha1,hmac-md5"),
    "today": (b"curve25519-sha256,ecdh-sha2-nistp256", b"rsa-sha2-256,ssh-rsa", _NEW_CIPHERS, b"hmac-sha2-256"),
}
"""Key exchanges, host keys, ciphers, MACs."""

KEXINIT, NEWKEYS, KEXDH_INIT, KEXDH_REPLY = 20, 21, 30, 31


class SshServer(asyncio.Protocol):
    """One connection: introduces itself, names its algorithms, exchanges keys once, and says nothing more."""

    def __init__(self, kind: Ssh, key: rsa.RSAPrivateKey) -> None:
        """Take what the system offers, and its host key."""
        self._kind, self._key = kind, key
        self._banner = BANNERS[kind]
        self._waiting = bytearray()
        self._client = b""
        self._clients_kexinit = b""
        self._transport: asyncio.Transport | None = None
        kex, keys, ciphers, macs = OFFERS[kind]
        names = (kex, keys, ciphers, ciphers, macs, macs, b"none", b"none", b"", b"")
        self._kexinit = bytes([KEXINIT]) + secrets.token_bytes(16) + b"".join(map(string, names)) + bytes(5)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Introduce ourselves."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._banner + b"\r\n" + packet(self._kexinit))

    def data_received(self, data: bytes) -> None:
        """Take the client's identification and packets."""
        self._waiting += data
        if not self._client:
            line, end, rest = bytes(self._waiting).partition(b"\n")
            if not end:
                return
            self._client, self._waiting = line.rstrip(b"\r") or b"-", bytearray(rest)
        while len(self._waiting) >= 5 and self._transport is not None:
            size = int.from_bytes(self._waiting[:4], "big")
            if size > 35_000 or (not self._clients_kexinit and size < 20):
                self._transport.abort()
                return
            if len(self._waiting) < 4 + size:
                return
            body = bytes(self._waiting[4 : 4 + size])
            del self._waiting[: 4 + size]
            self._message(body[1 : len(body) - body[0]])

    def _message(self, message: bytes) -> None:
        transport = self._transport
        if transport is None or not message:
            return
        if message[0] == KEXINIT:
            self._clients_kexinit = message
        elif message[0] == KEXDH_INIT and self._clients_kexinit:
            reply = self._reply(message[5 : 5 + int.from_bytes(message[1:5], "big")])
            transport.write(packet(reply) + packet(bytes([NEWKEYS])))
        elif message[0] in (1, NEWKEYS):
            self._waiting.clear()
        else:
            transport.close()

    def _reply(self, theirs: bytes) -> bytes:
        name = _chosen(self._clients_kexinit, 0, OFFERS[self._kind][0])
        algorithm = _chosen(self._clients_kexinit, 1, OFFERS[self._kind][1])
        digest = hashlib.sha256 if b"sha256" in name or b"nistp256" in name else hashlib.sha1
        ours, secret, theirs_said = _exchange(name, theirs)
        public = self._key.public_key().public_numbers()
        blob = string(b"ssh-rsa") + mpint(public.e) + mpint(public.n)
        hashed = digest(
            b"".join(map(string, (self._client, self._banner, self._clients_kexinit, self._kexinit, blob)))
            + theirs_said + ours + mpint(secret)
        ).digest()  # fmt: skip
        scheme = hashes.SHA256() if algorithm == b"rsa-sha2-256" else hashes.SHA1()  # noqa: S303 - as old devices do
        signature = self._key.sign(hashed, padding.PKCS1v15(), scheme)
        return bytes([KEXDH_REPLY]) + string(blob) + ours + string(string(algorithm) + string(signature))


def _chosen(kexinit: bytes, which: int, ours: bytes) -> bytes:
    at = 17
    for _ in range(which):
        at += 4 + int.from_bytes(kexinit[at : at + 4], "big")
    theirs = kexinit[at + 4 : at + 4 + int.from_bytes(kexinit[at : at + 4], "big")].split(b",")
    return next((name for name in theirs if name in ours.split(b",")), ours.split(b",")[0])


@lru_cache(maxsize=4)
def _public(prime: int) -> bytes:
    return mpint(pow(2, EXPONENT, prime))


def _exchange(name: bytes, theirs: bytes) -> tuple[bytes, int, bytes]:
    """Return our half as it is sent, the shared secret, and their half as it is hashed."""
    if name.startswith(b"diffie-hellman"):
        prime = GROUP1 if b"group1-" in name else GROUP14
        return _public(prime), pow(int.from_bytes(theirs, "big"), EXPONENT, prime), string(theirs)
    if name.startswith(b"curve25519"):
        own = X25519PrivateKey.generate()
        secret = own.exchange(X25519PublicKey.from_public_bytes(theirs))
        raw = own.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return string(raw), int.from_bytes(secret, "big"), string(theirs)
    key = ec.generate_private_key(ec.SECP256R1())
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    form = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    shared = int.from_bytes(key.exchange(ec.ECDH(), point), "big")
    return string(key.public_key().public_bytes(*form)), shared, string(theirs)


def packet(payload: bytes) -> bytes:
    """Return an unencrypted packet around a message."""
    padding_size = 8 - (len(payload) + 5) % 8
    padding_size += 8 if padding_size < 4 else 0
    return (len(payload) + padding_size + 1).to_bytes(4, "big") + bytes([padding_size]) + payload + bytes(padding_size)


def string(data: bytes) -> bytes:
    """Return bytes behind their length."""
    return len(data).to_bytes(4, "big") + data


def mpint(number: int) -> bytes:
    """Return a number as SSH writes it."""
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))
