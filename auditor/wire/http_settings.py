"""Settings and status documents over HTTPS or HTTP: a GET of one listed path, with a login where the host asks for one.

Each document is asked for without a login first. The host's challenge tells the schemes; Digest is taken where it is
offered, Basic only inside TLS or where the operator permits it. One request with credentials follows. If the host
refuses it, or leaves open whether it took them, nothing more is sent with them in this audit.
"""

import base64
import ipaddress
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import h11

from auditor import __version__
from auditor.wire.failures import (
    ClosedEarlyError,
    LoginRefusedError,
    LoginUndecidedError,
    LoginWithheldError,
    MalformedError,
    TooLargeError,
)
from auditor.wire.gate import Gate, Line
from auditor.wire.hello_message import server_name
from auditor.wire.http_digest import answer, can_answer
from auditor.wire.http_fields import MOST_INTERIM, MOST_PIECES, Challenge, check_beginning, parse_challenges
from auditor.wire.login import Login
from auditor.wire.login_tls import LoginTls
from auditor.wire.readlist import Request

MOST_OF_A_DOCUMENT = 2 * 1024 * 1024
"""Bytes of one document; the largest of these products has less than half of it."""
MOST_OF_A_HEAD = 65_536
SLOWNESS = 3
"""How many times the time of a usual question a document may take: it is larger than any other answer."""
LOGIN_FAILED = frozenset({401, 403, 407})
LOGIN_TAKEN = frozenset(range(200, 300)) | {404, 405, 406, 410}
"""Statuses that behind a challenge only somebody is told whose password was taken: the document, or that there is none.

After any other nobody knows whether the host took it: a way to a login page, a fault, too many requests.
"""

Scheme = Literal["https", "http"]


@dataclass(frozen=True, slots=True)
class _Answer:
    """Status, challenges and body of one answer. `peer` says how the connection was protected."""

    status: int
    challenges: tuple[Challenge, ...]
    body: bytes
    peer: str


