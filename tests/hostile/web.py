"""Hostile peers in the place of a web server without TLS."""

import asyncio
import gzip
from functools import cache

from tests.hostile.table import Line, talks

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
DATE = b"HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: 2\r\n\r\nok"


canary_port = [0]
"""Where the host listens to which nobody is to come."""


async def answer(line: Line, *parts: bytes) -> None:
    """Hear the request, answer it, and leave when the other side does."""
    await line.hear()
    await line.say(*parts)
    await line.hold()


@talks("http", "seen")
async def body_of_a_gigabyte(line: Line) -> None:
    """Announces a body of 1 GB and sends it."""
    await line.hear()
    await line.say(OK + b"Content-Length: 1073741824\r\n\r\n")
    for _ in range(16_384):
        await line.say(bytes(65_536))


@talks("http", "seen")
async def endless_chunks(line: Line) -> None:
    """Sends chunk after chunk."""
    await line.hear()
    await line.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    await line.flood(b"1\r\na\r\n")


@talks("http", "seen")
async def chunk_of_absurd_size(line: Line) -> None:
    """Announces a chunk of 2^80 octets."""
    await answer(line, OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n" + b"a" * 100)


@talks("http", "seen")
async def endless_chunk_extension(line: Line) -> None:
    """Begins a chunk whose header never ends."""
    await line.hear()
    await line.say(OK + b"Transfer-Encoding: chunked\r\n\r\n1;")
    await line.flood(b"x=y;")


@cache
def bomb() -> bytes:
    """Return 64 MB of zeros as some 64 kB."""
    return gzip.compress(bytes(64 * 1024 * 1024), 9)


@talks("http", "seen")
async def compressed_bomb(line: Line) -> None:
    """Sends a body of some kilobytes that would unpack to very many, though nobody asked for compression."""
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb())
    await answer(line, OK + head, bomb())


@talks("http", "seen")
async def dripping_body(line: Line) -> None:
    """Sends a body one octet at a time."""
    await line.hear()
    await line.say(OK + b"Content-Length: 1000000\r\n\r\n")
    await line.drip(b"<html>")


@talks("http", "seen", most_connections=1)
async def redirect_loop(line: Line) -> None:
    """Leads to itself, for ever; whoever followed would come back."""
    await answer(line, b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")


@talks("http", "seen", most_connections=1)
async def redirect_to_a_file(line: Line) -> None:
    """Leads to a file of this machine."""
    await answer(line, b"HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")


@talks("http", "seen", most_connections=1)
async def redirect_to_another_host(line: Line) -> None:
    """Leads to a host that is not in the inventory, where somebody counts who comes."""
    where = b"http://127.83.255.253:%d/" % canary_port[0]
    await answer(line, b"HTTP/1.1 307 There\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n")


@talks("http", "seen", most_connections=1)
async def redirect_to_nonsense(line: Line) -> None:
    """Leads to what is no address at all."""
    await answer(line, b"HTTP/1.1 302 Found\r\nLocation: https://[::1:\x7f/%zz\r\nContent-Length: 0\r\n\r\n")


@talks("http", "too_large", "header fields")
async def header_bomb(line: Line) -> None:
    """Sends header fields for ever."""
    await line.hear()
    await line.say(b"HTTP/1.1 200 OK\r\n")
    await line.flood(b"X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")


@talks("http", "timed_out")
async def dripping_header(line: Line) -> None:
    """Sends header fields one octet at a time."""
    await line.hear()
    await line.say(b"HTTP/1.1 200 OK\r\n")
    await line.drip(b"X-Filler: a\r\n")


@talks("http", "too_large")
async def challenge_of_a_megabyte(line: Line) -> None:
    """Offers Digest with a nonce of 1 MB."""
    await answer(
        line, b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="' + b"n" * 1_048_576 + b'"\r\n\r\n'
    )


@talks("http", "seen")
async def thousand_challenges(line: Line) -> None:
    """Offers as many challenges as fit into a header."""
    await answer(
        line, b"HTTP/1.1 401 No\r\n" + b'WWW-Authenticate: a="\\" b, c d\r\n' * 1900 + b"Content-Length: 0\r\n\r\n"
    )


@talks("http", "too_large")
async def continue_storm(line: Line) -> None:
    """Says 100 Continue for ever."""
    await line.hear()
    await line.flood(b"HTTP/1.1 100 Continue\r\n\r\n")


@talks("http", "malformed")
async def status_zero(line: Line) -> None:
    """Answers with status 0."""
    await answer(line, b"HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n")


@talks("http", "seen")
async def status_999(line: Line) -> None:
    """Answers with status 999."""
    await answer(line, b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n")


@talks("http", "malformed")
async def negative_length(line: Line) -> None:
    """Announces a body of less than nothing."""
    await answer(line, OK + b"Content-Length: -1\r\n\r\n")


@talks("http", "malformed")
async def two_lengths(line: Line) -> None:
    """Announces two lengths for one body."""
    await answer(line, OK + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello")


@talks("http", "malformed")
async def length_of_five_thousand_digits(line: Line) -> None:
    """Announces a length that no number type holds."""
    await answer(line, OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n")


@talks("http", "seen")
async def body_that_breaks_off(line: Line) -> None:
    """Announces more than it sends, and leaves."""
    await line.hear()
    await line.say(OK + b"Content-Length: 1000\r\n\r\n<title>half")
    line.writer.close()
    await asyncio.sleep(0.05)


@talks("http", "malformed")
async def http_0_9(line: Line) -> None:
    """Answers with a page and no header, as in 1991."""
    await line.hear()
    await line.say(b"<html><title>1991</title></html>\r\n")
    line.writer.close()
    await asyncio.sleep(0.05)


@talks("http", "malformed")
async def http_that_speaks_ssh(line: Line) -> None:
    """Is an SSH server on the port of HTTP."""
    await line.say(b"SSH-2.0-OpenSSH_9.2\r\n")
    await line.hold()


@talks("http", "seen")
async def clock_of_1970(line: Line) -> None:
    """Believes that it is 1970."""
    await answer(line, DATE % b"Thu, 01 Jan 1970 00:00:00 GMT")


@talks("http", "seen")
async def clock_of_2099(line: Line) -> None:
    """Believes that it is 2099."""
    await answer(line, DATE % b"Thu, 31 Dec 2099 23:59:59 GMT")


@talks("http", "seen")
async def clock_beyond_time(line: Line) -> None:
    """Names a day that does not exist, in the year zero."""
    await answer(line, DATE % b"Mon, 32 Feb 0000 25:61:61 GMT")


@talks("http", "seen")
async def page_of_traps(line: Line) -> None:
    """Sends a page that is made to keep a pattern matcher busy, with escapes in its title."""
    page = b"<title>\x1b[2J\xe2\x80\xae&#27;[31m&#0;" + b"&lt;" * 2000 + b"<input type" * 5000
    await answer(line, OK + b"Server: \x1b[31mevil\r\n" * 100 + b"Content-Length: %d\r\n\r\n" % len(page), page)


@talks("http", "seen")
async def calls_back(line: Line) -> None:
    """Floods whoever connects with connections of its own, to the port from which it was called."""
    address, port = line.writer.get_extra_info("peername")[:2]
    refused = 0
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection(address, port)
            writer.transport.abort()
        except OSError:
            refused += 1
    await answer(line, OK + b"Content-Length: 40\r\n\r\n" + b"<title>refused %03d times</title>" % refused + b" " * 8)
