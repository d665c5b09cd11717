"""Asks a timestamp authority (RFC 3161) over HTTP. The authority is the operator's, never a device.

    AuthorityError   no answer came, or none that is one

One POST goes to the one address that the command line names, and what leaves is a hash with a random number: nothing of
the report can be told from it. There is no redirect, no proxy out of the environment, no second try. By `https` the
certificate is always verified; plain `http` is usual here, because the answer itself is signed.
"""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx

from auditor import __version__

ASKS, ANSWERS = "application/timestamp-query", "application/timestamp-reply"
SECONDS = 30.0
LONGEST_ANSWER = 65_536


class AuthorityError(Exception):
    """The authority gave no timestamp; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Where to ask, and the authorities (PEM) that its TLS certificate must lead to: None for the system's."""

    url: str
    tls_ca: Path | None = None
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        """Raise `AuthorityError` for an address that is none, or that carries a password."""
        try:
            url = httpx.URL(self.url)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            # Not repeated: it may hold a password, which cannot be told from the rest of it.
            raise AuthorityError(f"this is no address of a timestamp authority: {error}") from error
        if url.userinfo:
            raise AuthorityError("the address of a timestamp authority takes no user and no password")
        if url.scheme not in {"http", "https"} or not url.host or url.fragment:
            raise AuthorityError(f"{self.url}: wanted is http://HOST/PATH or https://HOST/PATH")

    async def ask(self, request: bytes) -> bytes:
        """Return the answer to a request, both in DER; raise `AuthorityError` where none came in time."""
        try:
            async with asyncio.timeout(self.seconds):
                return await self._exchange(request)
        except TimeoutError as error:
            raise AuthorityError(f"{self.url}: no whole answer within {self.seconds:g} s") from error
        except httpx.HTTPError as error:
            raise AuthorityError(f"{self.url}: {str(error) or type(error).__name__}") from error

    async def _exchange(self, request: bytes) -> bytes:
        headers = {
            "Content-Type": ASKS, "Accept": ANSWERS, "Accept-Encoding": "identity",
            "User-Agent": f"vc-fleet-auditor/{__version__}",
        }  # fmt: skip
        async with (
            httpx.AsyncClient(verify=self._verified(), trust_env=False, timeout=self.seconds) as client,
            client.stream("POST", self.url, content=request, headers=headers) as response,
        ):
            if response.status_code != 200:
                raise AuthorityError(f"{self.url}: status {response.status_code} instead of 200")
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind != ANSWERS:
                raise AuthorityError(f"{self.url}: it answered {kind or 'nothing named'} instead of {ANSWERS}")
            answer = b""
            async for piece in response.aiter_raw():
                answer += piece
                if len(answer) > LONGEST_ANSWER:
                    raise AuthorityError(f"{self.url}: an answer of more than {LONGEST_ANSWER:,} bytes")
            return answer

    def _verified(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.tls_ca)
        except OSError as error:
            raise AuthorityError(f"{self.tls_ca}: cannot be used as authorities: {error.strerror or error}") from error
