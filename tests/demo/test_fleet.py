"""The fleet as a whole: what it is made of, how fast it starts and stops, and the inventory that it writes."""

import asyncio
import contextlib
import gc
import socket
import stat
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.demo.device import PORTS, DeviceSpec, ServiceSpec
from auditor.demo.fleet import FLEET, FleetError, RunningFleet, start_fleet
from auditor.demo.pki import CertificateKind
from auditor.inventory.reader import read_inventory
from auditor.model.inventory import Inventory
from auditor.profiles import load_profiles

StartFleet = Callable[[Sequence[DeviceSpec]], contextlib.AbstractContextManager[RunningFleet]]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_fleet_shows_every_level_family_and_behaviour() -> None:
    """Whoever changes the fleet keeps it worth looking at."""
    assert {spec.truth.possible for spec in FLEET} == {None, 1, 2, 3, 4}
    assert {spec.product for spec in FLEET} == {"mxp", "mps", "vcs", "tms"}
    assert {s.behaviour for spec in FLEET for s in spec.services} >= {"normal", "filtered", "silent", "garbage"}
    assert any(spec.declared == "auto" for spec in FLEET)
    kinds = {spec.certificate for spec in FLEET if spec.service("https")}
    assert kinds >= {CertificateKind.GOOD, CertificateKind.FACTORY, CertificateKind.EXPIRED, CertificateKind.SHARED_KEY}


@pytest.mark.parametrize("spec", FLEET, ids=[spec.name for spec in FLEET])
def test_truths_are_coherent(spec: DeviceSpec) -> None:
    """What is proven is possible, and a host below Level 4 is held back by something; stories are sentences."""
    assert spec.story.endswith(".")
    for truth in (spec.truth, spec.truth_with_settings):
        assert (truth.proven is None) == (truth.possible is None)
        if truth.possible is not None and truth.proven is not None:
            assert truth.proven <= truth.possible
            assert bool(truth.held_back_by) == (truth.possible < 4)


@pytest.mark.parametrize("spec", FLEET, ids=[spec.name for spec in FLEET])
def test_settings_refute_more_and_never_less(spec: DeviceSpec) -> None:
    """Whoever can read settings finds everything that is seen from outside, and proves at least as much or refutes."""
    outside, inside = spec.truth, spec.truth_with_settings
    assert outside.held_back_by <= inside.held_back_by
    assert outside.also_not_met <= inside.also_not_met
    assert (inside.possible or 0) <= (outside.possible or 0)
    assert outside.excluded == inside.excluded


def test_truths_name_controls_of_the_profiles() -> None:
    """A control that no profile lists can never be found not met."""
    profiles = load_profiles()
    for spec in FLEET:
        for truth in (spec.truth, spec.truth_with_settings):
            assert truth.held_back_by | truth.also_not_met <= set(profiles[spec.product].controls), spec.name


def test_every_way_of_failing_a_level_has_a_system() -> None:
    """Each level control of a device that can be refuted is refuted somewhere, and each family reaches each level."""
    families = ("mxp", "mps", "vcs")
    failed = frozenset[str]().union(*(s.truth_with_settings.held_back_by for s in FLEET if s.product in families))
    profiles = load_profiles()
    level_controls = {c for f in families for c in profiles[f].controls if not c.startswith(("trust.", "ssh.", "tls."))}
    assert level_controls - failed == {
        "access.default-password",  # advisories
        "access.strict-password",
        "certificates.expires-soon",
        "certificates.key-strength",
        "certificates.signature-algorithm",
        "services.http-basic-offered",
        "services.ssh-at-level-4",  # by the default policy it cannot fail
        "certificates.not-revoked",  # no revocation list is given
    }
    for family in families:
        reached = {s.truth_with_settings.proven for s in FLEET if s.product == family}
        assert reached >= {1, 2, 3, 4}, family
    assert len(FLEET) >= 40


def test_names_and_addresses_are_unique() -> None:
    """Two devices never share an address."""
    assert len({spec.name for spec in FLEET}) == len({spec.octets for spec in FLEET}) == len(FLEET)


