"""HTTP and HTTPS ports: a small HTTP/1 server that answers one request a connection from a device's pages.

The server knows the protocol (RFC 9112), `auditor.demo.pages` knows what each family says. It counts as a write
whatever would change a real device: every method but GET and HEAD, and the paths that write by GET.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from auditor.demo.device import ServiceSpec
from auditor.demo.host import Host
from auditor.demo.listener import Conversation, Listener
from auditor.demo.recorder import Kind

LARGEST_HEAD = 16_384
LARGEST_BODY = 65_536

WRITING_PATHS = frozenset({"/formputxml", "/putxml"})
READ_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    peer: str = ""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An answer: headers in order, several of one name allowed."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = field(default="", repr=False)
    version: str = "HTTP/1.1"

    def encoded(self, *, with_body: bool) -> bytes:
        """Return the bytes for the wire; HEAD gets the same head and no body."""
        body = self.body.encode("utf-8")
        lines = [f"{self.version} {self.status} {self.reason}", *(f"{name}: {value}" for name, value in self.headers)]
        lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1") + (body if with_body else b"")


Site = Callable[[HttpRequest], HttpResponse]


def listener(host: Host, service: ServiceSpec, site: Site, context: ssl.SSLContext | None = None) -> Listener:
    """Return the HTTP port of a device, or its HTTPS port where a context is given."""

    async def talk(conversation: Conversation) -> None:
        head = await _receive_head(conversation)
        if not head:
            return
        request = parse(head)
        if request is None:
            conversation.record(Kind.MALFORMED, "not an HTTP request", head)
            await conversation.send(HttpResponse(status=400, reason="Bad Request").encoded(with_body=True))
            return
        conversation.record(request_kind(request), f"{request.method} {request.target}", head)
        answer = site(replace(request, peer=conversation.peer))
        await conversation.send(answer.encoded(with_body=request.method != "HEAD"))

    return Listener(host, service.name, talk, context)


async def _receive_head(conversation: Conversation) -> bytes:
    """Return the bytes up to the end of the head and what came with it, or nothing when the peer has left."""
    received = b""
    while b"\r\n\r\n" not in received and len(received) < LARGEST_HEAD:
        more = await conversation.receive()
        if not more:
            break
        received += more
        if not received[:1].isalpha():
            break
    return await _with_body(conversation, received)


async def _with_body(conversation: Conversation, received: bytes) -> bytes:
    """Read the rest of a body that was announced, so that its sender gets the answer and not a reset."""
    head, _, body = received.partition(b"\r\n\r\n")
    request = parse(head)
    announced = request.headers.get("content-length", "0") if request else "0"
    missing = min(int(announced), LARGEST_BODY) - len(body) if announced.isdecimal() else 0
    while missing > 0 and (more := await conversation.receive()):
        received += more
        missing -= len(more)
    return received


def parse(head: bytes) -> HttpRequest | None:
    """Return the request in these bytes, or None where there is none."""
    first, *rest = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[0].isalpha():
        return None
    fields = (line.partition(":") for line in rest)
    return HttpRequest(words[0], words[1], {name.strip().lower(): value.strip() for name, _, value in fields})


def request_kind(request: HttpRequest) -> Kind:
    """Tell what a request would do to a real device."""
    target = request.target.lower()
    writes = request.path.lower() in WRITING_PATHS or "xmldoc=" in target or "postevent" in target
    if request.method not in READ_METHODS or writes:
        return Kind.WRITE
    return Kind.LOGIN if "authorization" in request.headers else Kind.READ
