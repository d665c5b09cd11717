"""TLS of simulated systems: OpenSSL on memory buffers, so that one listening socket can show thousands of certificates.

What OpenSSL 3 has forgotten, SSLv3, is spoken by tlslite-ng in a thread of its own for each connection.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from benchmarks.simulator.systems import System

with warnings.catch_warnings():  # tlslite-ng imports asyncore, which is deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey

SSLV3 = (3, 0)
MOST_CONTEXTS = 3_000
"""Contexts that are kept: each is about 60 kB, and only the systems that are being audited need one."""

WEAK_DH = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAKpSC3Iu9vaP1EmTAxXPWm4pPnyX8+VCwp3YpVzCjhiHqYStHnmQTlkL
Z7+/z/HJlre9PFjLAg9cMoO1h7Uug2fiIfmCJt/BNv4LY55t0BorS1/iLljwHzNg
iaD/Z0FPqT+OAn3ZENhYFFZfVqwH80qQ4pw6le3Qok6oTc6SxGUHAgEC
-----END DH PARAMETERS-----
"""
"""A safe prime of 1,024 bits, as servers of 2008 used them."""


class Contexts:
    """Makes the TLS context of a system from its file, and keeps those that were used last."""

    def __init__(self, folder: Path) -> None:
        """Take the folder with the systems' PEM files."""
        self.folder = folder
        self._weak_dh = folder / "dh1024.pem"
        self._weak_dh.write_text(WEAK_DH)
        self.of = lru_cache(maxsize=MOST_CONTEXTS)(self._made)

    def _made(self, system: System) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")  # before the short prime is loaded
        oldest, newest = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2
        suites = "AES128-SHA:AES256-SHA:@SECLEVEL=0"
        match system.tls:
            case "TLS 1.0 only":
                newest = ssl.TLSVersion.TLSv1
            case "TLS 1.0, DHE 1024":
                newest = ssl.TLSVersion.TLSv1
                suites = "DHE-RSA-AES128-SHA:DHE-RSA-AES256-SHA:@SECLEVEL=0"
                context.load_dh_params(str(self._weak_dh))
            case "TLS 1.2-1.3":
                oldest, newest = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
                suites = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
        context.set_ciphers(suites)
        context.num_tickets = 0
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
        with warnings.catch_warnings():  # old versions are what these systems speak
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = oldest, newest
        context.load_cert_chain(self.folder / f"{system.number}.pem")
        return context


class TlsServer(asyncio.Protocol):
    """One HTTPS connection: a handshake, one request, one answer, the end."""

    def __init__(self, context: ssl.SSLContext, answer: Callable[[bytes], bytes]) -> None:
        """Take the system's context, and what makes an answer of a request head."""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._answer = answer
        self._shaken = False
        self._request = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the client's hello."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client, and go on as far as they allow."""
        transport = self._transport
        if transport is None:
            return
        self._in.write(data)
        over = False
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            over = self._serve()
        except ssl.SSLWantReadError:
            pass
        except (ssl.SSLError, OSError):
            over = True
        if self._out.pending:
            transport.write(self._out.read())
        if over:
            transport.close()

    def _serve(self) -> bool:
        while True:
            data = self._tls.read(16_384)
            if not data:
                return True
            self._request += data
            if b"\r\n\r\n" in self._request:
                self._tls.write(self._answer(self._request))
                with contextlib.suppress(ssl.SSLError):
                    self._tls.unwrap()
                return True


def serve_sslv3(accepted: socket.socket, pem: bytes, answer: Callable[[bytes], bytes]) -> None:
    """Serve one connection of a system that speaks SSLv3 with RC4 and nothing else, in a thread."""
    threading.Thread(target=_serve_sslv3, args=(accepted, pem, answer), daemon=True).start()


@lru_cache(maxsize=200)
def _identity(pem: bytes) -> tuple[X509CertChain, object]:
    chain = X509CertChain()
    chain.parsePemList(pem.decode())
    return chain, parsePEMKey(pem[pem.index(b"-----BEGIN RSA") :].decode(), private=True)


def _serve_sslv3(accepted: socket.socket, pem: bytes, answer: Callable[[bytes], bytes]) -> None:
    settings = HandshakeSettings()
    settings.minVersion = settings.maxVersion = SSLV3
    settings.cipherNames, settings.macNames = ["rc4"], ["sha", "md5"]
    chain, key = _identity(pem)
    with accepted:
        accepted.settimeout(10)
        connection = TLSConnection(accepted)
        try:
            connection.handshakeServer(certChain=chain, privateKey=key, settings=settings)
            request = b""
            while b"\r\n\r\n" not in request:
                request += bytes(connection.read(max=4096, min=1))
            connection.write(answer(request))
            connection.close()
        except Exception:  # noqa: BLE001 - whatever a client does to one connection, the others go on
            return
