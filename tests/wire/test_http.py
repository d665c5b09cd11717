"""One GET: what is sent, what is read of the answer, and what is never sent."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.facts import HttpFace
from auditor.model.profile import Limits
from auditor.wire.failures import (
    ClosedEarlyError,
    MalformedError,
    RefusedError,
    SilentError,
    TlsFailedError,
    TooLargeError,
    WireError,
)
from auditor.wire.http import MOST_OF_A_PAGE, GatedTransport, get
from auditor.wire.http_fields import (
    demands_https,
    has_login_form,
    page_title,
    parse_challenges,
    parse_date,
    realm_of,
    without_nonces,
)
from auditor.wire.ledger import Entry
from auditor.wire.readlist import NotPermittedError, Request
from tests.lines import gate_to, says, serving
from tests.peers import free_port
from tests.tls_peers import HOSTNAME, chain_of_two, nginx

LIMITS = Limits(pause_seconds=0.0, question_seconds=2.0)
SHORT = Limits(pause_seconds=0.0, question_seconds=0.4)
READS = tuple(Request("http", "GET", path) for path in ("/", "/tms/", "/getxml?location=/Status"))

OLD_CODEC = (
    b"HTTP/1.0 401 Unauthorized\r\nPragma: no-cache\r\n"
    b'WWW-Authenticate: Digest realm="Room 204", domain="/", nonce="5f3a9c01aa", algorithm="MD5", qop="auth"\r\n'
    b'WWW-Authenticate: Basic realm="Room 204"\r\nContent-Type: text/html\r\n\r\n<html>401</html>'
)


def answer(*fields: str, status: str = "200 OK", body: bytes = b"") -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}"))
    return head.encode("latin-1") + b"\r\n" + body


def ask(
    *parts: bytes | float, then: str = "close", path: str = "/", limits: Limits = LIMITS, scheme: str = "http"
) -> tuple[HttpFace, bytes]:
    async def run() -> tuple[HttpFace, bytes]:
        async with serving(says(*parts, then=then)) as peer:
            gate = gate_to(limits=limits, reads=READS)
            face = await get(gate, scheme=scheme, port=peer.port, path=path, host_header=HOSTNAME, sni=HOSTNAME)
            return face, bytes(peer.received)

    return asyncio.run(run())


def test_a_codec_of_2008_is_read() -> None:
    """HTTP/1.0, two challenges on two lines, no Server field, a body that ends with the connection."""
    face, _ = ask(0.1, OLD_CODEC)
    assert (face.scheme, face.path, face.status, face.reason) == ("http", "/", 401, "Unauthorized")
    assert face.auth_schemes == ("digest", "basic")
    assert face.realm == "Room 204"
    assert not face.body_cut
    assert (face.server, face.title, face.login_form, face.device_time) == (None, None, False, None)
    assert "5f3a9c01aa" not in repr(face)


def test_what_is_sent_is_one_get_and_five_fields() -> None:
    """No cookie, no credentials, no body, no compression, no kept connection; the auditor names itself."""
    _, sent = ask(0.1, answer("Set-Cookie: session=1; Path=/"), path="/getxml?location=/Status", then="wait")
    lines = sent.decode("ascii").split("\r\n")
    assert lines[0] == "GET /getxml?location=/Status HTTP/1.1"
    fields = dict(line.split(": ", 1) for line in lines[1:-2])
    assert set(fields) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert (fields["Accept-Encoding"], fields["Connection"]) == ("identity", "close")
    assert fields["User-Agent"].startswith("vc-fleet-auditor/")
    assert fields["Host"].startswith(f"{HOSTNAME}:")
    assert lines[-2:] == ["", ""]


def test_nothing_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a proxy nor the credentials of a .netrc have any say."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login admin password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    face, sent = ask(0.1, OLD_CODEC)
    assert face.status == 401
    assert sent.startswith(b"GET / HTTP/1.1")
    assert b"uthorization" not in sent


def test_a_cookie_is_neither_kept_nor_sent_again() -> None:
    """Not even within the fact."""
    face, _ = ask(answer("Set-Cookie: session=hush", "X-Session: hush", "Server: Lab/1"))
    assert face.headers == (("Server", "Lab/1"),)
    assert "hush" not in repr(face)


def test_a_redirect_is_recorded_and_not_followed() -> None:
    """One connection only."""

    async def run() -> tuple[HttpFace, int]:
        async with serving(says(answer("Location: /elsewhere", status="302 Found"))) as peer:
            return await get(gate_to(reads=READS), scheme="http", port=peer.port, path="/"), peer.connections

    face, connections = asyncio.run(run())
    assert (face.status, face.location, connections) == (302, "/elsewhere", 1)


@pytest.mark.parametrize("path", ["/formputxml", "/formputxml?xmldoc=x", "/other", "/%66ormputxml", "/a b", "x", "/ø"])
def test_a_path_that_is_not_listed_makes_no_connection(path: str) -> None:
    """Refused before the peer sees anything; the transcript shows the refusal."""
    entries: list[Entry] = []

    async def run() -> int:
        async with serving(says(OLD_CODEC)) as peer:
            with pytest.raises(NotPermittedError):
                await get(gate_to(entries, reads=READS), scheme="http", port=peer.port, path=path)
            await asyncio.sleep(0.05)
            return peer.connections

    assert asyncio.run(run()) == 0
    assert [(e.permitted, e.argument) for e in entries] == [(False, path)]


@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("POST", "http://device/", headers={"Host": "x"}),
        httpx.Request("GET", "http://device/formputxml"),
        httpx.Request("GET", "http://device/", headers={"Cookie": "a=b"}),
        httpx.Request("GET", "http://device/", headers={"Authorization": "Basic YTpi"}),
        httpx.Request("GET", "http://device/", headers={"X-HTTP-Method-Override": "PUT"}),
        httpx.Request("GET", "http://device/", content=b"xmldoc=x"),
    ],
    ids=lambda request: f"{request.method} {sorted(request.headers)}",
)
def test_the_transport_itself_refuses(request_: httpx.Request) -> None:
    """Whoever drives the transport: no other method, path, field or body leaves."""

    async def run() -> int:
        async with serving(says(OLD_CODEC)) as peer:
            request_.url = request_.url.copy_with(port=peer.port)
            with pytest.raises(NotPermittedError):
                await GatedTransport(gate_to(reads=READS)).handle_async_request(request_)
            await asyncio.sleep(0.05)
            return peer.connections

    assert asyncio.run(run()) == 0


def test_a_page_is_read_for_its_title_and_its_form() -> None:
    """The page itself is not kept."""
    page = "<HTML><Title lang=no>\n Møterom\n &amp; mer </title><INPUT name=p\nTYPE = 'password'>body text"
    face, _ = ask(answer(body=page.encode()))
    assert (face.title, face.login_form) == ("Møterom & mer", True)
    assert "body text" not in repr(face)


def test_the_clock_and_the_server_are_read() -> None:
    """In UTC."""
    face, _ = ask(answer("Date: Tue, 01 Jan 2008 10:20:30 GMT", "Server: Lab"))
    assert face.device_time == datetime(2008, 1, 1, 10, 20, 30, tzinfo=UTC)
    assert face.server == "Lab"


def test_a_body_of_a_gigabyte_is_cut_and_judged() -> None:
    """The title stands at its beginning; no more than the cap is read."""
    began = time.monotonic()
    page = b"<title>big</title>" + b"x" * (2 * MOST_OF_A_PAGE)
    face, _ = ask(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n" + page, then="wait")
    assert (face.title, face.body_cut) == ("big", True)
    assert time.monotonic() - began < 1


def test_a_body_that_never_ends_is_cut_at_a_share_of_the_time() -> None:
    """A device that forgets to hang up is still judged by what it said."""
    face, _ = ask(b"HTTP/1.0 200 OK\r\n\r\n<title>old</title>", then="wait", limits=SHORT)
    assert (face.title, face.body_cut) == ("old", True)


def test_a_body_shorter_than_announced_is_judged() -> None:
    """Status and fields stand."""
    face, _ = ask(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\nshort")
    assert (face.status, face.body_cut) == (403, True)


def test_a_compressed_body_is_not_unpacked() -> None:
    """It was not asked for, and might be a bomb."""
    face, _ = ask(answer("Content-Encoding: gzip", body=b"\x1f\x8b" + bytes(100)))
    assert (face.status, face.title) == (200, None)


@pytest.mark.parametrize(
    ("parts", "then", "error"),
    [
        ((b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n",), "close", MalformedError),
        ((b"\x15\x03\x01\x00\x02\x02\x28",), "close", MalformedError),
        ((b"HTTP/1.1 OK\r\n\r\n",), "close", MalformedError),
        ((b"HTTP/1.1 200 OK\r\nbad header line\r\n\r\n",), "close", MalformedError),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",), "close", MalformedError),
        ((b"HTTP/1.1 200 OK\r\n",), "close", ClosedEarlyError),
        ((), "close", ClosedEarlyError),
        ((), "wait", SilentError),
        ((b"HTTP/1.1 200 OK\r\n" + b"X-More: yes\r\n" * 10_000,), "wait", TooLargeError),
        ((b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000,), "wait", TooLargeError),
        ((b"HTTP/1.1 101 Switching Protocols\r\n\r\n",), "wait", WireError),
    ],
    ids=["ssh", "alert", "no status", "bad field", "two lengths", "cut", "close", "silent", "endless", "1xx", "101"],
)
def test_what_is_no_answer_is_told_apart(parts: tuple[bytes, ...], then: str, error: type[WireError]) -> None:
    """Each in its own error, within the deadline."""
    with pytest.raises(error):
        ask(*parts, then=then, limits=SHORT)


def test_fields_that_drip_end_at_the_deadline() -> None:
    """A byte now and then does not move it."""
    began = time.monotonic()
    with pytest.raises(SilentError):
        ask(*[part for byte in OLD_CODEC[:60] for part in (bytes([byte]), 0.05)], limits=SHORT)
    assert time.monotonic() - began < 1


def test_a_refused_port_is_refused() -> None:
    """Told apart from silence."""
    with pytest.raises(RefusedError):
        asyncio.run(get(gate_to(reads=READS), scheme="http", port=free_port(), path="/"))


@pytest.mark.parametrize("protocols", ["TLSv1", "TLSv1.2", "TLSv1.3"])
def test_https_is_asked_over_old_and_new_tls(tmp_path: Path, protocols: str) -> None:
    """A real nginx, with TLS 1.0 too; its access log shows what we asked."""
    with nginx(tmp_path, chain_of_two(tmp_path), protocols=protocols) as peer:
        gate = gate_to(limits=LIMITS, reads=READS)
        face = asyncio.run(get(gate, scheme="https", port=peer.port, path="/", host_header=HOSTNAME, sni=HOSTNAME))
        log = peer.log.read_text()
    assert (face.scheme, face.status, face.title, face.login_form) == ("https", 200, "Lab & Co", True)
    assert face.device_time is not None
    assert '"GET / HTTP/1.1" 200' in log


def test_https_without_tls_behind_it_is_no_session() -> None:
    """A web server that speaks in clear where TLS is due."""
    with pytest.raises(TlsFailedError):
        ask(answer(), scheme="https")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('Basic realm="a"', [("basic", {"realm": "a"})]),
        ('Digest realm="a, b", nonce="x=", Basic realm="c"', [("digest", {"realm": "a, b", "nonce": "x="}),
                                                             ("basic", {"realm": "c"})]),
        ("Negotiate, NTLM", [("negotiate", {}), ("ntlm", {})]),
        ("Negotiate YII+/w==, Basic realm=x", [("negotiate", {}), ("basic", {"realm": "x"})]),
        ("Negotiate abc", [("negotiate", {})]),
        (r'Basic realm="say \"hi\""', [("basic", {"realm": 'say "hi"'})]),
        ('Basic realm = "spaced" , charset="UTF-8"', [("basic", {"realm": "spaced", "charset": "UTF-8"})]),
        ('Basic realm="open', [("basic", {}), ("realm", {}), ("open", {})]),
        ('realm="x"', []),
        (", ,", []),
        ("", []),
    ],
)  # fmt: skip
def test_challenges_are_read(value: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    """RFC 9110 section 11.6.1: one comma separates challenges and parameters alike."""
    assert [(c.scheme, c.parameters) for c in parse_challenges(value)] == expected


def test_the_realm_is_that_of_the_first_digest_or_basic() -> None:
    """NTLM has none; another scheme's does not count."""
    assert realm_of(parse_challenges('Bearer realm="no", Basic realm="yes", Digest realm="late"')) == "yes"
    assert realm_of(parse_challenges("NTLM")) is None


