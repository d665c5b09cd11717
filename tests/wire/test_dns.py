"""DNS: names and addresses from real and broken resolvers; only an answer proves that there is nothing."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from auditor.wire import dns as wire_dns
from auditor.wire.dns import Server, parse_server
from auditor.wire.failures import MalformedError, NameNotFoundError, SilentError, UnreachableError, WireError
from auditor.wire.ledger import Entry
from tests.lines import LOOPBACK, QUICK, gate_to
from tests.peers import Peer, dnsmasq, free_port

NAME = "codec.example.test"
SHORT = replace(QUICK, question_seconds=1.0)
T = TypeVar("T")

Behaviour = Callable[[dns.message.Message], list[bytes]]


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    """Run Debian's dnsmasq with a small zone."""
    records = [
        f"--host-record={NAME},192.0.2.21,2001:db8::21",
        "--host-record=four.example.test,192.0.2.44",
        "--host-record=six.example.test,2001:db8::66",
        "--cname=alias.example.test,four.example.test",
        "--txt-record=text.example.test,nothing",
        "--local=/example.test/",
        "--local=/2.0.192.in-addr.arpa/",
        *(f"--address=/many.example.test/198.51.100.{i}" for i in range(1, 61)),
    ]
    with dnsmasq(tmp_path, *records) as running:
        yield running


def ask(question: Awaitable[T]) -> T:
    """Run one question."""

    async def run() -> T:
        return await question

    return asyncio.run(run())


def at(peer: Peer) -> list[str]:
    """Return a resolver as the inventory writes it."""
    return [f"{peer.address}:{peer.port}"]


def test_forward_with_both_kinds_of_address(peer: Peer) -> None:
    """A and AAAA, IPv4 first; each question is in the ledger under the resolver's address."""
    entries: list[Entry] = []
    found = ask(wire_dns.forward(gate_to(entries, address="192.0.2.21"), NAME, at(peer)))
    assert found.addresses == ("192.0.2.21", "2001:db8::21")
    assert found.resolver == f"{peer.address}:{peer.port}"
    assert [(e.address, e.transport, e.operation, e.argument) for e in entries] == [
        (LOOPBACK, "udp", "QUERY", "A"),
        (LOOPBACK, "udp", "QUERY", "AAAA"),
    ]


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("four.example.test", ("192.0.2.44",)),
        ("six.example.test", ("2001:db8::66",)),
        ("alias.example.test", ("192.0.2.44",)),
        ("FOUR.example.TEST.", ("192.0.2.44",)),
    ],
)
def test_forward_of_other_shapes(peer: Peer, name: str, addresses: tuple[str, ...]) -> None:
    """One kind only, an alias, other case and a final dot."""
    assert ask(wire_dns.forward(gate_to(), name, at(peer))).addresses == addresses
    assert ask(wire_dns.resolve(gate_to(), name, at(peer))) == addresses


def test_a_long_answer_comes_over_tcp(peer: Peer) -> None:
    """What UDP cuts short is asked again over TCP, and the ledger shows both."""
    entries: list[Entry] = []
    found = ask(wire_dns.forward(gate_to(entries), "many.example.test", at(peer)))
    assert len(found.addresses) == 60
    assert [e.transport for e in entries] == ["udp", "tcp", "udp"]


@pytest.mark.parametrize("name", ["nobody.example.test", "text.example.test", "a" * 64 + ".example.test", "a..b"])
def test_a_name_without_addresses(peer: Peer, name: str) -> None:
    """NXDOMAIN, no record of the kind, and what can be no name: proven absent."""
    with pytest.raises(NameNotFoundError):
        ask(wire_dns.forward(gate_to(), name, at(peer)))
    with pytest.raises(NameNotFoundError):
        ask(wire_dns.resolve(gate_to(), name, at(peer)))


def test_reverse(peer: Peer) -> None:
    """PTR of both kinds of address, and of one that has no name."""
    assert ask(wire_dns.reverse(gate_to(), "192.0.2.21", at(peer))).names == (NAME,)
    assert ask(wire_dns.reverse(gate_to(), "2001:db8::21", at(peer))).names == (NAME,)
    with pytest.raises(NameNotFoundError):
        ask(wire_dns.reverse(gate_to(), "192.0.2.99", at(peer)))


