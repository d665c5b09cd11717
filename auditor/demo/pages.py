"""What the web servers of each family say to a visitor, and to one who has logged in.

Forms (`ServiceSpec.variant`): for MXP and MPS `digest` (the usual one: Digest and Basic side by side, the realm being
the system name), `basic`, `form`, `open` (no password set), `redirect`, `redirect-loop`; for VCS `redirect` on HTTP
and `login` on HTTPS; for TMS `iis`, `require-ssl`, `subdirectory-lost` (an upgrade has lost the requirement below the
top directory). A path that the family does not have is answered 404. Nothing is changed by this way: a writing request
with the right password is recorded, and answered 405.
"""

from collections.abc import Callable
from email.utils import format_datetime

from auditor.demo import documents, login
from auditor.demo.device import PORTS, ServiceSpec
from auditor.demo.host import Host
from auditor.demo.http import READ_METHODS, WRITING_PATHS, HttpRequest, HttpResponse, Site

Headers = tuple[tuple[str, str], ...]

HTML: Headers = (("Content-Type", "text/html"),)
NO_CACHE: Headers = (("Pragma", "no-cache"),)

DOCUMENTS = frozenset(
    {
        "/status.xml",
        "/configuration.xml",
        "/command.xml",
        "/valuespace.xml",
        "/history.xml",
        "/directory.xml",
        "/getxml",
    }
    | {"/formputxml", "/putxml"}
)
"""Paths of the XML interface of MXP, MPS and VCS; all of them ask for a password."""

TMS_PUBLIC = frozenset(
    {
        "/tms/public/external/management/systemmanagementservice.asmx",
        "/tms/public/external/phonebook/phonebookservice.asmx",
        "/tms/public/feedback/code.aspx",
        "/tms/public/feedback/postdocument.aspx",
    }
)
"""Paths by which devices talk to the management server; they hold no password for it, so these ask for none."""

TMS_PRIVATE = frozenset({"/tms/", "/tms/external/booking/"})

LOGIN_PAGE = (
    '<html><head><title>{title}</title></head><body><form method="post" action="{action}">'
    '<input type="text" name="username"><input type="password" name="password"><input type="submit">'
    "</form></body></html>"
)

SSL_REQUIRED = (
    "<html><head><title>The page must be viewed over a secure channel</title></head><body>"
    "<h2>HTTP Error 403.4 - Forbidden: SSL is required to view this resource.</h2></body></html>"
)


def site(host: Host, service: ServiceSpec) -> Site:
    """Return the pages of a device's HTTP or HTTPS service. Raises ValueError for an unknown form."""
    scheme, product = service.name, host.spec.product
    usual = {"mxp": "digest", "mps": "digest", "vcs": "redirect" if scheme == "http" else "login", "tms": "iis"}[
        product
    ]
    variant = service.variant or usual
    try:
        pages = _FORMS[variant]
    except KeyError:
        raise ValueError(f"no such form of HTTP: {variant!r}") from None

    def answer(request: HttpRequest) -> HttpResponse:
        response = pages(host, scheme, request)
        headers = _date(host) + _server(host) + response.headers
        version = "HTTP/1.0" if product in {"mxp", "mps"} else "HTTP/1.1"
        return HttpResponse(
            status=response.status, reason=response.reason, headers=headers, body=response.body, version=version
        )

    return answer


def _date(host: Host) -> Headers:
    """Return the Date field by the device's own clock, or nothing for a device that sends none."""
    ahead = host.state.clock_ahead
    return () if ahead is None else (("Date", format_datetime(host.clock.now(ahead), usegmt=True)),)


def _server(host: Host) -> Headers:
    """Return the Server field of a device that names its software."""
    if host.spec.product == "tms":
        return (("Server", "Microsoft-IIS/6.0"), ("X-Powered-By", "ASP.NET"))
    return (("Server", host.spec.server_header),) if host.spec.server_header else ()


def _ok(body: str, headers: Headers = HTML) -> HttpResponse:
    return HttpResponse(status=200, reason="OK", headers=headers, body=body)


def _not_found() -> HttpResponse:
    return HttpResponse(status=404, reason="Not Found", headers=HTML, body="<html><body>Not Found</body></html>")


def _unauthorized(*challenges: str, headers: Headers = ()) -> HttpResponse:
    """Return a 401 with these challenges, one WWW-Authenticate field each (RFC 9110)."""
    body = "<html><head><title>401 Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>"
    fields = tuple(("WWW-Authenticate", challenge) for challenge in challenges)
    return HttpResponse(status=401, reason="Unauthorized", headers=headers + fields + HTML, body=body)


