"""Real TLS and SSH servers on loopback: nginx, `openssl s_server`, tlslite-ng (what OpenSSL has forgotten) and sshd.

Each is a context manager that makes its keys, starts the server and ends the very process or thread that it started.
"""

import contextlib
import os
import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.peers import LOOPBACK, Peer, free_port, program, running

with warnings.catch_warnings():  # tlslite-ng imports asyncore, which is deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey

HOSTNAME = "codec.example.test"
BORN, DIES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """A server's certificates as PEM, leaf first, and its key; `chain` is the same as DER."""

    certificates: Path
    key: Path

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates as DER."""
        end = "-----END CERTIFICATE-----\n"
        blocks = self.certificates.read_text().split(end)[:-1]
        return tuple(ssl.PEM_cert_to_DER_cert(block[block.index("-----BEGIN") :] + end) for block in blocks)


def chain_of_two(folder: Path, *, bits: int = 2048) -> Identity:
    """Make a leaf for `codec.example.test` and its issuer."""
    keys = [rsa.generate_private_key(65537, bits) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (HOSTNAME, "Lab CA")]

    def certificate(subject: int) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            subject_name=names[subject], issuer_name=names[1], public_key=keys[subject].public_key(),
            serial_number=subject + 1, not_valid_before=BORN, not_valid_after=DIES,
        )  # fmt: skip
        return builder.sign(keys[1], hashes.SHA256())

    pem = b"".join(certificate(i).public_bytes(serialization.Encoding.PEM) for i in (0, 1))
    made = Identity(folder / f"chain-{bits}.pem", folder / f"key-{bits}.pem")
    made.certificates.write_bytes(pem)
    made.key.write_bytes(
        keys[0].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    return made


def self_signed(folder: Path, *new_key: str, digest: str = "sha1") -> Identity:
    """Make a self-signed certificate by the `openssl` program: `rsa:512`, or `dsa:FILE` with parameters."""
    name = "-".join(new_key).replace(":", "").replace("/", "_")[-40:]
    made = Identity(folder / f"{name}.crt", folder / f"{name}.key")
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", *new_key, f"-{digest}", "-days", "3650",
               "-subj", f"/CN={HOSTNAME}", "-out", str(made.certificates), "-keyout", str(made.key)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return made


def dsa_identity(folder: Path) -> Identity:
    """Make a DSA key of 1024 bits and a self-signed certificate."""
    parameters = folder / "dsa.pem"
    subprocess.run(["openssl", "dsaparam", "-out", str(parameters), "1024"], check=True, capture_output=True)
    return self_signed(folder, f"dsa:{parameters}")


@contextmanager
def nginx(folder: Path, identity: Identity, *, protocols: str, server: str = "", http: str = "") -> Iterator[Peer]:
    """Run nginx with TLS on one port; `server` and `http` are further lines of its configuration."""
    port, log = free_port(), folder / "nginx.log"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"""daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr info;
        events {{}}
        http {{ {temporary} access_log {folder}/access.log; {http}
          server {{
            listen {LOOPBACK}:{port} ssl; server_name {HOSTNAME};
            ssl_certificate {identity.certificates}; ssl_certificate_key {identity.key};
            ssl_protocols {protocols}; ssl_ciphers ALL:@SECLEVEL=0; {server}
            location / {{ return 200 "<title>Lab &amp; Co</title><input type='password'>"; }}
          }} }}"""
    )
    with running([program("nginx"), "-p", str(folder), "-c", str(config)], log, lambda: _answers(port)):
        yield Peer(LOOPBACK, port, folder / "access.log")


@contextmanager
def s_server(folder: Path, *options: str, identity: Identity | None = None) -> Iterator[Peer]:
    """Run `openssl s_server` with these options; without an identity it has no certificate."""
    port, log = free_port(), folder / "s_server.log"
    chosen = ["-nocert"]
    if identity is not None:
        end = "-----END CERTIFICATE-----\n"
        issuers = folder / "issuers.pem"
        issuers.write_text(identity.certificates.read_text().split(end, 1)[1])
        chosen = ["-cert", str(identity.certificates), "-key", str(identity.key)]
        chosen += ["-cert_chain", str(issuers)] if issuers.stat().st_size else []
    command = [program("openssl"), "s_server", "-www", "-accept", f"{LOOPBACK}:{port}", *chosen, *options]
    with running(command, log, lambda: "ACCEPT" in log.read_text(errors="replace")):
        yield Peer(LOOPBACK, port, log)


@contextmanager
def forgotten_tls(identity: Identity, *, version: tuple[int, int], cipher: str) -> Iterator[Peer]:
    """Serve one version and one kind of cipher (`rc4`, `3des`) by tlslite-ng, in a thread."""
    settings = HandshakeSettings()
    settings.minVersion = settings.maxVersion = version
    settings.cipherNames = [cipher]
    settings.minKeySize = 512
    settings.useEncryptThenMAC = settings.useExtendedMasterSecret = False
    chain = X509CertChain()
    chain.parsePemList(identity.certificates.read_text())
    key = parsePEMKey(identity.key.read_text(), private=True)
    with socket.create_server((LOOPBACK, 0)) as listener:
        listener.settimeout(0.1)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    raw, _ = listener.accept()
                    raw.settimeout(2)
                    with raw, contextlib.suppress(Exception):
                        TLSConnection(raw).handshakeServer(certChain=chain, privateKey=key, settings=settings)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield Peer(LOOPBACK, int(listener.getsockname()[1]), Path(os.devnull))
        finally:
            ended.set()
            thread.join(5)


@contextmanager
def sshd(folder: Path, *options: str, kinds: tuple[str, ...] = ("rsa", "ed25519")) -> Iterator[Peer]:
    """Run OpenSSH's server with new host keys; `options` are further lines of its configuration."""
    port, log = free_port(), folder / "sshd.log"
    lines = [f"ListenAddress {LOOPBACK}:{port}", f"PidFile {folder}/sshd.pid", "UsePAM no", "LogLevel DEBUG1", *options]
    for kind in kinds:
        key = folder / f"host-{kind}"
        subprocess.run([program("ssh-keygen"), "-q", "-t", kind, "-N", "", "-f", str(key)], check=True)
        lines.append(f"HostKey {key}")
    config = folder / "sshd_config"
    config.write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:  # the folder without which sshd does not start as root; the package's service makes it
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    ready = "Server listening"
    with running(
        [program("sshd"), "-D", "-e", "-f", str(config)], log, lambda: ready in log.read_text(errors="replace")
    ):
        yield Peer(LOOPBACK, port, log)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False
