"""Hostile peers that wait until somebody has logged in: documents over HTTP with Digest, and text sessions over SSH."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncssh

from tests.hostile import shells
from tests.hostile.table import Hosted, Line, hosts, talks

PASSWORD = "canary-of-the-hostile-suite"  # noqa: S105 - what the peers must never be sent in clear
DIGEST = b'WWW-Authenticate: Digest realm="codec", nonce="%s", qop="auth", algorithm=MD5\r\n'
DENIED = b"HTTP/1.1 401 No\r\n" + DIGEST % b"abc" + b"Content-Length: 0\r\n\r\n"
XML = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
SETTING = "setting/telnet.mode"

overheard: list[bytes] = []
"""Everything that these peers were sent."""


async def granted(line: Line, *parts: bytes) -> bool:
    """Ask for a login; to whoever brings one, send the parts. Tells whether it was brought."""
    request = await line.hear()
    overheard.append(request)
    if b"\r\nauthorization: digest" in request.lower():
        await line.say(*parts)
        return True
    await line.say(DENIED)
    return False


def document(body: bytes) -> bytes:
    """Return an answer with a document."""
    return XML + b"Content-Length: %d\r\n\r\n" % len(body) + body


@talks("http", "malformed", "document type", asked=SETTING, login=True)
async def xml_bomb(line: Line) -> None:
    """Sends the billion laughs."""
    laughs = b"".join(b"<!ENTITY l%d '%s'>" % (n + 1, b"&l%d;" % n * 10) for n in range(12))
    await granted(
        line, document(b"<!DOCTYPE a [<!ENTITY l0 'ha'>" + laughs + b"]><Configuration>&l12;</Configuration>")
    )


@talks("http", "malformed", "document type", asked=SETTING, login=True)
async def xml_that_reads_files(line: Line) -> None:
    """Declares an entity that stands for a file of this machine."""
    await granted(
        line, document(b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Configuration>&x;</Configuration>")
    )


@talks("http", "too_large", "deep", asked=SETTING, login=True)
async def deep_xml(line: Line) -> None:
    """Sends elements a hundred thousand deep."""
    await granted(line, document(b"<Configuration>" + b"<a>" * 100_000))


@talks("http", "too_large", "elements", asked=SETTING, login=True)
async def wide_xml(line: Line) -> None:
    """Sends a hundred thousand elements."""
    await granted(line, document(b"<Configuration>" + b"<a>x</a>" * 100_000 + b"</Configuration>"))


@talks("http", "too_large", asked=SETTING, login=True)
async def huge_xml(line: Line) -> None:
    """Sends a document without end."""
    if await granted(line, XML + b"\r\n<Configuration>"):
        await line.flood(b"<Telnet><Mode>Off</Mode></Telnet>")


@talks("http", "too_large", "pieces", asked=SETTING, login=True)
async def xml_in_crumbs(line: Line) -> None:
    """Sends a document in chunks of one octet, each of which costs more to read than to send."""
    if await granted(line, XML + b"Transfer-Encoding: chunked\r\n\r\n"):
        await line.flood(b"1\r\n<\r\n")


@talks("http", "malformed", asked=SETTING, login=True)
async def torn_xml(line: Line) -> None:
    """Sends half a document that says that Telnet is off, and calls it whole."""
    await granted(line, document(b"<Configuration><Telnet><Mode>Off</Mode></Telnet><HTTP><Mode>On</Mo"))


@talks("http", "timed_out", asked=SETTING, login=True)
async def dripping_xml(line: Line) -> None:
    """Sends a document one octet at a time."""
    if await granted(line, XML + b"\r\n"):
        await line.drip(b"<Configuration>", 0.1)


@talks("http", "too_large", asked=SETTING, login=True)
async def continue_storm_behind_login(line: Line) -> None:
    """Says 100 Continue for ever to whoever has logged in."""
    if await granted(line):
        await line.flood(b"HTTP/1.1 100 Continue\r\n\r\n")


@talks("http", "refused_login", asked=SETTING, login=True)
async def login_again_and_again(line: Line) -> None:
    """Refuses every login and asks for another one."""
    overheard.append(await line.hear())
    await line.say(b"HTTP/1.1 401 No\r\n" + DIGEST % b"%d" % id(line) + b"Content-Length: 0\r\n\r\n")


@talks("http", "not_asked", "Basic without TLS", asked=SETTING, login=True)
async def wants_the_password_in_clear(line: Line) -> None:
    """Offers Basic alone, in the hope of a password in clear."""
    overheard.append(await line.hear())
    await line.say(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="please"\r\nContent-Length: 0\r\n\r\n')


@talks("http", "malformed", asked=SETTING, login=True)
async def digest_of_a_megabyte(line: Line) -> None:
    """Offers Digest with a nonce of 1 MB to whoever wants to log in."""
    overheard.append(await line.hear())
    await line.say(b"HTTP/1.1 401 No\r\n" + DIGEST % (b"n" * 1_048_576) + b"\r\n")
    await line.hold()


@talks("http", "malformed", "not HTTP", asked=SETTING, login=True)
async def digest_with_line_ends(line: Line) -> None:
    """Offers Digest with a realm that would write a header field of its own into our request."""
    overheard.append(await line.hear())
    await line.say(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="a\\\r\\\nX: y", nonce="\x01"\r\n\r\n')


Shell = Callable[["asyncssh.SSHServerProcess[bytes]"], Awaitable[None]]


class _Door(asyncssh.SSHServer):
    """Lets the password of the suite in."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("admin", PASSWORD)