def _redirect(location: str, reason: str = "Found") -> HttpResponse:
    body = "<html><head><title>Redirect Notification</title></head><body></body></html>"
    return HttpResponse(status=302, reason=reason, headers=(*NO_CACHE, ("Location", location), *HTML), body=body)


def _quoted(text: str) -> str:
    """Return a quoted string of an HTTP header (RFC 9110, section 5.6.4)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _codec(path: str) -> bool:
    """Tell whether MXP and MPS have this path."""
    return path in DOCUMENTS or path in {"/", "/index.ssi"}


def _inside(host: Host, request: HttpRequest) -> HttpResponse:
    """Return what somebody gets who may read everything."""
    if request.method not in READ_METHODS or request.path in WRITING_PATHS:
        return HttpResponse(status=405, reason="Method Not Allowed", headers=HTML, body="<html></html>")
    written = documents.document(host, request.target)
    if written is not None:
        return _ok(written, (("Content-Type", "text/xml"),))
    page = (
        '<html><head><title>Management</title><meta http-equiv="refresh" content="0; url=index.ssi"></head>'
        '<frameset rows="*"><frame src="index.ssi"></frameset></html>'
    )
    return _ok(page, NO_CACHE + HTML)


def _digest(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    if not _codec(request.path):
        return _not_found()
    if login.admitted(host, scheme, request, frozenset({"digest", "basic"})):
        return _inside(host, request)
    realm = _quoted(login.realm(host))
    digest = f'Digest realm={realm}, domain="/", nonce="{login.nonce(host)}", algorithm="MD5", qop="auth"'
    return _unauthorized(digest, f"Basic realm={realm}", headers=NO_CACHE)


def _basic(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    if not _codec(request.path):
        return _not_found()
    if login.admitted(host, scheme, request, frozenset({"basic"})):
        return _inside(host, request)
    return _unauthorized(f"Basic realm={_quoted(login.realm(host))}", headers=NO_CACHE)


def _form(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme
    page = LOGIN_PAGE.format(title=host.spec.system_name, action="/login")
    return _ok(page, NO_CACHE + HTML) if request.path in {"/", "/login"} else _not_found()


def _open(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme
    return _inside(host, request) if _codec(request.path) else _not_found()


def _to_https(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme, request
    return _redirect(f"https://{host.spec.hostname}:{PORTS['https']}/", "Moved Temporarily")


def _redirect_loop(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    return _redirect(f"{scheme}://{host.spec.hostname}:{PORTS[scheme]}{request.path}")


def _vcs_login(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    if request.path == "/":
        return _redirect("/login/")
    if request.path == "/login/":
        return _ok(LOGIN_PAGE.format(title="TANDBERG Video Communication Server", action="/login/"))
    if request.path in DOCUMENTS:
        if login.admitted(host, scheme, request, frozenset({"basic"})):
            return _inside(host, request)
        return _unauthorized(f"Basic realm={_quoted(login.realm(host))}")
    return _not_found()


def _iis(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    path = request.path.lower()
    if path == "/":
        return _ok("<html><head><title>Under Construction</title></head><body></body></html>")
    if path == "/tms":
        return _redirect(f"{scheme}://{host.spec.hostname}:{PORTS[scheme]}/tms/", "Object moved")
    if path in TMS_PRIVATE:
        return _unauthorized("Negotiate", "NTLM")
    if path in TMS_PUBLIC:
        aspnet = (("X-AspNet-Version", "2.0.50727"),)
        return _ok("<html><head><title>SystemManagementService Web Service</title></head></html>", aspnet + HTML)
    return _not_found()


def _require_ssl(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del host, scheme, request
    return HttpResponse(status=403, reason="Forbidden", headers=HTML, body=SSL_REQUIRED)


def _subdirectory_lost(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    below = request.path.lower().startswith("/tms/public/")
    return (_iis if below else _require_ssl)(host, scheme, request)


_FORMS: dict[str, Callable[[Host, str, HttpRequest], HttpResponse]] = {
    "digest": _digest,
    "basic": _basic,
    "form": _form,
    "open": _open,
    "redirect": _to_https,
    "redirect-loop": _redirect_loop,
    "login": _vcs_login,
    "iis": _iis,
    "require-ssl": _require_ssl,
    "subdirectory-lost": _subdirectory_lost,
}
