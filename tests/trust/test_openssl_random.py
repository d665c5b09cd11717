"""Random chains, each put together from good and bad parts, to this judge and to the real `openssl verify`.

The table of `test_openssl` shows each defect by itself; this shows that their order of precedence is OpenSSL's too. The
chains are the same in every run. Left out on purpose, because the judge differs by design: several CAs of one name and
key (it turns back where OpenSSL gives up), and wildcards under excluded names (CVE-2025-61727).
"""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.trust import certificates as shop
from tests.trust.certificates import NOW
from tests.trust.test_openssl import Case, judged_code, openssl_code

DAY = timedelta(days=1)
BATCHES, CHAINS = 8, 25

DATES: list[dict[str, Any]] = [
    *({},) * 40,
    {"not_after": NOW - DAY},
    {"not_before": NOW + DAY},
    {"not_after": b"x"},
    {"not_before": b"20260101000000Z"},
    {"not_after": NOW},
]
ODDITIES: list[dict[str, Any]] = [
    *({},) * 60,
    {"version": 1},
    {"version": 2},
    {"serial": -7},
    {"identifiers": False},
    {"inner_digest": "sha1"},
    {"signer": shop.ec_key("stranger")},
    {"digest": "sha1"},
]
CA_BASIC = [
    *((shop.basic_constraints(),),) * 20,
    (shop.basic_constraints(critical=False),),
    (shop.basic_constraints(ca=False),),
    (shop.basic_constraints(path_length=0),),
    (shop.basic_constraints(path_length=1),),
    (),
]
CA_USAGE = [*((shop.key_usage(5, 6),),) * 20, (), (shop.key_usage(6),), (shop.key_usage(5, critical=False),)]
CA_MORE: list[tuple[bytes, ...]] = [
    *((),) * 20,
    (shop.extended_key_usage(shop.CLIENT_AUTH),),
    (shop.extended_key_usage(shop.SERVER_AUTH),),
    (shop.extended_key_usage(shop.ANY_PURPOSE),),
    (shop.name_constraints(("example.test",)),),
    (shop.name_constraints(("other.test",)),),
    (shop.name_constraints((".example.test",)),),
    (shop.name_constraints((), ("a.example.test",)),),
    (shop.name_constraints(("192.0.2.0/255.255.255.0",)),),
    (shop.name_constraints(("dn:O=x",)),),
    (shop.name_constraints((), ("dn:CN=a.example.test",)),),
    (shop.name_constraints(("x@example.test",)),),
    (shop.extension("1.2.3.4", b"\5\0", critical=True),),
    (shop.extension("1.2.3.4", b"\5\0"),),
]
LEAF_NAMES: list[tuple[bytes, ...]] = [
    *((shop.alternative_names("a.example.test"),),) * 6,
    (),
    (shop.alternative_names("a.example.test", "192.0.2.5"),),
    (shop.alternative_names("a.example.test", "x@example.test"),),
]
LEAF_USAGE: list[tuple[bytes, ...]] = [
    *((shop.key_usage(0, 2),),) * 20,
    (),
    *((shop.key_usage(bit),) for bit in (1, 2, 3, 4, 5)),
]
LEAF_MORE: list[tuple[bytes, ...]] = [
    *((shop.extended_key_usage(shop.SERVER_AUTH),),) * 20,
    (),
    (shop.extended_key_usage(shop.CLIENT_AUTH),),
    (shop.extended_key_usage(shop.CLIENT_AUTH, shop.SERVER_AUTH),),
    (shop.extended_key_usage("1.3.6.1.4.1.311.10.3.3"),),
    (shop.extended_key_usage(shop.ANY_PURPOSE),),
    (shop.basic_constraints(),),
    (shop.basic_constraints(ca=False, path_length=1),),
    (shop.extension("2.16.840.1.113730.1.1", b"\x03\x02\x05\xa0"),),
    (shop.extension("1.2.3.4", b"\5\0", critical=True),),
]


def _ca_parts(dice: random.Random) -> dict[str, Any]:
    extensions = dice.choice(CA_BASIC) + dice.choice(CA_USAGE) + dice.choice(CA_MORE)
    return {"extensions": extensions} | dice.choice(DATES) | dice.choice(ODDITIES)


def _chain(dice: random.Random) -> Case:
    root = shop.make_root(**_ca_parts(dice))
    above = [root]
    for number in range(dice.choice((0, 1, 1, 2, 3))):
        above.append(shop.make_ca(f"CN=Middle {number}", above[-1], **_ca_parts(dice)))
    parts = dice.choice(LEAF_NAMES) + dice.choice(LEAF_USAGE) + dice.choice(LEAF_MORE)
    leaf = shop.make(
        "CN=a.example.test", above[-1], **({"extensions": parts} | dice.choice(DATES) | dice.choice(ODDITIES))
    )
    middle = above[:0:-1]
    sent = dice.choice((*(middle,) * 7, middle[1:], [*middle, root], middle[::-1]))
    roots = dice.choice((*((root,),) * 10, (shop.make_root("CN=Else"),), (above[-1],)))
    return Case((leaf, *sent), roots, partial=dice.random() < 0.15)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_same_code_as_openssl(batch: int, tmp_path: Path) -> None:
    """Whatever is wrong at once, the judge's code is the first that the installed OpenSSL reports."""
    dice = random.Random(batch)  # noqa: S311 - wanted: the same chains in every run
    cases = [_chain(dice) for _ in range(CHAINS)]
    codes = [(judged_code(case), openssl_code(case, tmp_path)) for case in cases]
    assert [ours for ours, _ in codes] == [theirs for _, theirs in codes]
    assert len({ours for ours, _ in codes}) >= 4
