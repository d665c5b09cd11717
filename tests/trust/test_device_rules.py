"""What a device of 2008 accepts and refuses: each defect alone and in pairs, with code, name check and problems."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from auditor.trust import DEVICE_RULES, Anchors, judge
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Made

HOST = "codec.example.test"
DAY = timedelta(days=1)

ORDER = (18, 34, 26, 7, 9, 10)
"""Codes by OpenSSL's order of work: of two defects, the one that comes first here is the one reported."""


@dataclass(frozen=True)
class Defect:
    """A way to spoil a certificate, and what the judge must say of it alone."""

    leaf: dict[str, Any] = field(default_factory=dict)
    code: int = 0
    name: str = "match"
    kinds: frozenset[str] = frozenset()
    reference: str = HOST
    subject: str = HOST
    extensions: tuple[bytes, ...] = ()
    self_signed: bool = False
    issuer: dict[str, Any] = field(default_factory=dict)


DEFECTS = {
    "common name only": Defect(),
    "wildcard common name": Defect(subject="*.example.test"),
    "upper case": Defect(subject="CODEC.EXAMPLE.TEST"),
    "asked by address": Defect(reference="192.0.2.1", name="mismatch", kinds=frozenset({"name_mismatch"})),
    "RSA 512": Defect({"key": shop.rsa_key(512, "leaf")}, kinds=frozenset({"weak_key"})),
    "RSA 1024": Defect({"key": shop.rsa_key(1024, "leaf")}, kinds=frozenset({"weak_key"})),
    "DSA 1024": Defect({"key": shop.dsa_key(1024)}, kinds=frozenset({"weak_key"})),
    "MD5": Defect({"digest": "md5"}, kinds=frozenset({"weak_signature"})),
    "SHA-1": Defect({"digest": "sha1"}, kinds=frozenset({"weak_signature"})),
    "version 1": Defect({"version": 1}),
    "expired": Defect({"not_after": NOW - DAY}, 10, kinds=frozenset({"expired"})),
    "not yet valid": Defect({"not_before": NOW + DAY}, 9, kinds=frozenset({"not_yet_valid"})),
    "wrong name": Defect(subject="other.example.test", name="mismatch", kinds=frozenset({"name_mismatch"})),
    "no name": Defect(subject="", name="mismatch", kinds=frozenset({"no_name_to_match"})),
    "forged": Defect({"signer": shop.rsa_key(1024, "forger")}, 7, kinds=frozenset({"bad_signature"})),
    "client only": Defect(
        code=26, extensions=(shop.extended_key_usage(shop.CLIENT_AUTH),), kinds=frozenset({"wrong_purpose"})
    ),
    "unknown critical": Defect(
        code=34,
        extensions=(shop.extension("1.2.3.4", b"\5\0", critical=True),),
        kinds=frozenset({"critical_extension"}),
    ),
    "self-signed": Defect(code=18, self_signed=True, kinds=frozenset({"self_signed_leaf"})),
}


def _excluded(one: str, other: str) -> bool:
    """Tell whether two defects cannot stand in one certificate (two keys, two dates, a forged self-signature …)."""
    groups = (
        {"common name only", "wildcard common name", "upper case", "wrong name", "no name"},
        {"asked by address", "no name"},
        {"RSA 512", "RSA 1024", "DSA 1024"},
        {"MD5", "SHA-1"},
        {"expired", "not yet valid"},
        {"forged", "self-signed"},
        {"version 1", "client only"},
        {"version 1", "unknown critical"},
        {"self-signed", "DSA 1024", "MD5"} if {one, other} == {"DSA 1024", "MD5"} else {""},
    )
    return any({one, other} <= group for group in groups)


ROOT = shop.make_root(key=shop.rsa_key(1024, "root"), digest="sha1", extensions=(shop.basic_constraints(),))


def _leaf(*defects: Defect) -> Made:
    changes: dict[str, Any] = {}
    extensions: tuple[bytes, ...] = ()
    subject = HOST
    for defect in defects:
        changes |= defect.leaf
        extensions += defect.extensions
        subject = defect.subject if defect.subject != HOST else subject
    issuer = None if any(d.self_signed for d in defects) else ROOT
    if issuer is None and "key" not in changes:
        changes["key"] = shop.rsa_key(2048, "own")
    if isinstance(changes.get("key"), type(shop.dsa_key())) and issuer is None and changes.get("digest") == "md5":
        changes["digest"] = "sha1"
    name = f"CN={subject}" if subject else "O=Nameless"
    return shop.make(name, issuer, extensions=extensions, **changes)


def _check(*defects: Defect) -> None:
    leaf = _leaf(*defects)
    reference = next((d.reference for d in defects if d.reference != HOST), HOST)
    report = judge((leaf.der,), anchors=Anchors.of([ROOT.der]), reference=reference, at=NOW, rules=DEVICE_RULES)
    codes = [d.code for d in defects if d.code]
    assert report.verify_code == (min(codes, key=ORDER.index) if codes else 0)
    assert report.name_check is not None
    expected = "mismatch" if any(d.name == "mismatch" for d in defects) else "match"
    assert report.name_check.outcome == expected
    assert report.name_check.by_subject_alternative_name == "absent"
    kinds = {p.kind.value for p in report.problems if p.depth is not None} - {"weak_signature", "weak_key"}
    wanted = {k for d in defects for k in d.kinds}
    assert kinds == wanted - {"weak_signature", "weak_key"}
    weak = {p.kind.value for p in report.problems if p.depth == 0} & {"weak_signature", "weak_key"}
    assert weak >= wanted & {"weak_signature", "weak_key"}
    word = "Match" if expected == "match" else "Mismatch"
    assert report.device_log_line.startswith(f"SSL: socklib_sslHandshake: VerifyResult={report.verify_code}=")
    assert report.device_log_line.endswith(f", NameCheck: {word}")


@pytest.mark.parametrize("title", DEFECTS)
def test_alone(title: str) -> None:
    """One defect gives its own code, name check and problems, and no other."""
    _check(DEFECTS[title])


@pytest.mark.parametrize(("one", "other"), [pair for pair in combinations(DEFECTS, 2) if not _excluded(*pair)])
def test_in_pairs(one: str, other: str) -> None:
    """Of two defects both are reported, and the code is the one that OpenSSL meets first."""
    _check(DEFECTS[one], DEFECTS[other])


def test_pairs_are_many() -> None:
    """The table of pairs is not emptied by its exclusions."""
    assert sum(not _excluded(*pair) for pair in combinations(DEFECTS, 2)) > 100


def test_weak_but_accepted_stays_code_0() -> None:
    """Everything weak at once still verifies as a device would verify it; nothing weak is left unsaid."""
    root = shop.make_root(key=shop.rsa_key(1024, "weak root"), digest="md5", version=1)
    leaf = shop.make(f"CN={HOST}", root, key=shop.rsa_key(512, "leaf"), digest="md5", version=1)
    report = judge((leaf.der,), anchors=Anchors.of([root.der]), reference=HOST, at=NOW)
    assert report.verify_code == 0
    assert sorted(p.kind.value for p in report.problems) == ["weak_key", "weak_key", "weak_signature"]
