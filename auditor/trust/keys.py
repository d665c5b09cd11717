"""Public keys and signatures: what kind they are, how large, and whether a signature is right.

Every algorithm of 2008 is checked here, MD5 and 512-bit keys included; whether to trust it is `strength`'s word.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from auditor.trust import der

RSA_KEY, DSA_KEY, EC_KEY = "1.2.840.113549.1.1.1", "1.2.840.10040.4.1", "1.2.840.10045.2.1"
PSS = "1.2.840.113549.1.1.10"

CURVES = {
    "1.2.840.10045.3.1.1": ("P-192", 192),
    "1.3.132.0.33": ("P-224", 224),
    "1.2.840.10045.3.1.7": ("P-256", 256),
    "1.3.132.0.34": ("P-384", 384),
    "1.3.132.0.35": ("P-521", 521),
    "1.3.132.0.10": ("secp256k1", 256),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
}
OTHER_KEYS = {
    "1.3.101.112": ("Ed25519", 256),
    "1.3.101.113": ("Ed448", 456),
    "1.3.101.110": ("X25519", 253),
    "1.3.101.111": ("X448", 448),
}


class Scheme(NamedTuple):
    """A signature algorithm: its usual name, the algorithm of the key, and the digest (None: built in or stated)."""

    name: str
    key: str
    digest: str | None


SCHEMES = {
    "1.2.840.113549.1.1.2": Scheme("md2WithRSAEncryption", RSA_KEY, "md2"),
    "1.2.840.113549.1.1.3": Scheme("md4WithRSAEncryption", RSA_KEY, "md4"),
    "1.2.840.113549.1.1.4": Scheme("md5WithRSAEncryption", RSA_KEY, "md5"),
    "1.2.840.113549.1.1.5": Scheme("sha1WithRSAEncryption", RSA_KEY, "sha1"),
    "1.3.14.3.2.29": Scheme("sha1WithRSA", RSA_KEY, "sha1"),
    "1.2.840.113549.1.1.14": Scheme("sha224WithRSAEncryption", RSA_KEY, "sha224"),
    "1.2.840.113549.1.1.11": Scheme("sha256WithRSAEncryption", RSA_KEY, "sha256"),
    "1.2.840.113549.1.1.12": Scheme("sha384WithRSAEncryption", RSA_KEY, "sha384"),
    "1.2.840.113549.1.1.13": Scheme("sha512WithRSAEncryption", RSA_KEY, "sha512"),
    PSS: Scheme("rsassaPss", RSA_KEY, None),
    "1.2.840.10040.4.3": Scheme("dsa-with-SHA1", DSA_KEY, "sha1"),
    "1.3.14.3.2.27": Scheme("dsaWithSHA1-old", DSA_KEY, "sha1"),
    "2.16.840.1.101.3.4.3.1": Scheme("dsa_with_SHA224", DSA_KEY, "sha224"),
    "2.16.840.1.101.3.4.3.2": Scheme("dsa_with_SHA256", DSA_KEY, "sha256"),
    "1.2.840.10045.4.1": Scheme("ecdsa-with-SHA1", EC_KEY, "sha1"),
    "1.2.840.10045.4.3.1": Scheme("ecdsa-with-SHA224", EC_KEY, "sha224"),
    "1.2.840.10045.4.3.2": Scheme("ecdsa-with-SHA256", EC_KEY, "sha256"),
    "1.2.840.10045.4.3.3": Scheme("ecdsa-with-SHA384", EC_KEY, "sha384"),
    "1.2.840.10045.4.3.4": Scheme("ecdsa-with-SHA512", EC_KEY, "sha512"),
    "1.3.101.112": Scheme("ED25519", "1.3.101.112", None),
    "1.3.101.113": Scheme("ED448", "1.3.101.113", None),
}
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),  # noqa: S303 - certificates of 2008 are signed with it
    "sha1": hashes.SHA1(),  # noqa: S303 - as above
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
DIGEST_OIDS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
MAXIMUM_BITS = 16_384
MAXIMUM_EXPONENT_BITS = 64
"""OpenSSL's own bounds; beyond them a check would cost an attacker nothing and us much."""

