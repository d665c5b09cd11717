"""Certificates in every state: what can be read is read, the rest is named, the DER is kept, nothing is raised."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from auditor.trust import parse_certificate
from auditor.trust.parse import MAXIMUM_OCTETS
from tests.trust import certificates as shop
from tests.trust.certificates import NOW

VECTORS = Path(cryptography_vectors.__file__).parent / "x509"


def test_good_certificate_is_read_in_full() -> None:
    """Every field of an ordinary certificate comes out, in the documented form."""
    root = shop.make_root("CN=Root,O=Workshop")
    made = shop.make(
        "C=NO,O=Workshop,CN=a.example.test",
        root,
        serial=4711,
        extensions=(
            shop.basic_constraints(ca=False),
            shop.alternative_names("a.example.test", "192.0.2.7", "2001:db8::1"),
        ),
    )
    read = parse_certificate(made.der)
    assert read.unreadable is None
    assert (read.subject, read.issuer) == ("CN=a.example.test,O=Workshop,C=NO", "O=Workshop,CN=Root")
    assert (read.serial, read.version, read.is_ca, read.self_issued) == (4711, 3, False, False)
    assert (read.not_before, read.not_after) == (NOW - timedelta(days=30), NOW + timedelta(days=335))
    assert read.common_names == ("a.example.test",)
    assert read.dns_names == ("a.example.test",)
    assert read.ip_addresses == ("192.0.2.7", "2001:db8::1")
    assert (read.key, read.key_algorithm, read.key_bits) == ("EC P-256", "EC", 256)
    assert read.signature_algorithm == "ecdsa-with-SHA256"
    assert read.sha256 == hashlib.sha256(made.der).hexdigest()
    assert read.spki_sha256 == hashlib.sha256(shop.spki(made.key)).hexdigest()
    assert read.der == made.der


@pytest.mark.parametrize(
    ("key", "digest", "words", "bits", "signature"),
    [
        (lambda: shop.rsa_key(512), "md5", "RSA 512", 512, "md5WithRSAEncryption"),
        (lambda: shop.rsa_key(1024), "sha1", "RSA 1024", 1024, "sha1WithRSAEncryption"),
        (lambda: shop.rsa_key(2048), "sha256", "RSA 2048", 2048, "sha256WithRSAEncryption"),
        (lambda: shop.dsa_key(1024), "sha1", "DSA 1024", 1024, "dsa-with-SHA1"),
    ],
)
def test_old_keys_and_signatures(key: object, digest: shop.Digest, words: str, bits: int, signature: str) -> None:
    """Keys and signatures of 2008 are described, not refused."""
    assert callable(key)
    read = parse_certificate(shop.make("CN=old", key=key(), digest=digest).der)
    assert (read.key, read.key_bits, read.signature_algorithm, read.unreadable) == (words, bits, signature, None)


def test_distinguished_names_are_escaped() -> None:
    """Special and invisible characters of a hostile subject cannot reach a report as they are."""
    read = parse_certificate(shop.make('CN=a+b\x1b[2J\u202e"').der)
    assert read.subject == 'CN=a\\+b\\1B[2J\\E2\\80\\AE\\"'
    assert read.self_issued


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"version": 1}, "version", 1),
        ({"serial": -5}, "serial", -5),
        ({"serial": 0}, "serial", 0),
        ({"serial": 2**200}, "serial", 2**200),
        ({"not_after": datetime(2099, 1, 1, tzinfo=UTC)}, "not_after", datetime(2099, 1, 1, tzinfo=UTC)),
        ({"not_before": b"500101000000Z"}, "not_before", datetime(1950, 1, 1, tzinfo=UTC)),
    ],
)
def test_odd_but_readable(changes: dict[str, object], field: str, value: object) -> None:
    """Odd values are facts, not faults of reading."""
    read = parse_certificate(shop.make("CN=odd", **changes).der)  # type: ignore[arg-type] # keyword arguments by table
    assert getattr(read, field) == value
    assert read.unreadable is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"not_after": b"26060112Z"}, "not after: time written as"),
        ({"not_before": b"260230120000Z"}, "not before: time written as"),
        ({"not_after": b"260601120000+0100"}, "not after"),
        ({"version": 4}, "version 4 does not exist"),
        ({"extensions": (shop.extension("2.5.29.19", b"\x30\x7f"),)}, "extension 2.5.29.19 is malformed"),
        ({"extensions": (shop.extension("2.5.29.17", b"\x30\x00"),)}, "empty list of names"),
        ({"extensions": (shop.basic_constraints(), shop.basic_constraints(ca=False))}, "2.5.29.19 occurs twice"),
        ({"extensions": (shop.key_usage(5), shop.extension("2.5.29.14", b""))}, "2.5.29.14"),
    ],
)
def test_faults_are_named_and_the_rest_is_read(changes: dict[str, object], words: str) -> None:
    """One unreadable field does not hide the others."""
    made = shop.make("CN=broken", **changes)  # type: ignore[arg-type] # keyword arguments by table
    read = parse_certificate(made.der)
    assert words in (read.unreadable or "")
    assert (read.subject, read.key, read.der) == ("CN=broken", "EC P-256", made.der)


def test_malformed_date_leaves_the_other_one() -> None:
    """Only the field that cannot be read is None."""
    read = parse_certificate(shop.make("CN=x", not_after=b"never").der)
    assert read.not_after is None
    assert read.not_before == NOW - timedelta(days=30)


@pytest.mark.parametrize(
    "data",
    [b"", b"0", b"0\x00", b"0\x80\x00\x00", b"nonsense", b"0\x82\x00\x01\x00", b"\x30\x03\x02\x01\x01", bytes(100)],
)
def test_nonsense_is_unreadable(data: bytes) -> None:
    """What is no certificate gives a value that says so and keeps the octets."""
    read = parse_certificate(data)
    assert read.unreadable
    assert (read.der, read.subject, read.key, read.is_ca) == (data, None, None, None)


def test_every_prefix_of_a_certificate_is_unreadable() -> None:
    """A certificate cut off anywhere is never taken for a whole one."""
    whole = shop.make_leaf("a.example.test", shop.make_root()).der
    assert all(parse_certificate(whole[:length]).unreadable for length in range(len(whole)))
    assert "after the end" in (parse_certificate(whole + b"\0").unreadable or "")


def test_giant_certificate_is_not_taken_apart() -> None:
    """Size is bounded; the octets are kept and named."""
    big = shop.make("CN=" + "x" * MAXIMUM_OCTETS).der
    assert "octets are more than" in (parse_certificate(big).unreadable or "")


def test_giant_subject_is_shortened_for_the_report() -> None:
    """A subject of a hundred thousand characters does not fill a page."""
    read = parse_certificate(shop.make("CN=" + "x" * 100_000).der)
    assert len(read.subject or "") == 2000
    assert read.unreadable is None


def _library_certificates() -> list[Path]:
    return sorted(VECTORS.glob("**/*.der")) + sorted((VECTORS / "PKITS_data" / "certs").glob("*.crt"))


def test_agrees_with_the_library_where_the_library_can_read() -> None:
    """Over some hundred certificates, subject key, serial number, dates and digest are what `cryptography` reads."""
    compared = 0
    for file in sorted((VECTORS / "PKITS_data" / "certs").glob("*.crt")):
        data = file.read_bytes()
        try:
            other = x509.load_der_x509_certificate(data)
            not_after = other.not_valid_after_utc
        except (ValueError, Warning):  # what the library refuses or deprecates, this program must still read
            assert parse_certificate(data).subject
            continue
        read = parse_certificate(data)
        assert read.unreadable is None, file.name
        assert read.serial == other.serial_number
        assert (read.not_before, read.not_after) == (other.not_valid_before_utc, not_after)
        assert read.sha256 == other.fingerprint(hashes.SHA256()).hex()
        compared += 1
    assert compared > 300


def test_odd_files_of_the_library_are_survived() -> None:
    """Every X.509 file of the vectors gives a value, and those the library cannot even load are called unreadable."""
    files = [f for f in _library_certificates() if "crl" not in f.name and "ocsp" not in str(f)]
    assert len(files) > 100
    for file in files:
        read = parse_certificate(file.read_bytes())
        assert read.unreadable is not None or read.subject is not None
