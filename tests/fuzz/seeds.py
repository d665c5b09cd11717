"""Makes the seed corpora anew: `python -m tests.fuzz.seeds`. The files are committed, so that runs can be compared."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.trust import certificates as shop

CORPUS = Path(__file__).parent / "corpus"
BORN, DIES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
HOST = "codec.example.test"


def vector(*parts: bytes, width: int = 3) -> bytes:
    """Return octets behind their length."""
    data = b"".join(parts)
    return len(data).to_bytes(width, "big") + data


def message(kind: int, body: bytes) -> bytes:
    """Return a handshake message."""
    return bytes((kind,)) + vector(body)


def record(payload: bytes, version: int = 0x0301) -> bytes:
    """Return a handshake record."""
    return b"\x16" + version.to_bytes(2, "big") + vector(payload, width=2)


def server_hello(version: int, suite: int, extensions: bytes = b"") -> bytes:
    """Return a ServerHello message."""
    tail = vector(extensions, width=2) if extensions else b""
    return message(2, version.to_bytes(2, "big") + bytes(32) + b"\x00" + suite.to_bytes(2, "big") + b"\x00" + tail)


def staple(leaf: shop.Made, issuer: shop.Made) -> bytes:
    """Return an OCSP response about a leaf, signed by its issuer."""
    about, signer = (x509.load_der_x509_certificate(made.der) for made in (leaf, issuer))
    built = ocsp.OCSPResponseBuilder().add_response(
        cert=about, issuer=signer, algorithm=hashes.SHA256(), cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=BORN, next_update=DIES, revocation_time=None, revocation_reason=None,
    )  # fmt: skip
    built = built.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    return built.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def chains() -> dict[str, tuple[bytes, ...]]:
    """Return the chains of the corpus by file name; the last certificate of `chain.bin` is the root."""
    dates: dict[str, Any] = {"not_before": BORN, "not_after": DIES}
    root = shop.make_root(**dates)
    limits = (shop.basic_constraints(path_length=0), shop.key_usage(5, 6), shop.name_constraints(("example.test",)))
    middle = shop.make_ca("CN=Middle,O=Workshop", root, extensions=limits, **dates)
    leaf = shop.make_leaf(HOST, middle, **dates)
    old = shop.make(f"CN={HOST}", root, key=shop.rsa_key(1024), version=1, digest="sha1", **dates)
    dsa = shop.make(f"CN={HOST}", root, key=shop.dsa_key(), digest="sha256", **dates)
    wild = shop.make_leaf("*.example.test", middle, serial=-3, **dates)
    return {
        "chain.bin": (leaf.der, middle.der, root.der),
        "chain-old.bin": (old.der, root.der),
        "chain-dsa.bin": (dsa.der,),
        "chain-wild.bin": (wild.der, root.der, middle.der, middle.der),
        "staple": (staple(leaf, middle),),
        "list": (shop.make_list(middle, (1, 2, 70000), this_update=BORN, next_update=DIES),),
    }


def main() -> None:
    """Write every seed."""
    made = chains()
    folder = CORPUS / "certificate"
    for name, chain in made.items():
        if name.endswith(".bin"):
            (folder / name).write_bytes(b"\x00" + vector(*(vector(der) for der in chain)))
    leaf = made["chain.bin"][0]
    (folder / "list.bin").write_bytes(b"\x01" + made["list"][0])
    (folder / "file.bin").write_bytes(b"\x02" + shop.to_pem(leaf).encode())
    (folder / "staple.bin").write_bytes(b"\x03" + made["staple"][0])
    (folder / "single.bin").write_bytes(b"\x04" + leaf)
    hello = server_hello(0x0301, 0x002F)
    sent = message(11, vector(*(vector(der) for der in made["chain.bin"][:2])))
    staple = message(22, b"\x01" + vector(b"\x30\x03\x0a\x01\x06"))
    done = message(14, b"")
    seeds = {
        "tls10.bin": record(hello + sent + done),
        "split.bin": b"".join(record((hello + sent + staple + done)[i : i + 400]) for i in range(0, 1600, 400)),
        "ssl3.bin": record(server_hello(0x0300, 0x0005), 0x0300) + record(sent, 0x0300) + record(done, 0x0300),
        "tls13.bin": record(server_hello(0x0303, 0x1301, b"\x00\x2b\x00\x02\x03\x04"), 0x0303),
        "alert.bin": b"\x15\x03\x01\x00\x02\x02\x28",
        "messages.bin": hello + sent + message(13, b"\x01\x01\x00\x00") + done,
        "sslv2.bin": b"\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10" + bytes(19),
    }
    for name, data in seeds.items():
        (CORPUS / "hello" / name).write_bytes(data)


if __name__ == "__main__":
    main()
