"""A finished TLS handshake by the standard library, over a gated line. It verifies nothing: `trust` judges.

The library runs on memory buffers, so every byte still crosses the line, where it is counted and capped.
"""

import ssl
from functools import lru_cache

from auditor.wire.failures import ClosedEarlyError, TlsFailedError
from auditor.wire.gate import Line
from auditor.wire.suites import suite_name

LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT: servers without RFC 5746. Python 3.11 has no name for it."""

SUITES = "ALL:COMPLEMENTOFALL:!PSK:!SRP:-aNULL:-eNULL:eNULL+aRSA:eNULL:aNULL:@SECLEVEL=0"
"""Everything that the library has, with what protects nothing at the very end."""

VERSIONS = {"SSLv3": "SSLv3", "TLSv1": "TLSv1.0", "TLSv1.1": "TLSv1.1", "TLSv1.2": "TLSv1.2", "TLSv1.3": "TLSv1.3"}
"""The library's names of versions, and ours."""


@lru_cache(maxsize=1)
def legacy_context() -> ssl.SSLContext:
    """Return the one context that speaks every version and suite that the library still has. It verifies nobody.

    That is the purpose of this program: to look at certificates which a verifying client would refuse to look at.
    No credentials go through it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(SUITES)
    context.options |= LEGACY_SERVER_CONNECT
    return context


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {suite["name"]: suite["id"] & 0xFFFF for suite in legacy_context().get_ciphers()}


class TlsSession:
    """TLS on one line. Call `handshake` first; the line is dropped by whoever opened it."""

    __slots__ = ("_incoming", "_line", "_object", "_outgoing")

    def __init__(self, line: Line, sni: str | None) -> None:
        """Prepare a session that names `sni` (a DNS name, never an address) to the server, or nothing."""
        self._line = line
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = legacy_context().wrap_bio(self._incoming, self._outgoing, server_hostname=sni)

    async def handshake(self) -> None:
        """Finish the handshake; raise `TlsFailedError` where the two sides cannot agree."""
        while True:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fill():
                    raise TlsFailedError(
                        "the server closed the connection in the middle of the TLS handshake"
                    ) from None
            except ssl.SSLError as error:
                reason = (error.reason or str(error)).lower().replace("_", " ")
                raise TlsFailedError(f"no TLS session could be agreed on: {reason}") from error
            else:
                await self._flush()
                return

    async def send(self, data: bytes) -> None:
        """Encrypt and send."""
        try:
            self._object.write(data)
        except ssl.SSLError as error:
            raise ClosedEarlyError("the TLS session broke while the request was sent") from error
        await self._flush()

    async def read(self, size: int = 4096) -> bytes:
        """Return up to `size` decrypted bytes; empty at the end, also where the peer left without saying goodbye."""
        while True:
            try:
                return self._object.read(size)
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._fill():
                    return b""
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                raise ClosedEarlyError("the TLS session broke while the answer was read") from error

    @property
    def version(self) -> str:
        """Name of the negotiated version, e.g. `TLSv1.2`."""
        name = self._object.version() or ""
        return VERSIONS.get(name, name)

    @property
    def suite(self) -> int | None:
        """Number of the negotiated suite, or None where the library's name for it is not known."""
        chosen = self._object.cipher()
        return _numbers().get(chosen[0]) if chosen else None

    @property
    def cipher(self) -> str:
        """Name of the negotiated suite in the IANA registry (the library's own name where that is not known)."""
        chosen = self._object.cipher()
        if self.suite is not None:
            return suite_name(self.suite)
        return chosen[0] if chosen else ""

    def chain(self) -> tuple[tuple[bytes, ...], bool]:
        """Return the presented chain as DER, and False where the library gives the leaf alone."""
        # Public since Python 3.13. Before, the same call stands on the private object beneath.
        for holder in (self._object, getattr(self._object, "_sslobj", None)):
            presented = getattr(holder, "get_unverified_chain", None)
            if presented is not None:
                return tuple(_der(certificate) for certificate in presented() or ()), True
        leaf = self._object.getpeercert(binary_form=True)
        return ((leaf,) if leaf else ()), False

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._line.send(self._outgoing.read())

    async def _fill(self) -> bool:
        data = await self._line.read(16_384)
        if not data:
            self._incoming.write_eof()
            return False
        self._incoming.write(data)
        return True


def _der(certificate: object) -> bytes:
    # 3.13 gives DER; the private call gives objects whose text form is PEM.
    if isinstance(certificate, bytes):
        return certificate
    pem: str = certificate.public_bytes()  # type: ignore[attr-defined]  # a type of the C module without a public name
    return ssl.PEM_cert_to_DER_cert(pem)
