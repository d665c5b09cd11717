"""A simulated device while it runs: its ports opened by the right simulators, and closed again; settings and restart.

`set`, `upload_certificate`, `upload_roots`, `register_feedback`, `upgrade` and `reboot` are what a person does who
carries out a plan. They are for whoever runs the fleet, and not to be had over the network.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import asyncssh

from auditor.demo import database, ftp, http, pages, telnet
from auditor.demo.device import PORTS, DeviceSpec, Roots, ServiceSpec
from auditor.demo.host import Host
from auditor.demo.listener import misbehave
from auditor.demo.pki import CertificateKind
from auditor.demo.snmp import SnmpPort
from auditor.demo.ssh import SshPort
from auditor.demo.tls import server_context


class Port(Protocol):
    """One open port of a device."""

    async def start(self) -> None:
        """Open the port. Raises OSError when it is taken."""

    async def close(self) -> None:
        """Close the port and everything that was accepted from it."""


class Startable(Protocol):
    """A port or a device: what can be started."""

    async def start(self) -> None:
        """Open everything. Raises OSError."""


async def start_all(startables: Sequence[Startable]) -> None:
    """Start several at once; wait for all of them even when one fails, then raise the first error."""
    outcomes = await asyncio.gather(*(startable.start() for startable in startables), return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


Certify = Callable[[CertificateKind], tuple[Path, Path]]
"""Makes a certificate of a kind for a device; returns the files with its chain and its private key."""


class RunningDevice:
    """A device on its own address. `ports` names all services of its family, those that are off included."""

    __slots__ = ("_certify", "_files", "_host", "_host_key", "_new_host_key", "_open", "_services", "database_address")

    def __init__(
        self, host: Host, certify: Certify, new_host_key: Callable[[], asyncssh.SSHKey], database_address: str = ""
    ) -> None:
        self._host, self._certify, self._new_host_key = host, certify, new_host_key
        self.database_address = database_address
        self._host_key: asyncssh.SSHKey | None = None
        self._open: list[Port] = []
        self._services = host.spec.services
        self._files: tuple[CertificateKind, tuple[Path, Path]] | None = None

    @property
    def spec(self) -> DeviceSpec:
        """What this device is."""
        return self._host.spec

    @property
    def address(self) -> str:
        """The loopback address that this device has to itself."""
        return self._host.address

    @property
    def ports(self) -> Mapping[str, int]:
        """Port of every service, whether it is on or not."""
        return PORTS

    @property
    def password(self) -> str:
        """The password of this device."""
        return self._host.state.secret.password

    @property
    def canaries(self) -> tuple[str, ...]:
        """Passwords and secret values of this device: none of them may be found in any output."""
        return self._host.state.secret.canaries

    @property
    def roots(self) -> Roots:
        """Which root list is loaded now."""
        return self._host.state.roots

    @property
    def services(self) -> frozenset[str]:
        """Names of the services that are served now."""
        return frozenset(service.name for service in self._services)

    def shown_by(self, write: Callable[[Host], str]) -> str:
        """Return what a writer of documents makes of this device."""
        return write(self._host)

    def get(self, path: str) -> str | None:
        """Return what a setting is configured to, or None where this device has no such setting."""
        return self._host.state.settings.get(path)

    def set(self, path: str, value: str) -> None:
        """Configure a setting; services follow at the next restart. Raises as the store does."""
        self._host.state.settings.set(path, value)

    def upload_certificate(self, kind: CertificateKind = CertificateKind.GOOD) -> None:
        """Give the device a new certificate and key, which it shows after the next restart."""
        self._host.state.certificate, self._files = kind, None

    def upload_roots(self, which: Roots = "fleet") -> None:
        """Replace the list of trusted roots."""
        self._host.state.roots = which

    def register_feedback(self, *urls: str) -> None:
        """Replace all registered feedback addresses."""
        self._host.state.feedback = urls

    def upgrade(self, software: str) -> None:
        """Install software that has an HTTPS client."""
        self._host.state.software = software
        self._host.state.settings.add_https_client()

    async def reboot(self) -> None:
        """Restart: services open and close as configured, the new certificate is shown, NTP puts the clock right.

        Wrong passwords are forgotten. Raises OSError when a port is taken.
        """
        await self.close()
        state = self._host.state
        self._services = state.services_after_restart(self.spec)
        state.wrong_passwords = 0
        if state.ntp_status == "Synchronised" and state.clock_ahead is not None:
            state.clock_ahead = 0
        await self.start()

    async def start(self) -> None:
        """Open the port of every service that is on. Raises OSError when one is taken; close it then all the same."""
        self._open = [self._port(service) for service in self._services]
        if self.spec.database is not None:
            self._open.append(database.listener(self._host, self.database_address, self.spec.database))
        await start_all(self._open)

    async def close(self) -> None:
        """Close all ports."""
        await asyncio.gather(*(port.close() for port in self._open))
        self._open = []

    def _context(self) -> ssl.SSLContext:
        """Return the TLS context; a certificate is made where there is none of the kind yet."""
        state = self._host.state
        if self._files is None or self._files[0] is not state.certificate:
            self._files = (state.certificate, self._certify(state.certificate))
        chain, key = self._files[1]
        state.chain = chain.read_bytes()
        return server_context(chain, key, self.spec.tls)

    def _port(self, service: ServiceSpec) -> Port:
        """Return the simulator of one service."""
        if service.name == "snmp":
            return SnmpPort(self._host, service)
        bad = misbehave(self._host, service)
        return bad if bad is not None else self._working_port(service)

    def _working_port(self, service: ServiceSpec) -> Port:
        """Return the simulator of a TCP service that works. Raises ValueError for an unknown one."""
        host = self._host
        match service.name:
            case "telnet" | "telnet-challenge":
                return telnet.listener(host, service)
            case "ftp":
                return ftp.listener(host, service)
            case "ssh":
                # The host key is made at the first start with SSH, and stays the same from then on.
                self._host_key = self._host_key or self._new_host_key()
                return SshPort(host, self._host_key)
            case "http":
                return http.listener(host, service, pages.site(host, service))
            case "https":
                return http.listener(host, service, pages.site(host, service), self._context())
            case other:
                raise ValueError(f"no simulator for service {other!r}")
