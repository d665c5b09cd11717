"""Secrets: which leaves must never leave a parser, and addresses without the login that may stand in them."""

import re
from functools import lru_cache

_NAMES = (
    "password", "passphrase", "passwd", "passcode", "pincode", "community", "secret", "credential", "serialnumber",
)  # fmt: skip
_SHORT = frozenset({"pin", "pins", "psk", "pwd"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RULE = "strictpassword"


def is_secret(path: tuple[str, ...], value: str) -> bool:
    """Tell whether a leaf holds a secret, by the words of its path.

    The rule for new passwords (`StrictPassword`) is none as long as its value is On or Off.
    """
    words = path
    if value.strip().strip('"').casefold() in {"on", "off"}:
        words = tuple(word for word in path if word.casefold() != _RULE)
    joined = "".join(words).casefold()
    return any(name in joined for name in _NAMES) or any(_is_secret_word(word) for word in words)


def told(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return what may be said of the path of a secret: up to the word that gives it away, as no value follows there."""
    for place, word in enumerate(path, 1):
        if _is_secret_word(word):
            return path[:place]
    return path


def without_login(value: str) -> str:
    """Return the value without user name and password, where it is an address that carries them.

    Passwords with a bare slash in them are found as well: there, what stands before the slash is no port.
    """
    scheme, mark, rest = value.partition("://")
    if not mark or "@" not in rest:
        return value
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return scheme + mark + rest[authority.rfind("@") + 1 :]
    port = authority.rpartition(":")[2] if ":" in authority else "0"
    if not port.isdigit() and "]" not in port:
        return scheme + mark + rest.rpartition("@")[2]
    return value


@lru_cache(maxsize=4096)
def _is_secret_word(word: str) -> bool:
    folded = word.casefold()
    return (
        "key" in folded
        or any(name in folded for name in _NAMES)
        or not _SHORT.isdisjoint(part.casefold() for part in _WORD.findall(word))
    )
