"""SSH ports are real SSH servers with a key of their own, and let nobody in."""

import asyncio
import socket
from collections.abc import Callable

import asyncssh
import pytest

from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Kind, Request

Asked = Callable[..., tuple[Request, ...]]


async def host_key(fleet: RunningFleet, device: str) -> asyncssh.SSHKey:
    key = await asyncssh.get_server_host_key(fleet.devices[device].address, PORTS["ssh"], config=None)
    assert key is not None
    return key


def test_identification_line(fleet: RunningFleet) -> None:
    """The first line is RFC 4253's, and names the family's own software."""
    with socket.create_connection((fleet.devices["rm103"].address, PORTS["ssh"]), timeout=3) as client:
        assert client.recv(255).startswith(b"SSH-2.0-OpenSSH_3.8.1p1\r\n")


def test_host_keys(fleet: RunningFleet, asked: Asked) -> None:
    """Old families have RSA 2048, the VCS Ed25519, no two devices the same; reading them is no login."""
    devices = ("rm107", "rm104", "mps2", "vcs1", "vcs2")
    keys = [asyncio.run(host_key(fleet, device)) for device in devices]
    assert [key.get_algorithm() for key in keys] == ["ssh-rsa"] * 3 + ["ssh-ed25519"] * 2
    assert len({key.get_fingerprint() for key in keys}) == len(devices)
    assert {r.kind for device in devices for r in asked(device, wait_for=0)} == {Kind.CONNECT}


@pytest.mark.parametrize("device", ["mps3", "vcs3"])
def test_logins_are_refused_and_counted(fleet: RunningFleet, asked: Asked, device: str) -> None:
    """A password gets nobody in and is nowhere on the record."""

    async def log_in() -> None:
        await asyncssh.connect(
            fleet.devices[device].address, PORTS["ssh"], username="admin", password="TOPSECRET",  # noqa: S106
            known_hosts=None, config=None, client_keys=None,
        )  # fmt: skip

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(log_in())
    logins = [r for r in asked(device) if r.kind is Kind.LOGIN]
    assert [r.what for r in logins] == ["authentication request", "password"]
    assert "TOPSECRET" not in repr(logins)
