"""Problems of presented chains: all of them, never only the first, and never a pass for what cannot be judged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auditor.model.certificate import ChainReport, ProblemKind
from auditor.trust import DEVICE_RULES, MODERN_RULES, Anchors, TrustRules, judge
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Made

DAY = timedelta(days=1)
HOST = "codec.example.test"
ROOT = shop.make_root()
MIDDLE = shop.make_ca("CN=Middle", ROOT)
LEAF = shop.make_leaf(HOST, MIDDLE)
STRANGER = shop.make_root("CN=Stranger")


def _judge(
    *presented: Made | bytes,
    roots: tuple[Made, ...] = (ROOT,),
    at: datetime = NOW,
    reference: str | None = HOST,
    rules: TrustRules = DEVICE_RULES,
    pool: tuple[Made, ...] = (),
) -> ChainReport:
    return judge(
        tuple(one if isinstance(one, bytes) else one.der for one in presented),
        anchors=Anchors.of(one.der for one in roots),
        reference=reference,
        at=at,
        rules=rules,
        pool=tuple(one.der for one in pool),
    )


def _kinds(report: ChainReport) -> set[str]:
    return {problem.kind.value for problem in report.problems}


def test_good_chain_has_no_problem_under_both_rules() -> None:
    """A chain made to today's profile is accepted by everybody, and its path is told."""
    for rules in (DEVICE_RULES, MODERN_RULES):
        report = _judge(LEAF, MIDDLE, rules=rules)
        assert (report.verify_code, report.verify_name, report.problems) == (0, "X509_V_OK", ())
        assert [c.der for c in report.path] == [LEAF.der, MIDDLE.der, ROOT.der]
        assert report.leaf is not None
        assert report.leaf.der == LEAF.der
        assert report.device_log_line == "SSL: socklib_sslHandshake: VerifyResult=0=OK, NameCheck: Match"


def test_all_problems_are_reported() -> None:
    """An expired, misnamed, weak client certificate of an unlisted root shows every one of its faults."""
    bad = shop.make(
        "CN=wrong.example.test", STRANGER, not_after=NOW - DAY, key=shop.rsa_key(512), digest="sha1",
        extensions=(shop.extended_key_usage(shop.CLIENT_AUTH), shop.extension("1.2.3.4", b"\5\0", critical=True)),
    )  # fmt: skip
    report = _judge(bad, STRANGER, STRANGER, MIDDLE)
    assert _kinds(report) == {
        "self_signed_in_chain", "expired", "name_mismatch", "weak_key", "weak_signature", "wrong_purpose",
        "critical_extension", "duplicate", "superfluous",
    }  # fmt: skip
    assert report.verify_code == 19
    assert report.path == ()


@pytest.mark.parametrize(
    ("presented", "code", "kinds"),
    [
        ((), 1, {"no_certificate"}),
        ((b"",), 20, {"unreadable"}),
        ((b"nonsense",), 20, {"unreadable", "no_name_to_match"}),
        ((LEAF,), 20, {"issuer_unknown"}),
        ((LEAF, STRANGER), 20, {"issuer_unknown", "superfluous"}),
        ((LEAF, MIDDLE, MIDDLE), 0, {"duplicate"}),
        ((LEAF, LEAF, MIDDLE), 0, {"duplicate"}),
        ((LEAF, STRANGER, MIDDLE), 0, {"superfluous"}),
        ((LEAF, ROOT, MIDDLE), 0, {"wrong_order"}),
        ((LEAF, MIDDLE, ROOT), 0, set()),
        ((MIDDLE, LEAF), 0, {"wrong_order", "superfluous", "name_mismatch"}),
        ((LEAF, b"nonsense", MIDDLE), 0, {"superfluous", "unreadable"}),
    ],
)
def test_arrangement(presented: tuple[Made | bytes, ...], code: int, kinds: set[str]) -> None:
    """Missing, double, superfluous and misplaced certificates are each named."""
    report = _judge(*presented)
    assert kinds <= _kinds(report)
    if code:
        assert report.verify_code != 0
    else:
        assert report.verify_code in (0, 26)
        assert _kinds(report) <= kinds | {"wrong_purpose", "name_mismatch", "no_name_to_match"}


