"""One GET without credentials, over HTTP or HTTPS: a transport of ours for the requests and answers of httpx.

The transport is the lowest layer that httpx offers. It sees the request exactly as it will be sent, holds it against
the read list, and only then has the gate open a connection; it has no other way to the network. HTTP itself is spoken
by h11, the parser below httpx. Redirects are not followed, nothing is sent twice, no connection is kept, no cookie
is taken.
"""

import asyncio
import ipaddress
from contextlib import suppress

import h11
import httpx

from auditor import __version__
from auditor.model.facts import HttpFace
from auditor.wire.failures import ClosedEarlyError, MalformedError, TooLargeError, WireError
from auditor.wire.gate import Gate, Line
from auditor.wire.hello_message import server_name
from auditor.wire.http_fields import (
    LONGEST_FIELD,
    MOST_INTERIM,
    MOST_PIECES,
    check_beginning,
    demands_https,
    has_login_form,
    page_title,
    parse_challenges,
    parse_date,
    realm_of,
    without_nonces,
)
from auditor.wire.readlist import NotPermittedError, Request
from auditor.wire.tls_session import TlsSession

MOST_OF_A_HEAD = 65_536
"""Bytes of status line and header fields together."""
MOST_OF_A_PAGE = 65_536
"""Bytes of a body that are read. A longer one is cut, which is no error: what was read is judged."""
BODY_SHARE = 4
"""A body that has not ended after this part of the question's time (a quarter) is cut as well."""

SENT_FIELDS = {"host", "user-agent", "accept", "accept-encoding", "connection"}
"""The only header fields that ever leave: no cookie, no authorization, nothing about a body."""

KEPT_FIELDS = {"server", "location", "content-type", "strict-transport-security", "x-aspnet-version", "x-powered-by"}
"""Header fields of the answer that are kept as they came. Challenges are kept without their nonces; cookies never."""

MOST_KEPT = 32
"""Fields that are kept of one answer; nothing that is judged needs more."""

NOT_FOR_HTTPX = {b"set-cookie", b"set-cookie2", b"content-encoding", b"transfer-encoding", b"content-length"}
"""Fields that httpx would act on (a cookie jar, a decoder) although nobody here wants it to."""


