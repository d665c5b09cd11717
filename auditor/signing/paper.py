"""What a signature of the paper report is made with, held against and found to be. It needs no extra."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

EXTRA = "vc-fleet-auditor[pades]"
MISSING = f"signatures of PDF files need an optional part: pip install '{EXTRA}'"
"""The sentence for an installation without pyHanko."""


@dataclass(frozen=True, slots=True)
class PaperKey:
    """A private key with its certificate and those above it, in DER. It never prints the key."""

    key: bytes = field(repr=False)
    certificate: bytes
    others: tuple[bytes, ...] = ()

    @property
    def name(self) -> str:
        """The certificate's subject, as text of RFC 4514."""
        return x509.load_der_x509_certificate(self.certificate).subject.rfc4514_string()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTrust:
    """What a signature is held against: roots, or the signer's own certificate, in DER; `at` is aware."""

    roots: tuple[bytes, ...] = ()
    time_roots: tuple[bytes, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSignature:
    """What is known of a document's signature. `problem` is None where nothing speaks against it.

    `trusted` and `time_trusted` are False where no root was given for them. `stated_at` is the signer's word, unless
    there is a trusted timestamp: then it is the authority's.
    """

    signer: str
    stated_at: datetime | None
    timestamped: bool
    problem: str | None
    trusted: bool = False
    time_trusted: bool = False
