"""A workshop for certificates and revocation lists, good and bad: DER put together by hand, signed with real keys.

Libraries refuse to make what this program must survive (MD5, 512 bits, malformed dates, duplicate extensions), so the
encoding is done here and only keys and signatures come from `cryptography`. Keys are made once per test run.
"""

import base64
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from itertools import count
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

PrivateKey = rsa.RSAPrivateKey | dsa.DSAPrivateKey | ec.EllipticCurvePrivateKey
Digest = Literal["md5", "sha1", "sha256"]

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
SERVER_AUTH, CLIENT_AUTH, ANY_PURPOSE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"

_ALGORITHMS = {
    ("RSA", "md5"): "1.2.840.113549.1.1.4",
    ("RSA", "sha1"): "1.2.840.113549.1.1.5",
    ("RSA", "sha256"): "1.2.840.113549.1.1.11",
    ("DSA", "sha1"): "1.2.840.10040.4.3",
    ("DSA", "sha256"): "2.16.840.1.101.3.4.3.2",
    ("EC", "sha1"): "1.2.840.10045.4.1",
    ("EC", "sha256"): "1.2.840.10045.4.3.2",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 - the point of the test
    "sha1": hashes.SHA1(),  # noqa: S303 - as above
    "sha256": hashes.SHA256(),
}
_ATTRIBUTES = {"CN": "2.5.4.3", "O": "2.5.4.10", "OU": "2.5.4.11", "C": "2.5.4.6", "DC": "0.9.2342.19200300.100.1.25"}
_serials = count(0x1000)


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one DER element."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE."""
    return tlv(0x30, *parts)


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    body = bytearray()
    for arc in (first * 40 + second, *rest):
        chunk = [arc & 0x7F]
        while arc := arc >> 7:
            chunk.append(arc & 0x7F | 0x80)
        body += bytes(reversed(chunk))
    return tlv(0x06, bytes(body))


def integer(value: int) -> bytes:
    """Return an INTEGER."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def name(text: str) -> bytes:
    """Return a distinguished name from `CN=a,O=b` (in the order of encoding; empty text gives the empty name)."""
    parts = [pair.partition("=") for pair in text.split(",") if pair]
    return sequence(
        *(tlv(0x31, sequence(oid(_ATTRIBUTES[k]), tlv(0x0C, value.encode("utf-8")))) for k, _, value in parts)
    )


def moment(when: datetime | bytes) -> bytes:
    """Return a time as RFC 5280 writes it; octets are taken as they are, in a UTCTime."""
    if isinstance(when, bytes):
        return tlv(0x17, when)
    if when.year < 2050:
        return tlv(0x17, when.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """Return an Extension."""
    return sequence(oid(dotted), b"\x01\x01\xff" if critical else b"", tlv(0x04, value))


def basic_constraints(*, ca: bool = True, path_length: int | None = None, critical: bool = True) -> bytes:
    """Return the basic constraints."""
    inside = (b"\x01\x01\xff" if ca else b"") + (b"" if path_length is None else integer(path_length))
    return extension("2.5.29.19", sequence(inside), critical=critical)


def key_usage(*bits: int, critical: bool = True) -> bytes:
    """Return a key usage with these bits set (0 signature, 2 key encipherment, 5 certificates, 6 lists)."""
    value = sum(1 << (15 - bit) for bit in bits)
    body = value.to_bytes(2, "big").rstrip(b"\0")
    unused = 0 if not body else (body[-1] & -body[-1]).bit_length() - 1
    return extension("2.5.29.15", tlv(0x03, bytes((unused,)), body), critical=critical)


def extended_key_usage(*purposes: str, critical: bool = False) -> bytes:
    """Return an extended key usage."""
    return extension("2.5.29.37", sequence(*(oid(p) for p in purposes)), critical=critical)


def general_name(text: str) -> bytes:
    """Return a general name: an address, an e-mail address, `dn:` and a name, `uri:` and a URI, else a DNS name."""
    if text.startswith("dn:"):
        return tlv(0xA4, name(text[3:]))
    if text.startswith("uri:"):
        return tlv(0x86, text[4:].encode())
    if "/" in text:
        address, _, mask = text.partition("/")
        return tlv(0x87, ip_address(address).packed, ip_address(mask).packed)
    try:
        return tlv(0x87, ip_address(text).packed)
    except ValueError:
        return tlv(0x81 if "@" in text else 0x82, text.encode("latin-1"))


def alternative_names(*names: str, critical: bool = False) -> bytes:
    """Return a subject alternative name extension."""
    return extension("2.5.29.17", sequence(*(general_name(n) for n in names)), critical=critical)


def name_constraints(permitted: tuple[str, ...] = (), excluded: tuple[str, ...] = ()) -> bytes:
    """Return name constraints."""
    sides = [
        tlv(tag, *(sequence(general_name(n)) for n in names))
        for tag, names in ((0xA0, permitted), (0xA1, excluded))
        if names
    ]
    return extension("2.5.29.30", sequence(*sides), critical=True)


@cache
def rsa_key(bits: int = 2048, which: str = "") -> rsa.RSAPrivateKey:
    """Return an RSA key, the same one for the same arguments; small ones come from the openssl command."""
    if bits >= 1024:
        return rsa.generate_private_key(65537, bits)
    made = subprocess.run(["openssl", "genrsa", str(bits)], capture_output=True, check=True)
    key = load_pem_private_key(made.stdout, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"openssl made no RSA key for {which!r}")
    return key


@cache
def dsa_key(bits: int = 1024) -> dsa.DSAPrivateKey:
    """Return a DSA key."""
    return dsa.generate_private_key(bits)


@cache
def ec_key(which: str = "") -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key, the same one for the same word."""
    del which  # only the cache reads it
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Made:
    """A certificate from this workshop, with its private key and the name under which it signs."""

    der: bytes
    key: PrivateKey
    subject: str
    key_id: bytes

    @property
    def pem(self) -> str:
        """The certificate as a PEM block."""
        return to_pem(self.der)


