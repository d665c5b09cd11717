"""The probes of ports, Telnet, FTP, SNMP and names: which observations they make of what hosts do."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Seen, Unknown
from auditor.model.facts import FtpGreeting, NameLookup, OpenService, ReverseLookup, SnmpFace, TelnetGreeting
from auditor.model.inventory import Settings
from auditor.model.profile import Protocol, Service
from auditor.probes.ftp import FtpProbe
from auditor.probes.interface import Probe, Question
from auditor.probes.names import NamesProbe
from auditor.probes.ports import PortProbe
from auditor.probes.snmp import SnmpProbe
from auditor.probes.telnet import TelnetProbe
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry
from tests.lines import LOOPBACK, QUICK, gate_to, question_about, says, serving
from tests.peers import dnsmasq, free_port, snmpd, vsftpd

QUICKER = replace(QUICK, question_seconds=0.6)
PROBES: tuple[Probe, ...] = (PortProbe(), TelnetProbe(), FtpProbe(), SnmpProbe(), NamesProbe())
SPEAKING: list[tuple[Probe, Protocol]] = [
    (TelnetProbe(), "telnet"),
    (TelnetProbe(), "telnet-challenge"),
    (FtpProbe(), "ftp"),
]


def service(protocol: Protocol, transport: Literal["tcp", "udp"] = "tcp") -> Service:
    """Return a service whose name is its protocol."""
    return Service(name=protocol, protocol=protocol, transport=transport, port=1, title=protocol, default="on", level=1)


async def collect(probe: Probe, gate: Gate, question: Question) -> Evidence:
    """Return everything that a probe observes."""
    return Evidence(tuple([made async for made in probe.ask(gate, question)]))


def ids(evidence: Evidence) -> list[str]:
    """Return the identifiers, in order."""
    return [observation.id for observation in evidence.observations]


def outcomes(evidence: Evidence) -> list[AnyObservation]:
    """Return the observations; each has an aware time."""
    assert all(made.at.utcoffset() is not None for made in evidence.observations)
    return list(evidence.observations)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_each_probe_takes_its_own_services_only(probe: Probe) -> None:
    """Nothing is asked twice, and SNMP only where the inventory allows it."""
    protocols: tuple[Protocol, ...] = ("telnet", "telnet-challenge", "ftp", "ssh", "http", "https", "snmp", "tcp")
    taken = {p for p in protocols if probe.applies(service(p), Settings())}
    expected: dict[str, set[str]] = {
        "port": {"tcp"}, "telnet": {"telnet", "telnet-challenge"}, "ftp": {"ftp"}, "snmp": {"snmp"}, "dns": set(),
    }  # fmt: skip
    assert taken == expected[probe.name]
    assert probe.applies(None, Settings()) == (probe.name == "dns")
    assert not SnmpProbe().applies(service("snmp"), Settings(snmp=False))


def test_snmp_comes_last() -> None:
    """The one question that may hurt is asked after all others."""
    assert max(PROBES, key=lambda probe: probe.order).name == "snmp"


@pytest.mark.parametrize(("probe", "protocol"), SPEAKING)
def test_a_refused_port_has_no_greeting(probe: Probe, protocol: Protocol) -> None:
    """Refused: port and greeting are both proven absent, from one connection."""
    entries: list[Entry] = []
    question = question_about(service(protocol), free_port())
    evidence = asyncio.run(collect(probe, gate_to(entries), question))
    assert ids(evidence) == [f"port/{protocol}", f"{probe.name}/{protocol}"]
    assert all(isinstance(made.outcome, Absent) for made in outcomes(evidence))
    assert len(entries) == 1


@pytest.mark.parametrize(("probe", "protocol"), SPEAKING)
def test_a_filtered_port_is_unknown_twice(probe: Probe, protocol: Protocol) -> None:
    """Dropped packets: port and greeting have the same cause."""
    with socket.socket() as full:
        full.bind((LOOPBACK, 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        try:
            for each in waiting:
                each.settimeout(0)
                each.connect_ex((LOOPBACK, port))
            question = question_about(service(protocol), port)
            evidence = asyncio.run(collect(probe, gate_to(limits=QUICKER), question))
        finally:
            for each in waiting:
                each.close()
    causes = [made.outcome.cause for made in outcomes(evidence) if isinstance(made.outcome, Unknown)]
    assert causes == [Cause.FILTERED, Cause.FILTERED]


@pytest.mark.parametrize(("probe", "protocol"), SPEAKING)
@pytest.mark.parametrize(("then", "cause"), [("wait", Cause.TIMED_OUT), ("close", Cause.CLOSED_EARLY)])
def test_an_open_port_without_a_word(probe: Probe, protocol: Protocol, then: str, cause: Cause) -> None:
    """Accepting is enough to be open; of the greeting nothing is known."""

    async def run() -> Evidence:
        async with serving(says(then=then)) as peer:
            return await collect(probe, gate_to(limits=QUICKER), question_about(service(protocol), peer.port))

    evidence = asyncio.run(run())
    port, greeting = outcomes(evidence)
    assert isinstance(port.outcome, Seen)
    assert isinstance(greeting.outcome, Unknown)
    assert greeting.outcome.cause is cause


def test_an_open_port_that_speaks_something_else_than_ftp() -> None:
    """Garbage: open, and no FTP greeting is made up."""

    async def run() -> Evidence:
        async with serving(says(b"\x16\x03\x01 what?\r\n")) as peer:
            return await collect(FtpProbe(), gate_to(), question_about(service("ftp"), peer.port))

    port, greeting = outcomes(asyncio.run(run()))
    assert isinstance(port.outcome, Seen)
    assert isinstance(greeting.outcome, Unknown)
    assert greeting.outcome.cause is Cause.MALFORMED


def test_telnet_with_a_password_prompt() -> None:
    """One connection brings both observations, and the challenge pattern is the profile's."""

    async def run() -> tuple[Evidence, int]:
        async with serving(says(b"Welcome\r\nPassword: ")) as peer:
            evidence = await collect(TelnetProbe(), gate_to(), question_about(service("telnet"), peer.port))
            return evidence, peer.connections

    evidence, connections = asyncio.run(run())
    assert connections == 1
    assert evidence.of(OpenService, "telnet")[0].transport == "tcp"
    assert evidence.of(TelnetGreeting, "telnet")[0].prompt == "password"


