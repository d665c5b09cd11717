"""Hands syslog messages over to a collector, by TLS (RFC 5425). The collector is the operator's, never a device.

    CollectorError
    ├── CollectorUnreachableError   no connection, or no name
    ├── CollectorNotTrustedError    its certificate does not verify, or the two sides agree on no TLS
    ├── CollectorRefusedError       it closed the connection: what was sent is not with it
    └── KeyFileError                a file of ours cannot be used

The certificate is always verified and its name always checked; there is no switch for that. TLS 1.2 is the least.
Syslog has no acknowledgement: `HandedOver` says that the bytes left this machine, and that the collector did not hang
up. With TLS 1.3 a collector that wants a client certificate refuses only after the handshake, when everything seems to
have been sent already; therefore the end of the conversation is read once.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PORT = 6514
"""The port that RFC 5425 gives to syslog over TLS."""

CONNECT_SECONDS = 10.0
SEND_SECONDS = 30.0
LISTEN_SECONDS = 2.0
"""How long the collector is listened to at the end; one that says nothing meanwhile has taken what was sent."""


class CollectorError(Exception):
    """The messages were not handed over; the text is a sentence for the operator."""


class CollectorUnreachableError(CollectorError):
    """No connection could be made."""


class CollectorNotTrustedError(CollectorError):
    """The collector did not prove to be the one that was named, or no TLS could be agreed on."""


class CollectorRefusedError(CollectorError):
    """The collector hung up, so that nothing is known of what it kept."""


class KeyFileError(CollectorError):
    """A certificate or key file cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Where messages go. Without `ca` the system's certificate authorities are trusted.

    `client_key` may be encrypted with `key_password`; both are nowhere shown.
    """

    host: str
    port: int = PORT
    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    key_password: str | None = field(default=None, repr=False)

    @property
    def where(self) -> str:
        """Address for a sentence."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """How much left this machine, and by which TLS. It says nothing about what became of it."""

    messages: int
    sent_bytes: int
    version: str


def own_name() -> str:
    """Return this machine's name, as syslog headers give it."""
    return socket.gethostname()


def hand_over(collector: Collector, messages: Iterable[bytes]) -> HandedOver:
    """Send messages, each with its octet count in front already; raise `CollectorError` where that fails.

    Where it fails on the way, part of them may have arrived: nobody can tell how many.
    """
    context = _context(collector)
    number = total = 0
    with _connected(collector, context) as line:
        version = line.version() or "TLS"
        try:
            for message in messages:
                number += 1
                line.sendall(message)
                total += len(message)
        except OSError as error:
            raise _refused(collector, error, number) from error
        _listen(collector, line, number)
        # The collector need not answer our farewell, and many do not.
        with suppress(OSError):
            line.settimeout(LISTEN_SECONDS)
            line.unwrap()
    return HandedOver(messages=number, sent_bytes=total, version=version)


def _context(collector: Collector) -> ssl.SSLContext:
    """Return a context that verifies; raise `KeyFileError` where a file is not what it should be."""
    what: Path | None = collector.ca
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=collector.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if collector.client_certificate is not None:
            what = collector.client_certificate
            # Without an answer here OpenSSL would ask on the terminal for the password of an encrypted key.
            context.load_cert_chain(what, collector.client_key, password=collector.key_password or "")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise KeyFileError(f"{what}: cannot be used as a certificate or key file: {reason}") from error
    return context


@contextmanager
def _connected(collector: Collector, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    where = collector.where
    try:
        bare = socket.create_connection((collector.host, collector.port), timeout=CONNECT_SECONDS)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise CollectorUnreachableError(f"{where}: no connection: {reason}") from error
    with closing(bare):
        try:
            line = context.wrap_socket(bare, server_hostname=collector.host)
        except ssl.SSLCertVerificationError as error:
            raise CollectorNotTrustedError(f"{where}: certificate not accepted: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            raise CollectorNotTrustedError(f"{where}: no TLS session could be agreed on: {reason}") from error
        with closing(line):
            line.settimeout(SEND_SECONDS)
            yield line


def _listen(collector: Collector, line: ssl.SSLSocket, number: int) -> None:
    """Read once: a collector that is content says nothing; one that hangs up or complains has refused."""
    line.settimeout(LISTEN_SECONDS)
    try:
        answer = line.recv(1)
    except TimeoutError:
        return
    except OSError as error:
        raise _refused(collector, error, number) from error
    if not answer:
        raise _refused(collector, None, number)


def _refused(collector: Collector, error: OSError | None, number: int) -> CollectorRefusedError:
    if isinstance(error, TimeoutError):
        reason = f"it took nothing more for {SEND_SECONDS:g} s"
    elif isinstance(error, ssl.SSLError):
        reason = (error.reason or str(error)).lower().replace("_", " ")
    else:
        reason = "it closed the connection"
    hint = "" if collector.client_certificate else " It may want a client certificate."
    return CollectorRefusedError(
        f"{collector.where}: refused at message {number}: {reason}. Nobody can tell what it kept.{hint}"
    )
