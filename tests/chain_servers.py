"""Many certificates behind few servers: one nginx with a port for each, and one tlslite-ng server that changes chains.

Both take certificates that modern software refuses to load: what they serve is the point of the tests.
"""

import contextlib
import socket
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.peers import LOOPBACK, program, running
from tests.trust.certificates import Made, PrivateKey, to_pem

with warnings.catch_warnings():  # tlslite-ng imports asyncore, which is deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
    from tlslite.x509 import X509

LENIENT = """openssl_conf = lab
[lab]
ssl_conf = ssl
[ssl]
system_default = old
[old]
MinProtocol = None
CipherString = ALL:@SECLEVEL=0
"""
"""OpenSSL's configuration without today's limits: 512 bits and MD5 may be served."""


@dataclass(frozen=True)
class Served:
    """A chain (DER, in the order in which it is sent) and the key of its first certificate."""

    chain: tuple[bytes, ...]
    key: PrivateKey = field(repr=False)

    @classmethod
    def of(cls, *made: Made) -> "Served":
        """Serve these certificates with the first one's key."""
        return cls(tuple(one.der for one in made), made[0].key)


def key_text(key: PrivateKey) -> str:
    """Return a private key as PEM in its traditional form."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def free_ports(count: int) -> list[int]:
    """Return ports on which nothing listens now, all different."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@contextmanager
def many_ports(folder: Path, served: Sequence[tuple[Served, str]]) -> Iterator[list[int]]:
    """Run one nginx that serves each chain, with its `ssl_protocols`, on a port of its own; give the ports."""
    folder.mkdir(exist_ok=True)
    ports = free_ports(len(served))
    blocks = []
    for number, ((one, protocols), port) in enumerate(zip(served, ports, strict=True)):
        chain, key = folder / f"{number}.crt", folder / f"{number}.key"
        chain.write_text("".join(to_pem(der) for der in one.chain))
        key.write_text(key_text(one.key))
        blocks.append(
            f"server {{ listen {LOOPBACK}:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};"
            f" ssl_protocols {protocols}; return 200; }}"
        )
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "openssl.cnf").write_text(LENIENT)
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; master_process off; worker_rlimit_nofile 8192; pid {folder}/nginx.pid; error_log stderr error;\n"
        f"events {{ worker_connections 2048; }}\nhttp {{ {temporary} access_log off; ssl_ciphers ALL:@SECLEVEL=0;\n"
        + "\n".join(blocks)
        + "\n}"
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(config)]
    with running(
        command, folder / "nginx.log", lambda: _listens(ports[-1]), {"OPENSSL_CONF": str(folder / "openssl.cnf")}
    ):
        yield ports


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


class OldServer:
    """A tlslite-ng server for one version and one cipher (`rc4`, `3des`); `serve` changes what it presents."""

    def __init__(self, version: tuple[int, int], cipher: str) -> None:
        self._settings = HandshakeSettings()
        self._settings.minVersion = self._settings.maxVersion = version
        self._settings.cipherNames = [cipher]
        self._settings.minKeySize = 512
        self._settings.useEncryptThenMAC = self._settings.useExtendedMasterSecret = False
        self._listener = socket.create_server((LOOPBACK, 0))
        self._listener.settimeout(0.1)
        self._ended = threading.Event()
        self._chain, self._key = X509CertChain(), None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, and close the port."""
        self._ended.set()
        self._thread.join(5)
        self._listener.close()

    def serve(self, served: Served) -> None:
        """Present this chain from now on; its octets go out as they are, whatever tlslite-ng thinks of them."""
        certificates = []
        for der in served.chain:
            raw = X509()
            raw.bytes = bytearray(der)
            raw.certAlg = "rsa"
            certificates.append(raw)
        self._chain = X509CertChain(certificates)
        self._key = parsePEMKey(key_text(served.key), private=True)

    def _run(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                raw, _ = self._listener.accept()
                raw.settimeout(2)
                with raw, contextlib.suppress(Exception):
                    TLSConnection(raw).handshakeServer(
                        certChain=self._chain, privateKey=self._key, settings=self._settings
                    )
