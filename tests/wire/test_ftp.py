"""FTP: greeting and features of real and broken servers; never a login."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.model.facts import FtpGreeting
from auditor.wire import ftp
from auditor.wire.failures import ClosedEarlyError, MalformedError, RefusedError, SilentError, TooLargeError
from auditor.wire.ledger import Entry
from auditor.wire.readlist import NotPermittedError
from tests.lines import QUICK, gate_to, says, serving
from tests.peers import free_port, vsftpd


def greet(*parts: bytes | float, then: str = "wait", seconds: float = 0.6) -> tuple[FtpGreeting, bytes]:
    """Return the greeting of a server that says these parts whatever it is asked, and what reached the server."""

    async def run() -> tuple[FtpGreeting, bytes]:
        async with serving(says(*parts, then=then)) as peer:
            greeting = await ftp.greet(gate_to(limits=replace(QUICK, question_seconds=seconds)), peer.port)
            await asyncio.sleep(0.02)
            return greeting, bytes(peer.received)

    return asyncio.run(run())


def test_vsftpd(tmp_path: Path) -> None:
    """Debian's server, as it is: greeting, features, no AUTH TLS, and no command but FEAT and QUIT in its own log."""
    with vsftpd(tmp_path, banner="Lab 204 ready") as peer:
        entries: list[Entry] = []
        greeting = asyncio.run(ftp.greet(gate_to(entries), peer.port))
        log = peer.log.read_text()
    assert (greeting.code, greeting.banner) == (220, "Lab 204 ready")
    assert {"PASV", "REST STREAM"} <= set(greeting.features)
    assert not greeting.auth_tls
    assert greeting.features_known
    commands = [line.rpartition('Client "127.0.0.1", ')[2] for line in log.splitlines() if "FTP command" in line]
    assert commands == ['"FEAT"', '"QUIT"']
    assert [entry.outcome for entry in entries] == ["answered"]


def test_auth_tls_among_the_features() -> None:
    """Lines of many replies, multi-line greetings, and an offer to encrypt."""
    greeting, received = greet(
        b"120 soon\r\n220-Welcome\r\n220-to the lab\r\n 220 not yet\r\n220 ready\r\n",
        b"211-Features\r\n AUTH TLS;TLS-C\r\n UTF8\r\n211 End\r\n221 bye\r\n",
    )
    assert greeting.banner == "Welcome\nto the lab\n 220 not yet\nready"
    assert greeting.features == ("AUTH TLS;TLS-C", "UTF8")
    assert greeting.auth_tls
    assert received == b"FEAT\r\nQUIT\r\n"


@pytest.mark.parametrize("answer", [b"500 what?\r\n", b"530 log in first\r\n", b"211 none\r\n"])
def test_features_are_refused(answer: bytes) -> None:
    """A refusal of FEAT is known: there are none."""
    greeting, _ = greet(b"220 x\r\n" + answer, then="close")
    assert (greeting.features, greeting.auth_tls, greeting.features_known) == ((), False, True)


@pytest.mark.parametrize("after", [(b"211-half\r\n AUTH TLS\r\n",), (b"garbage\r\n",), (b"\x00" * 5000,), ()])
@pytest.mark.parametrize("then", ["close", "wait"])
def test_a_greeting_stands_where_features_stay_unknown(after: tuple[bytes, ...], then: str) -> None:
    """Hang-up, silence or nonsense after the greeting: it is FTP all the same, and nothing is said of features."""
    greeting, _ = greet(b"220 ready\r\n", *after, then=then)
    assert (greeting.code, greeting.banner) == (220, "ready")
    assert (greeting.features, greeting.features_known) == ((), False)


def test_a_server_that_takes_nobody_now() -> None:
    """Code 421 is an FTP greeting too; nothing is asked of it."""
    greeting, received = greet(b"421 too many users\r\n")
    assert (greeting.code, greeting.features_known, received) == (421, False, b"")


@pytest.mark.parametrize(
    ("parts", "then", "expected", "words"),
    [
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "wait", MalformedError, "SSH-2.0-OpenSSH_9.2"),
        ((b"\xff\xfb\x03\x1b[31m\r\n",), "wait", MalformedError, r"\\x1b\[31m"),
        ((b"2200 x\r\n",), "wait", MalformedError, "2200 x"),
        ((b"x" * 3000,), "wait", MalformedError, "no end of line"),
        ((b"220 half a li",), "wait", SilentError, "220 half a li"),
        ((b"220 half a li",), "close", ClosedEarlyError, "220 half a li"),
        ((), "wait", SilentError, "deadline"),
        ((), "close", ClosedEarlyError, "closed"),
        ((b"220-never ends\r\n" * 300,), "wait", TooLargeError, "200 lines"),
    ],
)
def test_what_is_no_greeting(parts: tuple[bytes, ...], then: str, expected: type[Exception], words: str) -> None:
    """What came is told as one printable line, and nothing was sent in return."""
    with pytest.raises(expected, match=words) as caught:
        greet(*parts, then=then)
    assert str(caught.value).isprintable()


def test_a_refused_port() -> None:
    """Nothing listens: proven."""
    with pytest.raises(RefusedError):
        asyncio.run(ftp.greet(gate_to(), free_port()))


def test_feat_is_sent_only_where_the_profile_lists_it() -> None:
    """Without its row, FEAT is refused before a byte of it leaves."""
    entries: list[Entry] = []

    async def run() -> bytes:
        async with serving(says(b"220 ready\r\n")) as peer:
            with pytest.raises(NotPermittedError):
                await ftp.greet(gate_to(entries, reads=()), peer.port)
            await asyncio.sleep(0.02)
            return bytes(peer.received)

    assert asyncio.run(run()) == b""
    assert [(entry.argument, entry.permitted) for entry in entries] == [("FEAT", False), ("", True)]
