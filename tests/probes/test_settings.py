"""Reading with a login: channels in their order, one attempt, honest gaps. Servers of the tests, no simulator."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from auditor.model.evidence import AnyObservation, Cause, Seen, Unknown
from auditor.model.facts import LoginAnswer, RootList, Setting
from auditor.model.inventory import Settings, Target
from auditor.model.profile import Limits, Profile
from auditor.probes.interface import Question
from auditor.probes.settings import SettingsProbe
from auditor.profiles import load_profiles
from auditor.wire.ledger import Entry
from auditor.wire.login import Login
from auditor.wire.readlist import Request
from tests.lines import LOOPBACK, gate_to, login_as, serving
from tests.peers import free_port
from tests.wire.test_http_settings import BASIC, CANARY, DIGEST, Codec, codec
from tests.wire.test_ssh_session import Device, listed, running

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

MXP = load_profiles()["mxp"]
CONFIGURATION = (
    b"<Configuration><HTTP><Mode>On</Mode></HTTP><Telnet><Mode>Off</Mode></Telnet><SystemUnit><Name>%s</Name>"
    b"</SystemUnit><NTP><Address>%s</Address></NTP><Password>hunter2</Password></Configuration>"
)
STATUS = b"<Status><SystemUnit><Uptime>5</Uptime></SystemUnit></Status>"
TEXT = {
    "xconfiguration": b"*c xConfiguration HTTP Mode: Off\r\n*c xConfiguration Telnet Mode: Off\r\n\r\nOK\r\n",
    "xstatus": b"*s SystemUnit: /\r\n  Uptime: 5\r\n*s/end\r\n\r\nOK\r\n",
    "certificate list root": b"\r\nOK\r\n",
}


class Site(Codec):
    """A codec's web server with both documents."""

    name, time = b"Room 204", b"ntp.example.test"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer with the document of the path."""
        inner = _Peeking(reader)
        self.body = CONFIGURATION % (self.name, self.time)
        if (await inner.first()).startswith(b"GET /status.xml"):
            self.body = STATUS
        await super().__call__(inner, writer)


class _Peeking(asyncio.StreamReader):
    def __init__(self, inner: asyncio.StreamReader) -> None:
        super().__init__()
        self._inner, self._seen = inner, b""

    async def first(self) -> bytes:
        self._seen = await self._inner.read(4096)
        return self._seen

    async def read(self, n: int = -1) -> bytes:
        seen, self._seen = self._seen, b""
        return seen or await self._inner.read(n)


async def asked(
    login: Login | None, ports: Mapping[str, int], *, profile: Profile = MXP, entries: list[Entry] | None = None,
    settings: Settings | None = None,
) -> dict[str, AnyObservation]:  # fmt: skip
    """Ask the probe; ports that are not given are closed."""
    closed = free_port()
    target = Target(
        name="lab", product="mxp", address=LOOPBACK, credentials="lab", hostname="codec.example.test",
        ports={"https": closed, "ssh": closed, "http": closed, **ports},
    )  # fmt: skip
    reads = [Request(r.protocol, r.operation, r.argument) for r in profile.reads]
    gate = gate_to(entries, limits=Limits(pause_seconds=0.0, question_seconds=2.0), reads=reads, login=login)
    question = Question(target=target, profile=profile, service=None, port=0, settings=settings or Settings())
    probe = SettingsProbe()
    assert probe.concerns(target, profile)
    return {made.id: made async for made in probe.ask(gate, question)}


@asynccontextmanager
async def site(*challenges: str, password: str = CANARY) -> AsyncIterator[tuple[Site, int]]:
    device = Site(*challenges, password=password)
    async with serving(device) as recorder:
        yield device, recorder.port


def value(made: Mapping[str, AnyObservation], path: str) -> str:
    fact = made[f"setting/{path}"].fact
    assert isinstance(fact, Setting), made
    return fact.value


def unknown(made: AnyObservation) -> Unknown:
    assert isinstance(made.outcome, Unknown), made
    return made.outcome


async def test_digest_over_http_where_nothing_better_is_there() -> None:
    """HTTPS and SSH are closed; settings come from the documents, roots stay unknown."""
    async with site(DIGEST, BASIC) as (device, port):
        made = await asked(login_as(CANARY), {"http": port})
    assert (value(made, "http.mode"), value(made, "telnet.mode")) == ("On", "Off")
    login = made["login/http"].fact
    assert isinstance(login, LoginAnswer)
    assert (login.scheme, login.read) == ("digest", ("/configuration.xml", "/status.xml"))
    assert {"login/https", "login/ssh"} <= made.keys()
    assert unknown(made["roots/loaded"]).cause is Cause.UNREACHABLE
    assert len(device.attempts) == 2
    assert "hunter2" not in repr(made)


async def test_ssh_comes_before_plain_http_and_ends_the_search() -> None:
    """A whole reading over SSH leaves nothing to ask the web server."""
    ssh = Device(answers=TEXT)
    async with running(ssh) as ssh_port, site(DIGEST) as (web, http_port):
        made = await asked(login_as(CANARY), {"ssh": ssh_port, "http": http_port})
    assert value(made, "http.mode") == "Off"
    assert ssh.typed == ["xconfiguration", "xstatus", "certificate list root"]
    assert made["roots/loaded"].fact == RootList(certificates=(), source="live")
    assert web.heads == []
    assert "login/http" not in made


async def test_a_wrong_password_is_tried_once_over_all_channels() -> None:
    """Every setting that was wanted says why it is not known; the other channels are not tried."""
    ssh, entries = Device(answers=TEXT), list[Entry]()
    async with running(ssh) as ssh_port, site(DIGEST) as (web, http_port):
        made = await asked(login_as("wrong"), {"ssh": ssh_port, "http": http_port}, entries=entries)
    assert len(ssh.attempts) + len(web.attempts) == 1
    assert unknown(made["login/ssh"]).cause is Cause.REFUSED_LOGIN
    wanted = {f"setting/{path}" for path in MXP.settings} | {"feedback/urls", "time/sync", "roots/loaded"}
    assert {unknown(made[i]).cause for i in wanted} == {Cause.REFUSED_LOGIN}
    assert [e.operation for e in entries if e.operation == "LOGIN"] == ["LOGIN"] * 1


async def test_a_changed_host_key_ends_the_search() -> None:
    """Whoever is there gets no answer to a challenge either."""
    ssh = Device(answers=TEXT)
    async with running(ssh, "ssh-ed25519") as ssh_port, site(DIGEST) as (web, http_port):
        login = login_as(CANARY, known_hosts=(listed(ssh_port, "ssh-rsa"),))
        made = await asked(login, {"ssh": ssh_port, "http": http_port})
    assert "host key has changed" in unknown(made["setting/http.mode"]).detail
    assert (web.heads, ssh.attempts) == ([], [])


async def test_no_basic_in_clear() -> None:
    """A device that knows nothing else is left alone, and the report says what would permit it."""
    async with site(BASIC) as (web, port):
        made = await asked(login_as(CANARY), {"http": port})
        assert "allow_cleartext" in unknown(made["setting/http.mode"]).detail
        assert web.attempts == []
        made = await asked(login_as(CANARY, allow_cleartext=True), {"http": port})
        assert value(made, "http.mode") == "On"


@pytest.mark.parametrize("status", [302, 503])
async def test_a_login_that_nobody_decided_leaves_the_settings_unknown(status: int) -> None:
    """One attempt over all channels, no claim that it was taken or refused, and nothing further is asked."""
    entries = list[Entry]()
    async with site(DIGEST) as (web, port):
        web.status = status
        made = await asked(login_as(CANARY), {"http": port}, entries=entries)
    assert (len(web.attempts), len(web.heads)) == (1, 2)
    gaps = [unknown(each) for name, each in made.items() if name.startswith("setting/") or name == "login/http"]
    assert len(gaps) > 1
    assert all(gap.cause is Cause.MALFORMED and "neither takes nor refuses" in gap.detail for gap in gaps)
    over_http = [entry.outcome for entry in entries if (entry.protocol, entry.operation) == ("http", "LOGIN")]
    assert [outcome.partition(":")[0] for outcome in over_http] == ["LoginUndecided"]


async def test_a_password_that_is_spent_is_not_sent_and_the_gap_says_so() -> None:
    """No channel is tried at all, and the reason is not that no port is known."""
    login, entries = login_as(CANARY), list[Entry]()
    login.guard.refused(login.credential, login.host)
    async with site(DIGEST) as (web, port):
        made = await asked(login, {"http": port}, entries=entries)
    assert (web.heads, entries) == ([], [])
    gaps = [unknown(each) for name, each in made.items() if name.startswith("setting/")]
    assert gaps
    assert all("were tried at this host before" in gap.detail for gap in gaps)


async def test_without_a_login_nothing_is_said() -> None:
    """The checks say what is missing; the probe claims nothing."""
    assert await asked(None, {}) == {}


async def test_a_cut_answer_proves_no_absence() -> None:
    """What a half configuration does not show may still be set."""
    ssh = Device(answers={**TEXT, "xconfiguration": b"*c xConfiguration HTTP Mode: Off\r\n*c xConf"})
    async with running(ssh) as port:
        made = await asked(login_as(CANARY), {"ssh": port})
    assert value(made, "http.mode") == "Off"
    assert isinstance(made["setting/telnet.mode"].outcome, Unknown)


async def test_an_empty_answer_proves_no_absence() -> None:
    """An OK that belongs to something else must not make every setting absent."""
    ssh = Device(answers=dict.fromkeys(TEXT, b"\r\nOK\r\n"))
    async with running(ssh) as port:
        made = await asked(login_as(CANARY), {"ssh": port})
    assert all(isinstance(made[f"setting/{path}"].outcome, Unknown) for path in MXP.settings)


@pytest.mark.parametrize(
    "document", [b"<!DOCTYPE a [<!ENTITY e 'x'>]><Configuration/>", b"<Configuration>", b"<a/>", b"\xff" * 999]
)
async def test_hostile_documents_are_unknown_and_never_absent(document: bytes) -> None:
    """Entities, cut elements, another document, rubbish."""
    async with codec(body=document) as (_, recorder):
        made = await asked(login_as(CANARY), {"http": recorder.port})
    assert all(isinstance(made[f"setting/{path}"].outcome, Unknown) for path in MXP.settings)
    assert not any(unknown(o).cause is Cause.BUG for o in made.values() if isinstance(o.outcome, Unknown))


async def test_a_device_that_shows_the_password_in_a_setting() -> None:
    """Wherever it stands, it is not kept."""
    async with site(DIGEST) as (device, port):
        device.name = f"x {CANARY} y".encode()
        made = await asked(login_as(CANARY), {"http": port})
    assert value(made, "systemunit.name").startswith("(withheld")
    assert CANARY not in repr(made)


def test_it_concerns_only_targets_with_credentials_and_families_with_documents() -> None:
    """No question to anybody else."""
    probe, profiles = SettingsProbe(), load_profiles()
    target = Target(name="a", product="mxp", credentials="c")
    told = {family: probe.concerns(target, profile) for family, profile in profiles.items()}
    assert told == {"mxp": True, "mps": True, "vcs": True, "tms": False, "unknown": False}
    assert not probe.concerns(replace(target, credentials=None), profiles["mxp"])


async def test_time_servers_of_the_device_are_asked_when_the_inventory_says_so() -> None:
    """Nobody answers on port 123 of loopback: the observation says so, and is there only on demand."""
    async with site(DIGEST) as (device, port):
        device.time = b"127.0.0.1"
        assert not any(i.startswith("ntp/") for i in await asked(login_as(CANARY), {"http": port}))
        made = await asked(login_as(CANARY), {"http": port}, settings=Settings(ask_ntp_servers=True))
    assert not isinstance(made["ntp/127.0.0.1"].outcome, Seen)
