"""Many different RSA keys and certificates, quickly: each key is a pair out of a small pool of primes.

Good for nothing but load: whoever knows two of the keys can compute both.
"""

import itertools
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from benchmarks.simulator.systems import System

EXPONENT = 65_537
PEM = serialization.Encoding.PEM


def pool(number: int) -> list[int]:
    """Return enough primes of 1,024 bits for so many different keys."""
    wanted = next(k for k in itertools.count(2) if k * (k - 1) // 2 >= number)
    primes: list[int] = []
    while len(primes) < wanted:
        numbers = rsa.generate_private_key(EXPONENT, 2048).private_numbers()
        primes += (p for p in (numbers.p, numbers.q) if (p - 1) % EXPONENT)
    return primes[:wanted]


def pairs(primes: list[int]) -> list[tuple[int, int]]:
    """Return all pairs of the primes, always in the same order."""
    return list(itertools.combinations(primes, 2))


def key_of(p: int, q: int) -> rsa.RSAPrivateKey:
    """Return the key of two primes."""
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(EXPONENT, p * q),
    )  # fmt: skip
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


class Authority:
    """A root and an issuer below it, which signs the systems' certificates."""

    def __init__(self, now: datetime | None = None) -> None:
        """Make both; `now` is in UTC."""
        self._now = now or datetime.now(UTC)
        root_key, self._key = (rsa.generate_private_key(EXPONENT, 2048) for _ in range(2))
        self._name = _name("Benchmark Issuer")
        root = _name("Benchmark Root")
        self.root = self._made(root, root_key, root, root_key, ca=True).public_bytes(PEM)
        self._issuer = self._made(self._name, self._key, root, root_key, ca=True).public_bytes(PEM)

    def chain_and_key(self, system: System, key: rsa.RSAPrivateKey) -> bytes:
        """Return certificate chain and key of a system as PEM."""
        kind = system.certificate
        subject = _name("elsewhere.example.test" if kind == "wrong name" else system.hostname)
        own = kind == "self-signed"
        signer = (subject, key) if own else (self._name, self._key)
        shift = timedelta(days=-900) if kind == "expired" else timedelta()
        leaf = self._made(subject, key, *signer, ca=False, shift=shift)
        private = key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
        return leaf.public_bytes(PEM) + (b"" if own else self._issuer) + private

    def _made(
        self, subject: x509.Name, key: rsa.RSAPrivateKey, issuer: x509.Name, signer: rsa.RSAPrivateKey, *, ca: bool,
        shift: timedelta = timedelta(),
    ) -> x509.Certificate:  # fmt: skip
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=400) + shift)
            .not_valid_after(self._now + timedelta(days=400) + shift)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            hostname = subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
            names = x509.SubjectAlternativeName([x509.DNSName(str(hostname))])
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(names, critical=False).add_extension(purpose, critical=False)
        return builder.sign(signer, hashes.SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
