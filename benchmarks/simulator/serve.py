"""The simulator's process: as many systems as are asked for, on addresses 127.20.0.1 and up.

    python -m benchmarks.simulator.serve SYSTEMS FOLDER

It makes keys and certificates, writes the root to FOLDER/root.pem, prints `ready` and serves until its standard input
ends. One socket for each service answers for all addresses. Absent systems stand on ports whose queue of connections
is full: the kernel drops every first packet there, as a filter would.
"""

import argparse
import asyncio
import contextlib
import socket
import sys
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric import rsa

from auditor.wire.snmp import SYS_DESCR, Elements, encode_integer, encode_oid, tlv
from benchmarks.simulator import text
from benchmarks.simulator.keys import Authority, key_of, pairs, pool
from benchmarks.simulator.ssh import SshServer
from benchmarks.simulator.systems import DNS_PORT, OFFSET, SERVICES, SILENT_OFFSET, System, system_at
from benchmarks.simulator.tls import Contexts, TlsServer, serve_sslv3

BACKLOG = 4096


class Fleet:
    """All systems: their keys, and a protocol for each connection to one of them."""

    def __init__(self, systems: int, folder: Path) -> None:
        """Make keys and certificates; that takes about 3 ms for each system."""
        self._pairs = pairs(pool(2 * systems))
        self._systems = systems
        self._ssh_keys: dict[int, rsa.RSAPrivateKey] = {}
        authority = Authority()
        (folder / "root.pem").write_bytes(authority.root)
        self._folder = folder / "systems"
        self._folder.mkdir()
        for number in range(systems):
            chain = authority.chain_and_key(System(number), key_of(*self._pairs[number]))
            (self._folder / f"{number}.pem").write_bytes(chain)
        self.contexts = Contexts(self._folder)
        self._pages = text.Pages()

    def ssh(self, system: System) -> asyncio.Protocol:
        """Return the SSH server of a system."""
        if system.number not in self._ssh_keys:
            if len(self._ssh_keys) > BACKLOG:
                self._ssh_keys.clear()
            self._ssh_keys[system.number] = key_of(*self._pairs[self._systems + system.number])
        return SshServer(system.ssh, self._ssh_keys[system.number])

    def https(self, system: System) -> asyncio.Protocol:
        """Return the HTTPS server of a system."""
        return TlsServer(self.contexts.of(system), lambda request: self._pages.answer(system, request))

    def http(self, system: System) -> asyncio.Protocol:
        """Return the HTTP server of a system."""
        return _Lines(b"", b"\r\n\r\n", lambda request: self._pages.answer(system, request), once=True)

    def telnet(self, system: System) -> asyncio.Protocol:
        """Return the Telnet server of a system, which greets and listens."""
        return _Lines(text.telnet_greeting(system), b"\r\n", lambda _: b"")

    def ftp(self, system: System) -> asyncio.Protocol:
        """Return the FTP server of a system."""
        return _Lines(f"220 {system.name} FTP server ready.\r\n".encode(), b"\r\n", text.ftp_answer)

    def old_https(self, system: System, accepted: socket.socket) -> bool:
        """Serve a connection to a system that only tlslite-ng can play; False where it is not one."""
        if system.tls != "SSLv3 only":
            return False
        pem = (self._folder / f"{system.number}.pem").read_bytes()
        serve_sslv3(accepted, pem, lambda request: self._pages.answer(system, request))
        return True

    def knows(self, system: System) -> bool:
        """Tell whether there is a system of this number."""
        return 0 <= system.number < self._systems


class _Lines(asyncio.Protocol):
    """Says something, then answers each request that ends in `end`."""

    def __init__(self, greeting: bytes, end: bytes, answer: "text.Answer", *, once: bool = False) -> None:
        self._greeting, self._end, self._answer, self._once = greeting, end, answer, once
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._greeting:
            transport.write(self._greeting)

    def data_received(self, data: bytes) -> None:
        self._waiting = (self._waiting + data)[-65_536:]
        while self._end in self._waiting and self._transport is not None:
            line, _, self._waiting = self._waiting.partition(self._end)
            self._transport.write(self._answer(line + self._end))
            if self._once:
                self._transport.close()
                self._transport = None


class _Snmp(asyncio.DatagramProtocol):
    """Answers one GET of sysDescr.0, version 1; from the address that was asked, which one socket for all needs."""

    def __init__(self, reply: socket.socket) -> None:
        self._socket = reply

    def receive(self) -> None:
        """Take what has arrived."""
        while True:
            try:
                data, ancillary, _, peer = self._socket.recvmsg(2048, 256)
            except BlockingIOError:
                return
            with contextlib.suppress(Exception):
                self._socket.sendmsg([_snmp_answer(data)], _from_there(ancillary), 0, peer)


