"""A polite collection on real sockets: rates over hosts, budgets of one's own, windows."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.collect import Collector
from auditor.engine.plan import plan
from auditor.model.collected import HostEvidence
from auditor.model.evidence import AnyObservation, Cause, Seen, Unknown
from auditor.model.facts import TelnetGreeting
from auditor.model.inventory import Inventory, Settings, Target
from auditor.model.politeness import Distress, Politeness, Window
from auditor.model.profile import Limits, Service
from auditor.probes.interface import Question, observation, port_observation
from auditor.wire.failures import attempt
from auditor.wire.gate import Gate, utc_now
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.readlist import Request
from tests.engine.evidence import TELNET, TOY

CALM = Distress(signs=0)
LIMITS = replace(TOY.limits, question_seconds=1.0, host_seconds=20.0)


class Repeating:
    """Asks the same question again and again, each answer an observation of its own."""

    name, order = "telnet", 1

    def __init__(self, times: int) -> None:
        """Ask so many times."""
        self._times = times

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take Telnet."""
        return service == TELNET

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Connect and read a line."""
        for number in range(self._times):
            result = await attempt(self._read(gate, question.port))
            if not number:
                yield port_observation(gate, question, result)
            yield observation(TelnetGreeting, "telnet", f"telnet {number}", gate, question.port, result)

    async def _read(self, gate: Gate, port: int) -> TelnetGreeting:
        async with gate.line(Request("telnet", "LISTEN"), port) as line:
            return TelnetGreeting(port=port, banner=(await line.read_line()).decode(), prompt="other")


class Fleet:
    """Listens on many addresses of loopback, and keeps when each was connected to, in order.

    `begun` is before the first request: what a rate held back is late by that measure, however slow this machine is.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self.begun = time.monotonic()
        self.seen: list[tuple[float, str]] = []
        self.mute: dict[str, int] = {}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say where one has come to, unless that address is mute by now."""
        address = str(writer.get_extra_info("sockname")[0])
        self.seen.append((time.monotonic(), address))
        if self.count(address) <= self.mute.get(address, 10**6):
            writer.write(f"I am {address}\r\n".encode())
        await reader.read()
        writer.close()

    def count(self, address: str) -> int:
        """Return how often an address was connected to."""
        return sum(each == address for _, each in self.seen)

    def times(self, addresses: Sequence[str]) -> list[float]:
        """Return when any of the addresses was connected to."""
        return [at for at, address in self.seen if address in addresses]


@asynccontextmanager
async def fleet(number: int, network: int) -> AsyncIterator[tuple[Fleet, list[Target]]]:
    """Serve on addresses of 127.77.NETWORK; the targets stand at two sites in turn."""
    served = Fleet()
    addresses = [f"127.77.{network}.{n + 1}" for n in range(number)]
    server = await asyncio.start_server(served.talk, addresses[0], 0)
    port = server.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(served.talk, address, port) for address in addresses[1:]]
    try:
        yield (
            served,
            [
                Target(
                    name=f"h{n}", product="toy", address=address, ports={"telnet": port}, site=("oslo", "bergen")[n % 2]
                )
                for n, address in enumerate(addresses)
            ],
        )
    finally:
        for each in (server, *others):
            each.close()
            await each.wait_closed()


async def collected(
    targets: Sequence[Target],
    politeness: Politeness,
    *,
    times: int = 1,
    limits: Limits = LIMITS,
    entries: list[Entry] | None = None,
    now: Callable[[], datetime] = utc_now,
) -> dict[str, HostEvidence]:
    """Collect from the targets, each asked so many times."""
    profile, probes = replace(TOY, limits=limits), (Repeating(times),)
    chosen = Settings(hosts_at_once=50, politeness=politeness)
    kept = entries if entries is not None else []
    collector = Collector(
        profiles={"toy": profile, "unknown": replace(profile, family="unknown")},
        probes=probes, settings=chosen, ledger=Ledger(kept.append), now=now,
    )  # fmt: skip
    plans = plan(Inventory(targets=tuple(targets), settings=chosen), {"toy": profile}, probes)
    return {host.target.name: host async for host in collector.run(plans)}


def greetings(host: HostEvidence) -> list[str]:
    """Return what the host said, each time."""
    return [fact.banner for fact in host.evidence.of(TelnetGreeting)]


async def test_all_hosts_share_one_rate_and_all_are_asked_in_turn() -> None:
    """Twelve hosts, two questions each, at ten per second: spaced, fair, and no time limit used up by the wait."""
    async with fleet(12, 1) as (served, targets):
        limits = replace(LIMITS, question_seconds=1.2, host_seconds=1.5)
        hosts = await collected(targets, Politeness(requests_per_second=10), times=2, limits=limits)
    assert all(host.complete and not host.notes for host in hosts.values())
    assert all(greetings(host) == [f"I am {host.address}"] * 2 for host in hosts.values())
    times = [at for at, _ in served.seen]
    assert len(times) == 24
    assert times[-1] - served.begun >= 23 / 10
    assert len({address for _, address in served.seen[:12]}) == 12  # nobody twice before everybody once


async def test_each_site_has_a_rate_of_its_own() -> None:
    """Oslo's four hosts at five per second; Bergen's are not held up by them."""
    async with fleet(8, 2) as (served, targets):
        await collected(targets, Politeness(per_site={"oslo": 5}), times=2)
    oslo = served.times([t.address for t in targets if t.site == "oslo" and t.address])
    bergen = served.times([t.address for t in targets if t.site == "bergen" and t.address])
    assert (len(oslo), len(bergen)) == (8, 8)
    assert oslo[-1] - served.begun >= 7 / 5
    assert bergen[-1] < oslo[-1]


async def test_the_rate_of_every_site_is_each_sites_own() -> None:
    """Two sites at five per second each."""
    async with fleet(6, 3) as (served, targets):
        await collected(targets, Politeness(requests_per_second_per_site=5))
    for site in ("oslo", "bergen"):
        times = served.times([t.address for t in targets if t.site == site and t.address])
        assert times[-1] - served.begun >= 2 / 5


async def test_the_inventorys_rest_is_kept_and_takes_no_time_from_the_host() -> None:
    """Four requests with a rest of 0.5 s, in a time limit of 1.4 s: complete."""
    async with fleet(1, 4) as (served, targets):
        limits = replace(LIMITS, question_seconds=1.2, host_seconds=1.4)
        hosts = await collected(targets, Politeness(pause_seconds=0.5), times=4, limits=limits)
    assert hosts["h0"].complete
    times = [at for at, _ in served.seen]
    assert len(times) == 4
    assert min(after - before for before, after in pairwise(times)) >= 0.5


def test_a_rest_is_shortened_below_the_profiles_only_on_demand() -> None:
    """The longest of three counts; with the operator's word, the inventory's instead of the profile's."""
    assert Politeness().pause(0.2) == 0.2
    assert Politeness(pause_seconds=0.1).pause(0.2) == 0.2
    assert Politeness(pause_seconds=1).pause(0.2) == 1
    assert Politeness(pause_seconds=1).pause(0.2, 3) == 3
    assert Politeness(pause_seconds=0, pause_below_profile=True).pause(0.2) == 0
    assert Politeness(pause_seconds=0, pause_below_profile=True).pause(0.2, 3) == 3


