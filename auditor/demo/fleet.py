"""The demonstration fleet: starts every simulated device, writes an inventory for it, and stops it again."""

import asyncio
import contextlib
import errno
import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import yaml

from auditor.demo import saved
from auditor.demo.clock import FleetClock
from auditor.demo.device import OFFSET, PORTS, DeviceSpec, Roots
from auditor.demo.dns import DNS_PORT, NameServer, Zone
from auditor.demo.host import Host
from auditor.demo.pki import CertificateKind, Pki
from auditor.demo.recorder import Recorder
from auditor.demo.running import RunningDevice, start_all
from auditor.demo.ssh import host_key
from auditor.demo.state import DeviceState
from auditor.demo.systems import FLEET
from auditor.model.inventory import AUTO
from auditor.model.profile import Profile
from auditor.profiles import load_profiles

__all__ = ["FLEET", "FleetError", "RunningFleet", "start_fleet"]

BLOCKS = tuple(f"127.{second}" for second in range(77, 97))
"""First halves of addresses, tried in order: one fleet takes one block, so several can run at once."""

NAME_SERVER_OCTETS = (0, 53)
DATABASE_BEHIND = 100
"""What is added to the last number of a management server's address for that of its database."""
QUESTION_SECONDS = 3
"""Deadline of one question in the inventory: everything is near, and filtered ports shall not make people wait."""


class FleetError(Exception):
    """The fleet cannot be started here; the message says why."""


ROOT_FILES: Mapping[Roots, str] = {"fleet": "demo-roots.pem", "maker": "factory-roots.pem"}
"""Files of the root lists that can be loaded on a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningFleet:
    """A fleet that answers. `devices` are by name; `dns_server` is `address:port`; `pki` made the certificates.

    `password_files` are by device, for an audit with credentials: who writes another password into one of them makes
    the audit use a wrong one. `saved_files` are by device, too.
    """

    inventory_path: Path
    recorder: Recorder
    devices: Mapping[str, RunningDevice]
    specs: tuple[DeviceSpec, ...]
    dns_server: str
    name_server: NameServer = field(repr=False)
    pki: Pki = field(repr=False)
    password_files: Mapping[str, Path] = field(default_factory=dict)
    saved_files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def canaries(self) -> tuple[str, ...]:
        """All passwords and secret values of the fleet: none of them may be found in any output of an audit."""
        return tuple(canary for device in self.devices.values() for canary in device.canaries)

    def write_inventory(self) -> None:
        """Write the inventory as the devices are now: what it states of their root lists may have changed."""
        document = inventory_document(self.devices, self.dns_server)
        _refer(document, self.inventory_path.parent, self.password_files, self.saved_files)
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        self.inventory_path.write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a device is made of before it has an address."""

    directory: Path
    pki: Pki
    now: datetime

    def device(self, spec: DeviceSpec, block: str, recorder: Recorder, clock: FleetClock) -> RunningDevice:
        """Return a device that can be started."""
        lists: dict[Roots, bytes] = {"none": b"", "fleet": self.pki.roots_pem, "maker": self.pki.factory_roots_pem}
        host = Host(spec, _address(block, spec.octets), recorder, clock, DeviceState.of(spec, lists))
        certify = functools.partial(self._certify, spec)
        third, last = spec.octets
        database = _address(block, (third, last + DATABASE_BEHIND)) if spec.database else ""
        return RunningDevice(host, certify, functools.partial(host_key, self.pki, spec.product), database)

    def _certify(self, spec: DeviceSpec, kind: CertificateKind) -> tuple[Path, Path]:
        return self.pki.issue(kind, spec.hostname, self.now).write(self.directory, spec.name)


@contextlib.asynccontextmanager
async def start_fleet(
    directory: Path,
    *,
    specs: Sequence[DeviceSpec] = FLEET,
    now: datetime,
    with_credentials: bool = False,
    with_saved: bool = False,
) -> AsyncIterator[RunningFleet]:
    """Start the devices, write `inventory.yaml` and the root lists into `directory`, and stop all at the end.

    `directory` is made where it is missing; certificates and keys go into its folder `devices`. `now` is the time that
    the devices show and that their certificates are made for. The inventory names a password for each device where
    `with_credentials` is set, and saved configurations of those that have one where `with_saved` is set. Raises
    FleetError when no block of addresses is free.
    """
    specs = tuple(specs)
    keys = directory / "devices"
    keys.mkdir(parents=True, exist_ok=True)
    pki = Pki.make(now)
    recorder, clock = Recorder(), FleetClock.starting_at(now)
    (directory / "demo-roots.pem").write_bytes(pki.roots_pem)
    (directory / "factory-roots.pem").write_bytes(pki.factory_roots_pem)
    async with contextlib.AsyncExitStack() as stack:
        block, devices, name_server = await _start_in_a_free_block(
            stack, specs, _Parts(keys, pki, now), recorder, clock
        )
        fleet = RunningFleet(
            inventory_path=directory / "inventory.yaml",
            recorder=recorder,
            devices=devices,
            specs=specs,
            dns_server=f"{_address(block, NAME_SERVER_OCTETS)}:{DNS_PORT}",
            name_server=name_server,
            pki=pki,
            password_files=_write_passwords(directory, devices) if with_credentials else {},
            saved_files=_write_saved(directory, devices) if with_saved else {},
        )
        fleet.write_inventory()
        yield fleet


