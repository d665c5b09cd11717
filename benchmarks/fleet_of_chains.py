"""Many different leaves under one issuer and one root, for rates that no cache can flatter."""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.tls_peers import HOSTNAME

BORN, DIES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)


def many_chains(number: int) -> tuple[list[bytes], bytes, bytes]:
    """Return `number` leaves as DER, their issuer, and its root; RSA 2048 and SHA-256."""
    root_key, issuer_key, leaf_key = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    root = _certificate("Root", root_key, "Root", root_key, 1, is_ca=True)
    issuer = _certificate("Issuer", issuer_key, "Root", root_key, 2, is_ca=True)
    leaves = [_certificate(HOSTNAME, leaf_key, "Issuer", issuer_key, 100 + n, is_ca=False) for n in range(number)]
    return leaves, issuer, root


def _certificate(
    subject: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, serial: int, *, is_ca: bool
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(BORN)
        .not_valid_after(DIES)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        names = x509.SubjectAlternativeName([x509.DNSName(HOSTNAME)])
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(names, critical=False).add_extension(purpose, critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
