"""Secret: a password that can be used and not shown.

It has no text form, cannot be copied, compared by accident, pickled or put into a document, and `shielded` keeps it
out of exceptions, in every spelling in which a protocol may write it.
"""

import base64
import hashlib
from types import TracebackType
from typing import NoReturn
from urllib.parse import quote, quote_plus

from auditor.wire.failures import WireError

SHORTEST_WIPED = 4
"""Characters: a shorter password would be found in any text, and says nothing where it is found."""


class WithheldError(Exception):
    """An exception whose text held a secret, without that text."""


class Secret:
    """One password. `reveal` is for the modules of this package that put it on the wire, at that moment only."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep the password."""
        self._value = value

    def reveal(self) -> str:
        """Return the password itself."""
        return self._value

    def spellings(self, username: str = "") -> tuple[str, ...]:
        """Return every text that would give the password away: plain, quoted for URLs, hex, Base64, Basic's pair."""
        if len(self._value) < SHORTEST_WIPED:
            return ()
        plain, pair = self._value.encode(), f"{username}:{self._value}".encode()
        found = [
            self._value,
            quote(self._value, safe=""),
            quote(self._value),
            quote_plus(self._value),
            plain.hex(),
            plain.hex().upper(),
        ]
        found += [base64.b64encode(each).decode() for each in (plain, pair)]
        found += [base64.urlsafe_b64encode(each).decode() for each in (plain, pair)]
        found += [repr(self._value)[1:-1], ascii(self._value)[1:-1]]
        found += [hashlib.new(name, plain).hexdigest() for name in ("md5", "sha1", "sha256")]
        return tuple(dict.fromkeys(text for text in found if text))

    def stands_in(self, text: str, username: str = "") -> bool:
        """Tell whether a text would give the password away."""
        return any(spelling in text for spelling in self.spellings(username))

    def __repr__(self) -> str:
        """Return a text that says nothing."""
        return "Secret(…)"

    def __str__(self) -> str:
        """Return a text that says nothing."""
        return "Secret(…)"

    def __format__(self, spec: str) -> str:
        """Return a text that says nothing, whatever is asked for."""
        del spec
        return "Secret(…)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be copied or pickled."""
        del protocol
        raise TypeError("a secret is neither copied nor stored")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> NoReturn:
        """Refuse to be part of a document."""
        del source, handler
        raise TypeError("a secret is part of no document")


class shielded:  # noqa: N801 - used like a function, in a with statement
    """Let no exception leave the block that tells the secret: such a one is replaced by `WithheldError`.

    What was raised on the way is looked at as well (`__cause__`, `__context__`, notes); the replacement has none of it.
    A wire error keeps its kind: what a host does stays what the host did.
    """

    __slots__ = ("_spellings",)

    def __init__(self, secret: Secret, username: str = "") -> None:
        """Take the secret to be kept back."""
        self._spellings = secret.spellings(username)

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Replace what tells the secret."""
        if error is not None and any(text in told for told in _texts(error) for text in self._spellings):
            name = type(error).__name__
            kind = type(error) if isinstance(error, WireError) else WithheldError
            raise kind(f"{name}, whose text is withheld because it held a secret") from None


def _texts(error: BaseException) -> list[str]:
    found, waiting, seen = [], [error], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        found += [str(each), repr(each), *getattr(each, "__notes__", ())]
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]
        waiting += getattr(each, "exceptions", ())
    return found
