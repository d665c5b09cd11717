"""Links: every way in which a direction holds, breaks or cannot be told, and what is never true of any link."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.causes import group_causes
from auditor.engine.links import judge_links, link_observations
from auditor.model.assessment import Link, LinkSide
from auditor.model.evidence import AnyObservation
from auditor.model.link import DEVICE_TO_TMS, TMS_TO_DEVICE, JudgedLink, LinkOutcome
from auditor.model.policy import Policy
from auditor.model.verdict import Status, status_of
from tests.checks.evidence import context, judge
from tests.engine.parties import (
    ADDRESS,
    DEVICE_LEAF,
    DEVICE_NAME,
    OTHER_ROOT,
    PROTOCOL,
    REFUSED,
    ROOT,
    SERVER_LEAF,
    SERVER_NAME,
    TIMED_OUT,
    TRUST,
    VERIFY,
    Pair,
    clock,
    open_port,
    roots,
    setting,
    stated,
    synchronised,
    tls,
)
from tests.trust.certificates import CLIENT_AUTH, NOW, extended_key_usage, make, make_ca, make_leaf

GOOD = Pair()
EXPIRED = {"not_before": NOW - timedelta(days=90), "not_after": NOW - timedelta(days=1)}
YEARS = timedelta(days=5 * 365)
A, N, C, R, F, O, U = (  # noqa: E741 - short in a table
    LinkOutcome.ACCEPTED, LinkOutcome.NOT_VERIFIED, LinkOutcome.CLEAR, LinkOutcome.REFUSED, LinkOutcome.FAILS,
    LinkOutcome.OFF, LinkOutcome.UNKNOWN,
)  # fmt: skip
CA = make_ca("CN=Issuing CA,O=Example", ROOT)

DEVICE_TO_SERVER = [
    ("all right", GOOD, A, 4, "it passes: called as manager.example.test"),
    ("roots as stated", replace(GOOD.without("roots/loaded"), device_roots=(ROOT,)), A, 4, "1 root (stated"),
    ("time as reported", GOOD.without("clock/get/http/").device_with(synchronised()), A, 4, "the device's clock"),
    ("address as URL", GOOD.device_with(setting(ADDRESS, f"https://{SERVER_NAME}/tms/")), A, 4, SERVER_NAME),
    ("intermediate was sent", GOOD.server_with(tls(make_leaf(SERVER_NAME, CA), CA)), A, 4, "it passes"),
    ("HTTP", GOOD.device_with(setting(PROTOCOL, "HTTP")), C, 2, "in clear: the external manager is set to HTTP"),
    ("HTTP, other policy", replace(GOOD.device_with(setting(PROTOCOL, "HTTP")), policy=Policy(feedback_http_level=1)),
     C, 1, "in clear"),
    ("no HTTPS client", GOOD.device_with(setting(PROTOCOL, REFUSED)), C, 2, "no setting for HTTPS"),
    ("not verified", GOOD.device_with(setting(VERIFY, "Off")), N, 3, "does not verify the certificate of manager"),
    ("cannot verify", GOOD.device_with(setting(VERIFY, REFUSED)), N, 3, "does not verify"),
    ("nothing protected", GOOD.device_with(setting(VERIFY, "Off")).server_with(tls(SERVER_LEAF, protection="none")),
     N, 1, "protects nothing"),
    ("switched off", GOOD.device_with(setting(ADDRESS, "127.0.0.1")), O, None, "does not call manager"),
    ("other root", GOOD.device_with(roots(OTHER_ROOT)), R, None, "Would be refused: the device verifies manager"),
    ("no root", GOOD.device_with(roots()), R, None, "Would be refused"),
    ("address is a number", GOOD.device_with(setting(ADDRESS, "192.0.2.10")), R, None, "192.0.2.10"),
    ("another name", GOOD.device_with(setting(ADDRESS, "old.example.test")), R, None, "old.example.test"),
    ("expired", GOOD.server_with(tls(make_leaf(SERVER_NAME, ROOT, **EXPIRED))), R, None, "expired"),
    ("clock too late", GOOD.device_with(clock(YEARS)), R, None, "expired"),
    ("clock too early", GOOD.device_with(clock(-YEARS)), R, None, "valid from"),
    ("two clocks, one wrong", GOOD.device_with(replace(clock(YEARS), subject="get/http/other")), R, None, "expired"),
    ("client certificate", GOOD.server_with(tls(make_leaf(SERVER_NAME, ROOT, extensions=(extended_key_usage(
        CLIENT_AUTH),)))), R, None, "does not allow this use"),
    ("self-signed", GOOD.server_with(tls(make_leaf(SERVER_NAME, None))), R, None, "self-signed"),
    ("intermediate is missing", GOOD.server_with(tls(make_leaf(SERVER_NAME, CA))), R, None, "neither sent"),
    ("nothing presented", GOOD.server_with(tls(SERVER_LEAF, protection="none")), R, None, "shows no certificate"),
    ("server refuses HTTPS", GOOD.server_with(tls(REFUSED)), R, None, "manager refuses HTTPS"),
    ("mode unread, other root", GOOD.without(f"setting/{VERIFY}").device_with(roots(OTHER_ROOT)), F, None,
     "would not pass"),
    ("protocol unread, other root", GOOD.without(f"setting/{PROTOCOL}").device_with(roots(OTHER_ROOT)), F, None,
     "the external manager's protocol"),
    ("protocol unread, mode off", GOOD.without(f"setting/{PROTOCOL}").device_with(setting(VERIFY, "Off")), F, None,
     "does not verify"),
    ("address unread, HTTP", GOOD.without(f"setting/{ADDRESS}").device_with(setting(PROTOCOL, "HTTP")), F, None,
     "in clear"),
    ("protocol unread, server refuses", GOOD.without(f"setting/{PROTOCOL}").server_with(tls(REFUSED)), F, None,
     "finds nobody"),
    ("mode unread", GOOD.without(f"setting/{VERIFY}"), U, None, "the verify mode"),
    ("mode is a riddle", GOOD.device_with(setting(VERIFY, "Maybe")), U, None, "the verify mode"),
    ("protocol unread", GOOD.without(f"setting/{PROTOCOL}"), U, None, "the external manager's protocol"),
    ("address unread", GOOD.without(f"setting/{ADDRESS}"), U, None, "the external manager's address"),
    ("address empty", GOOD.device_with(setting(ADDRESS, "")), U, None, "the external manager's address"),
    ("roots unread", GOOD.without("roots/loaded"), U, None, "the device's root list"),
    ("clock unseen", GOOD.without("clock/get/http/"), U, None, "the device's clock"),
    ("server silent", GOOD.server_with(tls(TIMED_OUT)), U, None, "the certificate of manager"),
    ("server not asked", GOOD.server_without("tls/https"), U, None, "the certificate of manager"),
    ("leaf only", GOOD.server_with(tls(make_leaf(SERVER_NAME, CA), whole=False)), U, None, "the whole chain"),
    ("server not audited", replace(GOOD, server=None), U, None, "not part of this audit"),
]  # fmt: skip

SERVER_TO_DEVICE = [
    ("all right", GOOD, A, 4, f"tracked as {DEVICE_NAME}"),
    ("not verified", GOOD.server_with(stated("verify-certificates", "no")), N, 3, "manager does not verify"),
    ("nothing protected", GOOD.server_with(stated("verify-certificates", "no")).device_with(
        tls(DEVICE_LEAF, protection="none")), N, 1, "protects nothing"),
    ("other root", replace(GOOD, server_roots=(OTHER_ROOT,)), R, None, "Would be refused: manager verifies the device"),
    ("wrong name", GOOD.device_with(tls(make_leaf("spare.example.test", ROOT))), R, None, DEVICE_NAME),
    ("expired", GOOD.device_with(tls(make_leaf(DEVICE_NAME, ROOT, **EXPIRED))), R, None, "expired"),
    ("server's clock", GOOD.server_with(clock(YEARS)), R, None, "expired"),
    ("factory certificate", GOOD.device_with(tls(make("CN=factory", None))), R, None, "self-signed"),
    ("HTTPS refused, Secure-Only", GOOD.device_with(tls(REFUSED)), R, None, "finds nobody: the device refuses HTTPS"),
    ("HTTPS refused, falls back", GOOD.device_with(tls(REFUSED), open_port("snmp")).server_with(
        stated("secure-only", "no")), C, 1, "uses Snmp instead"),
    ("HTTPS refused, nothing else", GOOD.device_with(tls(REFUSED)).server_with(stated("secure-only", "no")), F, None,
     "nothing else"),
    ("HTTPS refused, not stated", GOOD.device_with(tls(REFUSED)).server_without("attested/secure-only"), F, None,
     "'secure-only'"),
    ("mode not stated, other root", replace(GOOD.server_without("attested/verify-certificates"),
     server_roots=(OTHER_ROOT,)), F, None, "whether it is verified"),
    ("mode not stated", GOOD.server_without("attested/verify-certificates"), U, None, "'verify-certificates'"),
    ("statement expired", GOOD.server_with(stated("verify-certificates", days=0)), U, None, "'verify-certificates'"),
    ("tracking not stated", GOOD.server_without("attested/systems-by-hostname"), U, None, "'systems-by-hostname"),
    ("tracking not stated, wrong name", GOOD.server_without("attested/systems-by-hostname").device_with(
        tls(make_leaf("spare.example.test", ROOT))), U, None, "'systems-by-hostname"),
    ("not all tracked by name", GOOD.server_with(stated("systems-by-hostname", "no")), U, None, "'systems-by-hostname"),
    ("no hostname", replace(GOOD, hostname=None), U, None, "the device's hostname"),
    ("server's roots unknown", replace(GOOD, server_roots=None), U, None, "the roots of manager"),
    ("server's clock unseen", GOOD.server_without("clock/get/http/"), U, None, "the clock of manager"),
    ("device silent", GOOD.device_with(tls(TIMED_OUT)), U, None, "the device's certificate"),
    ("device not asked", GOOD.without("tls/https"), U, None, "the device's certificate"),
    ("server not audited", replace(GOOD, server=None), U, None, "not part of this audit"),
]  # fmt: skip

Case = tuple[str, Pair, LinkOutcome, int | None, str]
CONTROLS = {DEVICE_TO_TMS: "trust.device-accepts-tms", TMS_TO_DEVICE: "trust.tms-accepts-device"}
VERDICTS = {
    A: Status.MET, N: Status.NOT_MET, C: Status.NOT_MET, R: Status.NOT_MET, F: Status.NOT_MET,
    O: Status.NOT_APPLICABLE, U: Status.UNDETERMINED,
}  # fmt: skip


def check(side: JudgedLink, case: Case, pair: Pair) -> None:
    """Check one direction, and that the control of links says the same."""
    _, _, outcome, level, says = case
    assert (side.outcome, side.level) == (outcome, level), side.because
    assert says in side.because
    assert side.because.endswith(".")
    assert ".." not in side.because
    assert bool(side.cause) is (outcome is not A)
    made = link_observations([side], NOW)
    verdict = judge(CONTROLS[side.direction], *made, *pair.device, where=context(tms="manager"))
    assert status_of(verdict) is VERDICTS[outcome]
    assert verdict.because == side.because


@pytest.mark.parametrize("case", DEVICE_TO_SERVER, ids=lambda case: case[0])
def test_device_to_server(case: Case) -> None:
    """The device judges with its own address, roots, clock and mode."""
    check(case[1].sides()[0], case, case[1])


@pytest.mark.parametrize("case", SERVER_TO_DEVICE, ids=lambda case: case[0])
def test_server_to_device(case: Case) -> None:
    """The server judges with its roots, its clock, and what is stated of it."""
    check(case[1].sides()[1], case, case[1])


def test_the_good_link_is_level_4_and_a_bad_side_takes_it_away() -> None:
    """The lower side decides, and a side without level leaves none."""
    assert GOOD.link().level == 4
    assert GOOD.device_with(setting(VERIFY, "Off")).link().level == 3
    assert GOOD.device_with(roots(OTHER_ROOT)).link().level is None
    assert (
        GOOD.device_with(setting(PROTOCOL, "HTTP")).server_with(stated("verify-certificates", "no")).link().level == 2
    )


def test_what_rests_on_statements_is_marked() -> None:
    """The server's mode is a person's word, the device's is read."""
    there, back = GOOD.sides()
    assert (there.attested, back.attested) == (False, True)
    verdict = judge("trust.tms-accepts-device", *link_observations([back], NOW), where=context(tms="manager"))
    assert getattr(verdict, "attested", None) is True


