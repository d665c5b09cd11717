"""How people log in to the web servers: Basic (RFC 7617) and Digest (RFC 2617: MD5, with or without `qop=auth`).

MXP and MPS take any user name, only the password matters; VCS systems have `admin` and an account that only reads.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from urllib.request import parse_http_list

from auditor.demo.host import Host
from auditor.demo.http import HttpRequest
from auditor.demo.state import READ_ONLY

ANY_NAME = frozenset({"mxp", "mps"})
NONCE_DIGITS = 10


def nonce(host: Host) -> str:
    """Return the nonce that a device gives out, ten digits as in captures; one for its whole life."""
    return hashlib.sha256(f"{host.spec.name} {host.state.secret.decoys}".encode()).hexdigest()[:NONCE_DIGITS]


def realm(host: Host) -> str:
    """Return the realm: the name that is configured, which is how these devices tell it before any login."""
    return host.state.settings.get("systemunit.name") or host.spec.system_name


def admitted(host: Host, scheme: str, request: HttpRequest, offered: frozenset[str]) -> bool:
    """Tell whether a request carries the right password by an offered scheme, and record the attempt.

    A request without credentials is no attempt, and neither is a Digest that answers another nonce.
    """
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    kind = kind.lower()
    if kind not in offered:
        return False
    if kind == "basic":
        account, password = _basic(rest)
        right = password == password_of(host, account)
        return host.login(
            scheme, "basic", account, right=right, in_clear=scheme == "http", peer=request.peer
        )  # fmt: skip
    fields = _fields(rest)
    if fields.get("nonce") != nonce(host):
        return False
    account = fields.get("username", "")
    right = _digest_holds(fields, password_of(host, account), request, realm(host))
    return host.login(scheme, "digest", account, right=right, in_clear=False, peer=request.peer)


def password_of(host: Host, account: str) -> str | None:
    """Return the password of an account, or None where there is no such account."""
    secret = host.state.secret
    if host.spec.product in ANY_NAME or account == "admin":
        return secret.password
    return secret.read_only_password if account == READ_ONLY and host.spec.product == "vcs" else None


def _basic(encoded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    account, _, password = text.partition(":")
    return account, password


def _fields(rest: str) -> dict[str, str]:
    """Return the parameters of a Digest, without the quotes."""
    pairs = (part.partition("=") for part in parse_http_list(rest))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _digest_holds(fields: Mapping[str, str], password: str | None, request: HttpRequest, expected_realm: str) -> bool:
    """Tell whether the response is the one that this password gives (RFC 2617, section 3.2.2)."""
    if password is None or fields.get("uri") != request.target or fields.get("realm") != expected_realm:
        return False
    secret = _md5(f"{fields.get('username', '')}:{fields['realm']}:{password}")
    asked = _md5(f"{request.method}:{fields['uri']}")
    middle = [fields["nonce"]]
    if "qop" in fields:
        if fields["qop"] != "auth" or not fields.get("nc") or not fields.get("cnonce"):
            return False
        middle += [fields["nc"], fields["cnonce"], "auth"]
    return fields.get("response") == _md5(":".join([secret, *middle, asked]))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