CACHED_OCTETS = 16_384
"""What is larger than this is worked out anew each time, so that hostile chains cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class Key:
    """A SubjectPublicKeyInfo as it describes itself. `bits` is None where it cannot be read."""

    spki: bytes
    oid: str
    algorithm: str
    bits: int | None = None
    curve: str | None = None
    explicit_curve: bool = False
    parameters: bytes = b""
    exponent_bits: int = 0

    def __str__(self) -> str:
        """Return what a report prints, e.g. `RSA 2048` or `EC P-256`."""
        if self.algorithm == "EC":
            return f"EC {self.curve or 'explicit parameters'}"
        return f"{self.algorithm} {self.bits}" if self.bits and self.oid not in OTHER_KEYS else self.algorithm


def read_key(spki: bytes) -> Key:
    """Describe a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). Raises DerError."""
    algorithm, bits = _pair(der.read_whole(spki, der.SEQUENCE, "public key"))
    oid, parameters = read_algorithm(algorithm)
    value = der.bit_string(bits)
    if oid in (RSA_KEY, PSS):
        modulus, exponent = _pair(der.read_whole(value, der.SEQUENCE, "RSA key"))
        return Key(
            spki, oid, "RSA", der.integer(modulus).bit_length(), exponent_bits=der.integer(exponent).bit_length()
        )
    if oid == DSA_KEY:
        inside = (
            der.children(der.read_whole(parameters, der.SEQUENCE, "DSA parameters")) if parameters[:1] == b"0" else []
        )
        return Key(spki, oid, "DSA", der.integer(inside[0]).bit_length() if inside else None, parameters=parameters)
    if oid == EC_KEY:
        if parameters[:1] == b"0":
            return Key(spki, oid, "EC", explicit_curve=True)
        curve = der.object_identifier(der.read_whole(parameters, der.OID, "curve"))
        name, size = CURVES.get(curve, (curve, None))
        return Key(spki, oid, "EC", size, name)
    name, size = OTHER_KEYS.get(oid, (oid, None))
    return Key(spki, oid, name, size)


def read_algorithm(node: der.Node) -> tuple[str, bytes]:
    """Return object identifier and parameters (whole, or empty) of an AlgorithmIdentifier. Raises DerError."""
    parts = der.children(node.expect(der.SEQUENCE, "algorithm"))
    if len(parts) not in (1, 2):
        raise der.DerError("algorithm that is neither alone nor a pair")
    return der.object_identifier(parts[0]), parts[1].whole if len(parts) == 2 else b""


def _pair(node: der.Node) -> tuple[der.Node, der.Node]:
    parts = der.children(node)
    if len(parts) != 2:
        raise der.DerError("no pair where a pair belongs")
    return parts[0], parts[1]


def with_parameters(key: Key, inherited: bytes) -> Key:
    """Return a DSA key completed with its issuer's parameters (RFC 3279 section 2.3.2); any other key as it is."""
    if key.oid != DSA_KEY or key.parameters[:1] == b"0" or not inherited:
        return key
    _algorithm, bits = _pair(der.read_whole(key.spki, der.SEQUENCE, "public key"))
    oid = bytes.fromhex("06072a8648ce380401")
    inner = der.wrap(der.SEQUENCE, oid + inherited)
    return read_key(der.wrap(der.SEQUENCE, inner + bits.whole))


def checking_cost(key: Key | None) -> int:
    """Return how many steps a signature check with this key is worth: 1 for usual keys, more for very large ones."""
    size = (key.bits or 0) // 2048 if key else 0
    return max(1, size * size)


def signature_fault(key: Key, algorithm: bytes, signature: bytes, signed: bytes) -> str | None:
    """Return why this signature does not prove that the key signed these octets, or None where it does.

    `algorithm` is the whole AlgorithmIdentifier. Nothing is raised: what cannot be checked is never right.
    """
    check = _cached_fault if len(signed) + len(key.spki) <= CACHED_OCTETS else _fault
    return check(key, algorithm, signature, signed)


def _fault(key: Key, algorithm: bytes, signature: bytes, signed: bytes) -> str | None:
    try:
        oid, parameters = read_algorithm(der.read_whole(algorithm, der.SEQUENCE, "algorithm"))
        scheme = SCHEMES.get(oid)
        if scheme is None or key.oid not in (scheme.key, oid):
            return f"signature algorithm {scheme.name if scheme else oid} does not fit a key of type {key.algorithm}"
        if (key.bits or 0) > MAXIMUM_BITS or key.exponent_bits > MAXIMUM_EXPONENT_BITS:
            return f"key of {key.bits} bits, or its exponent, is too large to check"
        return _checked(key, scheme, parameters, signature, signed)
    except der.DerError as problem:
        return f"signature cannot be read: {problem}"
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        return f"signature cannot be checked: {str(problem)[:120] or type(problem).__name__}"
    except InvalidSignature:
        return "signature is wrong"


_cached_fault = lru_cache(maxsize=8192)(_fault)


def _checked(key: Key, scheme: Scheme, parameters: bytes, signature: bytes, signed: bytes) -> str | None:
    public = load_der_public_key(key.spki)
    digest = DIGESTS.get(scheme.digest or "")
    if digest is None and scheme.digest is not None:
        return f"{scheme.name} is too old to be checked"
    if isinstance(public, rsa.RSAPublicKey):
        if digest is None:
            algorithm, salt = _pss(parameters)
            public.verify(signature, signed, padding.PSS(padding.MGF1(algorithm), salt), algorithm)
        else:
            public.verify(signature, signed, padding.PKCS1v15(), digest)
    elif isinstance(public, dsa.DSAPublicKey) and digest is not None:
        public.verify(signature, signed, digest)
    elif isinstance(public, ec.EllipticCurvePublicKey) and digest is not None:
        public.verify(signature, signed, ec.ECDSA(digest))
    elif isinstance(public, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        public.verify(signature, signed)
    else:
        return f"{scheme.name} cannot be checked with this key"
    return None


def _pss(parameters: bytes) -> tuple[hashes.HashAlgorithm, int]:
    """Return digest and salt length (octets) of RSASSA-PSS parameters (RFC 4055 section 3.1)."""
    parts = {n.tag: n for n in der.children(der.read_whole(parameters, der.SEQUENCE, "PSS parameters"))}
    name, mask = "sha1", "sha1"
    if 0xA0 in parts:
        name = DIGEST_OIDS.get(read_algorithm(der.children(parts[0xA0])[0])[0], "unknown")
    if 0xA1 in parts:
        _oid, inner = read_algorithm(der.children(parts[0xA1])[0])
        mask = DIGEST_OIDS.get(read_algorithm(der.read_whole(inner, der.SEQUENCE, "mask"))[0], "unknown")
    salt = der.integer(der.children(parts[0xA2])[0]) if 0xA2 in parts else 20
    if name not in DIGESTS or mask != name or salt < 0:
        raise der.DerError("PSS parameters that nobody uses")
    return DIGESTS[name], salt


def digest_of(oid: str, parameters: bytes = b"") -> str | None:
    """Return the name of the digest under a signature algorithm (`md5`, `sha1` …), or None where it has none."""
    scheme = SCHEMES.get(oid)
    if oid != PSS or scheme is None:
        return scheme.digest if scheme else None
    try:
        return _pss(parameters)[0].name
    except (der.DerError, IndexError):
        return None
