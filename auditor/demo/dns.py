"""The fleet's name server: A and PTR records over UDP and TCP, some of them missing or wrong on purpose.

Messages are built with dnspython; both transports give the same answers (RFC 1035).
"""

import asyncio
import contextlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

from auditor.demo.datagram import DatagramPort
from auditor.demo.device import DeviceSpec
from auditor.demo.listener import listening_socket
from auditor.demo.recorder import KEPT_BYTES, Kind, Recorder, Request

DNS_PORT = 10053
TTL = 60

Key = tuple[dns.name.Name, dns.rdatatype.RdataType]


@dataclass(frozen=True, slots=True)
class Zone:
    """Record data by name and type."""

    records: Mapping[Key, tuple[str, ...]]

    @classmethod
    def of_fleet(cls, addresses: Mapping[DeviceSpec, str], *, elsewhere: str) -> "Zone":
        """Return the records of a fleet; a wrong record points to `elsewhere` or to another name."""
        records: dict[Key, tuple[str, ...]] = {}
        for spec, address in addresses.items():
            if spec.dns.forward != "missing":
                shown = address if spec.dns.forward == "right" else elsewhere
                records[dns.name.from_text(spec.hostname), dns.rdatatype.A] = (shown,)
            if spec.dns.reverse != "missing":
                name = spec.hostname if spec.dns.reverse == "right" else "somebody-else.vc.example.test"
                records[dns.reversename.from_address(address), dns.rdatatype.PTR] = (f"{name}.",)
        return cls(records)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """Return the answer to a query: records, an empty answer for a name of another type, or NXDOMAIN."""
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            response.set_rcode(dns.rcode.REFUSED)
            return response
        question = query.question[0]
        data = self.records.get((question.name, question.rdtype), ())
        if data:
            response.answer.append(
                dns.rrset.from_text_list(question.name, TTL, dns.rdataclass.IN, question.rdtype, data)
            )
        elif not any(name == question.name for name, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


class NameServer:
    """The name server on one address, UDP and TCP."""

    def __init__(self, address: str, zone: Zone, recorder: Recorder) -> None:
        self._address, self._zone, self._recorder = address, zone, recorder
        self._udp = DatagramPort(address, DNS_PORT, self.reply)
        self._tcp: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen. Raises OSError when the address is taken."""
        listening = listening_socket(self._address, DNS_PORT, backlog=16)
        self._tcp = await asyncio.start_server(self._serve, sock=listening)
        await self._udp.start()

    async def close(self) -> None:
        """Close both sockets and every connection."""
        if self._tcp is not None:
            self._tcp.close()
        await self._udp.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        for _ in range(3):
            await asyncio.sleep(0)

    def correct(self, hostname: str, address: str) -> None:
        """Enter a name and its address, both ways, in place of what was there."""
        reverse = dns.reversename.from_address(address)
        right = {
            (dns.name.from_text(hostname), dns.rdatatype.A): (address,),
            (reverse, dns.rdatatype.PTR): (f"{hostname}.",),
        }
        self._zone = Zone({**self._zone.records, **right})

    def reply(self, received: bytes, peer: str) -> bytes:
        """Record a message and return the answer; empty for something that is no query."""
        try:
            query = dns.message.from_wire(received)
        except dns.exception.DNSException:
            self._record(Kind.MALFORMED, "not a DNS message", received, peer)
            return b""
        kind = Kind.READ if query.opcode() == dns.opcode.QUERY else Kind.WRITE
        asked = ", ".join(f"{dns.rdatatype.to_text(q.rdtype)} {q.name}" for q in query.question)
        self._record(kind, asked, received, peer)
        return self._zone.answer(query).to_wire()

    def _record(self, kind: Kind, what: str, received: bytes, peer: str) -> None:
        self._recorder.record(
            Request(device="dns", service="dns", kind=kind, what=what, received=received[:KEPT_BYTES], peer=peer)
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the messages of one TCP connection, each after its length."""
        self._writers.add(writer)
        peer = "{}:{}".format(*writer.get_extra_info("peername")[:2])
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                answer = self.reply(await reader.readexactly(size), peer)
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()
