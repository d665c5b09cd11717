"""Hostile peers on plain ports: tarpits, floods, drips, resets, escapes, FTP and Telnet that never end."""

import asyncio
import socket
import struct

from tests.hostile.table import Line, talks

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202egnirts\u202c\u200b\x9b1;1H\x00\x08\x08\r\n".encode()


@talks("telnet", "timed_out")
async def tarpit(line: Line) -> None:
    """Accepts and says nothing, for ever."""
    await line.hold()


@talks("telnet", "closed_early")
async def accept_then_close(line: Line) -> None:
    """Accepts and hangs up."""
    line.writer.close()
    await asyncio.sleep(0.1)


@talks("telnet", "closed_early")
async def reset_at_once(line: Line) -> None:
    """Accepts and resets the connection, perhaps before it looks connected: the port is open all the same."""
    sock = line.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.writer.transport.abort()


@talks("telnet", "too_large")
async def endless_banner(line: Line) -> None:
    """Sends lines without end."""
    await line.flood(b"Welcome to this system\r\n")


@talks("telnet", "too_large")
async def endless_line(line: Line) -> None:
    """Sends a banner that has no end of line and no end."""
    await line.flood(b"A")


@talks("telnet", "too_large")
async def iac_storm(line: Line) -> None:
    """Offers options for ever."""
    await line.flood(b"".join(bytes((255, 251 + at % 4, at % 240)) for at in range(240)))


@talks("telnet", "too_large")
async def endless_subnegotiation(line: Line) -> None:
    """Begins a sub-negotiation and never ends it."""
    await line.say(b"\xff\xfa\x18")
    await line.flood(b"\x00\x01\xff\xff")


@talks("telnet", "seen")
async def dripping_banner(line: Line) -> None:
    """Sends one letter at a time and never comes to a prompt."""
    await line.drip(b"Please wait a little longer. ")


@talks("telnet", "seen")
async def telnet_escapes(line: Line) -> None:
    """Asks for a password in a banner full of terminal escapes, bidi marks and control characters."""
    await line.say(ESCAPES, b"\x1b[5mPassword:\x1b[0m ", b"Password:")
    await line.hold()


@talks("telnet", "seen")
async def prompt_changes(line: Line) -> None:
    """Shows a challenge and then asks for the password after all."""
    await line.say(b"Challenge: 1234\r\n", b"Password:")
    await line.hold()


@talks("ftp", "too_large")
async def ftp_lines_without_end(line: Line) -> None:
    """Begins a reply of many lines and never ends it."""
    await line.say(b"220-Welcome\r\n")
    await line.flood(b"220-more\r\n")


@talks("ftp", "too_large")
async def ftp_wait_for_ever(line: Line) -> None:
    """Says again and again that it will be ready soon."""
    await line.flood(b"120 Service ready in 1 minute\r\n")


@talks("ftp", "malformed")
async def ftp_endless_line(line: Line) -> None:
    """Sends a greeting without an end of line."""
    await line.flood(b"220 AAAA")


@talks("ftp", "seen")
async def ftp_features_without_end(line: Line) -> None:
    """Greets by the book and then lists features for ever."""
    await line.say(b"220 ready\r\n")
    await line.hear()
    await line.say(b"211-Features\r\n")
    await line.flood(b" AUTH TLS\r\n")


@talks("ftp", "timed_out")
async def ftp_drip(line: Line) -> None:
    """Sends a greeting one octet at a time and never ends it."""
    await line.drip(b"2", 0.3)


@talks("ftp", "seen")
async def ftp_escapes(line: Line) -> None:
    """Greets with terminal escapes."""
    await line.say(b"220 " + ESCAPES.replace(b"\r\n", b"") + b"\r\n")
    await line.hold()


@talks("database", "timed_out")
async def tds_tarpit(line: Line) -> None:
    """Is a database that takes the first packet and never answers it."""
    await line.hold()


@talks("database", "too_large")
async def tds_packets_without_end(line: Line) -> None:
    """Answers in packets none of which is the last."""
    await line.hear()
    await line.flood(b"\x04\x00\x00\x10\x00\x00\x01\x00" + b"\x00" * 8)


@talks("database", "malformed", "says it is 0 bytes long")
async def tds_packet_of_nothing(line: Line) -> None:
    """Answers with a packet that is shorter than its own header."""
    await line.hear()
    await line.flood(b"\x04\x00\x00\x00\x00\x00\x01\x00")


@talks("database", "malformed", "does not lie inside it")
async def tds_option_outside(line: Line) -> None:
    """Answers with an option that stands behind the end."""
    await line.hear()
    options = b"\x00\xff\xff\x00\x06\x01\xff\xff\x00\x01\xff"
    await line.say(b"\x04\x01\x00%c\x00\x00\x01\x00" % (8 + len(options)) + options)
    await line.hold()


@talks("ftp", "malformed", "does not speak FTP")
async def ftp_of_another_kind(line: Line) -> None:
    """Speaks SMTP's cousin: a reply code that FTP does not have."""
    await line.say(b"999 yes\r\n")
    await line.hold()
