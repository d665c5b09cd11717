"""The view over all certificates: what is shared, factory-made, self-signed or weak, and what ends when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.engine.certificates import fleet_certificates
from auditor.model.assessment import HostAssessment, Outcome, Score
from auditor.model.certificate import JudgedChain
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.fleet import HORIZONS, FleetCertificates
from auditor.model.inventory import Target
from auditor.model.profile import Recognition
from auditor.profiles import load_profiles
from auditor.trust import Anchors, judge, parse_certificate
from tests.trust import certificates as shop
from tests.trust.certificates import NOW, Made

DAY = timedelta(days=1)
LOADED = load_profiles()
FAMILY = next(name for name, profile in LOADED.items() if profile.role == "device" and profile.knows_factory)
PROFILES = {FAMILY: LOADED[FAMILY]}
LATE = NOW + timedelta(days=4000)
ROOT = shop.make_root(not_after=LATE)
MIDDLE = shop.make_ca("CN=Middle", ROOT, not_after=NOW + 100 * DAY)
ANCHORS = Anchors.of([ROOT.der])


def leaf(name: str, days: float, issuer: Made | None = MIDDLE, **changes: object) -> Made:
    """Return a host's certificate that ends in so many days."""
    made: Made = shop.make_leaf(f"{name}.example.test", issuer, not_after=NOW + days * DAY, **changes)
    return made


def host(name: str, *chains: tuple[Made, ...]) -> HostAssessment:
    """Return an assessed host that presents these chains, one on each of its services."""
    observations = []
    for number, chain in enumerate(chains):
        report = judge(tuple(c.der for c in chain), anchors=ANCHORS, reference=f"{name}.example.test", at=NOW)
        fact = JudgedChain(port=443 + number, report=report)
        observations.append(Observation(JudgedChain, "chain", f"https{number}", NOW, Seen(fact), derived=True))
    return HostAssessment(
        target=Target(name=name, product=FAMILY), product=FAMILY, product_title="", identity=None,
        evidence=Evidence(tuple(observations)), score=Score(proven=3, possible=3), outcome=Outcome.MEETS,
        reachable=True,
    )  # fmt: skip


def view(*hosts: HostAssessment, next_audit_days: int = 0) -> FleetCertificates:
    """Return the view of these hosts."""
    return fleet_certificates(hosts, PROFILES, at=NOW, minimum_bits=2048, next_audit_days=next_audit_days)


@pytest.mark.parametrize(
    ("days", "within"),
    [(-1, 30), (29, 30), (30.5, 60), (89, 90), (90.1, 180), (364, 365), (365.5, None)],
)
def test_a_leaf_falls_into_its_horizons(days: float, within: int | None) -> None:
    """It counts in the first horizon that reaches it and in all later ones; what has ended counts everywhere."""
    direct = leaf("a", days, ROOT)
    found = view(host("a", (direct,)))
    assert [f.days for f in found.forecasts] == list(HORIZONS)
    for forecast in found.forecasts:
        reached = within is not None and forecast.days >= within
        assert (forecast.leaves, forecast.hosts) == ((1, ("a",)) if reached else (0, ()))


def test_hosts_fall_with_their_intermediate() -> None:
    """One intermediate that ends takes every host below it along, and each certificate counts once."""
    found = view(host("a", (leaf("a", 900), MIDDLE)), host("b", (leaf("b", 900), MIDDLE)), host("c"))
    by_days = {f.days: f for f in found.forecasts}
    assert (by_days[90].intermediates, by_days[90].hosts) == (0, ())
    assert (by_days[180].leaves, by_days[180].intermediates, by_days[180].roots) == (0, 1, 0)
    assert by_days[180].hosts == ("a", "b")
    assert found.without_certificate == ("c",)
    assert [(c.role, c.hosts) for c in found.certificates if c.role != "leaf"] == [
        ("intermediate", ("a", "b")), ("root", ("a", "b")),
    ]  # fmt: skip
    assert found.certificates[0].role == "intermediate"
    assert found.ending(180) == found.certificates[:1]


def test_a_root_that_ends_is_forecast() -> None:
    """Roots of the auditor's list stand on the path, though nobody sends them."""
    root = shop.make_root("CN=Old Root", not_after=NOW + 20 * DAY)
    report = judge((leaf("a", 900, root).der,), anchors=Anchors.of([root.der]), reference=None, at=NOW)
    fact = JudgedChain(port=443, report=report)
    seen = Observation(JudgedChain, "chain", "https", NOW, Seen(fact), derived=True)
    found = view(replace(host("a"), evidence=Evidence((seen,))))
    assert (found.forecasts[0].roots, found.forecasts[0].hosts) == (1, ("a",))


