"""Carrying out a plan on a simulated device: settings, certificates and a restart that has real consequences."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import dns.asyncquery
import dns.message
import pytest
import yaml
from cryptography import x509

from auditor.demo.device import PORTS, DeviceSpec
from auditor.demo.fleet import FLEET, RunningFleet, start_fleet
from auditor.demo.pki import CertificateKind
from auditor.demo.running import RunningDevice
from tests.demo.reading import dialogue, get, lenient, login

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPECS = {spec.name: spec for spec in FLEET}
TCP = ("ftp", "ssh", "telnet", "telnet-challenge", "http", "https")


def with_fleet(path: Path, specs: tuple[DeviceSpec, ...], ask: Callable[[RunningFleet], Awaitable[None]]) -> None:
    async def run() -> None:
        async with start_fleet(path, specs=specs, now=NOW) as fleet:
            await ask(fleet)

    asyncio.run(run())


async def open_ports(device: RunningDevice) -> set[str]:
    """The services whose TCP ports accept a connection."""
    found = set()
    for name in TCP:
        with contextlib.suppress(ConnectionRefusedError):
            _, writer = await asyncio.open_connection(device.address, PORTS[name])
            writer.close()
            found.add(name)
    return found


async def presented(device: RunningDevice) -> x509.Certificate:
    """The certificate that the device shows."""
    _, writer = await asyncio.open_connection(device.address, PORTS["https"], ssl=lenient())
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        await writer.wait_closed()
    return x509.load_der_x509_certificate(shown)


def test_services_follow_at_the_restart(tmp_path: Path) -> None:
    """Level 3 by the guide's steps on an MXP from the factory: before the restart nothing has changed."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm101"]
        before = await open_ports(device)
        assert before == {"ftp", "telnet", "http"}
        for name in ("http", "telnet", "telnetchallenge", "snmp", "ftp"):
            device.set(f"{name}.mode", "Off")
        for name in ("https", "ssh"):
            device.set(f"{name}.mode", "On")
        assert await open_ports(device) == before
        assert device.services == {"ftp", "telnet", "http", "snmp"}
        await device.reboot()
        assert await open_ports(device) == {"https", "ssh"} == device.services
        assert b"*c xConfiguration Telnet Mode: Off" in await dialogue(device, "xconfiguration telnet mode")
        assert (await presented(device)).subject.rfc4514_string().endswith("CN=TANDBERG")
        assert fleet.recorder.writes == ()

    with_fleet(tmp_path, (SPECS["rm101"],), ask)


@pytest.mark.parametrize(("name", "before", "after"), [("rm118", True, False), ("rm119", False, True)])
def test_pending_restarts_of_the_fleet(tmp_path: Path, name: str, before: bool, after: bool) -> None:  # noqa: FBT001
    """One whose Telnet is still there, and one whose Telnet will be."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices[name]
        assert device.get("telnet.mode") == ("On" if after else "Off")
        assert ("telnet" in await open_ports(device)) is before
        await device.reboot()
        assert ("telnet" in await open_ports(device)) is after

    with_fleet(tmp_path, (SPECS[name],), ask)


def test_snmp_follows_too(tmp_path: Path) -> None:
    """The UDP port is closed after the restart; a mode that only reads keeps it open."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm114"]
        await device.reboot()
        assert "snmp" in device.services
        device.set("snmp.mode", "Off")
        await device.reboot()
        assert "snmp" not in device.services

    with_fleet(tmp_path, (SPECS["rm114"],), ask)


def test_challenge_takes_the_place_of_telnet(tmp_path: Path) -> None:
    """Set to port 23, it is served there and plain Telnet is not."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm115"]
        assert "telnet-challenge" in await open_ports(device)
        device.set("telnetchallenge.port", "23")
        device.set("telnet.mode", "On")
        await device.reboot()
        assert await open_ports(device) == {"https", "ssh", "telnet"}
        reader, writer = await asyncio.open_connection(device.address, PORTS["telnet"])
        assert b"Challenge" in await reader.readuntil(b"Response: ")
        writer.close()

    with_fleet(tmp_path, (SPECS["rm115"],), ask)


@pytest.mark.parametrize(
    ("kind", "issuer"),
    [(CertificateKind.GOOD, "Demonstration Device CA"), (CertificateKind.UNKNOWN_ISSUER, "Unrelated Root CA")],
)
def test_a_new_certificate_shows_after_the_restart(tmp_path: Path, kind: CertificateKind, issuer: str) -> None:
    """Until then the old one is shown; another restart does not change it again."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["vcs7"]
        factory = await presented(device)
        device.upload_certificate(kind)
        assert await presented(device) == factory
        await device.reboot()
        shown = await presented(device)
        assert f"CN={issuer}" in shown.issuer.rfc4514_string()
        assert "CN=vcs7.vc.example.test" in shown.subject.rfc4514_string()
        await device.reboot()
        assert await presented(device) == shown

    with_fleet(tmp_path, (SPECS["vcs7"],), ask)


