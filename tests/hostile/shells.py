"""Hostile peers in the place of an SSH server."""

import asyncio
from contextlib import suppress

from asyncssh.kex_dh import _group18_p

from auditor.wire.ssh_message import kexinit, packet
from tests.hostile.table import Line, talks

WHO = b"SSH-2.0-Hostile_1.0\r\n"


def lists(*names: bytes) -> bytes:
    """Return a KEXINIT with these name lists: key exchange, host keys, ciphers, MACs."""
    kex, keys, ciphers, macs = names
    both = (kex, keys, ciphers, ciphers, macs, macs, b"none", b"none", b"", b"")
    return b"\x14" + bytes(16) + b"".join(len(one).to_bytes(4, "big") + one for one in both) + bytes(5)


@talks("ssh", "seen")
async def ssh_no_key_exchange(line: Line) -> None:
    """Introduces itself and says nothing more."""
    await line.say(WHO)
    await line.hold()


@talks("ssh", "seen")
async def ssh_endless_key_exchange(line: Line) -> None:
    """Names its algorithms and never finishes the key exchange."""
    await line.say(WHO, packet(kexinit(bytes(16))))
    await line.hold()


GROUP = lists(b"diffie-hellman-group-exchange-sha256", b"ssh-ed25519", b"aes128-ctr", b"hmac-sha2-256")


async def proposed(line: Line, prime: bytes) -> bool:
    """Propose a group for the key exchange to whoever asks for one; tells whether anybody did."""
    await line.say(WHO, packet(GROUP))
    heard = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(0.4):
            while data := await line.hear():
                heard += data
    asked = packet(b"\x22")[5:6] in heard
    await line.say(packet(b"\x1f" + len(prime).to_bytes(4, "big") + prime + b"\x00\x00\x00\x01\x02"))
    return asked


@talks("ssh", "seen")
async def ssh_giant_prime(line: Line) -> None:
    """Proposes a group for the key exchange whose prime has a quarter of a million bits."""
    await proposed(line, b"\x00" + b"\xff" * 30_000)
    await line.hold()


@talks("ssh", "seen")
async def ssh_large_prime(line: Line) -> None:
    """Proposes the largest group that is in use, to make us compute."""
    await proposed(line, b"\x00" + _group18_p.to_bytes(1024, "big"))
    await line.hold()


@talks("ssh", "malformed", "identification")
async def ssh_banner_flood(line: Line) -> None:
    """Sends lines before its identification, for ever."""
    await line.flood(b"Authorised users only\r\n")


@talks("ssh", "malformed", "end of line")
async def ssh_endless_line(line: Line) -> None:
    """Introduces itself in a line that never ends."""
    await line.say(b"SSH-2.0-")
    await line.flood(b"A")


@talks("ssh", "timed_out")
async def ssh_drip(line: Line) -> None:
    """Introduces itself one octet at a time."""
    await line.drip(b"SSH-2.0-A", 0.3)


@talks("ssh", "seen")
async def ssh_absurd_lengths(line: Line) -> None:
    """Announces name lists of 4 GB."""
    await line.say(WHO, packet(b"\x14" + bytes(16) + b"\xff\xff\xff\xff" + b"a" * 50))
    await line.hold()


@talks("ssh", "seen")
async def ssh_packet_of_4_gb(line: Line) -> None:
    """Announces a packet of 4 GB and begins to send it."""
    await line.say(WHO, b"\xff\xff\xff\xff")
    await line.flood(b"\x00")


@talks("ssh", "seen")
async def ssh_ten_thousand_algorithms(line: Line) -> None:
    """Names as many algorithms as fit into a packet, all known ones among them."""
    many = b",".join(b"a%d" % number for number in range(4_000))
    await line.say(WHO, packet(lists(many, b"ssh-ed25519,ssh-rsa", b"aes128-ctr", b"hmac-sha1")))
    await line.hold()


@talks("ssh", "seen")
async def ssh_names_with_escapes(line: Line) -> None:
    """Puts escapes into its identification and its algorithms."""
    await line.say(
        b"SSH-2.0-\x1b[31mHostile\x07 \xe2\x80\xae\r\n", packet(lists(b"\x1b[2J", b"\x07", b"\x9b", b"\r\n"))
    )
    await line.hold()


@talks("ssh", "seen")
async def ssh_endless_ignore(line: Line) -> None:
    """Sends messages to be ignored, for ever."""
    await line.say(WHO)
    await line.flood(packet(b"\x02" + bytes(200)))


@talks("ssh", "seen")
async def ssh_of_1995(line: Line) -> None:
    """Speaks protocol 1 and floods behind it."""
    await line.say(b"SSH-1.5-1.2.27\n")
    await line.flood(b"\x00")
