"""Collecting: bounded, honest about what it did not get, and every answer on the right host. Real sockets."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from auditor.engine.collect import Collector
from auditor.engine.plan import plan
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Absent, AnyObservation, Cause, Observation, Seen, Unknown
from auditor.model.facts import OpenService, TelnetGreeting
from auditor.model.inventory import Inventory, Settings, Target
from auditor.model.profile import Limits, Read, Service
from auditor.probes.interface import Probe, Question, observation, port_observation
from auditor.wire.dns import PORT, SYSTEM
from auditor.wire.failures import attempt
from auditor.wire.fence import Fence
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.readlist import ForbiddenReadError, Request
from tests.engine.evidence import TELNET, TOY


def nowhere(_entry: Entry) -> None:
    """Drop ledger entries."""


class BannerProbe:
    """Reads a line: the smallest real probe."""

    name, order = "telnet", 1

    def __init__(self, *asked: str) -> None:
        """Ask with this request."""
        self.request = Request(*(asked or ("telnet", "LISTEN")))

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Tell whether the service is Telnet."""
        return service == TELNET

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Connect and read a line."""
        result = await attempt(self.read(gate, question.port))
        yield port_observation(gate, question, result)
        yield observation(TelnetGreeting, "telnet", "telnet", gate, question.port, result)

    async def read(self, gate: Gate, port: int) -> TelnetGreeting:
        """Read one line."""
        async with gate.line(self.request, port) as line:
            banner = (await line.read_line()).decode()
        return TelnetGreeting(port=port, banner=banner, prompt="other")


class BrokenProbe(BannerProbe):
    """A probe with a bug."""

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Raise after one good observation."""
        yield Observation(OpenService, "port", "telnet", gate.now(), Absent("x"))
        raise RuntimeError("bug")