def _from_there(ancillary: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    # in_pktinfo: interface (4 bytes), the address to send from (4), the address that was asked (4)
    return [(level, kind, bytes(4) + data[8:12] + bytes(4)) for level, kind, data in ancillary if kind == IP_PKTINFO]


IP_PKTINFO = 8


def _snmp_answer(data: bytes) -> bytes:
    message = Elements(Elements(data).take(0x30))
    version = message.take_integer()
    community = message.take(0x04)
    number = Elements(message.take(0xA0)).take_integer()
    value = tlv(0x04, b"TANDBERG Codec\nSoftW: F7.1 PAL\nMCU: TANDBERG Benchmark")
    bindings = tlv(0x30, tlv(0x30, tlv(0x06, encode_oid(SYS_DESCR.argument)) + value))
    body = encode_integer(number) + encode_integer(0) + encode_integer(0) + bindings
    return tlv(0x30, encode_integer(version) + tlv(0x04, community) + tlv(0xA2, body))


class _Dns(asyncio.DatagramProtocol):
    """Knows the systems' names and addresses (A and PTR), and nothing else."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with contextlib.suppress(ValueError, IndexError):
            if self._transport is not None:
                self._transport.sendto(self._answer(data), addr)

    def _answer(self, data: bytes) -> bytes:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii"))
            at += 1 + data[at]
        kind, end = int.from_bytes(data[at + 1 : at + 3], "big"), at + 5
        record = self._record(kind, [label.lower() for label in labels])
        found = record is not None
        flags = 0x8580 if found or kind == 28 else 0x8583
        head = data[:2] + flags.to_bytes(2, "big") + b"\0\1" + (b"\0\1" if found else b"\0\0") + bytes(4)
        answer = b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\0\1" + (300).to_bytes(4, "big")
        return head + data[12:end] + (answer + len(record).to_bytes(2, "big") + record if record is not None else b"")

    def _record(self, kind: int, labels: list[str]) -> bytes | None:
        if kind == 1 and labels[1:] == ["bench", "example", "test"]:
            system = System(int(labels[0].removeprefix("rm")))
            return bytes(int(part) for part in system.address.split(".")) if self._fleet.knows(system) else None
        if kind == 12 and labels[-2:] == ["in-addr", "arpa"]:
            system = system_at(".".join(reversed(labels[:4])))
            if self._fleet.knows(system):
                name = system.hostname.split(".")
                return b"".join(bytes([len(part)]) + part.encode() for part in name) + b"\0"
        return None


def _listening(port: int, backlog: int = BACKLOG) -> socket.socket:
    listening = socket.create_server(("0.0.0.0", port), backlog=backlog)  # noqa: S104 - all of 127/8
    listening.settimeout(0)
    return listening


def _silent(port: int) -> list[socket.socket]:
    """Return sockets that hold a port whose queue is full: nothing answers there, and nothing refuses."""
    held = [_listening(port, 0)]
    for _ in range(3):
        filler = socket.socket()
        filler.settimeout(0)
        filler.connect_ex(("127.0.0.1", port))
        held.append(filler)
    return held


async def _accept(fleet: Fleet, service: str, listening: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    make = getattr(fleet, service)
    while True:
        accepted, _ = await loop.sock_accept(listening)
        system = system_at(accepted.getsockname()[0])
        if not fleet.knows(system):
            accepted.close()
            continue
        if service == "https" and system.tls == "SSLv3 only":
            accepted.settimeout(None)
            fleet.old_https(system, accepted)
            continue
        await loop.connect_accepted_socket(lambda system=system: make(system), accepted)  # type: ignore[misc]


async def serve(systems: int, folder: Path) -> None:
    """Serve until standard input ends."""
    fleet = Fleet(systems, folder)
    loop = asyncio.get_running_loop()
    streams = [name for name in SERVICES if name != "snmp"]
    accepting = [asyncio.create_task(_accept(fleet, name, _listening(OFFSET + SERVICES[name]))) for name in streams]
    held = [held for port in (*(SERVICES[name] for name in streams), 57) for held in _silent(SILENT_OFFSET + port)]
    for port in (OFFSET + SERVICES["snmp"], SILENT_OFFSET + SERVICES["snmp"]):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        datagrams.bind(("0.0.0.0", port))  # noqa: S104 - all of 127/8
        datagrams.settimeout(0)
        held.append(datagrams)
        if port < SILENT_OFFSET:
            loop.add_reader(datagrams, _Snmp(datagrams).receive)
    await loop.create_datagram_endpoint(lambda: _Dns(fleet), local_addr=("127.0.0.1", DNS_PORT))
    print("ready", flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin, ended.set)
    await asyncio.wait([asyncio.create_task(ended.wait()), *accepting], return_when=asyncio.FIRST_COMPLETED)
    for task in accepting:
        if task.done():
            task.result()
        task.cancel()
    for each in held:
        each.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="Simulate systems on loopback addresses.")
    parser.add_argument("systems", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    asyncio.run(serve(given.systems, given.folder))


if __name__ == "__main__":
    main()