def test_an_unknown_service_is_refused() -> None:
    """SIP is nobody's business here, too."""
    with pytest.raises(ValueError, match="no simulator for service 'sip'"):
        ServiceSpec(name="sip")


def test_start_and_stop_are_fast(tmp_path: Path) -> None:
    """A few seconds of work to begin, next to none to end, nothing left open. What others do here does not count."""

    async def run() -> tuple[float, float]:
        before = time.process_time()
        async with start_fleet(tmp_path, now=NOW):
            began = time.process_time()
        return began - before, time.process_time() - began

    start, stop = asyncio.run(run())
    gc.collect()
    assert start < 4
    assert stop < 1


def inventory_of(fleet: RunningFleet) -> Inventory:
    services = {name: [service.name for service in profile.services] for name, profile in load_profiles().items()}
    return read_inventory(fleet.inventory_path, families=tuple(services), services=services)


def test_the_inventory_is_valid(fleet: RunningFleet) -> None:
    """The program's own reader takes it without a complaint, and finds what is there."""
    inventory = inventory_of(fleet)
    targets = {target.name: target for target in inventory.targets}
    assert set(targets) == {spec.name for spec in FLEET}
    for spec in FLEET:
        target = targets[spec.name]
        assert target.address == fleet.devices[spec.name].address
        assert target.product == (spec.declared or spec.product)
        assert {PORTS[s.name] for s in spec.services} <= set(target.ports.values())
        assert all(port > 10_000 for port in target.ports.values())
    assert inventory.settings.dns_servers == (fleet.dns_server,)
    assert len(inventory.settings.roots) == 1


def test_ports_that_are_only_looked_at_are_moved_too(fleet: RunningFleet) -> None:
    """A port of the profile that no simulator has must not lead to what really runs on this machine."""
    inventory = inventory_of(fleet)
    for target in inventory.targets:
        profile = load_profiles().get(target.product)
        if profile is not None and target.product != "auto":
            assert {service.name for service in profile.services} == set(target.ports)


def test_keys_are_private(fleet: RunningFleet) -> None:
    """Nobody else on the machine can read them."""
    keys = list(fleet.inventory_path.parent.glob("devices/*.key"))
    assert keys
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_two_fleets_take_two_blocks(fleet: RunningFleet, fleet_of: StartFleet) -> None:
    """Two demonstrations on one machine do not meet."""
    name = "rm101"
    with fleet_of([spec for spec in FLEET if spec.name == name]) as second:
        assert second.devices[name].address != fleet.devices[name].address
        with socket.create_connection((second.devices[name].address, second.devices[name].ports["telnet"]), 3):
            pass
        assert fleet.recorder is not second.recorder


def test_a_port_that_is_taken_moves_the_whole_fleet(fleet: RunningFleet, fleet_of: StartFleet) -> None:
    """Also when it is not the first one that is opened."""
    taken = {device.address for device in fleet.devices.values()}
    with fleet_of(FLEET[:1]) as probe:
        address = probe.devices[FLEET[0].name].address
    with contextlib.closing(socket.create_server((address, 10021))), fleet_of(FLEET[:1]) as moved:
        assert moved.devices[FLEET[0].name].address not in {*taken, address}


def test_no_free_block(fleet: RunningFleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every block is taken, the message says so."""
    taken = ".".join(fleet.dns_server.split(".")[:2])
    monkeypatch.setattr("auditor.demo.fleet.BLOCKS", (taken,))

    async def run() -> None:
        async with start_fleet(tmp_path, specs=(), now=NOW):
            pytest.fail("started nowhere")

    with pytest.raises(FleetError, match=f"no free block of loopback addresses from {taken} to {taken}: .*in use"):
        asyncio.run(run())


def test_a_start_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    """A time must say which one it is."""

    async def run() -> None:
        async with start_fleet(tmp_path, specs=(), now=NOW.replace(tzinfo=None)):
            pytest.fail("started at no time")

    with pytest.raises(ValueError, match="aware"):
        asyncio.run(run())
