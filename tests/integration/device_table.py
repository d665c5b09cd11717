"""What a device of 2008 makes of a chain: the table of defects, each with its code, name check and problems.

A defect changes some sides of a good chain. Two defects that change different sides go together; of two codes, the one
of the earlier step of OpenSSL's work is reported, and within the checking of signatures and dates, which goes from the
root down to the leaf, the one that stands higher.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations
from typing import Any, Literal

from auditor.model.certificate import ProblemKind as K
from tests.chain_servers import Served
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Digest, Made, PrivateKey

HOST = "codec.example.test"
DAY = timedelta(days=1)
RANK = (20, 19, 18, 26, 79, "10 above", 7, 10, 9)
"""Codes in the order in which OpenSSL meets their causes; `10 above` is an expired intermediate."""


@dataclass(frozen=True)
class Sides:
    """Everything about a chain that a defect may change."""

    key: Literal["rsa2048", "rsa1024", "rsa512", "dsa1024"] = "rsa2048"
    digest: Digest = "sha256"
    names: Literal["both", "common name"] = "both"
    host: str = HOST
    leaf_dates: Literal["now", "past", "future"] = "now"
    issuer_dates: Literal["now", "past"] = "now"
    purpose: str = shop.SERVER_AUTH
    issuer_is_ca: bool = True
    forged: bool = False
    signed_by: Literal["issuer", "itself", "stranger"] = "issuer"
    sent: Literal["in order", "alone", "reversed", "twice", "with another", "with root"] = "in order"


@dataclass(frozen=True)
class Defect:
    """A change of sides, and what follows from it: code (0: none), problems, and whether the name fits."""

    name: str
    change: tuple[tuple[str, object], ...]
    code: int | str = 0
    kinds: frozenset[K] = frozenset()
    named: bool = True

    @property
    def sides(self) -> frozenset[str]:
        """The sides that it changes."""
        return frozenset(side for side, _ in self.change)


def _defect(name: str, code: int | str = 0, *kinds: K, named: bool = True, **change: object) -> Defect:
    return Defect(name, tuple(change.items()), code, frozenset(kinds), named)


DEFECTS = (
    _defect("common name only", names="common name"),
    _defect("RSA 1024", 0, K.WEAK_KEY, key="rsa1024"),
    _defect("RSA 512", 0, K.WEAK_KEY, key="rsa512"),
    _defect("DSA 1024", 0, K.WEAK_KEY, key="dsa1024"),
    _defect("MD5", 0, K.WEAK_SIGNATURE, digest="md5"),
    _defect("SHA-1", 0, K.WEAK_SIGNATURE, digest="sha1"),
    _defect("expired", 10, K.EXPIRED, leaf_dates="past"),
    _defect("not yet valid", 9, K.NOT_YET_VALID, leaf_dates="future"),
    _defect("wrong name", 0, K.NAME_MISMATCH, named=False, host="other.example.test"),
    _defect("client only", 26, K.WRONG_PURPOSE, purpose=shop.CLIENT_AUTH),
    _defect("forged", 7, K.BAD_SIGNATURE, forged=True),
    _defect("issuer expired", "10 above", K.EXPIRED, issuer_dates="past"),
    _defect("issuer no CA", 79, K.NOT_A_CA, issuer_is_ca=False),
    _defect("self-signed", 18, K.SELF_SIGNED_LEAF, signed_by="itself", sent="alone"),
    _defect("unknown issuer", 20, K.ISSUER_UNKNOWN, signed_by="stranger"),
    _defect("unknown root sent along", 19, K.SELF_SIGNED_IN_CHAIN, signed_by="stranger", sent="with root"),
    _defect("intermediate missing", 20, K.ISSUER_UNKNOWN, K.MISSING_INTERMEDIATE, sent="alone"),
    _defect("wrong order", 0, K.WRONG_ORDER, sent="reversed"),
    _defect("sent twice", 0, K.DUPLICATE, sent="twice"),
    _defect("superfluous", 0, K.SUPERFLUOUS, sent="with another"),
)

HIDDEN_BY = {
    "self-signed": {"issuer_dates", "issuer_is_ca", "forged"},
    "intermediate missing": {"issuer_dates", "issuer_is_ca", "forged"},
}
"""Defects that take away what the sides named here would show."""


@dataclass(frozen=True)
class Case:
    """One chain as it is served, and what the judge must say of it."""

    id: str
    served: Served
    code: int
    name: Literal["match", "mismatch"]
    kinds: frozenset[K]
    common_name_only: bool
    defects: tuple[str, ...]


ROOT = shop.make_root("CN=Lab Root", key=shop.rsa_key(2048, "root"))
STRANGER = shop.make_root("CN=Strange Root", key=shop.rsa_key(2048, "stranger"))


def _issuer(sides: Sides, root: Made) -> Made:
    past = sides.issuer_dates == "past"
    dates: dict[str, Any] = {"not_before": NOW - 100 * DAY, "not_after": NOW - DAY} if past else {}
    name = "CN=Lab Issuer" if root is ROOT else "CN=Strange Issuer"
    key = shop.rsa_key(2048, name)
    if sides.issuer_is_ca:
        return shop.make_ca(name, root, key=key, **dates)
    return shop.make(name, root, key=key, extensions=(shop.basic_constraints(ca=False), shop.key_usage(0, 2)), **dates)


POOL = (_issuer(Sides(), ROOT).der,)


def _key(sides: Sides) -> PrivateKey:
    kind, bits = sides.key[:3], int(sides.key[3:])
    return shop.dsa_key(bits) if kind == "dsa" else shop.rsa_key(bits, "leaf")


def build(sides: Sides) -> Served:
    """Make the chain with these sides."""
    root = STRANGER if sides.signed_by == "stranger" else ROOT
    issuer = _issuer(sides, root)
    dates: dict[str, Any] = {
        "now": {},
        "past": {"not_before": NOW - 100 * DAY, "not_after": NOW - 2 * DAY},
        "future": {"not_before": NOW + 2 * DAY, "not_after": NOW + 100 * DAY},
    }[sides.leaf_dates]
    names = () if sides.names == "common name" else (shop.alternative_names(sides.host),)
    leaf = shop.make(
        f"CN={sides.host}",
        None if sides.signed_by == "itself" else issuer,
        key=_key(sides),
        digest=sides.digest,
        extensions=(shop.extended_key_usage(sides.purpose), *names),
        signer=shop.rsa_key(2048, "forger") if sides.forged else None,
        **dates,
    )
    extra = shop.make_ca("CN=Not Asked For", ROOT, key=shop.rsa_key(2048, "extra"))
    sent = {
        "in order": (leaf, issuer),
        "alone": (leaf,),
        "reversed": (leaf, root, issuer),
        "twice": (leaf, issuer, leaf),
        "with another": (leaf, issuer, extra),
        "with root": (leaf, issuer, root),
    }[sides.sent]
    return Served.of(*sent)


def _case(*defects: Defect) -> Case:
    changes = {side: value for defect in defects for side, value in defect.change}
    sides = replace(Sides(), **changes)  # type: ignore[arg-type]  # the table above has the right values
    codes = sorted((d.code for d in defects if d.code), key=RANK.index)
    kinds = frozenset[K]().union(*(d.kinds for d in defects))
    names = [d.name for d in defects]
    if "unknown issuer" in names and sides.sent == "reversed":  # the strange root is then sent along
        codes, kinds = [19], kinds - {K.ISSUER_UNKNOWN} | {K.SELF_SIGNED_IN_CHAIN}
    if "unknown issuer" in names and sides.sent == "alone":  # the pool has no stranger's intermediate
        kinds -= {K.MISSING_INTERMEDIATE}
    return Case(
        id=" and ".join(names) or "good",
        served=build(sides),
        code={"10 above": 10}.get(str(codes[0]), codes[0]) if codes else 0,  # type: ignore[arg-type]  # RANK's one word
        name="match" if all(d.named for d in defects) else "mismatch",
        kinds=kinds,
        common_name_only=sides.names == "common name",
        defects=tuple(names),
    )


def _together(one: Defect, other: Defect) -> bool:
    hidden = (HIDDEN_BY.get(one.name, set()) & other.sides) | (HIDDEN_BY.get(other.name, set()) & one.sides)
    return not (one.sides & other.sides) and not hidden


def cases() -> Iterator[Case]:
    """Yield the good chain, each defect alone, and every two that go together."""
    yield _case()
    for defect in DEFECTS:
        yield _case(defect)
    for one, other in combinations(DEFECTS, 2):
        if _together(one, other):
            yield _case(one, other)
