"""TLS under a login: like every session of this package it accepts any certificate, but only suites that encrypt.

Old devices show certificates that nobody can verify, so verification cannot be demanded here; what was presented, and
whether it is trusted, is judged by `trust` and stands in the report. What can be demanded is that the password is not
readable on the way: no NULL suites, and none without a server's key.
"""

import ssl
from functools import lru_cache

from auditor.wire.gate import Line
from auditor.wire.tls_session import LEGACY_SERVER_CONNECT, TlsSession

ENCRYPTING = "ALL:COMPLEMENTOFALL:!PSK:!SRP:!aNULL:!eNULL:!EXPORT:@SECLEVEL=0"


@lru_cache(maxsize=1)
def encrypting_context() -> ssl.SSLContext:
    """Return the context for logins: every version that the library has, and suites that encrypt."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(ENCRYPTING)
    context.options |= LEGACY_SERVER_CONNECT
    return context


class LoginTls(TlsSession):
    """A session whose suites all encrypt. Used as `TlsSession` is."""

    __slots__ = ()

    def __init__(self, line: Line, sni: str | None) -> None:
        """Prepare a session that names `sni` to the server, or nothing."""
        self._line = line
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = encrypting_context().wrap_bio(self._incoming, self._outgoing, server_hostname=sni)
