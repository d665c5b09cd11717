"""What is concluded of a chain: three judgements, the staple, and what the operator's lists say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from auditor.engine.interpret import Trust, interpret
from auditor.engine.revocation import operator_lists
from auditor.engine.services import decisive
from auditor.model.certificate import JudgedChain, ProblemKind, Revocation
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import HttpFace, TlsFace
from auditor.model.inventory import CrlFile, Settings, Target
from auditor.model.policy import Policy
from auditor.profiles import load_profiles
from auditor.trust import Anchors
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Made

HOST = "rm204.example.test"
DAY = timedelta(days=1)
PROFILES = load_profiles()
FAMILY = next(name for name, profile in PROFILES.items() if profile.role == "device")
ROOT = shop.make_root()
MIDDLE = shop.make_ca("CN=Middle", ROOT)
LEAF = shop.make_leaf(HOST, MIDDLE, serial=4711)
CN_ONLY = shop.make(f"CN={HOST}", MIDDLE, key=shop.rsa_key(1024, "old"), digest="sha1")
LISTS = (shop.make_list(ROOT), shop.make_list(MIDDLE))


def host(*chain: Made, ahead: timedelta | None = None, staple: bytes | None = None) -> HostEvidence:
    """Return what was observed of a host that presents this chain; `ahead` is how far its clock is."""
    face = TlsFace(
        port=443, version="TLSv1.0", cipher="TLS_RSA_WITH_RC4_128_SHA", chain=tuple(c.der for c in chain),
        completed=False, ocsp_staple=staple,
    )  # fmt: skip
    seen = [Observation(TlsFace, "tls", "https", NOW, Seen(face), 443)]
    pages = []
    if ahead is not None:
        page = HttpFace(scheme="https", port=443, path="/", status=200, device_time=NOW + ahead)
        pages = [Observation(HttpFace, "get", "https/", NOW, Seen(page), 443)]
    return HostEvidence(
        target=Target(name="rm204", product=FAMILY, hostname=HOST), product=FAMILY, address="192.0.2.21",
        evidence=Evidence((*seen, *pages)), started_at=NOW, finished_at=NOW,
    )  # fmt: skip


def judged(
    evidence: HostEvidence,
    *lists: bytes,
    policy: Policy | None = None,
    at: datetime = NOW,
    resumed: tuple[datetime, ...] = (),
) -> JudgedChain:
    """Return what is concluded of the host's chain."""
    crls, _ = operator_lists(Settings(crls=tuple(CrlFile(path="x.crl", lists=(one,)) for one in lists)))
    trust = Trust.under(policy or Policy(), Anchors.of([ROOT.der]), at, crls=crls)
    (found,) = interpret(evidence, PROFILES, replace(trust, resumed=resumed)).of(JudgedChain)
    return found


def test_an_old_chain_passes_as_a_device_judges_and_not_as_today_does() -> None:
    """The device's judgement has the code 0; today's has another, and says what is missing."""
    found = judged(host(CN_ONLY, MIDDLE))
    assert found.modern is not None
    assert found.report.verify_code == 0
    assert decisive(found.report) == ()
    assert found.modern.verify_code != 0
    kinds = {problem.kind for problem in found.modern.problems}
    assert {ProblemKind.PROFILE, ProblemKind.NO_NAME_TO_MATCH} & kinds
    assert found.proven is False


@pytest.mark.parametrize(
    ("ahead", "name"),
    [
        (timedelta(days=-3650), "X509_V_ERR_CERT_NOT_YET_VALID"),
        (timedelta(0), "X509_V_OK"),
        (timedelta(days=3650), "X509_V_ERR_CERT_HAS_EXPIRED"),
        (timedelta(days=2_900_000), "X509_V_ERR_CERT_HAS_EXPIRED"),
    ],
    ids=["ten years behind", "right", "ten years ahead", "at the end of the calendar"],
)
def test_the_hosts_own_clock_has_a_judgement_of_its_own(ahead: timedelta, name: str) -> None:
    """The level rests on the audit's time, and the other judgement stands beside it."""
    found = judged(host(LEAF, MIDDLE, ahead=ahead))
    assert found.report.verify_code == 0
    assert found.at_device_clock is not None
    assert found.at_device_clock.verify_name == name
    assert found.at_device_clock.checked_at == NOW + ahead


def test_a_clock_beyond_the_calendar_is_cut_off() -> None:
    """A host that shows the year 9999 late in an audit does no harm."""
    late = datetime.max.replace(tzinfo=NOW.tzinfo) - NOW
    found = judged(host(LEAF, MIDDLE, ahead=late), at=NOW + DAY)
    assert found.at_device_clock is not None
    assert found.at_device_clock.verify_name == "X509_V_ERR_CERT_HAS_EXPIRED"


