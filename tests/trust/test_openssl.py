"""The same files to this judge and to the real `openssl verify`: the same code for every case of a table."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.trust import DEVICE_RULES, Anchors, RevocationLists, judge
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Made

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """What is presented and trusted. `extra` are options of the command beyond those that every case has."""

    presented: tuple[Made, ...]
    roots: tuple[Made, ...]
    crls: tuple[bytes, ...] | None = None
    at: datetime = NOW
    partial: bool = False


def _root(**changes: Any) -> Made:
    return shop.make_root(**changes)


def _pair(**leaf: Any) -> Case:
    root = _root()
    return Case((shop.make_leaf("host.example.test", root, **leaf),), (root,))


def _triple(ca: dict[str, Any] | None = None, leaf: dict[str, Any] | None = None, **root: Any) -> Case:
    top = _root(**root)
    middle = shop.make_ca("CN=Middle", top, **(ca or {}))
    return Case((shop.make_leaf("host.example.test", middle, **(leaf or {})), middle), (top,))


def _with_extension(*parts: bytes) -> Case:
    return _pair(extensions=(shop.alternative_names("host.example.test"), *parts))


def _constrained(permitted: tuple[str, ...] = (), excluded: tuple[str, ...] = (), host: str = "a.example.test") -> Case:
    top = _root()
    parts = (shop.basic_constraints(), shop.key_usage(5, 6), shop.name_constraints(permitted, excluded))
    middle = shop.make_ca("CN=Middle", top, extensions=parts)
    return Case((shop.make_leaf(host, middle), middle), (top,))


def _long(limit: int) -> Case:
    top = _root()
    parts = (shop.basic_constraints(path_length=limit), shop.key_usage(5, 6))
    first = shop.make_ca("CN=First", top, extensions=parts)
    second = shop.make_ca("CN=Second", first)
    third = shop.make_ca("CN=Third", second)
    return Case((shop.make_leaf("host.example.test", third), third, second, first), (top,))


def _revoked(*, listed: bool, which: str = "leaf", missing: bool = False, **made: Any) -> Case:
    top = _root()
    middle = shop.make_ca("CN=Middle", top, serial=77)
    leaf = shop.make_leaf("host.example.test", middle, serial=78)
    low = shop.make_list(middle, (78,) if listed and which == "leaf" else (5,), **made)
    high = shop.make_list(top, (77,) if listed and which == "ca" else ())
    return Case((leaf, middle), (top,), (high,) if missing else (low, high))


def _self_signed(*, trusted: bool) -> Case:
    leaf = shop.make_leaf("host.example.test", None)
    return Case((leaf,), (leaf if trusted else _root(),))


def _root_sent() -> Case:
    other = _root(subject="CN=Unlisted Root")
    return Case((shop.make_leaf("host.example.test", other), other), (_root(),))


def _missing_middle() -> Case:
    case = _triple()
    return replace(case, presented=case.presented[:1])


def _intermediate_listed(*, partial: bool) -> Case:
    case = _triple()
    return replace(case, presented=case.presented[:1], roots=case.presented[1:], partial=partial)


def _mimic() -> Case:
    """A self-signed certificate under the name of a trusted root, but with another key."""
    real, fake = _root(identifiers=False), _root(identifiers=False, key=shop.ec_key("another"))
    return Case((shop.make_leaf("host.example.test", fake, identifiers=False), fake), (real,))


TABLE: dict[str, Callable[[], Case]] = {
    "good": _pair,
    "good with intermediate": _triple,
    "expired leaf": lambda: _pair(not_after=NOW - DAY),
    "expired this very second": lambda: _pair(not_after=NOW),
    "valid one second longer": lambda: _pair(not_after=NOW + timedelta(seconds=1)),
    "valid from this second": lambda: _pair(not_before=NOW),
    "not yet valid leaf": lambda: _pair(not_before=NOW + DAY),
    "expired intermediate": lambda: _triple({"not_after": NOW - DAY}),
    "expired root": lambda: _triple(not_after=NOW - DAY),
    "root not yet valid": lambda: _triple(not_before=NOW + DAY),
    "leaf and intermediate expired": lambda: _triple({"not_after": NOW - DAY}, {"not_before": NOW + DAY}),
    "malformed not before": lambda: _pair(not_before=b"2606011200Z"),
    "malformed not after": lambda: _pair(not_after=b"2613011200000"),
    "month 13 in not after": lambda: _pair(not_after=b"271301120000Z"),
    "both dates malformed": lambda: _pair(not_before=b"x", not_after=b"y"),
    "wrong signature": lambda: _pair(signer=shop.ec_key("stranger")),
    "wrong signature on intermediate": lambda: _triple({"signer": shop.ec_key("stranger")}),
    "algorithm stated twice": lambda: _pair(inner_digest="sha1"),
    "self-signed leaf": lambda: _self_signed(trusted=False),
    "self-signed leaf that is trusted": lambda: _self_signed(trusted=True),
    "self-signed and expired": lambda: Case((shop.make_leaf("h.example.test", None, not_after=NOW - DAY),), (_root(),)),
    "root sent along": _root_sent,
    "missing intermediate": _missing_middle,
    "intermediate listed as root": lambda: _intermediate_listed(partial=False),
    "intermediate listed as root, partial chain": lambda: _intermediate_listed(partial=True),
    "root with the same name": _mimic,
    "RSA 1024 with MD5": lambda: _rsa(1024, "md5"),
    "RSA 512 with SHA-1": lambda: _rsa(512, "sha1"),
    "DSA with SHA-1": lambda: _dsa(1024),
    "leaf of version 1": lambda: _pair(version=1),
    "intermediate of version 1": lambda: _triple({"version": 1}),
    "root of version 1": lambda: _triple(version=1),
    "intermediate that is no CA": lambda: _triple({"extensions": (shop.basic_constraints(ca=False),)}),
    "intermediate without basic constraints": lambda: _triple({"extensions": ()}),
    "intermediate with key usage only": lambda: _triple({"extensions": (shop.key_usage(5),)}),
    "intermediate that may not sign": lambda: _triple({"extensions": (shop.basic_constraints(), shop.key_usage(6))}),
    "root that may not sign": lambda: _triple(extensions=(shop.basic_constraints(), shop.key_usage(6))),
    "empty key usage": lambda: _with_extension(shop.extension("2.5.29.15", b"\x03\x02\x07\x00")),
    "root with empty key usage": lambda: _under(
        shop.basic_constraints(), shop.extension("2.5.29.15", b"\x03\x02\x07\x00")
    ),
    "root that is no CA": lambda: _triple(extensions=(shop.basic_constraints(ca=False),)),
    "issuer of a leaf is no CA": lambda: _under(shop.basic_constraints(ca=False)),
    "issuer of a leaf may not sign": lambda: _under(shop.basic_constraints(), shop.key_usage(6)),
    "root without basic constraints": lambda: _triple(extensions=()),
    "path length 1 exceeded": lambda: _long(1),
    "path length 2 kept": lambda: _long(2),
    "client only": lambda: _with_extension(shop.extended_key_usage(shop.CLIENT_AUTH)),
    "any purpose": lambda: _with_extension(shop.extended_key_usage(shop.ANY_PURPOSE)),
    "key usage of a CA in a leaf": lambda: _with_extension(shop.key_usage(5)),
    "intermediate for clients only": lambda: _triple(
        {"extensions": (shop.basic_constraints(), shop.extended_key_usage(shop.CLIENT_AUTH))}
    ),
    "client only and expired": lambda: _pair(
        extensions=(shop.extended_key_usage(shop.CLIENT_AUTH),), not_after=NOW - DAY
    ),
    "Netscape client type": lambda: _with_extension(shop.extension("2.16.840.1.113730.1.1", b"\x03\x02\x07\x80")),
    "Netscape server type": lambda: _with_extension(shop.extension("2.16.840.1.113730.1.1", b"\x03\x02\x06\x40")),
    "unknown critical extension": lambda: _with_extension(shop.extension("1.2.3.4.5", b"\x05\x00", critical=True)),
    "unknown extension": lambda: _with_extension(shop.extension("1.2.3.4.5", b"\x05\x00")),
    "extension twice": lambda: _with_extension(shop.extension("2.5.29.14", b"\x04\x03abc", critical=True)),
    "critical key identifier": lambda: _pair(
        extensions=(shop.extension("2.5.29.14", b"\x04\x03abc", critical=True),), identifiers=False
    ),
    "critical authority key identifier": lambda: _pair(
        extensions=(shop.extension("2.5.29.35", b"\x30\x00", critical=True),), identifiers=False
    ),
    "critical policies": lambda: _with_extension(
        shop.extension("2.5.29.32", shop.sequence(shop.sequence(shop.oid("2.5.29.32.0"))), critical=True)
    ),
    "critical policy constraints": lambda: _with_extension(
        shop.extension("2.5.29.36", shop.sequence(shop.tlv(0x80, b"\x00")), critical=True)
    ),
    "critical freshest list": lambda: _with_extension(shop.extension("2.5.29.46", shop.sequence(), critical=True)),
    "critical authority information": lambda: _with_extension(
        shop.extension("1.3.6.1.5.5.7.1.1", shop.sequence(), critical=True)
    ),
    "malformed extension": lambda: _with_extension(shop.extension("2.5.29.19", b"\x30\x05", critical=True)),
    "malformed extension in the intermediate": lambda: _triple(
        {"extensions": (shop.basic_constraints(), shop.extension("2.5.29.15", b"\x04\x01\x00"))}
    ),
    "unknown critical extension and expired": lambda: _pair(
        extensions=(shop.extension("1.2.3.4.5", b"\x05\x00", critical=True),), not_after=NOW - DAY
    ),
    "negative serial number": lambda: _pair(serial=-5),
    "serial number 0": lambda: _pair(serial=0),
    "permitted name": lambda: _constrained(("example.test",)),
    "name not permitted": lambda: _constrained(("other.test",)),
    "excluded name": lambda: _constrained((), ("example.test",)),
    "permitted and excluded": lambda: _constrained(("example.test",), ("a.example.test",)),
    "name not permitted and expired": lambda: _expired(_constrained(("other.test",))),
    "not revoked": lambda: _revoked(listed=False),
    "revoked leaf": lambda: _revoked(listed=True),
    "revoked intermediate": lambda: _revoked(listed=True, which="ca"),
    "no revocation list": lambda: _revoked(listed=False, missing=True),
    "stale revocation list": lambda: _revoked(listed=False, next_update=NOW - timedelta(hours=1)),
    "revocation list of tomorrow": lambda: _revoked(listed=False, this_update=NOW + DAY),
    "forged revocation list": lambda: _revoked(listed=True, signer=shop.ec_key("stranger")),
    "revocation list with SHA-1": lambda: _revoked(listed=True, digest="sha1"),
    "long after": lambda: replace(_triple(), at=NOW + 4000 * DAY),
    "long before": lambda: replace(_triple(), at=NOW - 4000 * DAY),
}


def _rsa(bits: int, digest: str) -> Case:
    root = _root(key=shop.rsa_key(bits, "root"), digest=digest)
    return Case((shop.make_leaf("host.example.test", root, key=shop.rsa_key(bits, "leaf"), digest=digest),), (root,))


def _dsa(bits: int) -> Case:
    root = _root(key=shop.dsa_key(bits), digest="sha1")
    return Case((shop.make_leaf("host.example.test", root, key=shop.dsa_key(bits), digest="sha1"),), (root,))


def _under(*extensions: bytes) -> Case:
    root = _root(extensions=extensions)
    return Case((shop.make_leaf("host.example.test", root),), (root,))


def _expired(case: Case) -> Case:
    return replace(case, at=NOW + 4000 * DAY)


def openssl_code(case: Case, folder: Path) -> int:
    """Return the first error that the command reports, or 0."""
    files = {"roots": case.roots, "untrusted": case.presented[1:], "leaf": case.presented[:1]}
    for file, content in files.items():
        (folder / f"{file}.pem").write_text("".join(one.pem for one in content))
    command = ["openssl", "verify", "-auth_level", "0", "-purpose", "sslserver", "-no-CApath", "-no-CAstore"]
    command += ["-attime", str(int(case.at.timestamp())), "-CAfile", str(folder / "roots.pem")]
    if case.presented[1:]:
        command += ["-untrusted", str(folder / "untrusted.pem")]
    if case.partial:
        command.append("-partial_chain")
    if case.crls is not None:
        (folder / "lists.pem").write_text("".join(shop.to_pem(one, "X509 CRL") for one in case.crls))
        command += ["-crl_check_all", "-CRLfile", str(folder / "lists.pem")]
    done = subprocess.run([*command, str(folder / "leaf.pem")], capture_output=True, text=True, check=False)
    found = re.search(r"^error (\d+) at \d+ depth lookup", done.stdout + done.stderr, re.MULTILINE)
    if found is None:
        assert done.returncode == 0, done.stderr
        return 0
    return int(found[1])


def judged_code(case: Case) -> int:
    """Return the code of this judge under the device rules."""
    rules = replace(DEVICE_RULES, any_anchor=case.partial, revocation_required=case.crls is not None)
    report = judge(
        tuple(one.der for one in case.presented),
        anchors=Anchors.of(one.der for one in case.roots),
        reference=None,
        at=case.at,
        rules=rules,
        crls=None if case.crls is None else RevocationLists.of(case.crls),
    )
    return report.verify_code


@pytest.mark.parametrize("title", TABLE)
def test_same_code_as_openssl(title: str, tmp_path: Path) -> None:
    """The judge's code is the first one that the installed OpenSSL reports for the same files."""
    case = TABLE[title]()
    assert judged_code(case) == openssl_code(case, tmp_path)


def test_table_is_large_enough() -> None:
    """At least 25 comparisons are made, as the acceptance list demands, and they show many different codes."""
    assert len(TABLE) >= 25
    assert len({judged_code(make()) for make in TABLE.values()}) >= 15
