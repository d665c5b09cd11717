"""Hostile peers in the place of a TLS server. Most are written by hand: no library makes such records."""

import asyncio
import ssl
import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fuzz.seeds import message, record, server_hello, vector
from tests.hostile.table import Line, talks
from tests.trust import certificates as shop

HELLO = server_hello(0x0303, 0x002F)
DONE = message(14, b"")
ANSI = "\x1b[31m\u202efdp.exe\x00<script>alert(1)</script>\r\nX: y"


@cache
def leaf(subject: str = "CN=codec.example.test") -> shop.Made:
    """Return a self-signed certificate."""
    return shop.make(subject, None, key=shop.ec_key("hostile"))


def certificates(*chain: bytes) -> bytes:
    """Return a Certificate message."""
    return message(11, vector(*(vector(der) for der in chain)))


def served(made: shop.Made, *, tls13: bool = True) -> ssl.SSLContext:
    """Return a server's context for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if not tls13:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        key = made.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        path.write_bytes(shop.to_pem(made.der).encode() + key)
        context.load_cert_chain(path)
    return context


@cache
def ordinary() -> ssl.SSLContext:
    """Return the context of a server that behaves."""
    return served(leaf())


@cache
def with_hostile_names() -> ssl.SSLContext:
    """Return the context of a server whose certificate is full of escapes."""
    san = shop.alternative_names("codec.example.test", "a\x1b[2Jb.example.test")
    return served(shop.make(f"CN={ANSI},O=\u202eOrg", None, key=shop.ec_key("hostile"), extensions=(san,)))


@talks("https", "timed_out")
async def half_handshake(line: Line) -> None:
    """Sends three octets of a record and falls silent."""
    await line.hear()
    await line.say(record(HELLO)[:3])
    await line.hold()


@talks("https", "timed_out")
async def hello_then_silence(line: Line) -> None:
    """Sends its hello and falls silent."""
    await line.hear()
    await line.say(record(HELLO, 0x0303))
    await line.hold()


@talks("https", "timed_out")
async def dripping_records(line: Line) -> None:
    """Sends a right answer one octet at a time, more slowly than anybody waits."""
    await line.hear()
    await line.drip(record(HELLO + certificates(leaf().der) + DONE, 0x0303), 0.3)


@talks("https", "timed_out")
async def tls_tarpit(line: Line) -> None:
    """Accepts and never answers a hello."""
    await line.hold()


@talks("https", "too_large", "more than 64 certificates")
async def giant_chain(line: Line) -> None:
    """Presents three hundred certificates."""
    await line.hear()
    flight = HELLO + certificates(*[leaf().der[:300]] * 300) + DONE
    await line.say(*(record(flight[at : at + 16_000], 0x0303) for at in range(0, len(flight), 16_000)))
    await line.hold()


@talks("https", "too_large")
async def endless_chain(line: Line) -> None:
    """Presents certificates for ever, within a message as long as may be."""
    await line.hear()
    await line.say(record(HELLO + b"\x0b\x04\x00\x00\x03\xff\xfd", 0x0303))
    await line.flood(record(vector(leaf().der) * 20, 0x0303))


@talks("https", "too_large", "16,777,215 bytes")
async def giant_certificate(line: Line) -> None:
    """Announces a certificate message of 16 MB."""
    await line.hear()
    await line.say(record(HELLO + b"\x0b\xff\xff\xff\xff\xff\xfc\xff\xff\xf9", 0x0303))
    await line.flood(record(bytes(16_000), 0x0303))


@talks("https", "seen")
async def records_of_one_octet(line: Line) -> None:
    """Cuts a right answer into records of one octet each."""
    await line.hear()
    flight = HELLO + certificates(leaf().der) + DONE
    await line.say(b"".join(record(bytes((octet,)), 0x0303) for octet in flight))
    await line.hold()


@talks("https", "seen")
async def chain_of_one_name(line: Line) -> None:
    """Presents sixty different certificates of one name, each of which might have signed each."""
    await line.hear()
    flight = HELLO + certificates(*namesakes()) + DONE
    await line.say(*(record(flight[at : at + 16_000], 0x0303) for at in range(0, len(flight), 16_000)))
    await line.hold()


@cache
def namesakes() -> tuple[bytes, ...]:
    """Return CA certificates of one name and one key, told apart by their serial numbers only."""
    authority = (shop.basic_constraints(), shop.key_usage(5, 6))
    made = (
        shop.make("CN=Echo", None, key=shop.ec_key("hostile"), extensions=authority, serial=n) for n in range(1, 61)
    )
    return tuple(one.der for one in made)


@talks("https", "malformed")
async def wrong_inner_length(line: Line) -> None:
    """Presents a list of certificates that is longer than its message."""
    await line.hear()
    await line.say(record(HELLO + message(11, b"\x00\xff\xff\x00\x00\x01\x00") + DONE, 0x0303))
    await line.hold()


@talks("https", "malformed")
async def certificate_before_hello(line: Line) -> None:
    """Sends its messages in the wrong order."""
    await line.hear()
    await line.say(record(certificates(leaf().der) + HELLO + DONE, 0x0303))
    await line.hold()


@talks("https", "too_large", "record of 65,535 bytes")
async def giant_record(line: Line) -> None:
    """Announces a record that is longer than TLS knows."""
    await line.hear()
    await line.say(b"\x16\x03\x03\xff\xff")
    await line.flood(b"\x02")


@talks("https", "too_large")
async def empty_records(line: Line) -> None:
    """Sends records with nothing in them, for ever."""
    await line.hear()
    await line.flood(b"\x16\x03\x03\x00\x00")


@talks("https", "too_large")
async def storm_of_warnings(line: Line) -> None:
    """Sends warning alerts for ever."""
    await line.hear()
    await line.flood(b"\x15\x03\x03\x00\x02\x01\x70")


@talks("https", "tls_failed")
async def fatal_alerts(line: Line) -> None:
    """Refuses every hello."""
    await line.hear()
    await line.say(b"\x15\x03\x03\x00\x02\x02\x28")


@talks("https", "malformed", "does not speak TLS")
async def https_that_speaks_http(line: Line) -> None:
    """Answers a hello with a page."""
    await line.hear()
    await line.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@talks("https", "malformed")
async def a_higher_version(line: Line) -> None:
    """Chooses a version that it was not offered."""
    await line.hear()
    await line.say(record(server_hello(0x0305, 0x1301), 0x0303))
    await line.hold()


@talks("https", "malformed")
async def an_echo(line: Line) -> None:
    """Sends back whatever it hears."""
    while data := await line.hear():
        await line.say(data)


@talks("https", "seen", tls=with_hostile_names)
async def hostile_names(line: Line) -> None:
    """Shows a certificate whose names are terminal escapes, bidi marks, markup and line ends."""
    await line.hear()
    await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@talks("https", "timed_out", asked="get/https/", tls=ordinary)
async def tls_then_silence(line: Line) -> None:
    """Finishes the handshake and never answers the request."""
    await line.hold()


@talks("https", "seen", asked="get/https/", tls=ordinary)
async def endless_body_in_tls(line: Line) -> None:
    """Sends a body without end through TLS."""
    await line.hear()
    await line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        await line.say(bytes(16_384))
        await asyncio.sleep(0)
