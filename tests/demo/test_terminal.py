"""The text interface over SSH: login, welcome, echo, answers, refusals; whatever writes is done and on the record."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest
from cryptography import x509

from auditor.demo.fleet import FLEET, RunningFleet, start_fleet
from auditor.demo.recorder import Kind
from auditor.dialects.certificate_list import read_certificates
from auditor.dialects.text_output import read_answers
from tests.demo.reading import dialogue

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPECS = {spec.name: spec for spec in FLEET}


def with_fleet(path: Path, names: tuple[str, ...], ask: Callable[[RunningFleet], Awaitable[None]]) -> None:
    async def run() -> None:
        async with start_fleet(path, specs=[SPECS[name] for name in names], now=NOW) as fleet:
            await ask(fleet)

    asyncio.run(run())


def said(path: Path, name: str, *lines: str) -> tuple[list[str], RunningFleet]:
    """What a device says to these lines, without the line ends, and the fleet it was part of."""
    kept: list[tuple[bytes, RunningFleet]] = []

    async def ask(fleet: RunningFleet) -> None:
        kept.append((await dialogue(fleet.devices[name], *lines), fleet))

    with_fleet(path, (name,), ask)
    ((heard, fleet),) = kept
    return heard.decode("latin-1").split("\r\n"), fleet


def test_a_dialogue_with_an_mxp(tmp_path: Path) -> None:
    """Welcome and OK without a prompt, then echo, answer, blank line and OK."""
    heard, fleet = said(tmp_path, "rm110", "xConfiguration HTTPS", "xstatus NTP")
    assert heard == [
        "Welcome to rm110",
        "TANDBERG Codec Release F9.1.1 PAL",
        "SW Release Date: 2008-06-12",
        "",
        "OK",
        "xConfiguration HTTPS",
        "*c xConfiguration HTTPS Mode: On",
        "*c xConfiguration HTTPS VerifyServerCertificate: On",
        "",
        "OK",
        "xstatus NTP",
        "*s NTP (status=Synchronised): /",
        '    Address: "ntp.vc.example.test"',
        "*s/end",
        "",
        "OK",
        "bye",
        "",
    ]
    assert [(r.kind, r.what) for r in fleet.recorder.requests if r.kind is Kind.READ] == [
        (Kind.READ, "xConfiguration HTTPS"),
        (Kind.READ, "xstatus NTP"),
        (Kind.READ, "bye"),
    ]


def test_a_vcs_names_itself(tmp_path: Path) -> None:
    """Product and version stand in the welcome; there is no command to list certificates."""
    heard, _ = said(tmp_path, "vcs6", "xconfiguration ip dns server 1 address", "certificate list root")
    assert heard[0] == "TANDBERG Video Communication Server X4.3"
    assert '*c xConfiguration IP DNS Server 1 Address: "10.10.10.2"' in heard
    assert heard[-5:] == ["Command not recognized.", "", "ERROR", "bye", ""]


@pytest.mark.parametrize("name", ["rm110", "mps5", "vcs6", "rm123", "rm103"])
def test_whole_answers_can_be_read(tmp_path: Path, name: str) -> None:
    """Everything at once: each answer is complete, and no line is beyond the grammar."""

    async def ask(fleet: RunningFleet) -> None:
        heard = await dialogue(fleet.devices[name], "xconfiguration", "xstatus", legacy=name == "rm103")
        answers = [a for a in read_answers(heard) if a.leaves]
        assert [a.ending.value for a in answers] == ["complete"] * len(answers)
        assert [a.unread for a in answers] == [()] * len(answers)
        leaves = {leaf.path: leaf.value for answer in answers for leaf in answer.leaves}
        assert leaves["Configuration", "SystemUnit", "Name"] == name
        assert leaves["Status", "SystemUnit", "Software", "Version"] == SPECS[name].software
        assert sum(path[1] == "Feedback" for path in leaves) == (4 if name == "rm123" else 1 if name == "rm103" else 2)
        assert all(value not in leaves.values() for value in fleet.devices[name].canaries)

    with_fleet(tmp_path, (name,), ask)


@pytest.mark.parametrize(("name", "count"), [("rm110", 1), ("rm126", 0), ("rm128", 1), ("mps5", 1)])
def test_certificates_can_be_listed(tmp_path: Path, name: str, count: int) -> None:
    """The loaded roots as PEM, or none; and the device's own certificate."""

    async def ask(fleet: RunningFleet) -> None:
        heard = await dialogue(fleet.devices[name], "certificate list root")
        roots = [x509.load_der_x509_certificate(der) for der in read_certificates(heard).certificates]
        maker, ours = fleet.pki.factory.certificate, fleet.pki.root.certificate
        assert roots == [maker if name == "rm128" else ours] * count
        heard = await dialogue(fleet.devices[name], "certificate list cert")
        (own,) = (x509.load_der_x509_certificate(der) for der in read_certificates(heard).certificates)
        assert f"CN={name}.vc.example.test" in own.subject.rfc4514_string()

    with_fleet(tmp_path, (name,), ask)