def test_a_live_setting_wins_over_a_saved_one() -> None:
    """What was saved long ago does not outweigh what was read now."""
    saved = replace(setting(VERIFY, "On"), probe="saved")
    saved = replace(saved, outcome=replace(saved.outcome, fact=replace(saved.outcome.fact, source="saved")))  # type: ignore[union-attr] # a setting that was seen
    live = setting(VERIFY, "Off")
    rest = tuple(o for o in GOOD.device if o.subject != VERIFY)
    for both in ((saved, live), (live, saved)):
        assert replace(GOOD, device=(*rest, *both)).sides()[0].outcome is N


def test_hostile_names_stay_printable() -> None:
    """Control characters in names and settings do not reach a sentence."""
    evil = make("CN=a\x1b[31m\u202eb", None)
    for side in GOOD.server_with(tls(evil)).device_with(setting(ADDRESS, "x\x1b]y")).sides():
        assert side.because.isprintable()
        assert side.cause.isprintable()


def test_dates_are_not_judged_by_a_doubtful_clock() -> None:
    """Where neither the party's clock nor ours is known, an expired certificate fails nothing and proves nothing."""
    expired = GOOD.server_with(tls(make_leaf(SERVER_NAME, ROOT, **EXPIRED))).without("clock/get/http/")
    doubtful = replace(TRUST, clock_doubt="No NTP server agrees.")
    assert expired.sides()[0].outcome is R
    (there, _) = judge_links(expired.parties(), Policy(), doubtful)["rm204"]
    assert there.outcome is U
    (there, _) = judge_links(expired.device_with(synchronised()).parties(), Policy(), doubtful)["rm204"]
    assert there.outcome is U


