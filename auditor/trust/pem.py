"""Files of certificates and revocation lists: PEM (RFC 7468), several in one file, or a single DER."""

import base64
import binascii
import re

from auditor.trust import der

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"})
LISTS = frozenset({b"X509 CRL"})


class FileError(ValueError):
    """A file holds none of what it should hold, or it is damaged; the message says which block."""


def read_pem_or_der(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates of a file as DER, in its order. Raises FileError for nonsense, damage or emptiness.

    Text around the blocks and blocks of another kind (keys) are passed over.
    """
    return read_blocks(data, CERTIFICATES, "certificate")


def read_blocks(data: bytes, kinds: frozenset[bytes], what: str) -> tuple[bytes, ...]:
    """Return the blocks of these kinds as DER; a file that is DER as a whole gives one. Raises FileError."""
    if b"-----BEGIN" not in data:
        return (_first_element(data, what),)
    blocks = [(m[1], m[2]) for m in _BLOCK.finditer(data)]
    if data.count(b"-----BEGIN ") != len(blocks):
        raise FileError("a block has no end")
    found = [_decoded(body, number, what) for number, (kind, body) in enumerate(blocks, 1) if kind in kinds]
    if not found:
        raise FileError(f"no {what} in the file")
    return tuple(found)


def _decoded(body: bytes, number: int, what: str) -> bytes:
    text = body.rpartition(b"\n\n")[2] if b":" in body else body
    try:
        decoded = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise FileError(f"block {number} is not base64") from None
    return _first_element(decoded, f"{what} (block {number})")


def _first_element(data: bytes, what: str) -> bytes:
    """Return the first element of the octets: OpenSSL's "trusted" blocks carry more behind the certificate."""
    try:
        return der.node_at(data, 0, len(data)).expect(der.SEQUENCE, what).whole
    except der.DerError as problem:
        raise FileError(f"no {what}: {problem}") from None
