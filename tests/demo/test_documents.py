"""The XML interface: every document well-formed and of its family's shape, behind the right password only."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest

from auditor.demo.device import DeviceSpec
from auditor.demo.fleet import FLEET, RunningFleet, start_fleet
from auditor.demo.recorder import Kind
from tests.demo.reading import get, login

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CUIL = "{http://www.tandberg.no/XML/CUIL/1.0}"
SPECS = {spec.name: spec for spec in FLEET}

Ask = Callable[[RunningFleet], Awaitable[None]]


@contextlib.asynccontextmanager
async def running(path: Path, *names: str) -> AsyncIterator[RunningFleet]:
    async with start_fleet(path, specs=[SPECS[name] for name in names], now=NOW) as fleet:
        yield fleet


def with_fleet(path: Path, names: tuple[str, ...], ask: Ask) -> None:
    async def run() -> None:
        async with running(path, *names) as fleet:
            await ask(fleet)

    asyncio.run(run())


def parsed(answer: httpx.Response) -> Element:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/xml"
    return fromstring(answer.text)  # noqa: S314 - our own simulator's document


def readable(spec: DeviceSpec) -> bool:
    https = spec.service("https")
    return spec.product != "tms" and https is not None and https.behaviour == "normal"


def test_every_document_of_the_fleet(tmp_path: Path) -> None:
    """Well-formed, root and numbering of the family, secrets among the rest."""
    names = tuple(name for name, spec in SPECS.items() if readable(spec))

    async def ask(fleet: RunningFleet) -> None:
        for name in names:
            device = fleet.devices[name]
            for kind in ("Configuration", "Status"):
                root = parsed(await get(device, f"https/{kind.lower()}.xml", login(device)))
                check_shape(root, kind, device.spec)
                words = {(leaf.text or "") for leaf in root.iter()}
                assert len(words & set(device.canaries)) >= 2, f"{name}: {kind} holds decoys"
                assert not words & set(device.canaries[:2]), "no document holds the password itself"
        assert not fleet.recorder.failed_attempts
        assert not fleet.recorder.writes

    with_fleet(tmp_path, names, ask)
    assert len(names) > 45


def check_shape(root: Element, kind: str, spec: DeviceSpec) -> None:
    assert root.get("version") == spec.software
    if spec.product == "vcs":
        assert (root.tag, root.get("product"), root.get("item")) == (CUIL + kind, "TANDBERG VCS", None)
    else:
        assert (root.tag, root.get("item")) == (kind, "1")
    for element in root.iter():
        assert element is root or (element.get("item") or "").isdigit(), element.tag
        assert not (len(element) and (element.text or "").strip()), "no element has both text and children"


def test_values_are_the_settings(tmp_path: Path) -> None:
    """An XML path is the words of the text interface, one element each."""

    async def ask(fleet: RunningFleet) -> None:
        mxp, vcs = fleet.devices["rm110"], fleet.devices["vcs6"]
        root = parsed(await get(mxp, "https/configuration.xml", login(mxp)))
        assert root.findtext("HTTPS/VerifyServerCertificate") == "On"
        assert root.findtext("IP/DNS/Server[@item='1']/Address") == "10.10.10.2"
        assert root.findtext("ExternalManager/Address") == "tms.vc.example.test"
        root = parsed(await get(vcs, "https/configuration.xml", login(vcs)))
        path = "ExternalManager/Server/Certificate/Verify/Mode"
        assert root.findtext("/".join(CUIL + step for step in path.split("/"))) == "On"
        status = parsed(await get(mxp, "https/status.xml", login(mxp)))
        ntp = status.find("NTP")
        assert ntp is not None
        assert (ntp.get("status"), ntp.findtext("Address")) == ("Synchronised", "ntp.vc.example.test")
        assert status.findtext("Feedback/URL") == "https://tms.vc.example.test/tms/public/feedback/code.aspx"
        status = parsed(await get(vcs, "https/status.xml", login(vcs)))
        assert status.findtext(f"{CUIL}NTP/{CUIL}Status") == "Synchronised"
        assert (status.findtext(f"{CUIL}SystemUnit/{CUIL}SystemTime") or "").startswith("2026-11-24 12:0")

    with_fleet(tmp_path, ("rm110", "vcs6"), ask)


@pytest.mark.parametrize(
    ("name", "faulty", "told"),
    [
        ("rm130", "Inactive", 1),
        ("rm131", "Unsynchronised", 1),
        ("rm123", "Synchronised", 2),
        ("rm124", "Synchronised", 0),
    ],
)
def test_status_shows_what_is_wrong(tmp_path: Path, name: str, faulty: str, told: int) -> None:
    """NTP off, NTP out of reach, feedback in clear, and software that has no view of feedback."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices[name]
        root = parsed(await get(device, "https/status.xml", login(device)))
        assert [ntp.get("status") for ntp in root.iter("NTP")] == [faulty]
        assert len(list(root.iter("URL"))) == told
        assert len(list(root.iter("Feedback"))) == told

    with_fleet(tmp_path, (name,), ask)


LOCATIONS = (
    ("/Configuration/HTTPS", {"Mode": "On", "VerifyServerCertificate": "On"}),
    ("/Configuration/IP/DNS/Server[1]/Address", {"Address": "10.10.10.2"}),
    ("/Configuration/IP/DNS/Server[@item='2']", {"Address": None}),
    ("/Status/SystemUnit/Software/Version", {"Version": "F9.1.1 PAL"}),
)


@pytest.mark.parametrize(("location", "leaves"), LOCATIONS)
def test_getxml_gives_a_part(tmp_path: Path, location: str, leaves: dict[str, str | None]) -> None:
    """From the root down to what was asked for, and nothing beside it."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm110"]
        root = parsed(await get(device, f"https/getxml?location={quote(location)}", login(device)))
        assert root.tag == location.split("/")[1]
        assert {leaf.tag: leaf.text for leaf in root.iter() if not len(leaf)} == leaves

    with_fleet(tmp_path, ("rm110",), ask)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/",
        "/Nothing",
        "/Configuration/https",
        "/Configuration/HTTPS/Nothing",
        "//*",
        "/Status[",
        "/Configuration/" + "x" * 250,
    ],
)
def test_getxml_answers_faults(tmp_path: Path, location: str) -> None:
    """A location that leads nowhere is a fault in XML, with status 200; letters' case matters."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm110"]
        root = parsed(await get(device, f"https/getxml?location={quote(location)}", login(device)))
        assert root.tag == "Fault"
        assert root.find("XPathError/Reason") is not None

    with_fleet(tmp_path, ("rm110",), ask)


def test_a_changed_setting_shows_at_once(tmp_path: Path) -> None:
    """Documents are made from the store, not from the description."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["mps5"]
        device.set("externalmanager.address", "other.vc.example.test")
        answer = await get(device, "https/getxml?location=/Configuration/ExternalManager/Address", login(device))
        assert parsed(answer).findtext("ExternalManager/Address") == "other.vc.example.test"

    with_fleet(tmp_path, ("mps5",), ask)


def test_writing_is_recorded_and_changes_nothing(tmp_path: Path) -> None:
    """With the right password too: 405, and a write on the record."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm110"]
        assert (await get(device, "https/putxml", login(device), "POST")).status_code == 405
        assert (await get(device, "https/formputxml?xmldoc=<Command/>", login(device))).status_code == 405
        assert len(fleet.recorder.of_kind(Kind.WRITE)) == 4, "each of the two, without and with credentials"

    with_fleet(tmp_path, ("rm110",), ask)
