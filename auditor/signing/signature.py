"""Detached signatures in minisign's form: over the BLAKE2b-512 of a file, with a comment that is signed as well.

Four lines: a comment that proves nothing, the signature, a comment that is signed, and the signature over signature
and comment. Only the prehashed variant (`ED`) is written and taken. So that every byte of the file counts, the first
comment must be one of the two that are written by minisign and by this program.
"""

import hashlib
from dataclasses import dataclass

from auditor.signing.keys import ID_SIZE, PublicKey, SecretKey
from auditor.signing.lines import TRUSTED, UNTRUSTED, SigningError, comment, decoded, encoded, lines_of

PREHASHED, WHOLE = b"ED", b"Ed"
SIGNATURE_SIZE = 64
OURS = "signature of an audit bundle's manifest"
COMMENTS = {OURS, "signature from minisign secret key"}
"""Comments of the first line that are taken: ours, and the one that minisign writes unless it is told another."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature file that has the right form. Nothing in it is believed before `problem` has been asked."""

    key_id: bytes
    over_file: bytes
    trusted_comment: str
    over_comment: bytes

    @classmethod
    def parse(cls, data: bytes) -> "Signature":
        """Read a signature file; raise `SigningError` where it is none."""
        what = "signature"
        first, second, third, fourth = lines_of(data, what, 4)
        if comment(first, UNTRUSTED, what) not in COMMENTS:
            raise SigningError(f"{what}: its first comment, which is not signed, is neither minisign's nor ours")
        raw = decoded(second, 2 + ID_SIZE + SIGNATURE_SIZE, what)
        if raw[:2] == WHOLE:
            raise SigningError(f"{what}: of minisign's old form; sign again, without -l")
        if raw[:2] != PREHASHED:
            raise SigningError(f"{what}: of an algorithm that is not known here")
        return cls(
            raw[2 : 2 + ID_SIZE], raw[2 + ID_SIZE :], comment(third, TRUSTED, what),
            decoded(fourth, SIGNATURE_SIZE, what),
        )  # fmt: skip

    @property
    def key_name(self) -> str:
        """The identifier of the pair that is said to have signed, as minisign prints it."""
        return self.key_id[::-1].hex().upper()

    def problem(self, content: bytes, key: PublicKey) -> str | None:
        """Return why this is not the key's signature over the content, or None where it is."""
        if self.key_id != key.key_id:
            return f"it names the key {self.key_name}, and {key.name} was given"
        if not key.is_right(self.over_file, _digest(content)):
            return "it does not fit the file"
        if not key.is_right(self.over_comment, self.over_file + self.trusted_comment.encode()):
            return "its comment was changed"
        return None


def sign(content: bytes, key: SecretKey, trusted_comment: str) -> bytes:
    """Return the signature file over the content; the comment is one line, and is signed too."""
    over_file = key.sign(_digest(content))
    over_comment = key.sign(over_file + trusted_comment.encode())
    lines = (
        UNTRUSTED + OURS,
        encoded(PREHASHED + key.key_id + over_file),
        TRUSTED + trusted_comment,
        encoded(over_comment),
    )
    return ("\n".join(lines) + "\n").encode()


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=64).digest()