def test_a_challenge_is_kept_without_its_nonce() -> None:
    """What changes with every answer has no place in a report."""
    kept = without_nonces(parse_challenges('Digest realm="r", nonce="n1", opaque="o1", qop="auth", algorithm=MD5'))
    assert kept == 'Digest realm="r", algorithm="MD5", qop="auth"'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-08 08:49:37 GMT", datetime(2008, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sun, 06 Nov 1994 08:49:37 +0100", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 Nix 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:60 GMT", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_in_all_three_forms(value: str, expected: datetime | None) -> None:
    """RFC 9110 section 5.6.7; anything else is no date."""
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    ("status", "server", "page", "demands"),
    [
        (403, "Microsoft-IIS/6.0", "HTTP Error 403.4 - Forbidden: SSL is required", True),
        (403, "Microsoft-IIS/10.0", "403 - Forbidden: Access is denied.", True),
        (403, "Microsoft-IIS/10.0", "HTTP Error 403.14 - Forbidden", False),
        (403, "Microsoft-IIS/6.0", "HTTP Error 403.6 - Forbidden: IP address rejected", False),
        (403, None, "403.4 Forbidden: SSL required", True),
        (403, "Apache", "Forbidden", False),
        (200, "Microsoft-IIS/10.0", "about 403.4", False),
        (401, "Microsoft-IIS/10.0", "", False),
    ],
)
def test_the_refusal_by_which_iis_demands_https(
    status: int,
    server: str | None,
    page: str,
    demands: bool,  # noqa: FBT001
) -> None:
    """A bare 403 of IIS counts, another sub-status does not, and neither does another server."""
    assert demands_https(status, server, page) is demands


