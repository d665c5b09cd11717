"""Documents behind a login: one attempt, no Basic in clear, whole bodies only. Real nginx, and servers of few words."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from auditor.model.profile import Limits
from auditor.wire.failures import (
    ClosedEarlyError,
    LoginRefusedError,
    LoginUndecidedError,
    LoginWithheldError,
    MalformedError,
    RefusedError,
    TlsFailedError,
    TooLargeError,
)
from auditor.wire.http_settings import MOST_OF_A_DOCUMENT, HttpDocuments, Scheme
from auditor.wire.ledger import Entry
from auditor.wire.login import Login
from auditor.wire.readlist import NotPermittedError, Request
from tests.lines import Recorder, gate_to, login_as, says, serving
from tests.peers import free_port
from tests.tls_peers import HOSTNAME, chain_of_two, nginx, s_server

LIMITS = Limits(pause_seconds=0.0, question_seconds=2.0)
READS = (Request("http", "GET", "/configuration.xml"), Request("http", "GET", "/status.xml"))
CANARY = "kanarie-7731-vogel"
DOCUMENT = b"<Configuration><HTTP><Mode>Off</Mode></HTTP></Configuration>"
DIGEST = 'Digest realm="Room 204", domain="/", nonce="5f3a9c01aa", algorithm="MD5", qop="auth"'
BASIC = 'Basic realm="Room 204"'


def documents(
    login: Login | None, port: int, scheme: Scheme = "http", entries: list[Entry] | None = None
) -> HttpDocuments:
    gate = gate_to(entries, limits=LIMITS, reads=READS, login=login)
    return HttpDocuments(gate, scheme=scheme, port=port, name=HOSTNAME)


class Codec:
    """A web server that asks for a login by the given challenges, and keeps every head that it was sent."""

    def __init__(self, *challenges: str, password: str = CANARY, status: int = 200, body: bytes = DOCUMENT) -> None:
        self.challenges, self.password, self.status, self.body = challenges, password, status, body
        self.heads: list[str] = []

    @property
    def attempts(self) -> list[str]:
        """The heads with credentials in them."""
        return [head for head in self.heads if "authorization:" in head.lower()]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        while b"\r\n\r\n" not in data and (more := await reader.read(4096)):
            data += more
        head = data.decode("latin-1")
        self.heads.append(head)
        if self.challenges and not self._admits(head):
            fields = "".join(f"WWW-Authenticate: {challenge}\r\n" for challenge in self.challenges)
            writer.write(f"HTTP/1.0 401 Unauthorized\r\n{fields}\r\n<html>401</html>".encode())
        else:
            writer.write(f"HTTP/1.0 {self.status} X\r\n\r\n".encode() + self.body)
        await writer.drain()

    def _admits(self, head: str) -> bool:
        pair = base64.b64encode(f"admin:{self.password}".encode()).decode()
        if f"Authorization: Basic {pair}\r\n" in head:
            return True
        fields = dict(
            re.findall(r'(\w+)="?([^",\r]*)"?', head.partition("Authorization: Digest ")[2].partition("\r")[0])
        )
        first = _md5(f"admin:Room 204:{self.password}")
        middle = f"{fields.get('nonce')}:{fields.get('nc')}:{fields.get('cnonce')}:auth"
        return fields.get("response") == _md5(f"{first}:{middle}:{_md5('GET:' + fields.get('uri', ''))}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@asynccontextmanager
async def codec(*challenges: str, **how: object) -> AsyncIterator[tuple[Codec, Recorder]]:
    device = Codec(*challenges, **how)  # type: ignore[arg-type]  # the keywords of Codec
    async with serving(device) as recorder:
        yield device, recorder


async def test_digest_is_taken_where_basic_is_offered_too() -> None:
    """What every MXP offers: the password is not on the wire, and each document gets a fresh challenge."""
    entries: list[Entry] = []
    async with codec(DIGEST, BASIC) as (device, recorder):
        reader = documents(login_as(CANARY), recorder.port, entries=entries)
        assert [await reader.read(path) for path in ("/configuration.xml", "/status.xml")] == [DOCUMENT, DOCUMENT]
    assert (reader.used, len(device.heads), len(device.attempts)) == ("digest", 4, 2)
    assert CANARY.encode() not in recorder.received
    assert base64.b64encode(f"admin:{CANARY}".encode()) not in recorder.received
    operations = [(e.protocol, e.operation, e.argument, e.outcome) for e in entries]
    assert ("http", "LOGIN", "digest", "answered") in operations
    assert CANARY not in repr(entries)
    assert "admin" not in repr(entries)
    assert sum(e.sent_bytes for e in entries) == len(recorder.received)


@pytest.mark.parametrize("challenges", [(DIGEST,), (DIGEST, BASIC)])
async def test_a_wrong_password_is_sent_once(challenges: tuple[str, ...]) -> None:
    """The device sees exactly one attempt, whatever else is asked for afterwards."""
    login = login_as("wrong-" + CANARY)
    async with codec(*challenges) as (device, recorder):
        reader = documents(login, recorder.port)
        with pytest.raises(LoginRefusedError, match="not tried again"):
            await reader.read("/configuration.xml")
        for path in ("/configuration.xml", "/status.xml"):
            with pytest.raises(LoginWithheldError):
                await documents(login, recorder.port).read(path)
    assert len(device.attempts) == 1


async def test_basic_without_tls_is_refused_unless_it_was_permitted() -> None:
    """No byte of the password leaves; with allow_cleartext it does, because the operator said so."""
    async with codec(BASIC) as (device, recorder):
        login = login_as(CANARY)
        with pytest.raises(LoginWithheldError, match="allow_cleartext"):
            await documents(login, recorder.port).read("/status.xml")
        assert (device.attempts, login.spent) == ([], False)
        assert await documents(login_as(CANARY, allow_cleartext=True), recorder.port).read("/status.xml") == DOCUMENT
        assert len(device.attempts) == 1


@pytest.mark.parametrize("challenges", [("Negotiate", "NTLM"), ('Digest realm="r", nonce="n", algorithm=MD4',), ("?",)])
async def test_unknown_schemes_get_no_password(challenges: tuple[str, ...]) -> None:
    """Nothing is guessed at."""
    async with codec(*challenges) as (device, recorder):
        with pytest.raises(LoginWithheldError):
            await documents(login_as(CANARY), recorder.port, "http").read("/status.xml")
    assert device.attempts == []


async def test_a_host_that_asks_for_nothing_gets_nothing() -> None:
    """An MXP without a password answers at once; a gate without a login does not invent one."""
    async with codec() as (device, recorder):
        reader = documents(login_as(CANARY), recorder.port)
        assert await reader.read("/status.xml") == DOCUMENT
        assert (reader.used, device.attempts) == ("none", [])
    async with codec(DIGEST) as (device, recorder):
        with pytest.raises(LoginRefusedError):
            await documents(None, recorder.port).read("/status.xml")
        assert device.attempts == []


@pytest.mark.parametrize("path", ["/", "/putxml", "/status.xml?x", "/command.xml"])
async def test_only_listed_documents(path: str) -> None:
    """Anything else is refused before a connection is made."""
    async with serving(says()) as recorder:
        with pytest.raises(NotPermittedError):
            await documents(login_as(CANARY), recorder.port).read(path)
    assert recorder.connections == 0


HOSTILE: dict[str, tuple[bytes, type[Exception]]] = {
    "endless": (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (MOST_OF_A_DOCUMENT + 1), TooLargeError),
    "cut": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", ClosedEarlyError),
    "missing": (b"HTTP/1.0 404 Not Found\r\n\r\n", MalformedError),
    "elsewhere": (b"HTTP/1.0 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", MalformedError),
    "garbage": (b"\xff\xfb\x01login: \r\n\r\n", MalformedError),
    "nothing": (b"", ClosedEarlyError),
    "control characters": (
        b'HTTP/1.0 401 No\r\nWWW-Authenticate: Digest realm="a\xff", nonce="n\xfe\x00"\r\n\r\n', MalformedError),
}  # fmt: skip


@pytest.mark.parametrize(("said", "error"), HOSTILE.values(), ids=HOSTILE)
async def test_hostile_answers_end_in_an_error_and_cost_no_attempt(said: bytes, error: type[Exception]) -> None:
    """Nothing is judged that is not whole, and no password goes to whoever says such things."""
    login = login_as(CANARY)
    then = "close" if error is ClosedEarlyError else "wait"
    async with serving(says(said, then=then)) as recorder:
        with pytest.raises(error):
            await documents(login, recorder.port).read("/status.xml")
    assert b"Authorization" not in recorder.received
    assert not login.spent


@pytest.mark.parametrize("ending", ["silence", "close", "fault"])
async def test_an_attempt_without_an_answer_is_spent(ending: str) -> None:
    """Nobody knows whether the device counted it: it is not repeated."""
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.read(4096)
        if calls == 1:
            writer.write(f"HTTP/1.0 401 No\r\nWWW-Authenticate: {DIGEST}\r\n\r\n".encode())
        elif ending == "fault":
            writer.write(b"HTTP/1.0 500 Oops\r\n\r\n")
        elif ending == "silence":
            await asyncio.sleep(10)

    login = login_as(CANARY)
    async with serving(talk) as recorder:
        gate = gate_to(limits=Limits(pause_seconds=0.0, question_seconds=0.3), reads=READS, login=login)
        reader = HttpDocuments(gate, scheme="http", port=recorder.port, name=None)
        with pytest.raises(Exception, match=r".") as caught:
            await reader.read("/status.xml")
        assert CANARY not in repr(caught.value)
    assert login.spent


@pytest.mark.parametrize("status", [301, 302, 307, 400, 429, 500, 503])
async def test_an_answer_that_decides_nothing_is_neither_yes_nor_no(status: int) -> None:
    """A way to a login page or a fault: the transcript says so, nothing counts as accepted, nothing is repeated."""
    entries: list[Entry] = []
    login = login_as(CANARY)
    async with codec(DIGEST, BASIC, status=status) as (device, recorder):
        with pytest.raises(LoginUndecidedError, match=f"status {status}, which neither takes nor refuses"):
            await documents(login, recorder.port, entries=entries).read("/configuration.xml")
        assert (login.spent, login.accepted) == (True, False)
        with pytest.raises(LoginWithheldError):
            await documents(login, recorder.port).read("/status.xml")
    assert len(device.attempts) == 1
    (outcome,) = [entry.outcome for entry in entries if entry.operation == "LOGIN"]
    assert outcome.startswith("LoginUndecided: ")


async def test_behind_an_accepted_login_a_fault_is_the_documents_own() -> None:
    """The password is known to be right: a document that fails says nothing about it, and the next one is read."""
    login = login_as(CANARY)
    async with codec(DIGEST) as (device, recorder):
        reader = documents(login, recorder.port)
        assert await reader.read("/configuration.xml") == DOCUMENT
        device.status = 500
        with pytest.raises(MalformedError, match="status 500"):
            await reader.read("/status.xml")
        device.status = 200
        assert await reader.read("/status.xml") == DOCUMENT
    assert (login.spent, login.accepted) == (False, True)


async def test_a_refused_port_costs_no_attempt() -> None:
    """Another channel may still use the password."""
    login = login_as(CANARY)
    with pytest.raises(RefusedError):
        await documents(login, free_port()).read("/status.xml")
    assert not login.spent


def in_nginx(tmp_path: Path, question: Callable[[int], Awaitable[None]]) -> str:
    """Run a question against nginx with TLS and Basic; return its access log."""
    (tmp_path / "users").write_text(f"admin:{{PLAIN}}{CANARY}\n")
    for name in ("status.xml", "configuration.xml"):
        (tmp_path / name).write_bytes(DOCUMENT)
    server = f"location ~ xml$ {{ auth_basic room; auth_basic_user_file {tmp_path}/users; root {tmp_path}; }}"
    with nginx(tmp_path, chain_of_two(tmp_path), protocols="TLSv1.2", server=server) as peer:
        asyncio.run(question(peer.port))  # type: ignore[arg-type]  # a coroutine function
        return peer.log.read_text()


def test_basic_inside_tls_against_a_real_server(tmp_path: Path) -> None:
    """Nginx takes the right password; after that each document costs one request."""

    async def ask(port: int) -> None:
        reader = documents(login_as(CANARY), port, "https")
        assert await reader.read("/status.xml") == DOCUMENT
        assert await reader.read("/configuration.xml") == DOCUMENT
        assert reader.used == "basic"
        assert "TLSv1.2" in reader.peer

    log = in_nginx(tmp_path, ask)
    assert re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', log) == [
        ("/status.xml", "401"), ("/status.xml", "200"), ("/configuration.xml", "200"),
    ]  # fmt: skip


def test_a_wrong_password_against_a_real_server(tmp_path: Path) -> None:
    """One attempt stands in its log."""

    async def ask(port: int) -> None:
        login = login_as("wrong")
        for expected in (LoginRefusedError, LoginWithheldError):
            with pytest.raises(expected):
                await documents(login, port, "https").read("/status.xml")

    log = in_nginx(tmp_path, ask)
    assert log.count(" - admin [") == 1


def test_no_login_over_a_suite_that_does_not_encrypt(tmp_path: Path) -> None:
    """A server whose only offer is NULL or anonymous gets no session at all, so no password."""
    for options in (("-cipher", "eNULL:@SECLEVEL=0", "-tls1_2"), ("-cipher", "aNULL:@SECLEVEL=0", "-tls1_2")):
        identity = chain_of_two(tmp_path) if "eNULL" in options[1] else None
        with s_server(tmp_path, *options, identity=identity) as peer, pytest.raises(TlsFailedError):
            asyncio.run(documents(login_as(CANARY), peer.port, "https").read("/status.xml"))
