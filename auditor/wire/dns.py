"""DNS: A, AAAA and PTR of a target, from the resolvers that the inventory names or from the system's (RFC 1035).

UDP first, TCP where the answer was cut short; the next resolver where one does not answer or cannot say. Only an
answer proves that a name does not exist; every other failure leaves it open. The answer's identifier, question and
sender must be those of the question.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.reversename

from auditor.model.facts import NameLookup, ReverseLookup
from auditor.wire.datagram import exchange
from auditor.wire.failures import (
    BeyondError,
    FilteredError,
    MalformedError,
    NameNotFoundError,
    RefusedError,
    SilentError,
    UnreachableError,
    WireError,
)
from auditor.wire.gate import Gate
from auditor.wire.readlist import Request

A = Request("dns", "QUERY", "A")
AAAA = Request("dns", "QUERY", "AAAA")
PTR = Request("dns", "QUERY", "PTR")

SYSTEM = "system"
PORT = 53
MOST_RECORDS = 64
MOST_SECONDS = 4.0
"""The longest wait for one resolver; half of the question's time where that is less."""


@dataclass(frozen=True, slots=True)
class Server:
    """One resolver."""

    address: str
    port: int

    def __str__(self) -> str:
        """Return it as the inventory writes it."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


async def forward(gate: Gate, name: str, servers: Iterable[str]) -> NameLookup:
    """Return the addresses of a name, IPv4 first; raise `NameNotFoundError` where DNS says that there are none.

    Both kinds must be answered, unless the addresses of one kind hold the one that the gate leads to already: half an
    answer must not look like a proof that the other half is empty.
    """
    resolvers, label = _resolvers(servers)
    wanted = _absolute(name)
    addresses: list[str] = []
    for request in (A, AAAA):
        try:
            records = await _query(gate, request, wanted, resolvers)
        except NameNotFoundError:
            break
        except WireError:
            if gate.address in addresses:
                break
            raise
        addresses += records
    if not addresses:
        raise NameNotFoundError(f"DNS knows no address of {name} (asked: {label})")
    return NameLookup(name=name, addresses=tuple(addresses[:MOST_RECORDS]), resolver=label)


async def reverse(gate: Gate, address: str, servers: Iterable[str]) -> ReverseLookup:
    """Return the names of an address; raise `NameNotFoundError` where DNS says that there are none."""
    resolvers, label = _resolvers(servers)
    names = await _query(gate, PTR, dns.reversename.from_address(address), resolvers)
    if not names:
        raise NameNotFoundError(f"DNS knows no name of {address} (asked: {label})")
    return ReverseLookup(address=address, names=tuple(names[:MOST_RECORDS]), resolver=label)


async def resolve(gate: Gate, hostname: str, servers: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses under which to reach a host, IPv4 first; never empty. `gate` need not have an address.

    With the system resolver, the system decides as it does for every program, `/etc/hosts` included. Raises
    `NameNotFoundError` or another `WireError`.
    """
    if (literal := _literal(hostname)) is not None:
        return (literal,)
    if hostname.rstrip(".").lower() == "localhost":
        return ("127.0.0.1", "::1")
    if servers := tuple(servers):
        return await _from_servers(gate, hostname, servers)
    async with gate.passage(A, PORT, "udp", address=SYSTEM):
        try:
            found = await asyncio.get_running_loop().getaddrinfo(hostname, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
                raise NameNotFoundError(f"the system knows no address of {hostname}") from error
            raise SilentError(f"the system could not look up {hostname}: {error.strerror}") from error
        except UnicodeError as error:
            raise NameNotFoundError(f"{hostname!a} can be no name of a host") from error
    addresses = dict.fromkeys(str(where[0]) for *_, where in found)
    return tuple(sorted(addresses, key=lambda address: ":" in address))


async def _from_servers(gate: Gate, hostname: str, servers: tuple[str, ...]) -> tuple[str, ...]:
    """Ask for IPv4 addresses, and for IPv6 addresses where there are none."""
    resolvers, label = _resolvers(servers)
    for request in (A, AAAA):
        if records := await _query(gate, request, _absolute(hostname), resolvers):
            return tuple(records[:MOST_RECORDS])
    raise NameNotFoundError(f"DNS knows no address of {hostname} (asked: {label})")


def parse_server(text: str) -> Server:
    """Read `address`, `address:port`, `[v6]` or `[v6]:port`; raise ValueError for anything else."""
    bare = text.strip()
    if bare.startswith("["):
        address, _, port = bare[1:].partition("]")
        port = port.removeprefix(":")
    elif bare.count(":") == 1:
        address, _, port = bare.partition(":")
    else:
        address, port = bare, ""
    return Server(str(ipaddress.ip_address(address)), int(port or PORT))


def system_servers() -> tuple[str, ...]:
    """Return the addresses of the resolvers that this machine is configured with; none where it has none."""
    try:
        return tuple(str(address) for address in dns.resolver.Resolver(configure=True).nameservers)
    except (dns.exception.DNSException, OSError):
        return ()


def _resolvers(servers: Iterable[str]) -> tuple[tuple[Server, ...], str]:
    """Return the resolvers to ask, in order, and what the fact calls them."""
    if given := tuple(parse_server(server) for server in servers):
        return given, ", ".join(str(server) for server in given)
    try:
        system = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError) as error:
        raise UnreachableError("this machine has no DNS resolver configured") from error
    return tuple(Server(str(address), system.port) for address in system.nameservers), SYSTEM