def all_cases() -> list[Pair]:
    """Return every pair of the two tables."""
    return [case[1] for case in (*DEVICE_TO_SERVER, *SERVER_TO_DEVICE)]


def rank(level: int | None) -> int:
    """Order levels, none lowest."""
    return level or 0


@pytest.mark.parametrize("pair", all_cases())
def test_a_link_is_never_better_than_its_worse_side(pair: Pair) -> None:
    """Whatever the sides are."""
    link = pair.link()
    assert rank(link.level) == min(rank(link.device_to_tms.level), rank(link.tms_to_device.level))


@given(pair=st.sampled_from(all_cases()), data=st.data())
def test_taking_evidence_away_never_raises_a_level(pair: Pair, data: st.DataObject) -> None:
    """Any subset of either party's observations gives at most the level of the whole.

    What a device shows of its clock in several places is one piece of evidence here: of two times that differ, the
    wrong one fails the link, and nobody can know of it once it is gone.
    """
    with_clocks = data.draw(st.booleans(), label="clocks")
    fewer = replace(
        pair,
        device=tuple(
            o for o in pair.device if (with_clocks if o.probe == "clock" else data.draw(st.booleans(), label=o.id))
        ),
        server=pair.server and tuple(o for o in pair.server if data.draw(st.booleans(), label=o.id)),
    )
    before, after = pair.link(), fewer.link()
    assert rank(after.device_to_tms.level) <= rank(before.device_to_tms.level)
    assert rank(after.tms_to_device.level) <= rank(before.tms_to_device.level)
    assert rank(after.level) <= rank(before.level)


