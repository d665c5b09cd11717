"""The demonstration fleet's certificates: good ones, and one kind for each way in which they go wrong.

Made afresh at every start, in memory; time is an argument. The factory authority imitates the names that TANDBERG
devices show before their owner loads a certificate (D50520 Rev 2 on server certificates: no client trusts them).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
YEAR = 365 * DAY

STRONG_BITS = 2048
EXPONENT = 65_537
WEAK_BITS = 1024
"""Key size that the guide's own examples use; weak today."""


class CertificateKind(StrEnum):
    """How a device's certificate is made: `GOOD` has no fault, every other kind has the one that its name says."""

    GOOD = "good"
    CN_ONLY = "cn-only"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_NAME = "wrong-name"
    SELF_SIGNED = "self-signed"
    UNKNOWN_ISSUER = "unknown-issuer"
    MISSING_INTERMEDIATE = "missing-intermediate"
    WRONG_ORDER = "wrong-order"
    FACTORY = "factory"
    WEAK_KEY = "weak-key"
    CLIENT_ONLY = "client-only"
    EXPIRES_SOON = "expires-soon"
    SHARED_KEY = "shared-key"
    DAMAGED = "damaged"


def _name(**attributes: str) -> x509.Name:
    """Return a subject from short attribute names (CN, OU, O, L, ST, C), in the order given."""
    oids = {
        "CN": NameOID.COMMON_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "L": NameOID.LOCALITY_NAME,
        "ST": NameOID.STATE_OR_PROVINCE_NAME,
        "C": NameOID.COUNTRY_NAME,
    }
    return x509.Name([x509.NameAttribute(oids[short], value) for short, value in attributes.items()])


ROOT_NAME = _name(O="Demonstration Fleet", CN="Demonstration Root CA")
INTERMEDIATE_NAME = _name(O="Demonstration Fleet", CN="Demonstration Device CA")
UNKNOWN_NAME = _name(O="Somebody Else", CN="Unrelated Root CA")
FACTORY_CA_NAME = _name(CN="TANDBERG Certificate Authority", O="TANDBERG ASA", C="NO")
FACTORY_NAME = _name(CN="TANDBERG", OU="R&D", O="TANDBERG ASA", L="Lysaker", ST="Askerhus", C="NO")
"""Subject seen on devices of this maker, its spelling included (Recog, file x509_subjects)."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certification authority: its certificate and the key that signs."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Issued:
    """A device's chain as it presents it (leaf first) and its private key, both as PEM."""

    chain: bytes
    key: bytes = field(repr=False)

    def write(self, directory: Path, name: str) -> tuple[Path, Path]:
        """Write `name`.crt and `name`.key (mode 0600) and return their paths, as `ssl` wants them."""
        chain, key = directory / f"{name}.crt", directory / f"{name}.key"
        chain.write_bytes(self.chain)
        key.touch(mode=0o600)
        key.chmod(0o600)
        key.write_bytes(self.key)
        return chain, key


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What a certificate shall say, before somebody signs it. `purpose` is None for an authority."""

    subject: x509.Name
    key: rsa.RSAPrivateKey
    not_before: datetime
    not_after: datetime
    dns_names: tuple[str, ...] = ()
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH


def new_key(bits: int = STRONG_BITS) -> rsa.RSAPrivateKey:
    """Return a new RSA key of this many bits."""
    return rsa.generate_private_key(public_exponent=EXPONENT, key_size=bits)


def many_keys() -> Iterator[rsa.RSAPrivateKey]:
    """Give distinct RSA keys of 2048 bits without end, each made of two primes of a few generated keys.

    Making a fleet's keys one by one would take longer than its audit. Keys that share primes can be factored by
    whoever has two of them, which does not matter here: they live for one demonstration and guard nothing.
    """
    primes: list[int] = []
    while True:
        numbers = new_key().private_numbers()
        for fresh in (numbers.p, numbers.q):
            yield from (_key_of(prime, fresh) for prime in primes)
            primes.append(fresh)


def _key_of(p: int, q: int) -> rsa.RSAPrivateKey:
    """Return the key of two primes."""
    d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key(unsafe_skip_rsa_key_validation=True)  # fmt: skip


def _usage(*, ca: bool) -> x509.KeyUsage:
    """Return the key usage of an authority or of a TLS server."""
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _sign(request: _Request, issuer: Authority | None) -> x509.Certificate:
    """Sign a request with an authority's key, or with its own key when there is no issuer."""
    ca = request.purpose is None
    public, signer = request.key.public_key(), issuer.key if issuer else request.key
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.certificate.subject if issuer else request.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(request.not_before)
        .not_valid_after(request.not_after)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(ca=ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if request.purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([request.purpose]), critical=False)
    if request.dns_names:
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in request.dns_names])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, SHA256())


def _authority(subject: x509.Name, now: datetime, issuer: Authority | None = None) -> Authority:
    """Make an authority that is valid ten years either side of `now`."""
    key = new_key()
    request = _Request(
        subject=subject, key=key, not_before=now - 10 * YEAR, not_after=now + 10 * YEAR, purpose=None
    )  # fmt: skip
    return Authority(_sign(request, issuer), key)


