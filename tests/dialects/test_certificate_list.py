"""`certificate list`: PEM, text with PEM, nothing at all, and answers that prove nothing."""

import base64
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from auditor.dialects.certificate_list import CertificateListError, kept_roots, read_certificates, roots_from
from auditor.model.evidence import Cause
from auditor.model.facts import RootList

ROOTS = x509.load_pem_x509_certificates(
    (Path(__file__).parents[2] / "samples" / "device-roots.pem").read_bytes()
) + x509.load_pem_x509_certificates((Path(__file__).parents[2] / "samples" / "rootcerts.pem").read_bytes())
DER = tuple(dict.fromkeys(root.public_bytes(Encoding.DER) for root in ROOTS))
PEM = b"".join(root.public_bytes(Encoding.PEM) for root in ROOTS)
DUMP = b"Certificate:\n    Data:\n        Version: 3 (0x2)\n    Signature Algorithm: sha256WithRSAEncryption\n"
KEY = b"-----BEGIN RSA PRIVATE KEY-----\nTUlJRXRlbGwtbm9ib2R5\n-----END RSA PRIVATE KEY-----\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
def test_pem_blocks(end: bytes) -> None:
    """All certificates come out as they went in, once each; a key that stands there is not kept."""
    data = b"certificate list root\n" + PEM + KEY + PEM + b"\nOK\n"
    found = read_certificates(data.replace(b"\n", end))
    assert found.certificates == DER
    assert b"tell-nobody" not in repr(found).encode()


def test_text_with_pem_behind_it() -> None:
    """The text of a certificate is passed over where its PEM stands there too."""
    blocks = [root.public_bytes(Encoding.PEM) for root in ROOTS]
    data = b"".join(DUMP + block for block in blocks) + b"OK\n"
    assert roots_from(data).certificates == DER
    assert roots_from(data).source == "live"
    assert roots_from(data, source="saved").source == "saved"


def test_trust_settings_behind_a_certificate_are_cut_off() -> None:
    """OpenSSL's own kind of block carries more octets behind the certificate."""
    body = base64.encodebytes(DER[0] + b"\x30\x00")
    data = b"-----BEGIN TRUSTED CERTIFICATE-----\n" + body + b"-----END TRUSTED CERTIFICATE-----\nOK\n"
    assert read_certificates(data).certificates == DER[:1]


def test_an_answer_without_certificates_shows_that_none_is_loaded() -> None:
    """It ended well and lists nothing."""
    assert read_certificates(b"certificate list root\r\n\r\nOK\r\n").certificates == ()


@pytest.mark.parametrize(
    ("data", "cause", "words"),
    [
        (b"ERROR\n", Cause.MALFORMED, "refused"),
        (b"Command not recognized.\n", Cause.MALFORMED, "refused"),
        (PEM, Cause.CLOSED_EARLY, "does not end"),
        (b"", Cause.CLOSED_EARLY, "does not end"),
        (PEM[:-40] + b"\nOK\n", Cause.MALFORMED, "no end"),
        (DUMP + b"OK\n", Cause.MALFORMED, "text only"),
        (DUMP + PEM.replace(b"-----END", b"----END", 1) + b"OK\n", Cause.MALFORMED, "no end"),
        (b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\nOK\n", Cause.MALFORMED, "not base64"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nOK\n", Cause.MALFORMED, "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nMIIBAA==\n-----END CERTIFICATE-----\nOK\n", Cause.MALFORMED, "no certificate"),
        (b"Cannot open file\nOK\n", Cause.MALFORMED, "speaks of a failure"),
        (b"x" * 3_000_000, Cause.TOO_LARGE, "bytes"),
    ],
)
def test_answers_that_prove_nothing(data: bytes, cause: Cause, words: str) -> None:
    """A list that is not known to be whole is an error, never a shorter list."""
    with pytest.raises(CertificateListError) as caught:
        read_certificates(data)
    assert caught.value.cause is cause
    assert words in caught.value.reason


def test_a_kept_session_shows_the_roots_behind_the_command() -> None:
    """The answer ends where the system ends it; a session without the command shows none."""
    der = b"\x30\x03abc"
    pem = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----\n"
    session = (
        f"xconfiguration\r\n*c xConfiguration HTTPS Mode: On\r\n\r\nOK\r\n> certificate list root\r\n{pem}\r\nOK\r\n"
    )
    kept = kept_roots(session.encode())
    assert kept == RootList(certificates=(der,), source="saved")
    assert kept_roots(b"xconfiguration\nOK\n") is None
    with pytest.raises(CertificateListError):
        kept_roots(session.removesuffix("\r\nOK\r\n").encode())


def test_a_session_that_repeats_the_command_without_end_is_refused_soon() -> None:
    """Linear time."""
    with pytest.raises(CertificateListError):
        kept_roots(b"certificate list root\n" * 90_000)