def test_a_bare_port() -> None:
    """Open, or refused; nothing more is told, nothing is sent."""

    async def run() -> tuple[Evidence, bytes]:
        async with serving(says(b"whatever")) as peer:
            evidence = await collect(PortProbe(), gate_to(), question_about(service("tcp"), peer.port))
            return evidence, bytes(peer.received)

    evidence, received = asyncio.run(run())
    assert ids(evidence) == ["port/tcp"]
    assert (len(evidence.of(OpenService)), received) == (1, b"")
    refused = asyncio.run(collect(PortProbe(), gate_to(), question_about(service("tcp"), free_port())))
    assert isinstance(refused.observations[0].outcome, Absent)


def test_vsftpd(tmp_path: Path) -> None:
    """Debian's FTP server."""
    with vsftpd(tmp_path) as peer:
        evidence = asyncio.run(collect(FtpProbe(), gate_to(), question_about(service("ftp"), peer.port)))
    assert evidence.of(OpenService, "ftp")[0].port == peer.port
    assert evidence.of(FtpGreeting, "ftp")[0].code == 220


def test_snmpd(tmp_path: Path) -> None:
    """Debian's agent; the community comes from the settings and shows nowhere."""
    entries: list[Entry] = []
    settings = Settings(snmp_community="lab-word")
    with snmpd(tmp_path, community="lab-word") as peer:
        question = question_about(service("snmp", "udp"), peer.port, settings)
        evidence = asyncio.run(collect(SnmpProbe(), gate_to(entries), question))
    assert evidence.of(OpenService, "snmp")[0].transport == "udp"
    assert evidence.of(SnmpFace, "snmp")[0].description == "lab agent"
    assert "lab-word" not in repr((evidence, entries, settings))


