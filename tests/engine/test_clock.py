"""Our own clock: right, wrong, not checkable; in doubt it judges nobody."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.engine.clock import check_clock, judge_clock
from auditor.engine.interpret import Trust, interpret
from auditor.engine.paces import Paces
from auditor.model.collected import ClockCheck, HostEvidence
from auditor.model.evidence import Evidence, Observation, Seen, Unknown
from auditor.model.facts import DeviceClock, DeviceSays, HttpFace, NtpAnswer
from auditor.model.inventory import Settings, Target
from auditor.model.politeness import Politeness
from auditor.profiles import load_profiles
from auditor.trust import Anchors
from auditor.wire.gate import utc_now
from auditor.wire.ledger import Entry, Ledger
from tests.lines import LOOPBACK
from tests.peers import chronyd, free_port

GOOD = NtpAnswer(server="a:123", stratum=2, leap=0, offset_seconds=0.01, delay_seconds=0.01, version=4)
UNSET = replace(GOOD, server="u:123", stratum=0, leap=3)
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def far(seconds: float, server: str = "b:123") -> NtpAnswer:
    return replace(GOOD, server=server, offset_seconds=seconds)


@pytest.mark.parametrize(
    ("answers", "doubt"),
    [
        ((GOOD,), ""),
        ((GOOD, far(0.2), UNSET), ""),
        ((far(3600),), "behind the NTP servers"),
        ((far(-3600),), "ahead of the NTP servers"),
        ((GOOD, far(60)), "differ by 60.0 seconds"),
        ((UNSET,), "could not be checked"),
        ((), "could not be checked"),
    ],
)
def test_how_our_clock_stands(answers: tuple[NtpAnswer, ...], doubt: str) -> None:
    """Servers that agree and are synchronised decide; all else is a doubt that is said."""
    check = judge_clock(answers, ("c:123: no answer",))
    assert bool(check.doubt) == bool(doubt)
    assert doubt in check.doubt
    assert "c:123: no answer" in check.doubt + check.words


async def test_against_a_real_server_and_a_shifted_clock(tmp_path: Path) -> None:
    """A real chrony says the true time; a clock of ours that is an hour off is found out."""
    entries: list[Entry] = []
    with chronyd(tmp_path, "local stratum 8") as peer:
        settings = Settings(ntp_servers=(f"127.0.0.1:{peer.port}",))
        right = await check_clock(settings, Ledger(entries.append))
        wrong = await check_clock(settings, Ledger(entries.append), now=lambda: utc_now() + timedelta(hours=1))
    assert right is not None
    assert wrong is not None
    assert not right.doubt
    assert "3600." in wrong.doubt or "3599." in wrong.doubt
    assert "ahead of" in wrong.doubt
    assert [(e.host, e.protocol, e.operation) for e in entries] == [("(auditor)", "ntp", "QUERY")] * 2


async def test_the_servers_are_asked_at_the_audits_rate() -> None:
    """Each question waits for its turn among all that the audit asks, and what is asked next waits for them."""
    entries: list[Entry] = []
    paces = Paces(Politeness(requests_per_second=5))
    settings = Settings(ntp_servers=(f"{LOOPBACK}:{free_port()}",) * 3, question_seconds=0.2)
    begun = time.monotonic()
    await check_clock(settings, Ledger(entries.append), pace=paces.ours())
    assert len(entries) == 3
    assert time.monotonic() - begun >= 0.4
    await paces.ours().turn(to_host=True)
    assert time.monotonic() - begun >= 0.6


async def test_without_servers_nothing_is_asked_and_nothing_doubted() -> None:
    """The inventory decides."""
    assert await check_clock(Settings(), Ledger(lambda _: None)) is None


def clocks(check: ClockCheck | None) -> Iterator[Observation[DeviceClock]]:
    page = HttpFace(scheme="https", port=443, path="/", status=200, device_time=NOW + timedelta(seconds=9))
    seen = (
        Observation(HttpFace, "get", "https/", NOW, Seen(page), 443),
        Observation(DeviceSays, "says", "device", NOW, Seen(DeviceSays(clock=NOW - timedelta(seconds=5)))),
        Observation(DeviceSays, "says", "old", NOW, Seen(DeviceSays(clock=NOW - timedelta(days=5), source="saved"))),
    )
    host = HostEvidence(
        target=Target(name="a", product="vcs"), product="vcs", address="192.0.2.1", evidence=Evidence(seen),
        started_at=NOW, finished_at=NOW,
    )  # fmt: skip
    trust = Trust(anchors=Anchors.of(()), at=NOW, clock_doubt=check.doubt if check else "")
    yield from interpret(host, load_profiles(), trust).observed(DeviceClock)


def test_clocks_are_compared_as_long_as_ours_is_not_in_doubt() -> None:
    """From HTTP and from the status document; what a saved file tells is no clock."""
    assert {o.subject: o.fact.ahead_seconds for o in clocks(None) if o.fact} == {"get/https/": 9.0, "says/device": -5.0}
    doubted = list(clocks(judge_clock((far(3600),))))
    assert len(doubted) == 2
    assert all(isinstance(o.outcome, Unknown) and "behind" in o.outcome.detail for o in doubted)