def _absolute(name: str) -> dns.name.Name:
    """Return the name as it stands, never with a search domain of this machine."""
    try:
        return dns.name.from_text(name, origin=dns.name.root)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise NameNotFoundError(f"{name!a} can be no name in DNS") from error


def _literal(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


async def _query(gate: Gate, request: Request, name: dns.name.Name, servers: tuple[Server, ...]) -> list[str]:
    """Ask one resolver after the other until one can say; return the records' texts, empty for none of this type.

    Raises `NameNotFoundError` for NXDOMAIN. Where no resolver could say, the error names what happened to each.
    """
    failed: list[tuple[Server, WireError]] = []
    for server in servers:
        try:
            return _records(await _ask(gate, request, name, server), request)
        except NameNotFoundError:
            raise
        except WireError as error:
            failed.append((server, error))
    if not failed:
        raise UnreachableError("this machine has no DNS resolver configured")
    detail = "; ".join(f"{server}: {error}" for server, error in failed)
    # A resolver that was not asked says less than one that was.
    last = next((error for _, error in reversed(failed) if not isinstance(error, BeyondError)), failed[-1][1])
    if isinstance(last, FilteredError):
        raise SilentError(detail) from last
    # A resolver that refuses the connection proves nothing about the name.
    raise (UnreachableError if isinstance(last, RefusedError) else type(last))(detail) from last


async def _ask(gate: Gate, request: Request, name: dns.name.Name, server: Server) -> dns.message.Message:
    """Ask one resolver, over UDP and, where the answer was cut short, over TCP."""
    question = dns.message.make_query(name, request.argument)
    data = question.to_wire()

    def accept(answer: bytes) -> dns.message.Message:
        return _parsed(question, answer)

    async with gate.passage(request, server.port, "udp", address=server.address) as tally:
        seconds = min(MOST_SECONDS, gate.limits.question_seconds / 2)
        answer = await exchange(tally, server.address, server.port, data, accept=accept, seconds=seconds)
    if answer.flags & dns.flags.TC:
        async with gate.line(request, server.port, address=server.address) as line:
            await line.send(len(data).to_bytes(2, "big") + data)
            size = int.from_bytes(await line.read_exactly(2), "big")
            answer = accept(await line.read_exactly(size))
        if answer.flags & dns.flags.TC:
            raise MalformedError("the resolver cut its answer short even over TCP")
    return answer


def _parsed(question: dns.message.Message, data: bytes) -> dns.message.Message:
    """Read an answer; raise `MalformedError` where it is none to this question."""
    try:
        # What was cut short may end inside a record; only its question counts, TCP brings the rest.
        cut_short = int.from_bytes(data[2:4], "big") & dns.flags.TC
        answer = dns.message.from_wire(data, question_only=bool(cut_short), ignore_trailing=True)
        if question.is_response(answer):
            return answer
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise MalformedError(f"the resolver's answer cannot be read ({type(error).__name__})") from error
    raise MalformedError("the resolver answered another question")


def _records(answer: dns.message.Message, request: Request) -> list[str]:
    """Return the records of the asked type at the end of the aliases, as text; empty where there are none."""
    rcode = answer.rcode()
    if rcode == dns.rcode.NXDOMAIN:
        raise NameNotFoundError(f"DNS answers that {answer.question[0].name} does not exist")
    if rcode != dns.rcode.NOERROR or not isinstance(answer, dns.message.QueryMessage):
        raise MalformedError(f"the resolver answered {dns.rcode.to_text(rcode)}")
    try:
        rrset = answer.resolve_chaining().answer
    except dns.exception.DNSException as error:
        raise MalformedError("the resolver's answer is a knot of aliases") from error
    if rrset is None:
        if _is_referral(answer):
            raise MalformedError("the resolver only names other servers: it does not resolve for us")
        return []
    texts = (record.to_text().rstrip(".").lower() for record in rrset)
    return sorted(texts) if request is PTR else list(dict.fromkeys(texts))


def _is_referral(answer: dns.message.Message) -> bool:
    """Tell whether an empty answer is no proof: a server that neither owns the name nor asks others for us."""
    says_so = answer.flags & (dns.flags.AA | dns.flags.RA)
    kinds = {rrset.rdtype for rrset in answer.authority}
    return not says_so and dns.rdatatype.NS in kinds and dns.rdatatype.SOA not in kinds