def _write_private(path: Path, content: str) -> Path:
    """Write a file that only its owner can read, and return its path."""
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content, encoding="utf-8", newline="")
    return path


def _write_passwords(directory: Path, devices: Mapping[str, RunningDevice]) -> dict[str, Path]:
    """Write the password of each device that can be talked to into a file of its own."""
    return {
        name: _write_private(directory / "passwords" / name, device.password)
        for name, device in devices.items()
        if device.spec.product != "tms" and any(s.behaviour == "normal" for s in device.spec.services)
    }


def _write_saved(directory: Path, devices: Mapping[str, RunningDevice]) -> dict[str, Path]:
    """Write the saved configurations of the devices that have one."""
    forms = {"text": (saved.session, "txt"), "xml": (saved.configuration, "xml")}
    paths: dict[str, Path] = {}
    for name, device in devices.items():
        if device.spec.saved:
            write, suffix = forms[device.spec.saved]
            paths[name] = _write_private(directory / "saved" / f"{name}.{suffix}", device.shown_by(write))
    return paths


def _refer(
    document: dict[str, object], directory: Path, passwords: Mapping[str, Path], kept: Mapping[str, Path]
) -> None:
    """Name password files and saved configurations in an inventory."""
    if passwords:
        document["credentials"] = {
            name: {"username": "admin", "password_file": str(path.relative_to(directory))}
            for name, path in passwords.items()
        }
    rows = document["systems"]
    for row in rows if isinstance(rows, list) else ():
        if row["name"] in passwords:
            row["credentials"] = row["name"]
        if row["name"] in kept:
            row["saved_config"] = str(kept[row["name"]].relative_to(directory))


def _address(block: str, octets: tuple[int, int]) -> str:
    """Return an address in a block."""
    return f"{block}.{octets[0]}.{octets[1]}"


async def _start_in_a_free_block(
    stack: contextlib.AsyncExitStack,
    specs: tuple[DeviceSpec, ...],
    parts: _Parts,
    recorder: Recorder,
    clock: FleetClock,
) -> tuple[str, dict[str, RunningDevice], NameServer]:
    """Start name server and devices in the first block where every port is free. Raises FleetError."""
    reason: OSError | None = None
    for block in BLOCKS:
        devices = {spec.name: parts.device(spec, block, recorder, clock) for spec in specs}
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
                return block, devices, server
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise FleetError(f"cannot listen in {block}.0.0/16: {error}") from error
            reason = error
    raise FleetError(f"no free block of loopback addresses from {BLOCKS[0]} to {BLOCKS[-1]}: {reason}")


async def _close_all(devices: tuple[RunningDevice, ...]) -> None:
    """Close every device."""
    await asyncio.gather(*(device.close() for device in devices))


def inventory_document(devices: Mapping[str, RunningDevice], dns_server: str) -> dict[str, object]:
    """Return the fleet's inventory in the program's own format."""
    servers = [device for device in devices.values() if device.spec.product == "tms"]
    tms = servers[0].spec.name if servers else None
    return {
        "version": 1,
        "settings": {
            "target_level": 3,
            "roots": ["demo-roots.pem"],
            "dns_servers": [dns_server],
            "question_seconds": QUESTION_SECONDS,
        },
        "tms": [_server_row(device) for device in servers],
        "systems": [_system_row(device, tms) for device in devices.values() if device.spec.product != "tms"],
    }


@functools.cache
def _profiles() -> Mapping[str, Profile]:
    """Return the profiles, read once: a fleet asks for them once a device."""
    return load_profiles()


def _ports(declared: str) -> dict[str, int]:
    """Return the ports of all services of a family; where the family is to be found out, of every family."""
    profiles = _profiles()
    families = profiles.values() if declared == AUTO else (profiles[declared],)
    return {service.name: OFFSET + service.port for family in families for service in family.services}


def _server_row(device: RunningDevice) -> dict[str, object]:
    """Return a management server as the inventory has it."""
    spec = device.spec
    row: dict[str, object] = {
        "name": spec.name,
        "hostname": spec.hostname,
        "address": device.address,
        "ports": _ports("tms"),
        "roots": ["demo-roots.pem"],
        "target_level": spec.target_level,
        "site": spec.site,
        "tags": list(spec.tags),
    }
    if spec.database is not None:
        row["database"] = {"address": device.database_address, "port": PORTS["database"]}
    return row


def _system_row(device: RunningDevice, tms: str | None) -> dict[str, object]:
    """Return a device as the inventory has it, with the root list that its operator knows to be loaded."""
    spec = device.spec
    declared = spec.declared or spec.product
    row: dict[str, object] = {
        "name": spec.name,
        "product": declared,
        "hostname": spec.hostname,
        "address": device.address,
        "ports": _ports(declared),
        "target_level": spec.target_level,
        "site": spec.site,
        "tags": list(spec.tags),
    }
    if tms is not None:
        row["tms"] = tms
    if device.roots in ROOT_FILES:
        row["roots"] = [ROOT_FILES[device.roots]]
    return row