async def test_one_hosts_budget_is_not_its_neighbours() -> None:
    """The mute host is asked three times of ten, its neighbours to the end, and what was not asked is unknown."""
    entries: list[Entry] = []
    async with fleet(4, 5) as (served, targets):
        served.mute["127.77.5.2"] = 0
        polite = Politeness(error_budget=3, distress=CALM)
        limits = replace(LIMITS, question_seconds=0.7)
        hosts = await collected(targets, polite, times=10, limits=limits, entries=entries)
    assert Counter(address for _, address in served.seen) == {
        "127.77.5.1": 10, "127.77.5.2": 3, "127.77.5.3": 10, "127.77.5.4": 10,
    }  # fmt: skip
    assert [hosts[f"h{n}"].complete for n in range(4)] == [True, False, True, True]
    causes = [o.outcome.cause for o in hosts["h1"].evidence.gaps(TelnetGreeting) if isinstance(o.outcome, Unknown)]
    assert causes == [Cause.TIMED_OUT] * 3 + [Cause.STOPPED] * 7
    assert hosts["h1"].notes == (
        "Stopped: error budget used up: 3 requests in a row brought no answer. What was left was not asked.",
    )
    assert not any(hosts[name].notes for name in ("h0", "h2", "h3"))
    assert [e.address for e in entries if "asked no more" in e.outcome] == ["127.77.5.2"]


