"""PAdES signatures of the paper report (ETSI EN 319 142-1, levels B-B and B-T), by pyHanko.

pyHanko is an optional extra, so this module is imported only where somebody asks for such a signature. It opens no
connection: whoever wants a timestamp passes in a function that carries the request to an authority and back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError as PdfSigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from auditor.signing.lines import SigningError
from auditor.signing.paper import PaperKey, PaperSignature, PaperTrust

# What pyHanko logs of a certificate that leads nowhere is our answer already.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko_certvalidator").addHandler(logging.NullHandler())

FIELD = "AuditSignature"
LEAST_RSA_BITS = 2048
RESERVED, RESERVED_WITH_TIME = 24_576, 65_536
"""Bytes that are kept free for the signature: its certificates, and the timestamp with its own."""
_BEGIN, _HAS = b"-----BEGIN ", b"-----BEGIN CERTIFICATE-----"
_USABLE = frozenset({"digital_signature", "non_repudiation"})

Ask = Callable[[bytes], Awaitable[bytes]]
"""Carries an RFC 3161 request (DER) to an authority and returns its answer (DER)."""


def load_key(data: bytes, password: bytes | None, certificates: bytes, at: datetime) -> PaperKey:
    """Read PKCS#12 or PEM, with further certificates in PEM; raise `SigningError` where they cannot sign at `at`."""
    try:
        if _BEGIN in data:
            key: object = load_pem_private_key(data, password)
            found = [x509.load_pem_x509_certificates(each) for each in (data, certificates) if _HAS in each]
            chain = [one for some in found for one in some]
        else:
            key, own, more = pkcs12.load_key_and_certificates(data, password)
            extra = x509.load_pem_x509_certificates(certificates) if certificates else []
            chain = [*([own] if own else []), *more, *extra]
    except (TypeError, ValueError) as error:
        # The library's own words are not passed on: they speak of internals.
        word = "its password is missing or wrong, or it is neither PKCS#12 nor PEM"
        raise SigningError(f"PDF key: {word}") from error
    if not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise SigningError("PDF key: wanted is an RSA or elliptic curve key")
    if isinstance(key, RSAPrivateKey) and key.key_size < LEAST_RSA_BITS:
        raise SigningError(f"PDF key: {key.key_size} bits of RSA are too few; {LEAST_RSA_BITS} are the least")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    owns = [c for c in chain if _public(c) == public]
    if not owns:
        raise SigningError("PDF key: none of the certificates is this key's")
    own_certificate = owns[0]
    if not own_certificate.not_valid_before_utc <= at <= own_certificate.not_valid_after_utc:
        raise SigningError(
            f"PDF key: its certificate is valid from {own_certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{own_certificate.not_valid_after_utc:%Y-%m-%d}, which is not now"
        )
    return PaperKey(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        own_certificate.public_bytes(Encoding.DER),
        tuple(one.public_bytes(Encoding.DER) for one in chain if one is not own_certificate),
    )


def load_roots(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates of a PEM file, in DER; raise `SigningError` where there are none."""
    try:
        return tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(data))
    except ValueError as error:
        raise SigningError("no certificates in PEM") from error


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class _Writer(IncrementalPdfFileWriter):
    """Adds to a document and leaves its own properties alone: title, dates and producer stay those of the audit."""

    def _update_meta(self) -> None:
        return


class _Authority(TimeStamper):
    """An authority that is reached by somebody else's hands."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's own
        self._ask = ask

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(await self._ask(req.dump()), strict=True)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except AttributeError as error:
            # pyHanko stumbles over its own sentence where the answer carries another nonce.
            raise SigningError("no timestamp: the authority answered another question") from error


def sign_paper(content: bytes, key: PaperKey, ask: Ask | None = None) -> bytes:
    """Return the document followed by one invisible signature; not a byte of the document is changed.

    With `ask` the signature carries a timestamp (B-T). Raises `SigningError` where it cannot be made, or where what
    came out does not hold; errors that `ask` raises go up as they are.
    """
    if look_at(content) is not None:
        raise SigningError("the document is signed already")
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(key.certificate),
        signing_key=keys.PrivateKeyInfo.load(key.key),
        cert_registry=_store(key.others),
    )
    metadata = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    authority = None if ask is None else _Authority(ask)
    pdf_signer = PdfSigner(metadata, signer, timestamper=authority, new_field_spec=SigFieldSpec(FIELD))

    async def signed() -> bytes:
        room = RESERVED if ask is None else RESERVED_WITH_TIME
        made = await pdf_signer.async_sign_pdf(_Writer(BytesIO(content)), bytes_reserved=room)
        return bytes(made.getvalue())

    try:
        made = _alone(signed)
    except SigningError:
        raise
    except (PdfError, PdfSigningError, ValueError) as error:
        raise SigningError(f"the document cannot be signed: {error}") from error
    except OSError as error:
        # pyHanko's word for an authority that refused, or whose answer belongs to another question.
        raise SigningError(f"no timestamp: {error}") from error
    found = look_at(made)
    if found is None or found.problem is not None or found.timestamped != (ask is not None):
        raise SigningError(f"the signature that was made does not hold ({found.problem if found else 'none'})")
    return made


