"""Web servers answer as each family does over HTTP and HTTPS, and count whatever would change something."""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from auditor.demo.device import PORTS, DeviceSpec, Family, ServiceSpec, Truth
from auditor.demo.fleet import RunningFleet
from auditor.demo.http import HttpRequest, parse, request_kind
from auditor.demo.recorder import Kind, Request

Asked = Callable[..., tuple[Request, ...]]
StartFleet = Callable[[Sequence[DeviceSpec]], contextlib.AbstractContextManager[RunningFleet]]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a client got."""

    status: int
    version: int
    headers: list[tuple[str, str]]
    body: str

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


def lenient() -> ssl.SSLContext:
    """A context that takes any certificate and talks to old devices."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


def ask(
    fleet: RunningFleet, device: str, url: str, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    """Ask a device; `url` is scheme and path, such as `http/tms/`."""
    scheme, _, path = url.partition("/")
    address = fleet.devices[device].address
    connection = (
        http.client.HTTPSConnection(address, PORTS["https"], timeout=3, context=lenient())
        if scheme == "https"
        else http.client.HTTPConnection(address, PORTS["http"], timeout=3)
    )
    with contextlib.closing(connection):
        connection.request(method, f"/{path}", headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.version, response.getheaders(), response.read().decode())


def web(product: Family, http_form: str, https_form: str = "") -> DeviceSpec:
    """A device that serves these forms."""
    return DeviceSpec(
        name="one", product=product, octets=(8, 2), software="X5", system_name='Room "5"', story="One test's.",
        services=(ServiceSpec(name="http", variant=http_form), ServiceSpec(name="https", variant=https_form)),
        truth=Truth(proven=None, possible=None), truth_with_settings=Truth(proven=None, possible=None),
    )  # fmt: skip


@pytest.mark.parametrize(("device", "realm"), [("rm101", "Reception"), ("mps1", "MPS 800 Oslo")])
def test_codecs_offer_digest_and_basic(fleet: RunningFleet, device: str, realm: str) -> None:
    """HTTP/1.0, two challenges in two fields, the realm is the system name, no Server and no Date."""
    answer = ask(fleet, device, "http/")
    digest, basic = answer.all("WWW-Authenticate")
    assert (answer.status, answer.version) == (401, 10)
    assert digest.startswith(f'Digest realm="{realm}", domain="/", nonce="')
    assert basic == f'Basic realm="{realm}"'
    assert answer.all("Pragma") == ["no-cache"]
    assert answer.all("Server") == answer.all("Date") == []


@pytest.mark.parametrize(
    ("device", "url", "status"),
    [
        ("rm101", "http/status.xml", 401),
        ("rm101", "http/nothing-here", 404),
        ("rm104", "https/", 401),
        ("vcs1", "https/status.xml", 401),
        ("vcs1", "https/getxml?location=/Status", 401),
        ("vcs1", "https/nothing-here", 404),
        ("tms", "https/tms/", 401),
        ("tms", "https/tms/public/external/management/SystemManagementService.asmx", 200),
        ("tms", "https/nothing-here", 404),
        ("tms", "http/", 403),
        ("tms", "http/tms/", 403),
        ("tms-bergen", "http/tms/", 403),
        ("tms-bergen", "http/tms/public/feedback/code.aspx", 200),
        ("tms-test", "http/tms/", 401),
        ("tms-test", "http/tms", 302),
        ("tms-test", "http/", 200),
    ],
)
def test_paths(fleet: RunningFleet, device: str, url: str, status: int) -> None:
    """Each family has its own paths, asks for a password on its own ones, and answers 404 to the rest."""
    assert ask(fleet, device, url).status == status
    assert ask(fleet, device, url, "HEAD").status == status


def test_vcs_leads_from_http_to_a_login_page_over_https(fleet: RunningFleet) -> None:
    """HTTP only redirects; the page behind it has a password field."""
    answer = ask(fleet, "vcs1", "http/")
    assert (answer.status, answer.all("Location")) == (302, ["https://vcs1.vc.example.test:10443/"])
    assert ask(fleet, "vcs1", "https/").all("Location") == ["/login/"]
    assert 'type="password"' in ask(fleet, "vcs1", "https/login/").body
    assert ask(fleet, "vcs2", "https/").all("Server") == ["CE_C"]


def test_tms_is_iis(fleet: RunningFleet) -> None:
    """Windows authentication for people, nothing for devices, and the words by which IIS demands HTTPS."""
    people = ask(fleet, "tms-test", "http/tms/")
    assert people.all("WWW-Authenticate") == ["Negotiate", "NTLM"]
    assert people.all("Server") == ["Microsoft-IIS/6.0"]
    assert ask(fleet, "tms-test", "http/tms/public/feedback/code.aspx").all("WWW-Authenticate") == []
    assert "403.4 - Forbidden: SSL is required" in ask(fleet, "tms", "http/").body


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ("basic", 401, None),
        ("form", 200, 'type="password"'),
        ("open", 200, "<title>Management</title>"),
        ("redirect", 302, None),
        ("redirect-loop", 302, None),
    ],
)
def test_other_forms(fleet_of: StartFleet, form: str, status: int, words: str | None) -> None:
    """The forms that the fleet uses rarely or not at all."""
    with fleet_of([web("mxp", form)]) as fleet:
        answer = ask(fleet, "one", "http/")
    assert answer.status == status
    assert (words or "") in answer.body
    assert answer.all("WWW-Authenticate") == (['Basic realm="Room \\"5\\""'] if form == "basic" else [])
    expected = {"redirect": "https://one.vc.example.test:10443/", "redirect-loop": "http://one.vc.example.test:10080/"}
    assert answer.all("Location") == ([expected[form]] if form in expected else [])


