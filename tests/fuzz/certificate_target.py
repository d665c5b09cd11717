"""Fuzz target: certificates, chains, revocation lists and files of them, spoilt in any way, are judged without a crash.

The first octet tells what the rest is. A chain that passes must begin with a certificate of the seeds: nobody can make
another one without the root's key.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from auditor.trust import (
    DEVICE_RULES,
    MODERN_RULES,
    Anchors,
    FileError,
    RevocationLists,
    judge,
    parse_certificate,
    read_pem_or_der,
    read_staple,
)
from auditor.wire.failures import WireError
from auditor.wire.server_flight import parse_certificates

CORPUS = Path(__file__).parent / "corpus" / "certificate"
AT = datetime(2026, 6, 1, tzinfo=UTC)
HOST = "codec.example.test"


def seed_chain(name: str) -> tuple[bytes, ...]:
    """Return the certificates of a seed that is a chain."""
    return parse_certificates((CORPUS / name).read_bytes()[1:])


CHAIN = seed_chain("chain.bin")
ANCHORS = Anchors.of(CHAIN[-1:])
GOOD = frozenset(
    hashlib.sha256(der).hexdigest() for seed in sorted(CORPUS.glob("chain*.bin")) for der in seed_chain(seed.name)
)
RESPONSES = frozenset(hashlib.sha256(seed.read_bytes()[1:]).hexdigest() for seed in CORPUS.glob("staple*.bin"))


def one_input(data: bytes) -> None:
    """Judge what the octets hold: 0 a chain, 1 a revocation list, 2 a file, 3 an OCSP response, else a certificate."""
    kind, rest = data[0] if data else 0, data[1:]
    if kind == 0:
        try:
            _judge(parse_certificates(rest))
        except WireError:
            return
    elif kind == 1:
        _judge_with_list(rest)
    elif kind == 2:
        try:
            _judge(read_pem_or_der(rest)[:64])
        except FileError:
            return
    elif kind == 3:
        staple = read_staple(rest, CHAIN, ANCHORS, AT)
        assert staple.signature != "right" or hashlib.sha256(rest).hexdigest() in RESPONSES
    else:
        certificate = parse_certificate(rest)
        assert certificate.der == rest
        _judge((rest, *CHAIN[1:]))


def _judge(chain: tuple[bytes, ...]) -> None:
    for rules in (DEVICE_RULES, MODERN_RULES):
        report = judge(chain, anchors=ANCHORS, reference=HOST, at=AT, rules=rules, pool=CHAIN[1:])
        assert len(report.presented) == len(chain)
        assert (report.verify_code == 0) == (report.verify_name == "X509_V_OK")
        if report.verify_code == 0:
            assert report.leaf is not None
            assert report.leaf.sha256 in GOOD, "a certificate that nobody signed has passed"


def _judge_with_list(data: bytes) -> None:
    try:
        lists = RevocationLists.of([data])
    except FileError:
        return
    report = judge(CHAIN, anchors=ANCHORS, reference=HOST, at=AT, crls=lists)
    assert report.verify_code in {0, 23}