def test_roots_and_feedback(tmp_path: Path) -> None:
    """They count at once."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm126"]
        assert b"BEGIN" not in await dialogue(device, "certificate list root")
        device.upload_roots("fleet")
        device.register_feedback("https://one.example/", "http://two.example/")
        heard = await dialogue(device, "certificate list root", "xstatus feedback")
        assert heard.count(b"BEGIN CERTIFICATE") == 1
        assert b'*s Feedback 2: /\r\n    URL: "http://two.example/"' in heard

    with_fleet(tmp_path, (SPECS["rm126"],), ask)


def test_names_and_the_inventory_can_be_put_right(tmp_path: Path) -> None:
    """A DNS record is corrected, and what the inventory states of roots follows what was uploaded."""

    async def ask(fleet: RunningFleet) -> None:
        wrong, bare = fleet.devices["rm109"], fleet.devices["rm126"]
        server, _, port = fleet.dns_server.partition(":")
        query = dns.message.make_query(wrong.spec.hostname, "A")

        async def looked_up() -> str:
            answer = await dns.asyncquery.udp(query, server, port=int(port), timeout=5)
            return str(answer.answer[0][0])

        assert await looked_up() != wrong.address
        fleet.name_server.correct(wrong.spec.hostname, wrong.address)
        assert await looked_up() == wrong.address
        bare.upload_roots("fleet")
        fleet.write_inventory()
        rows = {row["name"]: row for row in yaml.safe_load(fleet.inventory_path.read_text())["systems"]}
        assert rows["rm126"]["roots"] == ["demo-roots.pem"]

    with_fleet(tmp_path, (SPECS["rm109"], SPECS["rm126"]), ask)


def test_ntp_puts_the_clock_right(tmp_path: Path) -> None:
    """With a server that answers, after the restart; a server that does not answer changes nothing."""
    reached = replace(SPECS["rm132"], name="rm932", octets=(1, 99), ntp_answers=True)

    async def ahead(device: RunningDevice) -> float:
        answer = await get(device, "https/status.xml", login(device))
        return (parsedate_to_datetime(answer.headers["date"]) - NOW).total_seconds()

    async def ask(fleet: RunningFleet) -> None:
        for name, expected in (("rm132", -3600), ("rm932", 0)):
            device = fleet.devices[name]
            assert -3601 <= await ahead(device) < -3500
            await device.reboot()
            assert expected - 1 <= await ahead(device) < expected + 60

    with_fleet(tmp_path, (SPECS["rm132"], reached), ask)


def test_new_software_brings_an_https_client(tmp_path: Path) -> None:
    """With factory values, as they came."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm106"]
        assert device.get("https.verifyservercertificate") is None
        with pytest.raises(KeyError):
            device.set("externalmanager.protocol", "HTTPS")
        device.upgrade("F9.1.1 PAL")
        assert device.get("https.verifyservercertificate") == "Off"
        device.set("externalmanager.protocol", "HTTPS")
        assert 'version="F9.1.1 PAL"' in (await get(device, "http/configuration.xml")).text

    with_fleet(tmp_path, (SPECS["rm106"],), ask)


def test_a_host_without_settings_stays_what_it_is(tmp_path: Path) -> None:
    """The management server, and an address that refuses everything."""

    async def ask(fleet: RunningFleet) -> None:
        server = fleet.devices["tms-test"]
        await server.reboot()
        assert await open_ports(server) == {"http"}
        assert server.get("http.mode") is None

    with_fleet(tmp_path, (SPECS["tms-test"],), ask)