async def test_a_host_that_falls_silent_gets_a_pause_and_then_its_peace() -> None:
    """It answered twice; after the second sign there is a pause that the host sees, after two more the end."""
    async with fleet(1, 6) as (served, targets):
        served.mute["127.77.6.1"] = 2
        distress = Distress(signs=2, back_off_seconds=0.6, back_offs=1)
        limits = replace(LIMITS, question_seconds=0.5)
        hosts = await collected(targets, Politeness(error_budget=0, distress=distress), times=10, limits=limits)
    times = [at for at, _ in served.seen]
    assert len(times) == 6
    assert times[4] - times[3] >= 0.6
    assert len(hosts["h0"].notes) == 2
    assert "nothing is sent for 0.6 s" in hosts["h0"].notes[0]
    assert "Stopped: signs of distress" in hosts["h0"].notes[1]
    assert {name: host.spared for name, host in hosts.items()} == {name: name == "h0" for name in hosts}


def _window(opens: datetime, seconds: float) -> Window:
    return Window(scope="host", scope_name="h0", opens=opens, closes=opens + timedelta(seconds=seconds))


async def test_outside_its_window_a_host_sees_no_connection() -> None:
    """It is not looked at, and says when it could be; its neighbour is asked."""
    async with fleet(2, 7) as (served, targets):
        opens = datetime.now(UTC) + timedelta(hours=2)
        hosts = await collected(targets, Politeness(windows=(_window(opens, 60),)))
    assert [address for _, address in served.seen] == ["127.77.7.2"]
    assert not hosts["h0"].complete
    assert hosts["h0"].evidence.observations == ()
    assert hosts["h0"].notes == (
        f"Not looked at: outside its maintenance window (it opens at {opens:%Y-%m-%d %H:%M} UTC).",
    )
    assert hosts["h1"].complete


async def test_a_window_that_closes_meanwhile_ends_the_asking_in_order() -> None:
    """What was seen stays, the rest is unknown, and the running answer is not cut off.

    The calendar stands still, so the window's time begins with the host's, however long this machine took before.
    """
    async with fleet(1, 8) as (served, targets):
        now = datetime.now(UTC)
        polite = Politeness(windows=(_window(now, 3.0),), pause_seconds=0.5)
        patient = replace(LIMITS, question_seconds=10.0)
        hosts = await collected(targets, polite, times=30, limits=patient, now=lambda: now)
    host = hosts["h0"]
    outcomes = [o.outcome for o in host.evidence.observed(TelnetGreeting)]
    asked = len(served.seen)
    assert 1 <= asked < 10
    assert all(isinstance(each, Seen) for each in outcomes[:asked])
    assert {each.cause for each in outcomes[asked:] if isinstance(each, Unknown)} == {Cause.STOPPED}
    assert len(outcomes) == 30
    assert not host.complete
    assert "Stopped: its maintenance window ends at" in host.notes[0]
    assert not host.spared


async def test_a_window_that_opens_soon_is_waited_for_on_demand() -> None:
    """The host is asked after its window has opened, and not before."""
    async with fleet(2, 9) as (served, targets):
        opens, begun = datetime.now(UTC) + timedelta(seconds=0.6), time.monotonic()
        polite = Politeness(windows=(_window(opens, 60),), wait_seconds=60)
        hosts = await collected(targets, polite)
    assert [address for _, address in served.seen] == ["127.77.9.2", "127.77.9.1"]
    assert served.seen[1][0] - begun >= 0.5
    assert greetings(hosts["h0"]) == ["I am 127.77.9.1"]


ADDRESSES: Iterator[int] = iter(range(10, 250))


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 12), st.integers(50, 400), st.integers(0, 3))
def test_every_host_is_asked_under_any_rate(number: int, per_second: int, at_once: int) -> None:
    """However many, however slow: nobody starves, nobody is filtered, and the rate holds."""

    async def run() -> None:
        async with fleet(number, next(ADDRESSES)) as (served, targets):
            polite = Politeness(requests_per_second=per_second, hosts_at_once_per_site=at_once)
            hosts = await collected(targets, polite, times=2)
        assert all(len(greetings(host)) == 2 and host.complete for host in hosts.values())
        times = [at for at, _ in served.seen]
        assert times[-1] - served.begun >= (2 * number - 1) / per_second

    asyncio.run(run())