class HttpDocuments:
    """Reads documents of one host over one scheme, logging in as seldom as the host allows.

    `used` is the scheme of the login (`digest`, `basic`, or `none` as long as none was needed), `peer` how the
    connection was protected.
    """

    def __init__(self, gate: Gate, *, scheme: Scheme, port: int, name: str | None) -> None:
        """Bind to a gate that has a login; `name` is the host's own (its address where None)."""
        self._gate = gate
        self._scheme: Scheme = scheme
        self._port = port
        self._name = name
        self._repeat: str | None = None
        self.used = "none"
        self.peer = ""

    async def read(self, path: str) -> bytes:
        """Return the document at a listed path, whole.

        Raises `NotPermittedError` before a connection is made, `LoginRefusedError`, `LoginUndecidedError` and
        `LoginWithheldError`, and the other wire errors where there is no such document or its answer is not whole.
        """
        login = self._gate.login
        asked = Request("http", "GET", path)
        self._gate.check(asked, self._port)
        if login is None or self._repeat is None:
            found = await self._ask(asked, None)
            if found.status != 401:
                return self._document(found)
            if login is None:
                raise LoginRefusedError("the host asks for a login, and the inventory gives none")
            scheme, challenge = self._choose(found.challenges, login)
        else:
            scheme, challenge = self._repeat, None
        return self._document(await self._ask(asked, (login, scheme, challenge)))

    def _choose(self, offered: tuple[Challenge, ...], login: Login) -> tuple[str, Challenge | None]:
        """Return the scheme to use and the challenge to answer; raise `LoginWithheldError` where none will do."""
        if login.spent:
            raise LoginWithheldError(login.why_spent)
        digest = next((c for c in offered if can_answer(c)), None)
        if digest is not None:
            return "digest", digest
        names = ", ".join(dict.fromkeys(c.scheme for c in offered)) or "no scheme at all"
        if not any(c.scheme == "basic" for c in offered):
            raise LoginWithheldError(f"the host offers {names:.80}, none of which this auditor speaks")
        if self._scheme != "https" and not login.allow_cleartext:
            raise LoginWithheldError(
                "the host offers only Basic without TLS, which would send the password in clear; the inventory's "
                "credential does not permit that (allow_cleartext)"
            )
        return "basic", None

    def _document(self, found: _Answer) -> bytes:
        self.peer = found.peer
        if found.status == 200:
            return found.body
        raise MalformedError(f"the host answered with status {found.status} and not with the document")

    async def _ask(self, asked: Request, how: tuple[Login, str, Challenge | None] | None) -> _Answer:
        gate, seconds = self._gate, self._gate.limits.question_seconds * SLOWNESS
        cap = MOST_OF_A_DOCUMENT + 2 * MOST_OF_A_HEAD
        async with gate.line(asked, self._port, seconds=seconds, cap=cap) as line:
            stream, peer = await self._stream(line)
            conversation = _Conversation(stream)
            if how is None:
                await conversation.ask(asked.argument, self._fields())
                head = await conversation.head()
            else:
                head = await self._log_in(conversation, asked, line, *how)
            body = await conversation.body(wanted=head.status_code == 200)
        return _Answer(head.status_code, _challenges(head), body, peer)

    async def _log_in(
        self, conversation: "_Conversation", asked: Request, line: Line, login: Login, scheme: str,
        challenge: Challenge | None,
    ) -> h11.Response:  # fmt: skip
        async with self._gate.step(Request("http", "LOGIN", scheme), self._port, line):
            with login.attempt() as password:
                authorization = _authorization(scheme, challenge, login.username, password, asked.argument)
                await conversation.ask(asked.argument, [*self._fields(), ("Authorization", authorization)])
                head = await conversation.head()
                if head.status_code in LOGIN_FAILED:
                    raise LoginRefusedError(
                        f"the host refused the login ({scheme}, status {head.status_code}); it was not tried again"
                    )
                if head.status_code not in LOGIN_TAKEN and not login.accepted:
                    raise LoginUndecidedError(
                        f"the host answered the login ({scheme}) with status {head.status_code}, which neither takes "
                        "nor refuses the password; it was not tried again"
                    )
        if head.status_code in LOGIN_TAKEN:
            login.accept()
            self.used, self._repeat = scheme, "basic" if scheme == "basic" else None
        return head

    async def _stream(self, line: Line) -> tuple[Line | LoginTls, str]:
        if self._scheme != "https":
            return line, "HTTP without TLS"
        session = LoginTls(line, server_name(self._name))
        await session.handshake()
        return session, f"{session.version} with {session.cipher}; the certificate is judged apart"

    def _fields(self) -> list[tuple[str, str]]:
        return [
            ("Host", _authority(self._name or self._gate.address, self._port, self._scheme)),
            ("User-Agent", f"vc-fleet-auditor/{__version__} (read-only)"),
            ("Accept", "text/xml, application/xml"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]


class _Conversation:
    """One GET and its whole answer on a stream, by h11."""

    def __init__(self, stream: Line | LoginTls) -> None:
        self._stream = stream
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_OF_A_HEAD)
        self._ended = False
        self._first = b""

    async def ask(self, path: str, fields: list[tuple[str, str]]) -> None:
        # Written by hand: an exception of h11 would quote the field that it does not like, and with it a login.
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "", ""]
        data = "\r\n".join(lines)
        if any(not _FIELD.fullmatch(value) for _, value in fields):
            raise MalformedError("a header field cannot be written, for a character that it would hold")
        self._state.send(h11.Request(method="GET", target=path, headers=[("Host", "unused")]))
        self._state.send(h11.EndOfMessage())
        with suppress(ClosedEarlyError):
            await self._stream.send(data.encode("latin-1"))

    async def head(self) -> h11.Response:
        for _ in range(MOST_INTERIM):
            event = await self._next()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise ClosedEarlyError("the server closed the connection without an answer")
        raise TooLargeError(f"more than {MOST_INTERIM} interim answers before the one that counts")

    async def body(self, *, wanted: bool) -> bytes:
        """Return the whole body; of an answer that is no document nothing is read."""
        body = bytearray()
        pieces = 0
        while wanted and isinstance(event := await self._next(), h11.Data):
            body += event.data
            pieces += 1
            if len(body) > MOST_OF_A_DOCUMENT:
                raise TooLargeError(f"the document has more than {MOST_OF_A_DOCUMENT:,} bytes")
            if pieces > MOST_PIECES:
                raise TooLargeError(f"the document comes in more than {MOST_PIECES:,} pieces")
        return bytes(body)

    async def _next(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as error:
                if self._ended:
                    raise ClosedEarlyError("the server closed the connection in the middle of its answer") from error
                raise MalformedError("the answer is not HTTP") from error
            if event is not h11.NEED_DATA:
                return event
            data = await self._stream.read(16_384)
            if len(self._first) < len(b"HTTP/"):
                self._first += data[:40]
                check_beginning(self._first)
            self._ended = self._ended or not data
            self._state.receive_data(data)


_FIELD = re.compile(r"[\x20-\x7e\x80-\xff]{1,8192}")


def _challenges(head: h11.Response) -> tuple[Challenge, ...]:
    values = (value.decode("latin-1") for name, value in head.headers if name == b"www-authenticate")
    return tuple(challenge for value in values for challenge in parse_challenges(value))


def _authorization(scheme: str, challenge: Challenge | None, username: str, password: str, path: str) -> str:
    if challenge is None or scheme == "basic":
        return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    return _as_field(
        answer(
            challenge, username=username, password=password, method="GET", uri=path, cnonce=secrets.token_hex(16)
        )
    )  # fmt: skip


def _as_field(text: str) -> str:
    """Return text beyond Latin-1 (a user name) as the octets of its UTF-8, which is what a header field can carry."""
    return text if text.isascii() else text.encode("utf-8").decode("latin-1")


def _authority(host: str, port: int, scheme: Scheme) -> str:
    try:
        host = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        host = server_name(host) or host
    return host if port == {"http": 80, "https": 443}[scheme] else f"{host}:{port}"