@given(pair=st.sampled_from(all_cases()), data=st.data())
def test_a_question_that_failed_never_raises_a_level(pair: Pair, data: st.DataObject) -> None:
    """An answer that did not come is worth no more than one that did."""

    def blind(made: Sequence[AnyObservation]) -> tuple[AnyObservation, ...]:
        return tuple(replace(o, outcome=TIMED_OUT) if data.draw(st.booleans(), label=o.id) else o for o in made)

    fewer = replace(pair, device=blind(pair.device), server=None if pair.server is None else blind(pair.server))
    assert rank(fewer.link().level) <= rank(pair.link().level)


def cause(link: Link) -> list[str]:
    """Return the sentences of one link's causes."""
    return [c.sentence for c in group_causes([link])]


def test_equal_causes_are_counted_once() -> None:
    """Seventeen devices without the root make one sentence that names it."""
    broken = GOOD.device_with(roots(OTHER_ROOT)).link()
    links = [replace(broken, device=f"rm{n}") for n in range(17)]
    found = [c for c in group_causes([*links, GOOD.link()]) if c.direction == DEVICE_TO_TMS]
    assert [c.sentence for c in found] == [
        f"17 devices do not trust the certificate of manager: root {'O=Example,CN=Fleet Root'} is missing."
    ]
    assert found[0].devices == tuple(f"rm{n}" for n in range(17))


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (GOOD.device_with(clock(YEARS)), "the device's clock is wrong, so that it seems expired"),
        (GOOD.server_with(tls(make_leaf(SERVER_NAME, ROOT, **EXPIRED))), "it has expired"),
        (GOOD.device_with(roots()), "no root is loaded"),
        (GOOD.device_with(setting(ADDRESS, "192.0.2.10")), "the name 192.0.2.10, by which devices call manager"),
        (GOOD.device_with(setting(PROTOCOL, "HTTP")), "1 device calls manager in clear"),
        (GOOD.device_with(tls(make_leaf("x.example.test", ROOT))), "does not carry the device's host name"),
        (GOOD.device_with(setting(ADDRESS, "127.0.0.1")), "1 device does not call manager"),
        (GOOD.without("roots/loaded"), "needs the device's root list"),
    ],
)
def test_causes_name_what_is_wrong(pair: Pair, says: str) -> None:
    """And not more than what devices can share."""
    assert any(says in sentence for sentence in cause(pair.link()))
    assert all(DEVICE_NAME not in sentence for sentence in cause(pair.link()))


