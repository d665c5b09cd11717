"""HTTP Digest, the client's half: the answer to a challenge (RFC 7616; RFC 2617 and RFC 2069 for old devices). Pure.

A fresh challenge is asked for each document, so every nonce is used once, with the count 1.
"""

import hashlib
import re

from auditor.wire.failures import MalformedError
from auditor.wire.http_fields import Challenge

ALGORITHMS = {"md5": "md5", "sha-256": "sha256", "sha-512-256": "sha512_256"}
"""Algorithms by their names in lower case, and Python's names for them."""

_PRINTABLE = re.compile(r"[\x20-\x7e\x80-\xff]*")


def can_answer(challenge: Challenge) -> bool:
    """Tell whether this is a Digest challenge whose algorithm and quality of protection are known here."""
    return challenge.scheme == "digest" and _algorithm(challenge) is not None and _quality(challenge) is not None


def answer(challenge: Challenge, *, username: str, password: str, method: str, uri: str, cnonce: str) -> str:
    """Return the value of the Authorization field for one request.

    `cnonce` is a fresh random text. Raises `MalformedError` for a challenge that cannot be answered.
    """
    name, quality = _algorithm(challenge), _quality(challenge)
    if name is None or quality is None:
        raise MalformedError("the server's Digest challenge asks for what is not known here")
    realm, nonce = (_quotable(challenge, key) for key in ("realm", "nonce"))
    if not nonce:
        raise MalformedError("the server's Digest challenge has no nonce")

    def digest(text: str) -> str:
        return hashlib.new(ALGORITHMS[name], text.encode("utf-8")).hexdigest()

    user = _escaped(username)
    first = digest(f"{user}:{realm}:{password}")
    if _in_session(challenge):
        first = digest(f"{first}:{nonce}:{cnonce}")
    second = digest(f"{method}:{uri}")
    middle = f"{nonce}:00000001:{cnonce}:auth" if quality == "auth" else nonce
    fields = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    fields.append(f'response="{digest(f"{first}:{middle}:{second}")}"')
    if "algorithm" in challenge.parameters:
        fields.append(f"algorithm={challenge.parameters['algorithm']}")
    if "opaque" in challenge.parameters:
        fields.append(f'opaque="{_quotable(challenge, "opaque")}"')
    if quality == "auth":
        fields += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    elif _in_session(challenge):
        fields.append(f'cnonce="{cnonce}"')
    return "Digest " + ", ".join(fields)


def _algorithm(challenge: Challenge) -> str | None:
    name = challenge.parameters.get("algorithm", "MD5").lower().removesuffix("-sess")
    return name if name in ALGORITHMS else None


def _in_session(challenge: Challenge) -> bool:
    return challenge.parameters.get("algorithm", "").lower().endswith("-sess")


def _quality(challenge: Challenge) -> str | None:
    """Return `auth`, or empty text for RFC 2069, whose challenges name none; None where only others are offered."""
    offered = [each.strip().lower() for each in challenge.parameters.get("qop", "").split(",") if each.strip()]
    if not offered:
        return ""
    return "auth" if "auth" in offered else None


def _quotable(challenge: Challenge, name: str) -> str:
    text = challenge.parameters.get(name, "")
    if not _PRINTABLE.fullmatch(text):
        raise MalformedError(f"the {name} of the server's Digest challenge holds control characters")
    return _escaped(text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