def to_pem(der: bytes, kind: str = "CERTIFICATE") -> str:
    """Return DER as a PEM block."""
    text = base64.encodebytes(der).decode().replace("\n", "")
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""))


def algorithm(key: PrivateKey, digest: Digest) -> bytes:
    """Return the AlgorithmIdentifier of a signature."""
    found = "EC"
    if isinstance(key, rsa.RSAPrivateKey):
        found = "RSA"
    elif isinstance(key, dsa.DSAPrivateKey):
        found = "DSA"
    return sequence(oid(_ALGORITHMS[found, digest]), b"\x05\x00" if found == "RSA" else b"")


def sign(key: PrivateKey, digest: Digest, data: bytes) -> bytes:
    """Return a signature as certificates carry it."""
    made = _HASHES[digest]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), made)
    return key.sign(data, made) if isinstance(key, dsa.DSAPrivateKey) else key.sign(data, ec.ECDSA(made))


def spki(key: PrivateKey) -> bytes:
    """Return the SubjectPublicKeyInfo of a key."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def make(
    subject: str,
    issuer: Made | None = None,
    *,
    key: PrivateKey | None = None,
    extensions: tuple[bytes, ...] = (),
    identifiers: bool = True,
    version: int = 3,
    serial: int | None = None,
    not_before: datetime | bytes = NOW - timedelta(days=30),
    not_after: datetime | bytes = NOW + timedelta(days=335),
    digest: Digest = "sha256",
    signer: PrivateKey | None = None,
    inner_digest: Digest | None = None,
    issuer_name: str | None = None,
) -> Made:
    """Make a certificate. Without `issuer` it is self-signed; `signer` signs in the issuer's stead (and wrongly)."""
    own = key or ec_key(subject)
    key_id = key_identifier(spki(own))
    parts = list(extensions)
    if identifiers and version == 3:
        parts.append(extension("2.5.29.14", tlv(0x04, key_id)))
        if issuer is not None:
            parts.append(extension("2.5.29.35", sequence(tlv(0x80, issuer.key_id))))
    signing = signer or (issuer.key if issuer else own)
    stated = issuer.subject if issuer else subject
    body = sequence(
        b"" if version == 1 else tlv(0xA0, integer(version - 1)),
        integer(next(_serials) if serial is None else serial),
        algorithm(signing, inner_digest or digest),
        name(stated if issuer_name is None else issuer_name),
        sequence(moment(not_before), moment(not_after)),
        name(subject),
        spki(own),
        tlv(0xA3, sequence(*parts)) if parts and version == 3 else b"",
    )
    der = sequence(body, algorithm(signing, digest), tlv(0x03, b"\0", sign(signing, digest, body)))
    return Made(der, own, subject, key_id)


def key_identifier(data: bytes) -> bytes:
    """Return 20 octets that identify a key."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()[:20]


def make_root(subject: str = "CN=Test Root,O=Workshop", **changes: Any) -> Made:
    """Make a root that a modern validator accepts; `changes` replace arguments of `make`."""
    return make(subject, **({"extensions": (basic_constraints(), key_usage(5, 6))} | changes))


def make_ca(subject: str, issuer: Made, **changes: Any) -> Made:
    """Make an intermediate that a modern validator accepts; `changes` replace arguments of `make`."""
    return make(subject, issuer, **({"extensions": (basic_constraints(), key_usage(5, 6))} | changes))


def make_leaf(host: str, issuer: Made | None, **changes: Any) -> Made:
    """Make a server certificate with common name and alternative name; `changes` replace arguments of `make`."""
    parts = (key_usage(0, 2), extended_key_usage(SERVER_AUTH), alternative_names(host))
    return make(f"CN={host}", issuer, **({"extensions": parts} | changes))


def make_list(
    issuer: Made,
    revoked: tuple[int, ...] = (),
    *,
    this_update: datetime = NOW - timedelta(days=1),
    next_update: datetime | None = NOW + timedelta(days=6),
    digest: Digest = "sha256",
    extensions: tuple[bytes, ...] = (),
    entry_extensions: tuple[bytes, ...] = (),
    signer: PrivateKey | None = None,
) -> bytes:
    """Make a revocation list (DER)."""
    key = signer or issuer.key
    entries = [
        sequence(integer(s), moment(this_update), sequence(*entry_extensions) if entry_extensions else b"")
        for s in revoked
    ]
    body = sequence(
        integer(1),
        algorithm(key, digest),
        name(issuer.subject),
        moment(this_update),
        moment(next_update) if next_update else b"",
        sequence(*entries) if entries else b"",
        tlv(0xA0, sequence(extension("2.5.29.20", integer(1)), *extensions)),
    )
    return sequence(body, algorithm(key, digest), tlv(0x03, b"\0", sign(key, digest, body)))