WRITES = (
    ("xConfiguration Telnet Mode: On", "telnet.mode", "On"),
    ("xconfig https mode off", "https.mode", "Off"),
    ("xconfiguration externalmanager address: 192.0.2.9", "externalmanager.address", "192.0.2.9"),
    ("xConfiguration SNMP Mode: ReadOnly", "snmp.mode", "ReadOnly"),
)


@pytest.mark.parametrize(("line", "path", "value"), WRITES)
def test_settings_really_change(tmp_path: Path, line: str, path: str, value: str) -> None:
    """In the forms that the devices take, shortened and without a colon too; and it is on record."""
    heard, fleet = said(tmp_path, "rm110", line)
    assert fleet.devices["rm110"].get(path) == value
    assert [r.what for r in fleet.recorder.writes] == [line]
    assert "OK" in heard[6:]


def test_other_writes_are_recorded_and_done(tmp_path: Path) -> None:
    """Feedback registered, roots deleted; commands of the whole family count as writes."""
    lines = (
        "xcommand FeedbackRegister ID:1 URL:http://192.0.2.1/",
        "certificate del root",
        "xcom boot",
        "services telnet enable",
        "ippassword x",
        "xfeedback register /Status",
        "xConfiguration Nothing Mode: On",
        "xConfiguration HTTPS Mode: Perhaps",
    )

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm110"]
        heard = (await dialogue(device, *lines)).decode()
        assert [r.what for r in fleet.recorder.writes] == list(lines)
        assert heard.count("\r\nERROR\r\n") == 5
        heard = (await dialogue(device, "xstatus feedback", "certificate list root")).decode()
        assert 'URL: "http://192.0.2.1/"' in heard
        assert "BEGIN CERTIFICATE" not in heard
        assert device.get("https.mode") == "On"

    with_fleet(tmp_path, ("rm110",), ask)


def test_reads_are_no_writes(tmp_path: Path) -> None:
    """What leads nowhere is refused, and still has read only."""
    lines = ("xconfiguration nothing", "xstatus nothing", "xfeedback list", "certificate list root", "xConfig http")
    heard, fleet = said(tmp_path, "rm110", *lines)
    assert fleet.recorder.writes == ()
    assert heard.count("ERROR") == 2
    assert "** end" in heard


def test_logins(tmp_path: Path) -> None:
    """`admin` with the right password; each attempt is on the record, and the second wrong one locks the door."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["vcs6"]
        await dialogue(device, "xstatus NTP")
        for account, password in (("admin", "wrong"), ("readonly", device.canaries[1]), ("admin", device.password)):
            with pytest.raises(asyncssh.PermissionDenied):
                await dialogue(device, account=account, password=password)
        attempts = [(a.service, a.scheme, a.account, a.succeeded, a.in_clear) for a in fleet.recorder.attempts]
        assert attempts == [
            ("ssh", "password", "admin", True, False),
            ("ssh", "password", "admin", False, False),
            ("ssh", "password", "readonly", False, False),
            ("ssh", "password", "admin", False, False),
        ]
        assert fleet.recorder.locked_out == {"vcs6"}

    with_fleet(tmp_path, ("vcs6",), ask)


def test_legacy_algorithms_have_to_be_asked_for(tmp_path: Path) -> None:
    """A client of today cannot talk to the oldest servers unless it is told to."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm103"]
        with pytest.raises(asyncssh.KeyExchangeFailed):
            await dialogue(device, "xstatus NTP")
        assert b"*s NTP (status=Inactive)" in await dialogue(device, "xstatus NTP", legacy=True)
        assert fleet.recorder.failed_attempts == ()

    with_fleet(tmp_path, ("rm103",), ask)


def test_a_line_may_come_in_pieces(tmp_path: Path) -> None:
    """What is typed letter by letter is one line; a session that breaks off harms nobody."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm110"]
        async with (
            asyncssh.connect(
                device.address, device.ports["ssh"], username="admin", password=device.password, known_hosts=None,
                config=None, client_keys=None, agent_path=None,
            ) as connection,
            connection.create_process(term_type="vt100", encoding=None) as process,
        ):  # fmt: skip
            for letter in b"xstatus NTP\r\n":
                process.stdin.write(bytes([letter]))
                await asyncio.sleep(0)
            async with asyncio.timeout(5):
                heard = await process.stdout.readuntil(b"*s/end")
            process.stdin.write(b"xstat")
        assert b"Synchronised" in heard
        assert [r.what for r in fleet.recorder.of_kind(Kind.READ)] == ["xstatus NTP"]

    with contextlib.suppress(asyncssh.ConnectionLost):
        with_fleet(tmp_path, ("rm110",), ask)
