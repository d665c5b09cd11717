"""Every kind of certificate has the fault that its name says, and no other."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import crypto

from auditor.demo.pki import CertificateKind, Issued, Pki

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOST = "rm1.vc.example.test"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki.make(NOW)


def certificates(issued: Issued) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(issued.chain)


def verify_code(pki: Pki, issued: Issued) -> int:
    """Return OpenSSL's code for the chain as presented, against the fleet's root, at the fleet's time."""
    presented = [crypto.X509.from_cryptography(c) for c in certificates(issued)]
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(pki.root.certificate))
    store.set_time(NOW)
    try:
        crypto.X509StoreContext(store, presented[0], presented[1:]).verify_certificate()
    except crypto.X509StoreContextError as error:
        code = error.errors[0]
        assert isinstance(code, int)
        return code
    return 0


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CertificateKind.GOOD, 0),
        (CertificateKind.CN_ONLY, 0),
        (CertificateKind.WRONG_NAME, 0),
        (CertificateKind.WRONG_ORDER, 0),
        (CertificateKind.WEAK_KEY, 0),
        (CertificateKind.CLIENT_ONLY, 0),
        (CertificateKind.EXPIRES_SOON, 0),
        (CertificateKind.SHARED_KEY, 0),
        (CertificateKind.NOT_YET_VALID, 9),
        (CertificateKind.EXPIRED, 10),
        (CertificateKind.SELF_SIGNED, 18),
        (CertificateKind.UNKNOWN_ISSUER, 20),
        (CertificateKind.MISSING_INTERMEDIATE, 20),
        (CertificateKind.FACTORY, 20),
        (CertificateKind.DAMAGED, 7),
    ],
)
def test_openssl_says_of_each_kind_what_its_name_says(pki: Pki, kind: CertificateKind, code: int) -> None:
    """OpenSSL's own code, which knows nothing of names and purposes here."""
    assert verify_code(pki, pki.issue(kind, HOST, NOW)) == code


def test_every_kind_is_in_the_table_above() -> None:
    """A new kind needs a line there."""
    (marker,) = test_openssl_says_of_each_kind_what_its_name_says.pytestmark  # type: ignore[attr-defined]  # set by pytest
    assert {kind for kind, _ in marker.args[1]} == set(CertificateKind)


def test_names(pki: Pki) -> None:
    """Good: CN and SAN; CN only: no SAN; wrong name: somebody else's in both."""

    def names(kind: CertificateKind) -> tuple[list[str | bytes], list[str]]:
        leaf = certificates(pki.issue(kind, HOST, NOW))[0]
        common = [a.value for a in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        try:
            alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            return common, []
        return common, alternative.value.get_values_for_type(x509.DNSName)

    assert names(CertificateKind.GOOD) == ([HOST], [HOST])
    assert names(CertificateKind.CN_ONLY) == ([HOST], [])
    assert names(CertificateKind.WRONG_NAME) == ([f"old-{HOST}"], [f"old-{HOST}"])


def test_factory_certificate(pki: Pki) -> None:
    """The subject is the one seen on real devices, the key is short, and every device has the same one."""
    one = pki.issue(CertificateKind.FACTORY, HOST, NOW)
    leaf = certificates(one)[0]
    assert leaf.subject.rfc4514_string() == "C=NO,ST=Askerhus,L=Lysaker,O=TANDBERG ASA,OU=R&D,CN=TANDBERG"
    assert "TANDBERG Certificate Authority" in leaf.issuer.rfc4514_string()
    assert one == pki.issue(CertificateKind.FACTORY, "another.example.test", NOW)


def test_keys(pki: Pki) -> None:
    """Weak is 1024 bits, all others 2048; only the shared kind gives two devices one key."""

    def key(kind: CertificateKind, host: str = HOST) -> rsa.RSAPublicKey:
        public = certificates(pki.issue(kind, host, NOW))[0].public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        return public

    assert key(CertificateKind.WEAK_KEY).key_size == 1024
    assert key(CertificateKind.GOOD).key_size == 2048
    assert key(CertificateKind.GOOD) != key(CertificateKind.GOOD)
    assert key(CertificateKind.SHARED_KEY) == key(CertificateKind.SHARED_KEY, "another.example.test")


def test_purpose_and_dates(pki: Pki) -> None:
    """Client-only names no server purpose; expires-soon ends within three weeks."""
    client = certificates(pki.issue(CertificateKind.CLIENT_ONLY, HOST, NOW))[0]
    assert list(client.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    soon = certificates(pki.issue(CertificateKind.EXPIRES_SOON, HOST, NOW))[0]
    assert timedelta(0) < soon.not_valid_after_utc - NOW < timedelta(days=21)


def test_wrong_order_sends_the_root_before_the_intermediate(pki: Pki) -> None:
    """The leaf comes first even so, or no TLS server would take the file."""
    subjects = [c.subject for c in certificates(pki.issue(CertificateKind.WRONG_ORDER, HOST, NOW))]
    assert subjects[1:] == [pki.root.certificate.subject, pki.intermediate.certificate.subject]


def test_files_can_be_loaded_and_keys_are_private(pki: Pki, tmp_path: Path) -> None:
    """What is written is what `ssl` wants, and nobody else may read the key."""
    chain, key = pki.issue(CertificateKind.GOOD, HOST, NOW).write(tmp_path, "rm1")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
