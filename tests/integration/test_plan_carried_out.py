"""A plan that is carried out, step by step, on the simulated systems leads to the level that it promised.

A person's hands are played by the simulator's own interface; the auditor itself only plans, and audits again.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.cli.assembly import Assembly, assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.demo.fleet import RunningFleet, start_fleet
from auditor.demo.running import RunningDevice
from auditor.demo.systems import FLEET
from auditor.engine.remedy import plan_remedy
from auditor.model.assessment import AuditRun
from auditor.model.remedy import HostRemedy, StepKind
from auditor.wire.gate import utc_now

MANAGER = "tms.vc.example.test"
PLANNED = ("rm101", "rm106", "rm109", "rm120", "rm123", "rm127", "rm133", "rm140", "mps1", "mps7", "vcs1", "vcs8")
"""Systems of each family, from the factory's state to one single fault."""


def setting(*pairs: tuple[str, str]) -> Callable[[RunningDevice], None]:
    """Return the hands that set these values, where the system has such settings."""

    def turn(device: RunningDevice) -> None:
        for path, value in pairs:
            if device.get(path) is not None:
                device.set(path, value)

    return turn


HANDS: Mapping[str, Callable[[RunningDevice], None]] = {
    "services.telnet-off": setting(("telnet.mode", "Off")),
    "services.telnet-challenge-off": setting(("telnetchallenge.mode", "Off")),
    "services.ftp-off": setting(("ftp.mode", "Off")),
    "services.snmp-off": setting(("snmp.mode", "Off")),
    "services.http-no-cleartext-password": setting(("http.mode", "Off")),
    "services.http-off": setting(("http.mode", "Off")),
    "services.https-on": setting(("https.mode", "On")),
    "clients.external-manager-https": setting(("externalmanager.protocol", "HTTPS")),
    "clients.external-services-https": setting(("externalservices.protocol", "HTTPS")),
    "clients.corporate-directory-https": setting(("corporatedirectory.protocol", "HTTPS")),
    "clients.addresses-are-hostnames": setting(
        ("externalmanager.address", MANAGER),
        ("externalservices.address", MANAGER),
        ("corporatedirectory.address", MANAGER),
    ),
    "clients.verify-server-certificate": setting(("https.verifyservercertificate", "On")),
    "clients.feedback-https": lambda device: device.register_feedback(
        f"https://{MANAGER}/tms/public/feedback/code.aspx"
    ),
    "clients.root-list-loaded": lambda device: device.upload_roots("fleet"),
    "prerequisites.ntp": setting(("ntp.mode", "On"), ("ntp.address", "ntp.vc.example.test")),
    "prerequisites.dns-server": setting(("dns.server", "192.0.2.53")),
    "software.supports-secure-management": lambda device: device.upgrade("F9.1.1 PAL"),
}
CERTIFICATE = "certificates."
BY_RESTART = {"prerequisites.clock", "services.ssh-at-level-4", "services.no-other-management-service"}
"""What nobody does with hands here: a restart sets the clock; the other two are met by these systems anyway."""


async def audited(assembly: Assembly, fleet: RunningFleet, folder: Path) -> AuditRun:
    """Audit the fleet with its credentials."""
    inventory = load_inventory(fleet.inventory_path, assembly)
    done = await perform(assembly, inventory, folder, (), quiet=True, sources=gather(inventory))
    return done.run


def work(fleet: RunningFleet, way: HostRemedy) -> None:
    """Do what the steps say. Something that is to be found out is put right at once, as a person would."""
    device = fleet.devices[way.host]
    for step in way.steps:
        for control in step.controls:
            if control == "prerequisites.fqdn":
                fleet.name_server.correct(device.spec.hostname, device.address)
            elif control.startswith(CERTIFICATE):
                device.upload_certificate()
            elif control not in BY_RESTART:
                HANDS[control](device)


@pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")
async def test_a_plan_that_is_carried_out_leads_to_the_promised_level(tmp_path: Path) -> None:
    """Audit, plan for Level 4, do it, restart, audit again: every promise is kept, and nothing of it was ours."""
    assembly = assemble()
    # A web server that tells no time leaves a question open that no work answers, and a hardened system can no longer
    # be recognised from outside: so here all tell the time, and the inventory names every product.
    described = (spec for spec in FLEET if spec.name in PLANNED)
    specs = [replace(spec, clock_ahead=spec.clock_ahead or 0, declared=None) for spec in described]
    assert {spec.name for spec in specs} == set(PLANNED)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Diffie-Hellman over finite fields")
        async with start_fleet(tmp_path / "fleet", specs=specs, now=utc_now(), with_credentials=True) as fleet:
            before = await audited(assembly, fleet, tmp_path / "before")
            ways = {way.host: way for way in plan_remedy(before, level=4).hosts}
            assert all(way.now.proven != 4 and way.steps for way in ways.values())
            assert any(step.kind is StepKind.RESTART for way in ways.values() for step in way.steps)
            assert fleet.recorder.writes == ()
            for way in ways.values():
                work(fleet, way)
            for device in fleet.devices.values():
                await device.reboot()
            fleet.write_inventory()
            again = await audited(assembly, fleet, tmp_path / "after")
            assert fleet.recorder.writes == ()
    after = {host.target.name: host for host in again.hosts}
    for name, way in ways.items():
        left = [f.control for f in after[name].findings if f.level and f.status.value in {"not_met", "undetermined"}]
        assert way.projected.proven == 4, name
        assert after[name].score.proven == way.projected.proven, (name, left)
