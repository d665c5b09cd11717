"""What the web servers of each family say to a visitor who has not logged in.

Forms (`ServiceSpec.variant`): for MXP and MPS `digest` (the usual one: Digest and Basic side by side, the realm being
the system name), `basic`, `form`, `open` (no password set), `redirect`, `redirect-loop`; for VCS `redirect` on HTTP
and `login` on HTTPS; for TMS `iis`, `require-ssl`, `subdirectory-lost` (an upgrade has lost the requirement below the
top directory). A path that the family does not have is answered 404.
"""

from collections.abc import Callable
from email.utils import format_datetime

from auditor.demo.device import PORTS, Host, ServiceSpec
from auditor.demo.http import HttpRequest, HttpResponse, Site

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
    ahead = host.spec.clock_ahead
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


def _digest(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme
    realm = _quoted(host.spec.system_name)
    digest = f'Digest realm={realm}, domain="/", nonce="5a31c09be7", algorithm="MD5", qop="auth"'
    return _unauthorized(digest, f"Basic realm={realm}", headers=NO_CACHE) if _codec(request.path) else _not_found()


def _basic(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme
    challenge = f"Basic realm={_quoted(host.spec.system_name)}"
    return _unauthorized(challenge, headers=NO_CACHE) if _codec(request.path) else _not_found()


def _form(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme
    page = LOGIN_PAGE.format(title=host.spec.system_name, action="/login")
    return _ok(page, NO_CACHE + HTML) if request.path in {"/", "/login"} else _not_found()


def _open(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del host, scheme
    page = (
        '<html><head><title>Management</title><meta http-equiv="refresh" content="0; url=index.ssi"></head>'
        '<frameset rows="*"><frame src="index.ssi"></frameset></html>'
    )
    return _ok(page, NO_CACHE + HTML) if _codec(request.path) else _not_found()


def _to_https(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme, request
    return _redirect(f"https://{host.spec.hostname}:{PORTS['https']}/", "Moved Temporarily")


def _redirect_loop(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    return _redirect(f"{scheme}://{host.spec.hostname}:{PORTS[scheme]}{request.path}")


def _vcs_login(host: Host, scheme: str, request: HttpRequest) -> HttpResponse:
    del scheme
    if request.path == "/":
        return _redirect("/login/")
    if request.path == "/login/":
        return _ok(LOGIN_PAGE.format(title="TANDBERG Video Communication Server", action="/login/"))
    if request.path in DOCUMENTS:
        return _unauthorized(f"Basic realm={_quoted(host.spec.system_name)}")
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
