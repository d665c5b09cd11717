"""Spoilt certificates: whatever the octets, only typed results, in bounded time, and never a pass by accident."""

import time
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.model.certificate import Certificate, ChainReport
from auditor.trust import (
    DEVICE_RULES,
    MODERN_RULES,
    Anchors,
    FileError,
    RevocationLists,
    judge,
    parse_certificate,
    read_pem_or_der,
)
from tests.trust import certificates as shop
from tests.trust.certificates import NOW

ROOT = shop.make_root()
MIDDLE = shop.make_ca(
    "CN=Middle", ROOT,
    extensions=(shop.basic_constraints(), shop.key_usage(5, 6), shop.name_constraints(("example.test",))),
)  # fmt: skip
LEAF = shop.make_leaf("codec.example.test", MIDDLE)
OLD = shop.make("CN=codec.example.test", ROOT, key=shop.rsa_key(512), digest="sha1", version=1)
LIST = shop.make_list(MIDDLE, (1, 2, 3))
SEEDS = (LEAF.der, MIDDLE.der, ROOT.der, OLD.der)
ANCHORS = Anchors.of([ROOT.der])
SECONDS = 1.0

FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def spoilt(draw: st.DrawFn, seeds: tuple[bytes, ...] = SEEDS) -> bytes:
    """Draw a seed with some octets changed, removed, doubled or inserted."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        position = draw(st.integers(0, max(0, len(data) - 1)))
        action = draw(st.sampled_from(("set", "flip", "delete", "insert", "double", "cut")))
        if not data or action == "insert":
            data[position:position] = draw(st.binary(min_size=1, max_size=8))
        elif action == "set":
            data[position] = draw(st.integers(0, 255))
        elif action == "flip":
            data[position] ^= 1 << draw(st.integers(0, 7))
        elif action == "delete":
            del data[position : position + draw(st.integers(1, 8))]
        elif action == "double":
            data[position:position] = data[position : position + draw(st.integers(1, 64))]
        else:
            del data[position:]
    return bytes(data)


def _judged(*presented: bytes, at: datetime = NOW) -> list[ChainReport]:
    begin = time.perf_counter()
    found = [
        judge(presented, anchors=ANCHORS, reference="codec.example.test", at=at, rules=rules, pool=(MIDDLE.der,))
        for rules in (DEVICE_RULES, MODERN_RULES)
    ]
    assert time.perf_counter() - begin < SECONDS
    return found


@FUZZ
@given(st.one_of(spoilt(), st.binary(max_size=400)))
def test_any_octets_give_a_certificate(data: bytes) -> None:
    """`parse_certificate` never raises, keeps the octets, and says why where it gives up."""
    read = parse_certificate(data)
    assert isinstance(read, Certificate)
    assert read.der == data
    assert read.unreadable or (read.subject is not None and read.key is not None)


@FUZZ
@given(spoilt(seeds=(LEAF.der, OLD.der)))
def test_spoilt_leaf_is_never_a_pass(data: bytes) -> None:
    """A leaf that differs in any octet from the one that was signed is not accepted."""
    for report in _judged(data, MIDDLE.der):
        assert data in (LEAF.der, OLD.der) or report.verify_code != 0
        assert data in (LEAF.der, OLD.der) or report.problems


@FUZZ
@given(st.lists(st.one_of(spoilt(), st.sampled_from(SEEDS)), max_size=8))
def test_spoilt_chains_are_survived(chain: list[bytes]) -> None:
    """Any mixture of good and spoilt certificates gives a report with a known code and as many certificates."""
    for report in _judged(*chain):
        assert len(report.presented) == len(chain)
        assert report.verify_name.startswith("X509_V_")
        assert (report.verify_code == 0) == (report.verify_name == "X509_V_OK")
        assert bool(report.path) or report.verify_code != 0


@FUZZ
@given(st.one_of(spoilt(), st.binary(max_size=200)))
def test_spoilt_roots_trust_nobody(data: bytes) -> None:
    """A spoilt root accepts no chain, unless it still holds the good root's key (a point has several encodings)."""
    point = shop.spki(ROOT.key)[-64:]
    anchors = Anchors.of([data])
    report = judge((LEAF.der, MIDDLE.der), anchors=anchors, reference=None, at=NOW)
    assert report.verify_code != 0 or any((a.draft.spki or b"").endswith(point) for a in anchors.certificates)


@FUZZ
@given(st.one_of(spoilt(seeds=(LIST,)), st.binary(max_size=200)))
def test_spoilt_revocation_lists(data: bytes) -> None:
    """A spoilt list is a typed error or a list; it never vouches for a certificate under another signature."""
    try:
        lists = RevocationLists.of([data])
    except FileError:
        return
    report = judge((LEAF.der, MIDDLE.der), anchors=ANCHORS, reference=None, at=NOW, crls=lists)
    assert report.verify_name.startswith("X509_V_")


@FUZZ
@given(st.one_of(st.binary(max_size=300), spoilt(seeds=(ROOT.pem.encode() * 2,))))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    """`read_pem_or_der` gives certificates or raises FileError, and nothing else."""
    try:
        found = read_pem_or_der(data)
    except FileError:
        return
    assert found