KEY = asyncssh.generate_private_key("ssh-ed25519")


def shell(made: Shell) -> Hosted:
    """Make an SSH server of a text interface."""

    async def carried(process: "asyncssh.SSHServerProcess[bytes]") -> None:
        try:
            await made(process)
        except (asyncssh.Error, OSError):
            return
        finally:
            process.close()

    @asynccontextmanager
    async def hosted(address: str) -> AsyncIterator[int]:
        server = await asyncssh.listen(
            address, 0, server_factory=_Door, server_host_keys=[KEY], process_factory=carried, encoding=None,
            line_editor=False,
        )  # fmt: skip
        try:
            yield server.get_port()
        finally:
            server.close()
            await server.wait_closed()

    hosted.__name__, hosted.__doc__ = getattr(made, "__name__", "shell"), made.__doc__
    return hosted


async def until_left(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Wait until the other side leaves."""
    while await process.stdin.read(4096):
        pass


async def pour(process: "asyncssh.SSHServerProcess[bytes]", piece: bytes) -> None:
    """Send the same for ever."""
    while True:
        process.stdout.write(piece * max(1, 16_384 // len(piece)))
        await process.stdout.drain()
        await asyncio.sleep(0)


@talks("ssh", "malformed", "make no sense", asked=SETTING, login=True)
async def text_behind_a_giant_prime(line: Line) -> None:
    """Proposes a key exchange in a group that is none, before anybody can log in."""
    await shells.proposed(line, b"\x00" + b"\xff" * 1_000)
    await line.hold()


@hosts("ssh", "timed_out", asked=SETTING, login=True)
@shell
async def text_without_a_word(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Lets us in, shows no prompt and answers no command."""
    await until_left(process)


@hosts("ssh", "too_large", asked=SETTING, login=True)
@shell
async def text_greeting_flood(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Greets whoever has logged in, for ever."""
    await pour(process, b"Welcome to this codec\r\n")


@hosts("ssh", "timed_out or malformed", asked=SETTING, login=True)
@shell
async def text_greeting_drip(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Greets whoever has logged in, one letter at a time, for ever."""
    while True:
        process.stdout.write(b"w")
        await process.stdout.drain()
        await asyncio.sleep(0.1)


@hosts("ssh", "too_large", asked=SETTING, login=True)
@shell
async def text_answer_flood(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Answers the first command for ever."""
    process.stdout.write(b"Welcome\r\n\r\nOK\r\n")
    await process.stdin.read(100)
    await pour(process, b"*c xConfiguration Telnet Mode: Off\r\n")


@hosts("ssh", "malformed", asked=SETTING, login=True)
@shell
async def text_answer_without_end(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Answers a command with half a setting and then says nothing more."""
    process.stdout.write(b"Welcome\r\n\r\nOK\r\n")
    while await process.stdin.read(100):
        process.stdout.write(b"*c xConfiguration Telnet Mo")


@hosts("ssh", "closed_early", asked=SETTING, login=True)
@shell
async def text_hangs_up(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Hangs up at the first command."""
    process.stdout.write(b"Welcome\r\n\r\nOK\r\n")
    await process.stdin.read(100)


@hosts("ssh", "seen", asked=SETTING, login=True)
@shell
async def text_of_escapes(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Answers by the book, between escapes, and says that its name is one."""
    process.stdout.write(b"\x1b[2J\x1b]0;owned\x07Welcome\r\n\r\nOK\r\n")
    while await process.stdin.read(100):
        process.stdout.write(
            b'*c xConfiguration Telnet Mode: Off\r\n*c xConfiguration SystemUnit Name: "\x1b[31m\xe2\x80\xaeRoom"\r\n'
            b"*s SystemUnit: /\r\n*s/end\r\n\r\nOK\r\n"
        )  # fmt: skip
