"""Keys and signatures that today's practice no longer trusts (NIST SP 800-131A and 800-57, CA/Browser Forum 6.1.5)."""

from auditor.trust import der
from auditor.trust.keys import DSA_KEY, PSS, RSA_KEY, Key, digest_of, read_algorithm
from auditor.trust.parse import Parsed

WEAK_DIGESTS = frozenset({"md2", "md4", "md5", "sha1"})
MINIMUM_CURVE_BITS = 224
"""Smaller curves have less than 112 bits of strength."""


def weak_key(key: Key | None, minimum_bits: int) -> str | None:
    """Return why this key is weak, or None. `minimum_bits` is for RSA and DSA."""
    if key is None:
        return None
    if key.oid in (RSA_KEY, DSA_KEY, PSS):
        if key.bits is not None and key.bits < minimum_bits:
            return f"{key} is shorter than {minimum_bits} bits"
    elif key.bits is not None and key.bits < MINIMUM_CURVE_BITS:
        return f"{key} has less than 112 bits of strength"
    return None


def weak_signature(certificate: Parsed) -> str | None:
    """Return why the signature on a certificate is weak, or None."""
    try:
        oid, parameters = read_algorithm(der.read_whole(certificate.draft.algorithm, der.SEQUENCE, "algorithm"))
    except der.DerError:
        return None
    digest = digest_of(oid, parameters)
    if digest not in WEAK_DIGESTS:
        return None
    return f"signed with {certificate.certificate.signature_algorithm}: {digest.upper()} can be forged"
