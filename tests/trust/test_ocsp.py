"""Stapled OCSP responses: what they say, of whom, and who signed it."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from auditor.trust import Anchors, read_staple
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Made

ROOT = shop.make_root(key=shop.rsa_key(2048, "root"))
MIDDLE = shop.make_ca("CN=Middle", ROOT)
LEAF = shop.make_leaf("codec.example.test", MIDDLE)
OTHER = shop.make_leaf("other.example.test", MIDDLE)
SIGNING = "1.3.6.1.5.5.7.3.9"
DELEGATE = shop.make("CN=Responder", MIDDLE, extensions=(shop.extended_key_usage(SIGNING),))
PRETENDER = shop.make("CN=Pretender", MIDDLE)
STRANGER = shop.make("CN=Responder", ROOT, extensions=(shop.extended_key_usage(SIGNING),))
CHAIN = (LEAF.der, MIDDLE.der)
ANCHORS = Anchors.of([ROOT.der])
DAY = timedelta(days=1)
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def load(made: Made) -> x509.Certificate:
    """Return a certificate of the workshop as the library has it."""
    return x509.load_der_x509_certificate(made.der)


def response(
    about: Made = LEAF,
    issuer: Made = MIDDLE,
    signer: Made = MIDDLE,
    status: ocsp.OCSPCertStatus = GOOD,
    *,
    ends: timedelta = DAY,
    digest: hashes.SHA1 | hashes.SHA256 | None = None,
) -> bytes:
    """Return a signed response; a signer that is not the issuer is sent along."""
    revoked = status is REVOKED
    built = ocsp.OCSPResponseBuilder().add_response(
        cert=load(about), issuer=load(issuer), algorithm=digest or hashes.SHA1(), cert_status=status,  # noqa: S303
        this_update=NOW - DAY, next_update=NOW + ends, revocation_time=NOW - DAY if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )  # fmt: skip
    built = built.responder_id(ocsp.OCSPResponderEncoding.HASH, load(signer))
    if signer is not issuer:
        built = built.certificates([load(signer)])
    return built.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(("status", "word"), [(GOOD, "good"), (REVOKED, "revoked"), (UNKNOWN, "unknown")])
@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256()], ids=lambda d: d.name)  # noqa: S303
def test_the_issuer_may_answer(status: ocsp.OCSPCertStatus, word: str, digest: hashes.SHA1 | hashes.SHA256) -> None:
    """Status, dates and signature of a response that the issuer signed."""
    staple = read_staple(response(status=status, digest=digest), CHAIN, ANCHORS, NOW)
    assert (staple.status, staple.signature, staple.current) == (word, "right", True)
    assert (staple.this_update, staple.next_update) == (NOW - DAY, NOW + DAY)


@pytest.mark.parametrize(
    ("signer", "signature"), [(DELEGATE, "right"), (PRETENDER, "wrong"), (STRANGER, "wrong")], ids=["yes", "no", "else"]
)
def test_a_responder_needs_the_issuers_leave(signer: Made, signature: str) -> None:
    """Only a certificate of the issuer with the purpose of OCSP signing may answer in its stead."""
    assert read_staple(response(signer=signer), CHAIN, ANCHORS, NOW).signature == signature


def test_an_old_response_says_so() -> None:
    """A response is current until its next update only."""
    staple = read_staple(response(ends=-timedelta(hours=1)), CHAIN, ANCHORS, NOW)
    assert (staple.status, staple.current) == ("good", False)


@pytest.mark.parametrize(("about", "issuer"), [(OTHER, MIDDLE), (LEAF, ROOT)], ids=["other serial", "other issuer"])
def test_a_response_about_another_certificate_says_nothing_of_this_one(about: Made, issuer: Made) -> None:
    """Serial number and issuer's key both have to fit."""
    staple = read_staple(response(about, issuer, signer=MIDDLE), CHAIN, ANCHORS, NOW)
    assert (staple.status, staple.current) == ("none", None)


def test_without_an_issuer_the_signature_is_not_checked() -> None:
    """A chain of one, and no root that fits."""
    staple = read_staple(response(), CHAIN[:1], Anchors.of([]), NOW)
    assert (staple.status, staple.signature) == ("good", "not_checked")


def test_a_spoilt_signature_is_wrong() -> None:
    """One bit is enough."""
    encoded = bytearray(response())
    encoded[-1] ^= 1
    assert read_staple(bytes(encoded), CHAIN, ANCHORS, NOW).signature == "wrong"


@pytest.mark.parametrize(
    ("encoded", "words"),
    [
        (b"", "ends in the middle"),
        (ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER),
         "try later"),
        (b"\x30\x03\x0a\x01\x00", "no answer"),
        (bytes(70_000), "70000 octets"),
    ],
    ids=["nothing", "try later", "empty success", "giant"],
)  # fmt: skip
def test_what_cannot_be_read_is_told(encoded: bytes, words: str) -> None:
    """The reason is kept, and nothing is made up."""
    staple = read_staple(encoded, CHAIN, ANCHORS, NOW)
    assert staple.status == "unreadable"
    assert words in staple.unreadable


@given(st.data())
def test_spoilt_responses_never_crash(data: st.DataObject) -> None:
    """Cut or changed anywhere, a response is read or is unreadable, and only the very octets are rightly signed."""
    encoded = bytearray(FIXED)
    index = data.draw(st.integers(0, len(encoded) - 1))
    encoded[index] ^= data.draw(st.integers(1, 255))
    read_staple(bytes(encoded[: data.draw(st.integers(0, len(encoded)))]), CHAIN, ANCHORS, NOW)
    read_staple(bytes(encoded), CHAIN, ANCHORS, NOW)


FIXED = response()
