"""The demonstration fleet: starts every simulated device, writes an inventory for it, and stops it again."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from auditor.demo.clock import FleetClock
from auditor.demo.device import OFFSET, DeviceSpec, Host
from auditor.demo.dns import DNS_PORT, NameServer, Zone
from auditor.demo.pki import CertificateKind, Pki
from auditor.demo.recorder import Recorder
from auditor.demo.running import RunningDevice, Secrets, start_all
from auditor.demo.ssh import new_host_key
from auditor.demo.systems import FLEET
from auditor.model.inventory import AUTO
from auditor.profiles import load_profiles

__all__ = ["FLEET", "FleetError", "RunningFleet", "start_fleet"]

BLOCKS = tuple(f"127.{second}" for second in range(77, 97))
"""First halves of addresses, tried in order: one fleet takes one block, so several can run at once."""

NAME_SERVER_OCTETS = (0, 53)
QUESTION_SECONDS = 3
"""Deadline of one question in the inventory: everything is near, and filtered ports shall not make people wait."""


class FleetError(Exception):
    """The fleet cannot be started here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningFleet:
    """A fleet that answers. `devices` are by name; `dns_server` is `address:port`; `pki` made the certificates."""

    inventory_path: Path
    recorder: Recorder
    devices: Mapping[str, RunningDevice]
    specs: tuple[DeviceSpec, ...]
    dns_server: str
    pki: Pki


@contextlib.asynccontextmanager
async def start_fleet(
    directory: Path, *, specs: Sequence[DeviceSpec] = FLEET, now: datetime
) -> AsyncIterator[RunningFleet]:
    """Start the devices, write `inventory.yaml` and the root lists into `directory`, and stop all at the end.

    `directory` is made where it is missing; certificates and keys go into its folder `devices`. `now` is the time that
    the devices show and that their certificates are made for. Raises FleetError when no block of addresses is free.
    """
    specs = tuple(specs)
    keys = directory / "devices"
    keys.mkdir(parents=True, exist_ok=True)
    pki = Pki.make(now)
    secrets = {spec.name: _secrets(spec, pki, keys, now) for spec in specs}
    recorder, clock = Recorder(), FleetClock.starting_at(now)
    (directory / "demo-roots.pem").write_bytes(pki.roots_pem)
    (directory / "factory-roots.pem").write_bytes(pki.factory_roots_pem)
    async with contextlib.AsyncExitStack() as stack:
        block, devices = await _start_in_a_free_block(stack, specs, secrets, recorder, clock)
        dns_server = f"{_address(block, NAME_SERVER_OCTETS)}:{DNS_PORT}"
        inventory_path = directory / "inventory.yaml"
        document = inventory_document(specs, {name: d.address for name, d in devices.items()}, dns_server)
        inventory_path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
        yield RunningFleet(
            inventory_path=inventory_path, recorder=recorder, devices=devices, specs=specs, dns_server=dns_server,
            pki=pki,
        )  # fmt: skip


def _address(block: str, octets: tuple[int, int]) -> str:
    """Return an address in a block."""
    return f"{block}.{octets[0]}.{octets[1]}"


def _secrets(spec: DeviceSpec, pki: Pki, directory: Path, now: datetime) -> Secrets:
    """Make the certificate and the SSH host key of a device, where it has the service."""
    ssh, https = spec.service("ssh"), spec.service("https")
    host_key = new_host_key(spec.product) if ssh and ssh.behaviour == "normal" else None
    if https is None or https.behaviour != "normal":
        return Secrets(host_key=host_key)
    chain, key = pki.issue(spec.certificate, spec.hostname, now).write(directory, spec.name)
    return Secrets(chain=chain, key=key, host_key=host_key)


async def _start_in_a_free_block(
    stack: contextlib.AsyncExitStack,
    specs: tuple[DeviceSpec, ...],
    secrets: Mapping[str, Secrets],
    recorder: Recorder,
    clock: FleetClock,
) -> tuple[str, dict[str, RunningDevice]]:
    """Start name server and devices in the first block where every port is free. Raises FleetError."""
    reason: OSError | None = None
    for block in BLOCKS:
        devices = {
            spec.name: RunningDevice(Host(spec, _address(block, spec.octets), recorder, clock), secrets[spec.name])
            for spec in specs
        }
        zone = Zone.of_fleet({d.spec: d.address for d in devices.values()}, elsewhere=_address(block, (9, 9)))
        server = NameServer(_address(block, NAME_SERVER_OCTETS), zone, recorder)
        try:
            async with contextlib.AsyncExitStack() as attempt:
                # The name server comes first: its port is the claim on the block.
                attempt.push_async_callback(server.close)
                await server.start()
                attempt.push_async_callback(_close_all, tuple(devices.values()))
                await start_all(tuple(devices.values()))
                stack.push_async_exit(attempt.pop_all())
                return block, devices
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise FleetError(f"cannot listen in {block}.0.0/16: {error}") from error
            reason = error
    raise FleetError(f"no free block of loopback addresses from {BLOCKS[0]} to {BLOCKS[-1]}: {reason}")


async def _close_all(devices: tuple[RunningDevice, ...]) -> None:
    """Close every device."""
    await asyncio.gather(*(device.close() for device in devices))


def inventory_document(
    specs: tuple[DeviceSpec, ...], addresses: Mapping[str, str], dns_server: str
) -> dict[str, object]:
    """Return the fleet's inventory in the program's own format."""
    servers = [spec for spec in specs if spec.product == "tms"]
    tms = servers[0].name if servers else None
    return {
        "version": 1,
        "settings": {
            "target_level": 3,
            "roots": ["demo-roots.pem"],
            "dns_servers": [dns_server],
            "question_seconds": QUESTION_SECONDS,
        },
        "tms": [_server_row(spec, addresses[spec.name]) for spec in servers],
        "systems": [_system_row(spec, addresses[spec.name], tms) for spec in specs if spec.product != "tms"],
    }


def _ports(declared: str) -> dict[str, int]:
    """Return the ports of all services of a family; where the family is to be found out, of every family."""
    profiles = load_profiles()
    families = profiles.values() if declared == AUTO else (profiles[declared],)
    return {service.name: OFFSET + service.port for family in families for service in family.services}


def _server_row(spec: DeviceSpec, address: str) -> dict[str, object]:
    """Return a management server as the inventory has it."""
    return {
        "name": spec.name,
        "hostname": spec.hostname,
        "address": address,
        "ports": _ports("tms"),
        "roots": ["demo-roots.pem"],
        "target_level": spec.target_level,
        "site": spec.site,
        "tags": list(spec.tags),
    }


def _system_row(spec: DeviceSpec, address: str, tms: str | None) -> dict[str, object]:
    """Return a device as the inventory has it; a factory certificate goes with the maker's root list."""
    declared = spec.declared or spec.product
    row: dict[str, object] = {
        "name": spec.name,
        "product": declared,
        "hostname": spec.hostname,
        "address": address,
        "ports": _ports(declared),
        "target_level": spec.target_level,
        "site": spec.site,
        "tags": list(spec.tags),
    }
    if tms is not None:
        row["tms"] = tms
    if spec.certificate is CertificateKind.FACTORY:
        row["roots"] = ["factory-roots.pem"]
    elif spec.target_level == 4:
        row["roots"] = ["demo-roots.pem"]
    return row