def test_the_next_audit_has_a_row_of_its_own() -> None:
    """Where its day is known, what ends before it is told."""
    found = view(host("a", (leaf("a", 40, ROOT),)), next_audit_days=45)
    assert {f.days: f.leaves for f in found.forecasts}[45] == 1
    assert [f.days for f in found.forecasts] == sorted({*HORIZONS, 45})
    assert len(view(host("a"), next_audit_days=90).forecasts) == len(HORIZONS)


def test_a_superfluous_certificate_takes_nobody_along() -> None:
    """What is sent and not used may end as it likes."""
    extra = shop.make_ca("CN=Extra", ROOT, not_after=NOW + DAY)
    stray = shop.make_ca("CN=Stray", shop.make_root("CN=Elsewhere"), not_after=NOW + DAY)
    found = view(host("a", (leaf("a", 900, ROOT), extra)), host("b", (leaf("b", 900, shop.make_root("CN=X")), stray)))
    assert found.forecasts[0].hosts == ()


def test_keys_and_certificates_that_several_hosts_share() -> None:
    """One certificate on two hosts, one key in two certificates, and a host that shows the same on two ports."""
    same, key = leaf("same", 900), shop.rsa_key(2048, "image")
    found = view(
        host("a", (same, MIDDLE)), host("b", (same, MIDDLE)), host("c", (leaf("c", 900, key=key),)),
        host("d", (leaf("d", 900, key=key),)), host("e", (leaf("e", 900),), (leaf("e", 900),)),
    )  # fmt: skip
    shared = {s.hosts: s.same_certificate for s in found.shared_keys}
    assert shared == {("a", "b"): True, ("c", "d"): False}


def test_factory_certificates_by_name_and_by_key() -> None:
    """Both are data of the profile."""
    made = shop.make("CN=TANDBERG,O=TANDBERG ASA", None, key=shop.rsa_key(1024, "factory"))
    own = leaf("b", 900, key=shop.rsa_key(2048, "known"))
    digest = parse_certificate(own.der).spki_sha256 or ""
    profile = PROFILES[FAMILY]
    rules = (*profile.recognise, Recognition(where="certificate-factory-key", pattern=digest))
    hosts = (host("a", (made,)), host("b", (own, MIDDLE)), host("c", (leaf("c", 900), MIDDLE)))
    known = {FAMILY: replace(profile, recognise=rules)}
    found = fleet_certificates(hosts, known, at=NOW, minimum_bits=2048)
    assert [(f.host, f.by) for f in found.factory] == [("a", ("name",)), ("b", ("key",))]


def test_self_signed_certificates_are_put_together_by_how_they_were_made() -> None:
    """The common name differs, all else is alike."""
    key = {name: shop.rsa_key(2048, name) for name in "abc"}
    hosts = [
        host(n, (shop.make(f"CN={n},O=Made Alike", None, key=key[n], not_after=LATE),)) for n in "ab"
    ] + [host("c", (shop.make("CN=c", None, key=key["c"]),)), host("d", (leaf("d", 900), MIDDLE))]  # fmt: skip
    found = view(*hosts)
    assert [(c.pattern, c.hosts) for c in found.self_signed] == [("O=Made Alike", ("a", "b")), ("", ("c",))]


def test_weak_keys_and_signatures() -> None:
    """Of a root the signature on itself does not count, and its key does."""
    root = shop.make_root("CN=Old Root", key=shop.rsa_key(1024, "old root"), digest="sha1")
    weak = leaf("a", 900, root, key=shop.rsa_key(1024, "old"), digest="md5")
    report = judge((weak.der,), anchors=Anchors.of([root.der]), reference=None, at=NOW)
    seen = Observation(JudgedChain, "chain", "https", NOW, Seen(JudgedChain(port=443, report=report)), derived=True)
    found = view(replace(host("a"), evidence=Evidence((seen,))), host("b", (leaf("b", 900), MIDDLE)))
    assert {c.subject for c in found.weak_keys} == {"CN=a.example.test", "CN=Old Root"}
    assert [(c.subject, "MD5" in c.weak_signature) for c in found.weak_signatures] == [("CN=a.example.test", True)]


def test_nothing_that_cannot_be_read_is_lost() -> None:
    """A certificate without readable dates stands last, with nothing made up of it."""
    found = view(host("a", (Made(b"nonsense", shop.ec_key("x"), "", b""),)), host("b", (leaf("b", 900), MIDDLE)))
    last = found.certificates[-1]
    assert (last.hosts, last.not_after, last.days_left, last.key) == (("a",), None, None, None)