def test_depth_tells_which_certificate() -> None:
    """The depth is the place in the order presented; a root that was not sent has none."""
    old_root = shop.make_root("CN=Old Root", not_after=NOW - DAY)
    middle = shop.make_ca("CN=Old Middle", old_root, not_after=NOW - DAY)
    report = _judge(shop.make_leaf(HOST, middle), middle, roots=(old_root,))
    assert [p.depth for p in report.has(ProblemKind.EXPIRED)] == [None, 1]


def test_pool_explains_but_does_not_mend() -> None:
    """An intermediate that the operator has is named as missing; the chain stays bad."""
    report = _judge(LEAF, pool=(STRANGER, MIDDLE))
    assert report.verify_code == 20
    assert "CN=Middle" in report.has(ProblemKind.MISSING_INTERMEDIATE)[0].detail
    assert not _judge(LEAF, pool=(STRANGER,)).has(ProblemKind.MISSING_INTERMEDIATE)


def test_no_roots_is_its_own_problem() -> None:
    """Without a single trusted root nothing can be trusted, and the report says whose fault that is."""
    report = _judge(LEAF, MIDDLE, roots=())
    assert {"no_trust_anchors", "issuer_unknown"} <= _kinds(report)
    assert report.verify_code == 20


def test_unreadable_root_is_listed_apart() -> None:
    """A root file with garbage in it neither trusts everything nor stops the audit."""
    anchors = Anchors.of([b"garbage", ROOT.der, ROOT.der])
    assert len(anchors) == 1
    assert [c.der for c in anchors.unreadable] == [b"garbage"]


@pytest.mark.parametrize("count", [65, 400])
def test_too_many_certificates_are_never_a_pass(count: int) -> None:
    """More than 64 certificates are not searched, even if the first few would do."""
    report = _judge(LEAF, *(MIDDLE,) * count)
    assert report.has(ProblemKind.TOO_COMPLEX)
    assert report.verify_code == 22
    assert len(report.presented) == count + 1


def test_crossed_certificates_are_tried_one_after_the_other() -> None:
    """Where one way up is expired, the other one is found (OpenSSL would give up)."""
    key = shop.ec_key("crossed")
    stale = shop.make_ca("CN=Crossed", STRANGER, key=key, not_after=NOW - DAY)
    fresh = shop.make_ca("CN=Crossed", ROOT, key=key)
    leaf = shop.make_leaf(HOST, fresh)
    for presented in ((leaf, stale, fresh), (leaf, fresh, stale)):
        report = _judge(*presented, roots=(ROOT, STRANGER))
        assert report.verify_code == 0
        assert fresh.der in [c.der for c in report.path]


def test_hostile_mesh_is_given_up_in_time() -> None:
    """Sixty CAs that all sign each other cost a bounded search, and the report says that it was given up."""
    keys = [shop.ec_key(f"mesh {i % 8}") for i in range(8)]
    nodes = [
        shop.make_ca("CN=Mesh", shop.make_root("CN=Mesh", key=a), key=b, identifiers=False) for a in keys for b in keys
    ]
    leaf = shop.make_leaf(HOST, nodes[0], identifiers=False)
    begin = datetime.now(UTC)
    report = _judge(leaf, *nodes[:63])
    assert (datetime.now(UTC) - begin).total_seconds() < 5
    assert report.has(ProblemKind.TOO_COMPLEX)
    assert report.verify_code == 19


def test_giving_up_does_not_hide_what_was_found() -> None:
    """An expired root at the end of one way out of a mesh stays the reason, beside the search that was given up."""
    keys = [shop.ec_key(f"mesh {i}") for i in range(8)]
    above = [shop.make_root(f"CN=Mesh {i}", key=key, identifiers=False) for i, key in enumerate(keys)]
    nodes = [
        shop.make_ca(f"CN=Mesh {j}", above[i], key=keys[j], identifiers=False)
        for i in range(8)
        for j in range(8)
        if i != j
    ]
    old = shop.make_root("CN=Mesh 7", key=keys[7], identifiers=False, not_after=NOW - DAY)
    report = _judge(shop.make_leaf(HOST, nodes[0], identifiers=False), *nodes, roots=(old,))
    assert report.has(ProblemKind.TOO_COMPLEX)
    assert report.verify_name == "X509_V_ERR_CERT_HAS_EXPIRED"