@asynccontextmanager
async def speaker(address: str, banner: bytes, delay: float = 0.0) -> AsyncIterator[int]:
    """Serve a banner."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await asyncio.sleep(delay)
            writer.write(banner)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, address, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)


def target(name: str, address: str, port: int) -> Target:
    """A toy host."""
    return Target(name=name, product="toy", address=address, ports={"telnet": port})


async def collected(
    targets: Sequence[Target],
    *,
    probe: Probe | None = None,
    entries: list[Entry] | None = None,
    limits: Limits = TOY.limits,
    hosts_at_once: int = 20,
) -> list[HostEvidence]:
    """Collect from the targets with one probe."""
    profile = replace(TOY, limits=limits)
    settings = Settings(hosts_at_once=hosts_at_once)
    probes: tuple[Probe, ...] = (probe or BannerProbe(),)
    collector = Collector(
        profiles={"toy": profile, "unknown": replace(profile, family="unknown")},
        probes=probes, settings=settings, ledger=Ledger((entries if entries is not None else []).append),
    )  # fmt: skip
    plans = plan(Inventory(targets=tuple(targets), settings=settings), {"toy": profile}, probes)
    return [host async for host in collector.run(plans)]


def outcome(host: HostEvidence, identifier: str) -> object:
    """Return the outcome of one observation."""
    return next(o.outcome for o in host.evidence.observations if o.id == identifier)


async def test_every_answer_lands_on_its_own_host() -> None:
    """Forty hosts with unique banners and delays, twenty at a time."""
    async with _many(40) as ports:
        targets = [target(f"host{n}", f"127.9.0.{n + 1}", port) for n, port in enumerate(ports)]
        hosts = await collected(targets)
    assert {h.target.name: h.evidence.of(TelnetGreeting)[0].banner for h in hosts} == {
        f"host{n}": f"I am 127.9.0.{n + 1}" for n in range(40)
    }


@asynccontextmanager
async def _many(number: int) -> AsyncIterator[list[int]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                speaker(f"127.9.0.{n + 1}", f"I am 127.9.0.{n + 1}\r\n".encode(), delay=(n * 7 % 10) / 100)
            )
            for n in range(number)
        ]


async def test_refused_and_silent_are_told_apart_within_the_deadline() -> None:
    """A refused port is proven absent; one that accepts and says nothing is open, and its greeting unknown."""
    entries: list[Entry] = []
    async with speaker("127.9.1.1", b"", delay=30) as silent, speaker("127.9.1.2", b"gone") as early:
        started = time.monotonic()
        ends = (("refused", "127.9.1.3", early), ("silent", "127.9.1.1", silent), ("early", "127.9.1.2", early))
        limits = replace(TOY.limits, question_seconds=0.5)
        hosts = await collected([target(*end) for end in ends], entries=entries, limits=limits)
        assert time.monotonic() - started < 5
    by_name = {h.target.name: h for h in hosts}
    assert isinstance(outcome(by_name["refused"], "port/telnet"), Absent)
    assert isinstance(outcome(by_name["silent"], "port/telnet"), Seen)
    silence, hung_up = outcome(by_name["silent"], "telnet/telnet"), outcome(by_name["early"], "telnet/telnet")
    assert isinstance(silence, Unknown)
    assert isinstance(hung_up, Unknown)
    assert (silence.cause, hung_up.cause) == (Cause.TIMED_OUT, Cause.CLOSED_EARLY)
    assert len(entries) == 3
    assert all(e.permitted for e in entries)


async def test_the_hosts_time_limit_keeps_what_was_learnt() -> None:
    """A host that is too slow is handed on, incomplete, and says so."""
    async with speaker("127.9.2.1", b"", delay=30) as port:
        (host,) = await collected([target("slow", "127.9.2.1", port)], limits=replace(TOY.limits, host_seconds=0.3))
    assert not host.complete
    assert "time limit" in host.notes[0]


async def test_a_bug_in_a_probe_is_ours_and_ends_nothing_else() -> None:
    """The broken host keeps what was observed; its neighbour is audited as ever."""
    async with speaker("127.9.3.1", b"hello\r\n") as port:
        (broken,) = await collected([target("a", "127.9.3.1", port)], probe=BrokenProbe())
    assert "RuntimeError: bug" in broken.faults[0]
    assert not broken.complete
    assert [o.id for o in broken.evidence.observations] == ["port/telnet"]


async def test_a_probe_that_asks_for_a_write_sends_nothing_and_is_our_fault() -> None:
    """The peer sees no connection at all; the ledger shows the refusal."""
    touched = asyncio.Event()
    entries: list[Entry] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        touched.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.9.4.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        probe = BannerProbe("http", "GET", "/formputxml")
        (host,) = await collected([target("a", "127.9.4.1", port)], probe=probe, entries=entries)
        await asyncio.sleep(0.05)
    assert not touched.is_set()
    assert [(e.permitted, e.argument, e.sent_bytes) for e in entries] == [(False, "/formputxml", 0)]
    assert "refused before sending" in host.faults[0]
    refused = outcome(host, "telnet/telnet")
    assert isinstance(refused, Unknown)
    assert refused.cause is Cause.NOT_PERMITTED


def test_a_tampered_list_stops_the_program_before_the_first_packet() -> None:
    """A profile that lists a write cannot be collected with."""
    bad = replace(TOY, reads=(Read(protocol="http", operation="GET", argument="/formputxml", manual="?"),))
    with pytest.raises(ForbiddenReadError, match="formputxml"):
        Collector(profiles={"toy": bad}, probes=(), settings=Settings(), ledger=Ledger(nowhere))


async def test_stopping_hands_on_what_is_in_progress() -> None:
    """Ctrl-C: the host in progress is incomplete, the one that waits is left out."""
    async with speaker("127.9.5.1", b"", delay=30) as port:
        settings = Settings(hosts_at_once=1)
        probes = (BannerProbe(),)
        collector = Collector(profiles={"toy": TOY}, probes=probes, settings=settings, ledger=Ledger(nowhere))
        targets = tuple(target(name, "127.9.5.1", port) for name in ("first", "second"))
        asyncio.get_running_loop().call_later(0.2, collector.stop)
        plans = plan(Inventory(targets=targets, settings=settings), {"toy": TOY}, probes)
        hosts = [host async for host in collector.run(plans)]
    assert [(h.target.name, h.complete) for h in hosts] == [("first", False)]
    assert "interrupted" in hosts[0].notes[0]


async def test_a_name_without_address_is_no_level_and_no_crash() -> None:
    """The reason stands in the notes."""
    lost = Target(name="lost", product="toy", hostname="nowhere.invalid")
    (host,) = await collected([lost])
    assert host.address is None
    assert "nowhere.invalid" in host.notes[0]
    assert host.evidence.observations == ()


async def test_a_worker_that_falls_ends_the_collection_with_its_error() -> None:
    """A fault outside the probes is raised to the caller; nobody waits for ever."""

    def fall(_target: Target) -> None:
        raise RuntimeError("display broke")

    probes = (BannerProbe(),)
    settings = Settings(hosts_at_once=3)
    collector = Collector(
        profiles={"toy": TOY}, probes=probes, settings=settings, ledger=Ledger(nowhere), on_start=fall
    )
    plans = plan(Inventory(targets=(target("a", "127.9.6.1", 1),), settings=settings), {"toy": TOY}, probes)
    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.timeout(5):
            _ = [host async for host in collector.run(plans)]
    assert raised.group_contains(RuntimeError, match="display broke")


async def test_a_host_whose_resolver_is_beyond_the_fence_is_not_looked_at() -> None:
    """Nobody was asked where it is: that is no fault, and no word of a resolver."""
    settings, probes = Settings(dns_servers=("127.0.0.99:53",)), (BannerProbe(),)
    ledger = Ledger(nowhere)
    collector = Collector(
        profiles={"toy": TOY}, probes=probes, settings=settings, ledger=ledger, fence=Fence.of(["10.0.0.0/8"])
    )
    named = Target(name="by-name", product="toy", hostname="rm1.example.test")
    (host,) = [each async for each in collector.run(plan(Inventory(targets=(named,)), {"toy": TOY}, probes))]
    assert (host.complete, host.faults, host.evidence.observations) == (False, (), ())
    assert host.notes[0].startswith("Not looked at: nobody was asked for rm1.example.test's address (127.0.0.99:53: ")
    assert (ledger.made, ledger.refused, ledger.beyond) == (0, 0, {"by-name": {"127.0.0.99"}})


async def test_a_host_beyond_the_fence_is_not_looked_at() -> None:
    """By its address and by what its name resolves to; the notes say why, and the peer sees nothing."""
    fence = Fence.of(["10.0.0.0/8"], [(SYSTEM, PORT), ("127.0.0.1", PORT)])
    touched = asyncio.Event()
    entries: list[Entry] = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        touched.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        targets = (
            target("by-address", "127.0.0.1", port),
            Target(name="by-name", product="toy", hostname="localhost", ports={"telnet": port}),
        )
        settings, probes = Settings(), (BannerProbe(),)
        collector = Collector(
            profiles={"toy": TOY}, probes=probes, settings=settings, ledger=Ledger(entries.append), fence=fence
        )
        plans = plan(Inventory(targets=targets, settings=settings), {"toy": TOY}, probes)
        hosts = [host async for host in collector.run(plans)]
        await asyncio.sleep(0.05)
    assert not touched.is_set()
    assert {h.target.name for h in hosts} == {"by-address", "by-name"}
    for host in hosts:
        assert (host.complete, host.faults, host.evidence.observations) == (False, (), ())
        assert "127.0.0.1 is outside the networks" in host.notes[0]
    assert entries == []