def test_snmp_refused_and_silent() -> None:
    """ICMP proves that it is closed; silence proves nothing."""
    refused = asyncio.run(
        collect(SnmpProbe(), gate_to(), question_about(service("snmp", "udp"), free_port(socket.SOCK_DGRAM)))
    )
    assert all(isinstance(made.outcome, Absent) for made in outcomes(refused))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((LOOPBACK, 0))
        question = question_about(service("snmp", "udp"), silent.getsockname()[1])
        evidence = asyncio.run(collect(SnmpProbe(), gate_to(limits=QUICKER), question))
    assert ids(evidence) == ["port/snmp", "snmp/snmp"]
    causes = [made.outcome.cause for made in outcomes(evidence) if isinstance(made.outcome, Unknown)]
    assert causes == [Cause.FILTERED, Cause.FILTERED]


def test_a_question_that_the_profile_does_not_permit_is_our_fault() -> None:
    """A read that is missing from a profile is a fault, and nothing is said of the host."""
    question = question_about(service("snmp", "udp"), free_port(socket.SOCK_DGRAM))
    evidence = asyncio.run(collect(SnmpProbe(), gate_to(reads=()), question))
    causes = {made.outcome.cause for made in outcomes(evidence) if isinstance(made.outcome, Unknown)}
    assert causes == {Cause.NOT_PERMITTED}


def test_names_in_dns(tmp_path: Path) -> None:
    """Forward and reverse, from the inventory's resolver."""
    with dnsmasq(tmp_path, f"--host-record=codec.example.test,{LOOPBACK}", "--local=/test/") as peer:
        settings = Settings(dns_servers=(f"{peer.address}:{peer.port}",))
        evidence = asyncio.run(collect(NamesProbe(), gate_to(), question_about(None, 0, settings)))
    assert ids(evidence) == ["dns/forward", "dns/reverse"]
    assert evidence.of(NameLookup)[0].addresses == (LOOPBACK,)
    assert evidence.of(ReverseLookup)[0].names == ("codec.example.test",)


def test_names_that_dns_does_not_know(tmp_path: Path) -> None:
    """NXDOMAIN is a proof of absence, with its reason."""
    with dnsmasq(tmp_path, "--local=/test/", "--local=/127.in-addr.arpa/") as peer:
        settings = Settings(dns_servers=(f"{peer.address}:{peer.port}",))
        evidence = asyncio.run(collect(NamesProbe(), gate_to(), question_about(None, 0, settings)))
    for made in outcomes(evidence):
        assert isinstance(made.outcome, Absent)
        assert "DNS" in made.outcome.reason


def test_names_without_a_resolver_that_answers() -> None:
    """A resolver that refuses packets proves nothing about a name."""
    settings = Settings(dns_servers=(f"{LOOPBACK}:{free_port(socket.SOCK_DGRAM)}",))
    evidence = asyncio.run(collect(NamesProbe(), gate_to(), question_about(None, 0, settings)))
    assert [type(made.outcome) for made in outcomes(evidence)] == [Unknown, Unknown]


@pytest.mark.parametrize("hostname", [None, "192.0.2.1", "2001:db8::1"])
def test_a_target_without_a_name(hostname: str | None) -> None:
    """No name, no forward question: it was not asked."""
    settings = Settings(dns_servers=(f"{LOOPBACK}:{free_port(socket.SOCK_DGRAM)}",))
    question = question_about(None, 0, settings)
    question = replace(question, target=replace(question.target, hostname=hostname))
    forward = asyncio.run(collect(NamesProbe(), gate_to(), question)).one(NameLookup)
    assert forward is not None
    assert isinstance(forward.outcome, Unknown)
    assert forward.outcome.cause is Cause.NOT_ASKED