def test_what_ended_before_a_resumed_audit_came_to_the_host_is_over() -> None:
    """The time counts at which the audit went on, and the judgement says which it was."""
    leaf = shop.make_leaf(HOST, MIDDLE, not_after=NOW + 2 * DAY)
    resumed = (NOW + DAY, NOW + 3 * DAY)
    looked_at = replace(host(leaf, MIDDLE, ahead=timedelta(0)), finished_at=NOW + 4 * DAY)
    found = judged(looked_at, resumed=resumed)
    assert (found.report.verify_name, found.report.checked_at) == ("X509_V_ERR_CERT_HAS_EXPIRED", NOW + 3 * DAY)
    assert found.modern is not None
    assert found.modern.checked_at == NOW + 3 * DAY
    assert found.at_device_clock is not None
    assert found.at_device_clock.checked_at == NOW + 3 * DAY
    in_time = judged(replace(looked_at, finished_at=NOW + 2 * DAY), resumed=resumed)
    assert (in_time.report.verify_code, in_time.report.checked_at) == (0, NOW + DAY)
    # A file is older than its audit; a clock that jumped, or cannot be relied on, judges nothing.
    for other, again in (
        (replace(looked_at, finished_at=NOW - DAY), resumed),
        (looked_at, ()),
        (replace(looked_at, clock_doubt="It is off."), resumed),
    ):
        found = judged(other, resumed=again)
        assert (found.report.verify_code, found.report.checked_at) == (0, NOW)


def test_without_a_clock_there_is_no_such_judgement() -> None:
    """Nothing is made up."""
    assert judged(host(LEAF, MIDDLE)).at_device_clock is None


STALE = (shop.make_list(ROOT), shop.make_list(MIDDLE, next_update=NOW - timedelta(hours=1)))
FORGED = (shop.make_list(ROOT), shop.make_list(MIDDLE, signer=shop.ec_key("forger")))


@pytest.mark.parametrize(
    ("lists", "revocation"),
    [
        ((), Revocation.NOT_CHECKED),
        (LISTS, Revocation.GOOD),
        (LISTS[:1], Revocation.MISSING),
        (STALE, Revocation.STALE),
        (FORGED, Revocation.UNUSABLE),
        ((LISTS[0], b"0\x030\x01\x00"), Revocation.MISSING),
    ],
    ids=["none given", "good", "missing", "stale", "forged", "unreadable"],
)
@pytest.mark.parametrize("demanded", [False, True], ids=["free", "demanded"])
def test_what_the_lists_say_is_its_own_outcome(
    lists: tuple[bytes, ...], revocation: Revocation, *, demanded: bool
) -> None:
    """It changes code and level only where the policy demands the check."""
    found = judged(host(LEAF, MIDDLE), *lists, policy=Policy(require_revocation_check=demanded))
    assert found.report.revocation is revocation
    assert found.report.revocation_checked is (revocation is Revocation.GOOD)
    fails = demanded and revocation is not Revocation.GOOD
    assert (found.report.verify_code != 0) is fails
    assert bool(decisive(found.report)) is fails


def test_a_revoked_certificate_fails_whatever_the_policy_demands() -> None:
    """23, and a reason."""
    found = judged(host(LEAF, MIDDLE), shop.make_list(ROOT), shop.make_list(MIDDLE, (4711,)))
    assert found.report.revocation is Revocation.REVOKED
    assert (found.report.verify_code, found.report.verify_name) == (23, "X509_V_ERR_CERT_REVOKED")
    assert decisive(found.report) != ()


def test_lists_of_no_use_are_told() -> None:
    """A file that is no list, and a delta list, each with a sentence."""
    delta = shop.make_list(MIDDLE, extensions=(shop.extension("2.5.29.27", shop.integer(1), critical=True),))
    files = (CrlFile(path="a.crl", lists=(b"0\x030\x01\x00",)), CrlFile(path="b.crl", lists=(delta, LISTS[0])))
    lists, notes = operator_lists(Settings(crls=files))
    assert lists is not None
    assert len(lists.lists) == 2
    assert [note.split(" of ")[1].split(" ")[0] for note in notes] == ["a.crl", "b.crl"]


def test_a_staple_is_recorded_and_decides_nothing() -> None:
    """One that cannot be read leaves the judgement as it is."""
    with_staple, without = judged(host(LEAF, MIDDLE, staple=b"\x30\x00")), judged(host(LEAF, MIDDLE))
    assert with_staple.staple is not None
    assert with_staple.staple.status == "unreadable"
    assert replace(with_staple, staple=None) == without


def test_the_operators_intermediates_explain_and_do_not_heal() -> None:
    """The chain stays incomplete, and the report says what was missing."""
    trust = Trust.under(Policy(), Anchors.of([ROOT.der]), NOW, pool=(MIDDLE.der,))
    (found,) = interpret(host(LEAF), PROFILES, trust).of(JudgedChain)
    assert found.report.verify_code == 20
    assert found.report.has(ProblemKind.MISSING_INTERMEDIATE)
