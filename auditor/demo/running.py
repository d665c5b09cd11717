"""A simulated device while it runs: its ports opened by the right simulators, and closed again."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import asyncssh

from auditor.demo import ftp, http, pages, telnet
from auditor.demo.device import PORTS, DeviceSpec, Host, ServiceSpec
from auditor.demo.listener import misbehave
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What a device needs before it starts: files with its certificate chain and private key, and an SSH host key.

    They are None for a device without the service.
    """

    chain: Path | None = None
    key: Path | None = None
    host_key: asyncssh.SSHKey | None = field(default=None, repr=False)

    def context(self, spec: DeviceSpec) -> ssl.SSLContext:
        """Return the TLS context of a device. Raises ValueError when the device was given no certificate."""
        if self.chain is None or self.key is None:
            raise ValueError(f"{spec.name} has HTTPS and no certificate")
        return server_context(self.chain, self.key, spec.tls)


class RunningDevice:
    """A device on its own address. `ports` names all services of its family, those that are off included."""

    __slots__ = ("_host", "_open", "_secrets")

    def __init__(self, host: Host, secrets: Secrets) -> None:
        self._host, self._secrets = host, secrets
        self._open: list[Port] = []

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

    async def start(self) -> None:
        """Open the port of every service that is on. Raises OSError when one is taken; close it then all the same."""
        self._open = [self._port(service) for service in self.spec.services]
        await start_all(self._open)

    async def close(self) -> None:
        """Close all ports."""
        await asyncio.gather(*(port.close() for port in self._open))
        self._open = []

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
                if self._secrets.host_key is None:
                    raise ValueError(f"{host.spec.name} has SSH and no host key")
                return SshPort(host, self._secrets.host_key)
            case "http":
                return http.listener(host, service, pages.site(host, service))
            case "https":
                return http.listener(host, service, pages.site(host, service), self._secrets.context(host.spec))
            case other:
                raise ValueError(f"no simulator for service {other!r}")
