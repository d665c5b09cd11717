"""SNTP: a real chrony, answers that are none, and times beyond 2036."""

import asyncio
import socket
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.profile import Limits
from auditor.wire import ntp
from auditor.wire.failures import MalformedError, RefusedError, WireError
from auditor.wire.ledger import Entry
from tests.lines import LOOPBACK, gate_to
from tests.peers import chronyd, free_port

LIMITS = Limits(pause_seconds=0.0, question_seconds=4.0)
NONCE = b"nonce678"


def stamp(seconds: float) -> bytes:
    whole = int(seconds) + ntp.EPOCH
    return struct.pack("!II", whole % 2**32, int((seconds % 1) * 2**32))


def message(at: float, *, first: int = 0x24, stratum: int = 2, reference: bytes = b"\x7f\x00\x00\x01") -> bytes:
    head = struct.pack("!BBbb4s4s4s", first, stratum, 6, -20, bytes(4), bytes(4), reference)
    return head + stamp(at) + NONCE + stamp(at) + stamp(at)


def test_a_real_server_with_a_clock(tmp_path: Path) -> None:
    """A chrony told to trust its own clock: its stratum, and an offset of next to nothing."""
    entries: list[Entry] = []
    with chronyd(tmp_path, "local stratum 8") as peer:
        answer = asyncio.run(
            ntp.ask(gate_to(entries, limits=LIMITS), peer.address, peer.port, server="ntp.example.test")
        )
    assert (answer.server, answer.stratum, answer.version) == ("ntp.example.test", 8, 4)
    assert abs(answer.offset_seconds) < 0.5
    assert answer.delay_seconds < 0.5
    assert ntp.is_synchronised(answer)
    (entry,) = entries
    assert (entry.protocol, entry.operation, entry.argument, entry.transport) == ("ntp", "QUERY", "", "udp")
    assert (entry.sent_bytes, entry.received_bytes) == (48, 48)


def test_a_real_server_without_a_source_is_not_synchronised(tmp_path: Path) -> None:
    """A chrony with nothing to take the time from says so."""
    with chronyd(tmp_path) as peer:
        answer = asyncio.run(ntp.ask(gate_to(limits=LIMITS), peer.address, peer.port))
    assert not ntp.is_synchronised(answer)
    assert answer.leap == ntp.UNSYNCHRONISED


def test_a_port_without_a_server_is_refused() -> None:
    """ICMP tells it at once."""
    port = free_port(socket.SOCK_DGRAM)
    with pytest.raises(RefusedError):
        asyncio.run(ntp.ask(gate_to(limits=LIMITS), LOOPBACK, port))


def test_the_question_tells_nothing_of_our_clock() -> None:
    """48 bytes, mode 3, all zero but a random transmit time, another one each time."""
    seen: list[bytes] = []

    class Server(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            seen.append(data)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Server, local_addr=(LOOPBACK, 0))
        port = transport.get_extra_info("sockname")[1]
        for _ in range(2):
            with pytest.raises(WireError):
                await ntp.ask(gate_to(limits=Limits(pause_seconds=0.0, question_seconds=0.2)), LOOPBACK, port)
        transport.close()

    asyncio.run(run())
    assert [(len(q), q[0], q[1:40]) for q in seen] == [(48, 0x23, bytes(39))] * 2
    assert seen[0][40:] != seen[1][40:]


@pytest.mark.parametrize("now", [1_200_000_000.0, 1_900_000_000.0, 2_200_000_000.25, 4_000_000_000.0])
def test_offsets_hold_in_every_era(now: float) -> None:
    """The 32 bits of seconds run over in 2036; the era nearest to our clock is meant."""
    answer = ntp.parse(message(now + 90), NONCE, sent_at=now, back_at=now + 0.02, server="s")
    assert answer.offset_seconds == pytest.approx(89.99, abs=0.001)


@pytest.mark.parametrize(
    "data",
    [
        b"", message(time.time())[:47], message(time.time(), first=0x23), message(time.time(), first=0x26),
        message(time.time()).replace(NONCE, b"other678"), message(time.time())[:40] + bytes(8),
    ],
    ids=["empty", "short", "a client", "a control message", "another question", "no time"],
)  # fmt: skip
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    """Nothing is concluded from it."""
    with pytest.raises(MalformedError):
        ntp.parse(data, NONCE, sent_at=0.0, back_at=0.0, server="s")


def test_a_refusal_has_a_code_and_no_offset() -> None:
    """Kiss of death: stratum 0."""
    answer = ntp.parse(message(0.0, stratum=0, reference=b"RATE"), NONCE, sent_at=5.0, back_at=6.0, server="s")
    assert (answer.kiss, answer.offset_seconds, ntp.is_synchronised(answer)) == ("RATE", 0.0, False)


@given(st.binary(max_size=100))
def test_any_bytes_are_an_answer_or_malformed(data: bytes) -> None:
    """The reader raises nothing else."""
    try:
        ntp.parse(data[:24] + NONCE + data[24:], NONCE, sent_at=1.0, back_at=2.0, server="s")
    except MalformedError:
        return