def test_very_many_problems_of_one_kind_are_counted() -> None:
    """Ten thousand bad names give a readable report, and the number is not lost."""
    middle = shop.make_ca(
        "CN=Narrow", ROOT, extensions=(shop.basic_constraints(), shop.name_constraints(("only.test",)))
    )
    names = shop.alternative_names(*(f"a{i}.test" for i in range(10_000)))
    found = _judge(shop.make("CN=x", middle, extensions=(names,)), middle).has(ProblemKind.NAME_CONSTRAINT)
    assert len(found) == 33
    assert found[-1].detail == "and 9968 more of this kind"


def test_time_needs_a_zone() -> None:
    """A naive time would silently be the auditor's own zone."""
    with pytest.raises(ValueError, match="zone"):
        _judge(LEAF, at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_same_chain_at_the_clock_of_a_device_that_lost_its_battery() -> None:
    """The same chain at another time: a device back in 1970 calls everything not yet valid."""
    report = _judge(LEAF, MIDDLE, at=datetime(1970, 1, 1, tzinfo=UTC))
    assert report.verify_name == "X509_V_ERR_CERT_NOT_YET_VALID"
    assert len(report.has(ProblemKind.NOT_YET_VALID)) == 3


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"version": 1}, ProblemKind.PROFILE),
        ({"serial": -1}, ProblemKind.PROFILE),
        ({"serial": 0}, ProblemKind.PROFILE),
        ({"serial": 2**170}, ProblemKind.PROFILE),
        ({"identifiers": False}, ProblemKind.PROFILE),
        ({"extensions": ()}, ProblemKind.PROFILE),
        ({"extensions": (shop.alternative_names(HOST, critical=True),)}, ProblemKind.PROFILE),
        ({"extensions": (shop.alternative_names("*.", HOST),)}, ProblemKind.PROFILE),
        ({"key": shop.rsa_key(1024)}, ProblemKind.WEAK_KEY),
        ({"digest": "sha1"}, ProblemKind.WEAK_SIGNATURE),
        ({"key": shop.dsa_key(2048)}, ProblemKind.PROFILE),
        ({"not_after": NOW}, None),
    ],
)
def test_modern_rules_are_stricter(changes: dict[str, Any], problem: ProblemKind | None) -> None:
    """What a device of 2008 takes without a word is a problem today."""
    leaf = shop.make_leaf(HOST, MIDDLE, **changes)
    modern = _judge(leaf, MIDDLE, rules=MODERN_RULES)
    if problem is None:
        assert modern.verify_code == 0
    else:
        assert modern.verify_code != 0
        assert modern.has(problem)
        assert _judge(leaf, MIDDLE).verify_code == 0


def test_wrong_purpose_is_a_switch() -> None:
    """Without a purpose asked for, a client certificate passes."""
    leaf = shop.make_leaf(HOST, MIDDLE, extensions=(shop.extended_key_usage(shop.CLIENT_AUTH),))
    assert _judge(leaf, MIDDLE).has(ProblemKind.WRONG_PURPOSE)
    assert _judge(leaf, MIDDLE, rules=replace(DEVICE_RULES, purpose=None)).verify_code == 0


def test_trusted_self_signed_certificate_passes() -> None:
    """A self-signed certificate that the operator lists is its own anchor; unlisted it is code 18."""
    own = shop.make_leaf(HOST, None)
    assert _judge(own, roots=(own,)).verify_code == 0
    refused = _judge(own)
    assert (refused.verify_code, refused.verify_name) == (18, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT")
    assert refused.has(ProblemKind.SELF_SIGNED_LEAF)


def test_no_reference_means_no_name_check() -> None:
    """Without a name to compare there is neither match nor mismatch."""
    report = _judge(LEAF, MIDDLE, reference=None)
    assert report.name_check is None
    assert report.device_log_line.endswith("NameCheck: None")
    assert _judge(reference=None).name_check is None