def _store(certificates: Sequence[bytes]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # the library's own
    for one in certificates:
        store.register(asn1_x509.Certificate.load(one))
    return store


def _alone(work: Callable[[], Awaitable[bytes]]) -> bytes:
    """Run a coroutine to its end, also where this thread has a loop that runs already."""

    async def whole() -> bytes:
        return await work()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(whole())).result()


def look_at(content: bytes, trust: PaperTrust | None = None) -> PaperSignature | None:
    """Return what is known of the document's signature; None where it has none. Nothing is fetched.

    A document with several signatures, or with one that does not cover all of it, has a problem.
    """
    try:
        signatures: Sequence[EmbeddedPdfSignature] = PdfFileReader(BytesIO(content)).embedded_regular_signatures
        if not signatures:
            return None
        (first, *more) = signatures
        found = _judged(first, trust)
    except (PdfError, SignatureValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        return PaperSignature(
            signer="unknown", stated_at=None, timestamped=False, problem=f"it cannot be read ({type(error).__name__})"
        )
    return replace(found, problem=f"there are {len(signatures)} signatures") if more else found


def _judged(signature: EmbeddedPdfSignature, trust: PaperTrust | None) -> PaperSignature:
    at = None if trust is None else trust.at
    status = _status(signature, trust, at)
    time = status.timestamp_validity
    time_holds = time is None or (time.intact and time.valid)
    time_trusted = bool(trust and trust.time_roots and time and time_holds and time.trusted)
    if trust and time and time_trusted:
        status = _status(signature, trust, time.timestamp)
    trusted = bool(trust and trust.roots and status.trusted)
    return PaperSignature(
        signer=_subject(status.signing_cert.dump()),
        stated_at=time.timestamp if time and time_trusted else status.signer_reported_dt,
        timestamped=time is not None,
        problem=_problem(status, trust, time_holds=time_holds, time_trusted=time_trusted),
        trusted=trusted,
        time_trusted=time_trusted,
    )


def _subject(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


def _problem(
    status: PdfSignatureStatus, trust: PaperTrust | None, *, time_holds: bool, time_trusted: bool
) -> str | None:
    """Return the first thing that speaks against a signature: the document, the key, the time, the trust."""
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    timely = time_trusted or not (trust and trust.time_roots)
    trusted = status.trusted or not (trust and trust.roots)
    code = status.trust_problem_indic
    doubts = (
        (status.intact, "the document was changed after it was signed"),
        (status.valid, "the signature is not the certificate's"),
        (whole, "something was added after the signature"),
        (time_holds, "its timestamp is of something else"),
        (timely, "it has no timestamp of an authority that was given"),
        (trusted, f"its certificate does not lead to one that was given, or was not valid then ({code})"),
    )
    return next((words for good, words in doubts if not good), None)


def _status(signature: EmbeddedPdfSignature, trust: PaperTrust | None, moment: datetime | None) -> PdfSignatureStatus:
    return _run_status(
        signature,
        _context(trust.roots if trust else (), moment),
        _context(trust.time_roots if trust else (), None if trust is None else trust.at),
    )


def _run_status(
    signature: EmbeddedPdfSignature, signer: ValidationContext, time: ValidationContext
) -> PdfSignatureStatus:
    usage = KeyUsageConstraints(key_usage=set(_USABLE), match_all_key_usages=False)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(
            lambda: validate_pdf_signature(
                signature, signer_validation_context=signer, ts_validation_context=time, key_usage_settings=usage
            )
        ).result()


def _context(roots: tuple[bytes, ...], moment: datetime | None) -> ValidationContext:
    """Return a context that trusts these roots alone, fetches nothing, and looks at no revocation."""
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in roots], allow_fetching=False, moment=moment
    )
