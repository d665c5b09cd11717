"""Debian's rsyslog over TLS on loopback, as the current user, with keys made for the test."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.peers import LOOPBACK, free_port, program, running

COLLECTOR = "localhost"
BORN, DIES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority of the test; `file` is what others trust."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        """Make it."""
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Lab {name}")])
        builder = _builder(self._subject, self._subject, self._key.public_key())
        made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def pair(self, name: str, *, password: bytes | None = None) -> Pair:
        """Issue a certificate for a name (and for the loopback address, if it is the collector's)."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if name == COLLECTOR:
            names.append(x509.IPAddress(ip_address(LOOPBACK)))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, self._subject, key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        found = Pair(self._folder / f"{self._name}-{name}.pem", self._folder / f"{self._name}-{name}.key")
        found.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        found.key.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
        )
        return found


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject, issuer_name=issuer, public_key=key, serial_number=x509.random_serial_number(),
        not_valid_before=BORN, not_valid_after=DIES,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rsyslog:
    """Where it listens, and the file into which it writes each record as one line."""

    port: int
    file: Path

    def records(self, until: Callable[[list[str]], bool], seconds: float = 20.0) -> list[str]:
        """Return the records as soon as there are as many as wanted, and half a second has brought no more."""
        deadline = time.monotonic() + seconds
        before: list[str] = []
        while time.monotonic() < deadline:
            lines = self.file.read_text(encoding="utf-8").split("\n")[:-1] if self.file.exists() else []
            if until(lines) and lines == before:
                return lines
            before = lines
            time.sleep(0.5)
        raise AssertionError(f"rsyslog wrote {len(before)} records, the last of them {before[-1:]}")


@contextmanager
def rsyslog(
    folder: Path, authority: Authority, *, client: str | None = None, tls13: bool = True, name: str = COLLECTOR
) -> Iterator[Rsyslog]:
    """Run rsyslogd with TLS under a name; with `client`, it wants a certificate of that name."""
    port, server = free_port(), authority.pair(name)
    file = folder / "received.log"
    mode = f'StreamDriver.AuthMode="x509/name" PermittedPeer=["{client}"]' if client else 'StreamDriver.AuthMode="anon"'
    versions = "+VERS-TLS1.3:+VERS-TLS1.2" if tls13 else "+VERS-TLS1.2"
    config = folder / "rsyslog.conf"
    config.write_text(
        f"""global(workDirectory="{folder}" maxMessageSize="64k" defaultNetstreamDriver="gtls"
       defaultNetstreamDriverCAFile="{authority.file}" defaultNetstreamDriverCertFile="{server.certificate}"
       defaultNetstreamDriverKeyFile="{server.key}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" {mode}
       gnutlsPriorityString="SECURE128:-VERS-ALL:{versions}")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="r") {{ action(type="omfile" file="{file}" template="raw") }}
input(type="imtcp" port="{port}" address="{LOOPBACK}" ruleset="r")
"""
    )
    command = program("rsyslogd")
    subprocess.run([command, "-N1", "-f", str(config)], check=True, capture_output=True)
    log = folder / "rsyslogd.log"
    with running([command, "-n", "-f", str(config), "-i", str(folder / "rsyslogd.pid")], log, lambda: _listens(port)):
        yield Rsyslog(port, file)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False