def test_a_good_link_has_no_cause() -> None:
    """Nothing to say."""
    assert group_causes([GOOD.link()]) == ()


@pytest.mark.parametrize("direction", [DEVICE_TO_TMS, TMS_TO_DEVICE])
@pytest.mark.parametrize("outcome", [o for o in LinkOutcome if o not in {A, O}])
def test_every_outcome_has_words(direction: str, outcome: LinkOutcome) -> None:
    """A cause of any kind can be put into a sentence."""
    fine, bad = LinkSide(level=4, because="Fine.", outcome=A), LinkSide(level=None, because="Bad.", outcome=outcome)
    there, back = (bad, fine) if direction == DEVICE_TO_TMS else (fine, bad)
    link = Link(device="a", tms="b", level=None, device_to_tms=there, tms_to_device=back)
    assert [c.direction for c in group_causes([link])] == [direction]


def test_links_concern_devices_with_a_server_only() -> None:
    """The server itself has no row, nor has a device without one."""
    parties = GOOD.parties()
    alone = replace(parties["rm204"], target=replace(parties["rm204"].target, name="alone", tms=None))
    assert set(judge_links({**parties, "alone": alone}, Policy(), TRUST)) == {"rm204"}


def test_a_link_is_judged_when_its_later_end_had_been_looked_at() -> None:
    """A certificate that ended between the look at one end and the look at the other holds no link up."""
    leaf = make_leaf(SERVER_NAME, ROOT, not_after=NOW + timedelta(days=2))
    parties = GOOD.without("clock/get/http/").device_with(synchronised()).server_with(tls(leaf)).parties()
    for late, days, outcome in (("rm204", 3, R), ("manager", 3, R), ("manager", 1, A)):
        seen = {
            name: replace(party, judged_at=NOW + timedelta(days=days if name == late else 1))
            for name, party in parties.items()
        }
        there, _ = judge_links(seen, Policy(), TRUST)["rm204"]
        assert there.outcome is outcome
        assert ("expired" in there.because) == (outcome is R)