async def get(
    gate: Gate, *, scheme: str, port: int, path: str, host_header: str | None = None, sni: str | None = None
) -> HttpFace:
    """Ask for one path and return what came back, whatever its status.

    `host_header` and `sni` are the host's name (the address where None). Raises `NotPermittedError` before a
    connection is made, and wire errors where the answer is not HTTP or does not come.
    """
    gate.check(Request("http", "GET", path), port)
    url = httpx.URL(scheme=scheme, host=gate.address, port=port, raw_path=path.encode("ascii"))
    fields = {
        "Host": _authority(host_header or gate.address, port, scheme),
        "User-Agent": f"vc-fleet-auditor/{__version__} (read-only)",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    # Not by httpx's client: even where it follows no redirect, it reads the Location, and raises where that is no URL.
    transport = GatedTransport(gate, sni=server_name(sni))
    response = await transport.handle_async_request(httpx.Request("GET", url, headers=fields))
    return _face(response, scheme=scheme, port=port, path=path)


class GatedTransport(httpx.AsyncBaseTransport):
    """Carries each request of an httpx client through the gate, on a connection of its own, and reads a bounded body.

    Packets go to the gate's address only, whatever host a request names. `sni` is the DNS name for TLS, or None.
    """

    def __init__(self, gate: Gate, *, sni: str | None = None) -> None:
        """Bind the transport to a gate."""
        self._gate = gate
        self._sni = sni

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry out one request; raise `NotPermittedError` before a connection is made."""
        asked = Request("http", request.method, request.url.raw_path.decode("ascii"))
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if surplus := {name.lower() for name in request.headers} - SENT_FIELDS:
            raise NotPermittedError(asked, f"header fields that are never sent: {', '.join(sorted(surplus))}")
        async with self._gate.line(asked, port) as line:
            stream: Line | TlsSession = line
            if request.url.scheme == "https":
                stream = TlsSession(line, self._sni)
                await stream.handshake()
            conversation = Conversation(stream)
            await conversation.ask(request)
            head = await conversation.head()
            body, cut = await conversation.body(self._gate.limits.question_seconds / BODY_SHARE)
        return httpx.Response(
            head.status_code,
            headers=[(name, value) for name, value in head.headers.raw_items() if name.lower() not in NOT_FOR_HTTPX],
            content=body,
            extensions={"reason_phrase": head.reason, "http_version": b"HTTP/" + head.http_version, "body_cut": cut},
        )


class Conversation:
    """One request and its answer on a stream, by h11."""

    def __init__(self, stream: Line | TlsSession) -> None:
        """Begin on an open connection."""
        self._stream = stream
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_OF_A_HEAD)
        self._ended = False
        self._first = b""

    async def ask(self, request: httpx.Request) -> None:
        """Send a request that has no body."""
        asked = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        data = (self._state.send(asked) or b"") + (self._state.send(h11.EndOfMessage()) or b"")
        # A server may answer and hang up before it has read the request: then there is still something to read.
        with suppress(ClosedEarlyError):
            await self._stream.send(data)

    async def head(self) -> h11.Response:
        """Return status and header fields; raise `MalformedError`, `TooLargeError` or `ClosedEarlyError`."""
        for _ in range(MOST_INTERIM):
            event = await self._next()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise ClosedEarlyError("the server closed the connection without an answer")
        raise TooLargeError(f"more than {MOST_INTERIM} interim answers before the one that counts")

    async def body(self, seconds: float, most: int = MOST_OF_A_PAGE) -> tuple[bytes, bool]:
        """Return what of the body came in time, up to `most` bytes, and whether something of it is missing."""
        body = bytearray()
        try:
            async with asyncio.timeout(seconds):
                for _ in range(MOST_PIECES):
                    if not isinstance(event := await self._next(), h11.Data):
                        return bytes(body), False
                    body += event.data
                    if len(body) > most:
                        break
        except (TimeoutError, WireError):
            pass
        return bytes(body[:most]), True

    async def _next(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as error:
                if self._ended:
                    raise ClosedEarlyError("the server closed the connection in the middle of its answer") from error
                if error.error_status_hint == 431:
                    raise TooLargeError(f"header fields of more than {MOST_OF_A_HEAD:,} bytes") from error
                raise MalformedError(f"the answer is not HTTP: {error}") from error
            if event is not h11.NEED_DATA:
                return event
            data = await self._stream.read(16_384)
            if len(self._first) < len(b"HTTP/"):
                self._first += data[:40]
                check_beginning(self._first)
            self._ended = self._ended or not data
            self._state.receive_data(data)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _authority(host: str, port: int, scheme: str) -> str:
    try:
        host = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        host = server_name(host) or host
    return host if port == {"http": 80, "https": 443}.get(scheme) else f"{host}:{port}"


def _face(response: httpx.Response, *, scheme: str, port: int, path: str) -> HttpFace:
    fields = [(name.decode("latin-1"), value.decode("latin-1")[:LONGEST_FIELD]) for name, value in response.headers.raw]

    def first(wanted: str) -> str | None:
        return next((value for name, value in fields if name.lower() == wanted), None)

    page = _text(response.content)
    server, date = first("server"), first("date")
    challenges = tuple(
        challenge
        for name, value in fields
        if name.lower() == "www-authenticate"
        for challenge in parse_challenges(value)
    )
    kept = [(name, value) for name, value in fields if name.lower() in KEPT_FIELDS][:MOST_KEPT]
    if challenges:
        kept.append(("WWW-Authenticate", without_nonces(challenges)))
    return HttpFace(
        scheme="https" if scheme == "https" else "http",
        port=port,
        path=path,
        status=response.status_code,
        reason=response.reason_phrase[:256],
        headers=tuple(kept),
        auth_schemes=tuple(challenge.scheme for challenge in challenges),
        realm=realm_of(challenges),
        location=first("location"),
        server=server,
        title=page_title(page),
        login_form=has_login_form(page),
        ssl_required=scheme == "http" and demands_https(response.status_code, server, page),
        device_time=parse_date(date) if date else None,
        body_cut=bool(response.extensions.get("body_cut")),
    )
