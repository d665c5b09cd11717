"""Logging in to web servers: Digest against an independent implementation, Basic, lock-out, and what is on record."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from auditor.demo.device import DeviceSpec, ServiceSpec
from auditor.demo.fleet import FLEET, RunningFleet, start_fleet
from auditor.demo.recorder import LoginAttempt
from tests.demo.reading import get, login

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPECS = {spec.name: spec for spec in FLEET}


def with_fleet(path: Path, names: tuple[str, ...], ask: Callable[[RunningFleet], Awaitable[None]]) -> None:
    async def run() -> None:
        async with start_fleet(path, specs=[SPECS[name] for name in names], now=NOW) as fleet:
            await ask(fleet)

    asyncio.run(run())


def told(attempts: tuple[LoginAttempt, ...]) -> list[tuple[str, str, str, bool, bool]]:
    return [(a.service, a.scheme, a.account, a.succeeded, a.in_clear) for a in attempts]


@pytest.mark.parametrize(
    ("name", "scheme"), [("rm101", "http"), ("rm104", "https"), ("mps1", "http"), ("mps5", "https")]
)
def test_digest(tmp_path: Path, name: str, scheme: str) -> None:
    """Httpx computes the response by itself; any user name does, and nothing crosses in clear."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices[name]
        answer = await get(device, f"{scheme}/status.xml", httpx.DigestAuth("whoever", device.password))
        assert answer.status_code == 200
        assert "SystemUnit" in answer.text
        assert told(fleet.recorder.attempts) == [(scheme, "digest", "whoever", True, False)]

    with_fleet(tmp_path, (name,), ask)


def test_digest_of_rfc_2069(tmp_path: Path) -> None:
    """The older form, without quality of protection, counts as well."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm104"]
        challenge = (await get(device, "https/status.xml")).headers.get_list("www-authenticate")[0]
        nonce = challenge.partition('nonce="')[2].partition('"')[0]
        realm = "rm104.vc.example.test"

        def md5(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        response = md5(f"{md5(f'x:{realm}:{device.password}')}:{nonce}:{md5('GET:/status.xml')}")
        field = f'Digest username="x", realm="{realm}", nonce="{nonce}", uri="/status.xml", response="{response}"'
        assert (await get(device, "https/status.xml", Fixed(field))).status_code == 200
        wrong = field.replace(response, "0" * 32)
        assert (await get(device, "https/status.xml", Fixed(wrong))).status_code == 401
        stale = field.replace(nonce, "0123456789")
        assert (await get(device, "https/status.xml", Fixed(stale))).status_code == 401
        elsewhere = field.replace("/status.xml", "/configuration.xml")
        assert (await get(device, "https/status.xml", Fixed(elsewhere))).status_code == 401
        assert [a.succeeded for a in fleet.recorder.attempts] == [True, False, False], "another nonce is no attempt"

    with_fleet(tmp_path, ("rm104",), ask)


class Fixed(httpx.Auth):
    """Sends this Authorization field as it is."""

    def __init__(self, field: str) -> None:
        self._field = field

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]  # noqa: ANN201 - httpx's own shape
        """Add the field."""
        request.headers["Authorization"] = self._field
        yield request


def test_basic_in_clear_is_told_apart(tmp_path: Path) -> None:
    """The password over plain HTTP is on record as such; over HTTPS it is not."""

    async def ask(fleet: RunningFleet) -> None:
        mxp, vcs = fleet.devices["rm101"], fleet.devices["vcs6"]
        assert (await get(mxp, "http/", httpx.BasicAuth("x", mxp.password))).status_code == 200
        assert (await get(vcs, "https/status.xml", httpx.BasicAuth("admin", vcs.password))).status_code == 200
        assert told(fleet.recorder.attempts_in_clear) == [("http", "basic", "x", True, True)]

    with_fleet(tmp_path, ("rm101", "vcs6"), ask)


def test_accounts_of_a_vcs(tmp_path: Path) -> None:
    """`admin` and the account that only reads; no other name, and no Digest."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["vcs6"]
        read_only = device.canaries[1]
        assert (await get(device, "https/status.xml", httpx.BasicAuth("readonly", read_only))).status_code == 200
        assert (await get(device, "https/status.xml", httpx.BasicAuth("admin", read_only))).status_code == 401
        assert (await get(device, "https/status.xml", httpx.DigestAuth("admin", device.password))).status_code == 401
        assert told(fleet.recorder.failed_attempts) == [("https", "basic", "admin", False, False)]

    with_fleet(tmp_path, ("vcs6",), ask)


def test_one_wrong_password_is_allowed_and_two_lock_out(tmp_path: Path) -> None:
    """After the second one, the right password does not help either, by whatever way, until a restart."""

    async def ask(fleet: RunningFleet) -> None:
        device = fleet.devices["rm104"]
        wrong = login(device, "wrong")
        assert (await get(device, "https/status.xml", wrong)).status_code == 401
        assert fleet.recorder.locked_out == frozenset()
        assert (await get(device, "https/status.xml", login(device))).status_code == 200
        assert (await get(device, "https/status.xml", login(device, "wrong"))).status_code == 401
        assert fleet.recorder.locked_out == {"rm104"}
        assert (await get(device, "https/status.xml", login(device))).status_code == 401
        await device.reboot()
        assert (await get(device, "https/status.xml", login(device))).status_code == 200

    with_fleet(tmp_path, ("rm104",), ask)


@pytest.mark.parametrize(
    "field",
    [
        "Basic",
        "Basic !!",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        "Digest",
        "Digest nonce",
        'Digest nonce="',
        "Bearer x",
        "",
    ],
)
def test_credentials_that_are_none(tmp_path: Path, field: str) -> None:
    """Whatever stands in the field, the answer is 401."""

    async def ask(fleet: RunningFleet) -> None:
        assert (await get(fleet.devices["rm104"], "https/status.xml", Fixed(field))).status_code == 401

    with_fleet(tmp_path, ("rm104",), ask)


def test_nothing_is_asked_where_no_password_is_set(tmp_path: Path) -> None:
    """An MXP without a password shows its documents to everybody."""

    async def ask(fleet: RunningFleet) -> None:
        answer = await get(fleet.devices["rm106"], "http/configuration.xml")
        assert answer.status_code == 200
        assert "ExternalManager" in answer.text
        assert "VerifyServerCertificate" not in answer.text
        assert fleet.recorder.attempts == ()

    with_fleet(tmp_path, ("rm106",), ask)


def test_passwords_are_nowhere_but_on_the_device(tmp_path: Path) -> None:
    """Neither a description nor a record prints one."""
    spec = DeviceSpec(
        name="one", product="mxp", octets=(8, 8), software="F9", system_name="one", story="One.",
        services=(ServiceSpec(name="telnet"),), truth=SPECS["rm101"].truth, truth_with_settings=SPECS["rm101"].truth,
    )  # fmt: skip

    async def run(path: Path) -> None:
        async with start_fleet(path, specs=(spec,), now=NOW) as fleet:
            assert fleet.devices["one"].password not in repr(fleet)
            assert len(set(fleet.canaries)) == len(fleet.canaries) > 4

    asyncio.run(run(tmp_path))
