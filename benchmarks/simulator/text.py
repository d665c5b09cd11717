"""What simulated systems say in clear: Telnet, FTP, HTTP, and the documents behind the password."""

import hashlib
import re
import secrets
from collections.abc import Callable
from email.utils import format_datetime

from auditor.demo import documents
from auditor.demo.clock import FleetClock
from auditor.demo.fleet import FLEET
from auditor.demo.host import Host
from auditor.demo.recorder import Recorder
from auditor.demo.state import DeviceState
from auditor.wire.gate import utc_now
from benchmarks.simulator.systems import PASSWORD, USERNAME, System

Answer = Callable[[bytes], bytes]

DIGEST = re.compile(rb'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def telnet_greeting(system: System) -> bytes:
    """Return what the Telnet port sends first."""
    lines = (f"Welcome to {system.name}", "TANDBERG Codec Release F7.1 PAL", "SW Release Date: 2008-06-12", "")
    return bytes.fromhex("fffb03fffd03fffb01") + "\r\n".join((*lines, "Password: ")).encode()


def ftp_answer(line: bytes) -> bytes:
    """Return the answer to one command."""
    match line.strip().upper():
        case b"FEAT":
            return b"211-Features:\r\n SIZE\r\n PASV\r\n211 End\r\n"
        case b"QUIT":
            return b"221 Goodbye.\r\n"
        case _:
            return b"530 Please login with USER and PASS.\r\n"


class Pages:
    """The web server of all systems: Digest and Basic side by side, and two documents behind them."""

    def __init__(self) -> None:
        """Write the documents once, by the simulators of the demonstration fleet."""
        spec = next(each for each in FLEET if each.product == "mxp" and each.configured == "level-3")
        state = DeviceState.of(spec, {"none": b"", "fleet": b"", "maker": b""})
        host = Host(spec, "127.0.0.1", Recorder(), FleetClock(utc_now(), 0.0), state)
        self._documents = {
            path: (documents.document(host, path) or "").encode() for path in ("/configuration.xml", "/status.xml")
        }

    def answer(self, system: System, request: bytes) -> bytes:
        """Return the answer to a whole request head."""
        first, _, rest = request.partition(b"\r\n")
        method, _, path = first.partition(b" ")
        path = path.partition(b" ")[0]
        if method != b"GET":
            return _response(system, b"405 Method Not Allowed", b"")
        field = re.search(rb"(?im)^authorization: digest (.*)$", rest)
        if field is None or not _right(dict_of(field[1]), path):
            return _response(system, b"401 Unauthorized", b"<title>401 Unauthorized</title>")
        body = self._documents.get(path.decode("latin-1"))
        if body is None:
            return _response(system, b"200 OK", b"<title>Management</title>")
        return _response(system, b"200 OK", body)


def dict_of(fields: bytes) -> dict[str, str]:
    """Return the parameters of a Digest answer."""
    return {m[1].decode(): (m[2] or m[3] or b"").decode("latin-1") for m in DIGEST.finditer(fields)}


def _right(given: dict[str, str], path: bytes) -> bool:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    first = md5(f"{USERNAME}:{given.get('realm')}:{PASSWORD}")
    second = md5(f"GET:{path.decode('latin-1')}")
    middle = ":".join(given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
    return given.get("username") == USERNAME and given.get("response") == md5(f"{first}:{middle}:{second}")


def _response(system: System, status: bytes, body: bytes) -> bytes:
    lines = [b"HTTP/1.0 " + status, b"Date: " + format_datetime(utc_now(), usegmt=True).encode()]
    if status.startswith(b"401"):
        realm = system.name.encode()
        lines += [
            b'WWW-Authenticate: Digest realm="' + realm + b'", nonce="' + secrets.token_hex(16).encode()
            + b'", algorithm=MD5, qop="auth"',
            b'WWW-Authenticate: Basic realm="' + realm + b'"',
        ]  # fmt: skip
    lines += [b"Content-Type: text/html", b"Content-Length: %d" % len(body), b"Connection: close"]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