@given(st.text(max_size=300))
def test_any_text_is_read_as_challenges_without_an_error(value: str) -> None:
    """And nothing grows."""
    found = parse_challenges(value)
    assert sum(len(c.scheme) for c in found) <= len(value.lower())
    realm_of(found)
    without_nonces(found)


@given(st.text(alphabet="Basic realm=\"\\, ='", max_size=200))
def test_text_like_a_challenge_is_read_without_an_error(value: str) -> None:
    """The characters that matter, in any order."""
    for challenge in parse_challenges(value):
        assert challenge.scheme


@given(st.text(max_size=60))
def test_any_text_is_read_as_a_date_or_none(value: str) -> None:
    """Never an exception, never a time without a zone."""
    found = parse_date(value)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "page",
    [
        "<input " * 9_000,
        "<input type" + " " * 60_000,
        "<title>" * 9_000,
        "<input type=" * 5_000,
        "<title " + "a " * 30_000,
    ],
    ids=["input", "blanks", "title", "type", "attributes"],
)
def test_pages_made_to_slow_a_search_are_searched_quickly(page: str) -> None:
    """Time grows with the page's length only."""
    began = time.monotonic()
    has_login_form(page)
    page_title(page)
    assert time.monotonic() - began < 0.5


@given(st.binary(max_size=400))
def test_noise_after_a_status_line_ends_in_a_face_or_a_typed_error(noise: bytes) -> None:
    """On a real socket."""
    with suppress(WireError):
        face, _ = ask(b"HTTP/1.1 200 OK\r\n" + noise, limits=SHORT)
        assert face.status == 200