def test_a_resolver_that_refuses_proves_nothing(peer: Peer) -> None:
    """REFUSED (no upstream) is not "does not exist"."""
    with pytest.raises(MalformedError, match="REFUSED"):
        ask(wire_dns.forward(gate_to(), "www.example.org", at(peer)))


def test_the_next_resolver_is_asked(peer: Peer) -> None:
    """A closed and a silent resolver are passed over, in order."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((LOOPBACK, 0))
        servers = [f"{LOOPBACK}:{free_port(socket.SOCK_DGRAM)}", f"{LOOPBACK}:{silent.getsockname()[1]}", *at(peer)]
        entries: list[Entry] = []
        found = ask(wire_dns.resolve(gate_to(entries, limits=SHORT), NAME, servers))
    assert found == ("192.0.2.21",)
    assert [e.outcome.partition(":")[0] for e in entries] == ["Refused", "Filtered", "answered"]


def test_no_resolver_answers() -> None:
    """Closed or silent, nothing is proven, each resolver is named, and time is bounded."""
    closed = f"{LOOPBACK}:{free_port(socket.SOCK_DGRAM)}"
    with pytest.raises(UnreachableError, match=closed):
        ask(wire_dns.forward(gate_to(), NAME, [closed]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((LOOPBACK, 0))
        started = time.monotonic()
        with pytest.raises(SilentError, match=f"{closed}.*no answer"):
            ask(wire_dns.forward(gate_to(limits=SHORT), NAME, [closed, f"{LOOPBACK}:{silent.getsockname()[1]}"]))
        assert time.monotonic() - started < 3.0


@asynccontextmanager
async def resolver(behaviour: Behaviour) -> AsyncIterator[str]:
    """Serve UDP and TCP on one port of loopback; TCP gets the last of the behaviour's answers."""

    class Udp(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            # Python 3.11 does not derive its UDP transports from the class that describes them.
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for answer in behaviour(dns.message.from_wire(data)):
                self.transport.sendto(answer, addr)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        answer = behaviour(dns.message.from_wire(await reader.readexactly(size)))[-1]
        writer.write(struct.pack("!H", len(answer)) + answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Udp, local_addr=(LOOPBACK, port))
    try:
        yield f"{LOOPBACK}:{port}"
    finally:
        transport.close()
        server.close()


def answers(
    question: dns.message.Message,
    *,
    flags: int = 0,
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR,
    rows: tuple[str, ...] = (),
) -> bytes:
    """Return an answer; rows are texts of records such as `codec.example.test. 60 IN A 192.0.2.1`."""
    response = dns.message.make_response(question)
    response.flags |= flags
    response.set_rcode(rcode)
    for row in rows:
        name, ttl, kind, rdtype, data = row.split(" ", 4)
        section = response.authority if rdtype in ("NS", "SOA") else response.answer
        section.append(dns.rrset.from_text(name, int(ttl), kind, rdtype, data))
    return response.to_wire()


def asked_of(behaviour: Behaviour, name: str = NAME, address: str = "192.0.2.1") -> tuple[str, ...]:
    """Return the addresses that a resolver of this behaviour brings."""

    async def run() -> tuple[str, ...]:
        async with resolver(behaviour) as server:
            return (await wire_dns.forward(gate_to(address=address, limits=SHORT), name, [server])).addresses

    return asyncio.run(run())


ROW = f"{NAME}. 60 IN A 192.0.2.1"


def only_a(question: dns.message.Message, otherwise: bytes) -> list[bytes]:
    """Return a good answer to A and something else to AAAA."""
    is_a = question.question[0].rdtype.name == "A"
    return [answers(question, rows=(ROW,)) if is_a else otherwise]


def test_answers_that_do_not_fit_are_passed_over() -> None:
    """Garbage, a wrong identifier and a wrong question do not end the wait for the right answer."""

    def behaviour(question: dns.message.Message) -> list[bytes]:
        right = only_a(question, answers(question))[0]
        other = dns.message.make_query("evil.example.test", "A", id=question.id)
        wrong_id = (question.id ^ 1).to_bytes(2, "big") + answers(question, rows=(ROW.replace("2.1", "2.66"),))[2:]
        return [b"", b"\0" * 11, wrong_id, answers(other, rows=("evil.example.test. 60 IN A 192.0.2.66",)), right]

    assert asked_of(behaviour) == ("192.0.2.1",)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP])