def test_an_unknown_form_is_refused(fleet_of: StartFleet) -> None:
    """A mistake in a description does not become a strange device."""
    with pytest.raises(ValueError, match="no such form of HTTP: 'nonsense'"), fleet_of([web("mxp", "nonsense")]):
        pass


@pytest.mark.parametrize(("device", "ahead"), [("rm104", 0), ("vcs3", 2 * 86_400)])
def test_date_is_the_devices_own(fleet: RunningFleet, device: str, ahead: int) -> None:
    """The fleet's time, moved by what the device's clock is off."""
    (date,) = ask(fleet, device, "https/").all("Date")
    seconds = (parsedate_to_datetime(date) - NOW).total_seconds()
    assert ahead - 1 <= seconds < ahead + 300


@pytest.mark.parametrize(
    ("method", "path", "headers", "kind"),
    [
        ("GET", "/", {}, Kind.READ),
        ("HEAD", "/tms/", {}, Kind.READ),
        ("GET", "/getxml?location=/Status", {}, Kind.READ),
        ("GET", "/", {"Authorization": "Basic YWRtaW46VE9QU0VDUkVU"}, Kind.LOGIN),
        ("GET", "/formputxml?xmldoc=<Command/>", {}, Kind.WRITE),
        ("GET", "/FormPutXml", {}, Kind.WRITE),
        ("GET", "/getxml?xmldoc=<Command/>", {}, Kind.WRITE),
        ("GET", "/tms/public/external/management/SystemManagementService.asmx/PostEvent", {}, Kind.WRITE),
        ("POST", "/putxml", {}, Kind.WRITE),
        ("POST", "/", {}, Kind.WRITE),
        ("PUT", "/", {}, Kind.WRITE),
        ("DELETE", "/", {}, Kind.WRITE),
        ("OPTIONS", "/", {}, Kind.WRITE),
    ],
)
def test_what_a_request_would_do(
    fleet: RunningFleet, asked: Asked, method: str, path: str, headers: dict[str, str], kind: Kind
) -> None:
    """Sent for real; a GET can be a write, and a password is a login. No secret gets into the name of the request."""
    ask(fleet, "rm102", f"http{path}", method, headers)
    (request,) = [r for r in asked("rm102") if r.kind is not Kind.CONNECT]
    assert (request.kind, request.what) == (kind, f"{method} {path}")
    assert request.received.startswith(f"{method} {path} HTTP/1.1\r\n".encode())


def test_a_body_is_read_before_the_answer(fleet: RunningFleet, asked: Asked) -> None:
    """Whoever posts gets an answer and not a reset, also when the body comes late."""
    with socket.create_connection((fleet.devices["rm101"].address, PORTS["http"]), timeout=3) as client:
        client.sendall(b"POST /putxml HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + b"x" * 100)
        client.sendall(b"x" * 4900)
        assert client.recv(12) == b"HTTP/1.0 401"
    assert [r.kind for r in asked("rm101")] == [Kind.CONNECT, Kind.WRITE]


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x00\x05hello", b"hello\r\n\r\n", b"GET / SPDY/3\r\n\r\n"])
def test_what_is_no_http_is_answered_400(fleet: RunningFleet, asked: Asked, sent: bytes) -> None:
    """Garbage from a client harms nobody."""
    with socket.create_connection((fleet.devices["rm101"].address, PORTS["http"]), timeout=3) as client:
        client.sendall(sent)
        assert client.recv(12) == b"HTTP/1.1 400"
    assert [r.kind for r in asked("rm101")] == [Kind.CONNECT, Kind.MALFORMED]


def test_parse() -> None:
    """Header names lose their case, values their blanks."""
    assert parse(b"GET /a?b HTTP/1.0\r\nHost:  x \r\n\r\n") == HttpRequest("GET", "/a?b", {"host": "x"})
    assert request_kind(HttpRequest("GET", "/a?b", {})) is Kind.READ