def _pem(*certificates: x509.Certificate) -> bytes:
    """Return certificates as PEM, in this order."""
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """The authorities of one fleet, and the two keys that several devices hold at once.

    `shared_key` belongs to the pair of devices that were set up from one image; `factory_key` and its certificate are
    the same in every device that still has the certificate it left the factory with. `keys` are those of all others.
    """

    root: Authority
    intermediate: Authority
    unknown: Authority
    factory: Authority
    factory_leaf: Issued = field(repr=False)
    shared_key: rsa.RSAPrivateKey = field(repr=False)
    keys: Iterator[rsa.RSAPrivateKey] = field(repr=False)

    @classmethod
    def make(cls, now: datetime) -> "Pki":
        """Make all authorities; takes about a quarter of a second."""
        root, factory = _authority(ROOT_NAME, now), _authority(FACTORY_CA_NAME, now)
        key = new_key(WEAK_BITS)
        leaf = _sign(
            _Request(subject=FACTORY_NAME, key=key, not_before=now - 9 * YEAR, not_after=now + 9 * YEAR), factory
        )
        return cls(
            root=root,
            intermediate=_authority(INTERMEDIATE_NAME, now, root),
            unknown=_authority(UNKNOWN_NAME, now),
            factory=factory,
            factory_leaf=Issued(_pem(leaf), _private(key)),
            shared_key=new_key(),
            keys=many_keys(),
        )

    @property
    def roots_pem(self) -> bytes:
        """The list of roots that the auditor and well-kept devices trust: the fleet's own root alone."""
        return _pem(self.root.certificate)

    @property
    def factory_roots_pem(self) -> bytes:
        """The list of a device on which nobody has loaded anything: the maker's authority."""
        return _pem(self.factory.certificate)

    def host_key(self) -> bytes:
        """Return a new private key for an SSH server, as unencrypted PKCS #8 PEM."""
        return _private(next(self.keys))

    def issue(self, kind: CertificateKind, hostname: str, now: datetime) -> Issued:
        """Return a chain of this kind for a device that is addressed as `hostname`."""
        if kind is CertificateKind.FACTORY:
            return self.factory_leaf
        request = self._request(kind, hostname, now)
        leaf = _sign(request, self._issuer(kind))
        if kind is CertificateKind.DAMAGED:
            leaf = _damaged(leaf)
        return Issued(self._presented(kind, leaf), _private(request.key))

    def _request(self, kind: CertificateKind, hostname: str, now: datetime) -> _Request:
        """Return what the leaf says: name, names, dates, purpose and key of this kind."""
        not_before, not_after = _validity(kind, now)
        named = f"old-{hostname}" if kind is CertificateKind.WRONG_NAME else hostname
        client = kind is CertificateKind.CLIENT_ONLY
        return _Request(
            subject=_name(O="Demonstration Fleet", CN=named),
            key=self._leaf_key(kind),
            not_before=not_before,
            not_after=not_after,
            dns_names=() if kind is CertificateKind.CN_ONLY else (named,),
            purpose=ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH,
        )

    def _leaf_key(self, kind: CertificateKind) -> rsa.RSAPrivateKey:
        """Return a key of the device's own, except where the kind is about the key."""
        if kind is CertificateKind.SHARED_KEY:
            return self.shared_key
        return new_key(WEAK_BITS) if kind is CertificateKind.WEAK_KEY else next(self.keys)

    def _issuer(self, kind: CertificateKind) -> Authority | None:
        """Return who signs a leaf of this kind; None is the leaf itself."""
        if kind is CertificateKind.SELF_SIGNED:
            return None
        return self.unknown if kind is CertificateKind.UNKNOWN_ISSUER else self.intermediate

    def _presented(self, kind: CertificateKind, leaf: x509.Certificate) -> bytes:
        """Return the chain as the device sends it."""
        match kind:
            case CertificateKind.SELF_SIGNED | CertificateKind.UNKNOWN_ISSUER | CertificateKind.MISSING_INTERMEDIATE:
                return _pem(leaf)
            case CertificateKind.WRONG_ORDER:
                return _pem(leaf, self.root.certificate, self.intermediate.certificate)
            case _:
                return _pem(leaf, self.intermediate.certificate)


def _damaged(leaf: x509.Certificate) -> x509.Certificate:
    """Return a certificate whose signature has one wrong bit, in the last octet."""
    der = leaf.public_bytes(Encoding.DER)
    return x509.load_der_x509_certificate(der[:-1] + bytes([der[-1] ^ 1]))


def _validity(kind: CertificateKind, now: datetime) -> tuple[datetime, datetime]:
    """Return first and last moment of validity of a leaf of this kind."""
    match kind:
        case CertificateKind.EXPIRED:
            return now - 2 * YEAR, now - 20 * DAY
        case CertificateKind.NOT_YET_VALID:
            return now + 20 * DAY, now + 2 * YEAR
        case CertificateKind.EXPIRES_SOON:
            return now - YEAR, now + 20 * DAY
        case _:
            return now - 30 * DAY, now + YEAR


def _private(key: rsa.RSAPrivateKey) -> bytes:
    """Return a private key as unencrypted PKCS #8 PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