def test_an_error_of_the_resolver_proves_nothing(rcode: dns.rcode.Rcode) -> None:
    """Not even of the kind of address that was not asked for yet."""
    with pytest.raises(MalformedError, match=rcode.name):
        asked_of(lambda question: [answers(question, rcode=rcode)])


def test_half_an_answer_counts_only_where_it_holds_our_address() -> None:
    """A is answered, AAAA fails: enough where A holds the target's address, otherwise unknown."""

    def behaviour(question: dns.message.Message) -> list[bytes]:
        return only_a(question, answers(question, rcode=dns.rcode.SERVFAIL))

    assert asked_of(behaviour) == ("192.0.2.1",)
    with pytest.raises(MalformedError):
        asked_of(behaviour, address="2001:db8::1")


def test_a_referral_is_no_proof() -> None:
    """A server that names other servers has not said that there is nothing."""
    with pytest.raises(MalformedError, match="names other servers"):
        asked_of(lambda question: [answers(question, rows=("example.test. 60 IN NS ns.example.test.",))])


def test_nothing_of_this_kind_is_a_proof() -> None:
    """An empty answer with the zone's SOA says that there is no such record."""
    soa = "example.test. 60 IN SOA ns.example.test. root.example.test. 1 2 3 4 5"
    with pytest.raises(NameNotFoundError):
        asked_of(lambda question: [answers(question, rows=(soa,))])


def test_aliases_in_a_knot() -> None:
    """A chain of aliases without end is refused."""
    rows = (f"{NAME}. 60 IN CNAME b.test.", f"b.test. 60 IN CNAME {NAME}.")
    with pytest.raises(MalformedError, match="knot"):
        asked_of(lambda question: [answers(question, rows=rows)])


def test_an_answer_that_is_cut_short_even_over_tcp() -> None:
    """Half of the records are no answer."""
    with pytest.raises(MalformedError, match="cut"):
        asked_of(lambda question: [answers(question, flags=dns.flags.TC, rows=(ROW,))])


@pytest.mark.parametrize("literal", ["192.0.2.7", "2001:db8::7"])
def test_an_address_needs_no_question(literal: str) -> None:
    """Literals and localhost resolve to themselves; the ledger stays empty."""
    entries: list[Entry] = []
    assert ask(wire_dns.resolve(gate_to(entries), literal, ())) == (literal,)
    assert ask(wire_dns.resolve(gate_to(entries), "LocalHost", ["192.0.2.53"]))[0] == LOOPBACK
    assert entries == []


def test_the_system_resolves_as_for_every_program() -> None:
    """Without resolvers of the inventory this machine's own way is used, `/etc/hosts` included, and recorded."""
    entries: list[Entry] = []
    name = socket.gethostname()
    try:
        expected = {str(where[0]) for *_, where in socket.getaddrinfo(name, None)}
    except socket.gaierror:
        with pytest.raises(WireError):
            ask(wire_dns.resolve(gate_to(entries), name, ()))
    else:
        assert set(ask(wire_dns.resolve(gate_to(entries), name, ()))) == expected
    assert [entry.address for entry in entries] == ["system"]
    with pytest.raises(NameNotFoundError):
        ask(wire_dns.resolve(gate_to(), "x" * 70 + ".invalid", ()))


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", Server("192.0.2.53", 53)),
        ("192.0.2.53:5353", Server("192.0.2.53", 5353)),
        ("2001:db8::53", Server("2001:db8::53", 53)),
        ("[2001:db8::53]", Server("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", Server("2001:db8::53", 5353)),
    ],
)
def test_how_resolvers_are_written(text: str, server: Server) -> None:
    """With and without a port, in both kinds of address."""
    assert parse_server(text) == server


@pytest.mark.parametrize("text", ["", "resolver.example.test", "192.0.2.53:dns", "[192.0.2"])
def test_what_is_no_resolver(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_server(text)
