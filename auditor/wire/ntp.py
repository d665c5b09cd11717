"""The time of an NTP server: one question in client mode, sent once (SNTP; RFC 4330, RFC 5905 sections 7.3 and 14).

Never a control message (modes 6 and 7). The transmit time in the question is random, so that an answer proves that its
sender saw the question; it tells nobody what time it is here (RFC 9109, draft-ietf-ntp-data-minimization).
"""

import secrets
import struct
import time

from auditor.model.facts import NtpAnswer
from auditor.wire.datagram import exchange
from auditor.wire.failures import MalformedError
from auditor.wire.gate import Gate
from auditor.wire.readlist import Request

QUERY = Request("ntp", "QUERY")
PORT = 123
SIZE = 48
"""Bytes of a message without extensions."""

CLIENT, SERVER = 3, 4
VERSION = 4
EPOCH = 2_208_988_800
"""Seconds from the beginning of 1900, NTP's, to that of 1970 (RFC 5905 section 6)."""
ERA = 2**32
SHARE_OF_QUESTION = 0.75
LATEST_STRATUM = 15
UNSYNCHRONISED = 3
"""Leap indicator of a server whose clock is not set."""

_HEAD = struct.Struct("!BBbb4s4s4s")


async def ask(gate: Gate, address: str, port: int = PORT, *, server: str = "") -> NtpAnswer:
    """Return what a server answers; `server` is its name for the report (its address and port where empty).

    Raises `RefusedError`, `FilteredError`, `UnreachableError`, and `MalformedError` where only unfitting answers came.
    """
    nonce = secrets.token_bytes(8)
    question = bytes([VERSION << 3 | CLIENT]) + bytes(SIZE - 9) + nonce
    async with gate.passage(QUERY, port, "udp", address=address) as tally:
        sent_at, started = gate.now().timestamp(), time.monotonic()

        def accept(data: bytes) -> NtpAnswer:
            # The machine's clock is read once; how long the answer took is measured by one that nobody sets.
            back_at = sent_at + (time.monotonic() - started)
            return parse(data, nonce, sent_at=sent_at, back_at=back_at, server=server or f"{address}:{port}")

        seconds = gate.limits.question_seconds * SHARE_OF_QUESTION
        return await exchange(tally, address, port, question, accept=accept, seconds=seconds)


def parse(data: bytes, nonce: bytes, *, sent_at: float, back_at: float, server: str) -> NtpAnswer:
    """Return the answer in these bytes; times are seconds since 1970 by our clock. Raises `MalformedError`.

    A refusal ("kiss of death") has no time in it: its offset is 0 and its `kiss` says why.
    """
    if len(data) < SIZE:
        raise MalformedError(f"an NTP answer of {len(data)} bytes; {SIZE} are the least")
    first, stratum, _poll, _precision, _delay, _dispersion, reference = _HEAD.unpack_from(data)
    leap, version, mode = first >> 6, first >> 3 & 7, first & 7
    if mode != SERVER:
        raise MalformedError(f"an NTP message of mode {mode} where a server's ({SERVER}) is expected")
    if data[24:32] != nonce:
        raise MalformedError("an NTP answer to another question")
    kiss = _letters(reference) if stratum == 0 else ""
    took_in, sent_back = (_seconds(data[start : start + 8], near=sent_at) for start in (32, 40))
    if stratum and (data[40:48] == bytes(8) or data[32:40] == bytes(8)):
        raise MalformedError("an NTP answer without a time in it")
    offset = ((took_in - sent_at) + (sent_back - back_at)) / 2 if stratum else 0.0
    delay = max(0.0, (back_at - sent_at) - (sent_back - took_in))
    return NtpAnswer(
        server=server, stratum=stratum, leap=leap, offset_seconds=round(offset, 6),
        delay_seconds=round(delay, 6) if stratum else round(back_at - sent_at, 6), version=version,
        reference=_letters(reference) if stratum == 1 else ".".join(map(str, reference)) if stratum else "",
        kiss=kiss,
    )  # fmt: skip


def is_synchronised(answer: NtpAnswer) -> bool:
    """Tell whether the server says that its own clock is set from somewhere."""
    return 1 <= answer.stratum <= LATEST_STRATUM and answer.leap != UNSYNCHRONISED


def _seconds(stamp: bytes, *, near: float) -> float:
    """Return a timestamp as seconds since 1970, in the era of 136 years that is nearest to our own clock."""
    value = int.from_bytes(stamp) / ERA - EPOCH
    return value + round((near - value) / ERA) * ERA


def _letters(reference: bytes) -> str:
    return "".join(chr(c) for c in reference if 0x20 < c < 0x7F)
