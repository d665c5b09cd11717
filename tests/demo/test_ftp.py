"""FTP ports greet, name their features, and count everything else."""

import ftplib
from collections.abc import Callable, Iterator

import pytest

from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.ftp import command_kind
from auditor.demo.recorder import Kind, Request

Asked = Callable[..., tuple[Request, ...]]


@pytest.fixture
def client(fleet: RunningFleet) -> Iterator[ftplib.FTP]:
    with ftplib.FTP(timeout=3) as ftp:  # noqa: S321 - clear-text FTP is what is under test
        ftp.connect(fleet.devices["rm101"].address, PORTS["ftp"])
        yield ftp


def test_reading_is_no_write(client: ftplib.FTP, asked: Asked) -> None:
    """Greeting, FEAT and QUIT leave no trace but three reads."""
    assert client.getwelcome().startswith("220 ")
    assert client.sendcmd("FEAT").startswith("211-")
    assert client.quit().startswith("221")
    requests = asked("rm101", wait_for=2)
    assert [(r.kind, r.what) for r in requests if r.kind is not Kind.CONNECT] == [
        (Kind.READ, "FEAT"),
        (Kind.READ, "QUIT"),
    ]


def test_writes_and_logins_are_counted(fleet: RunningFleet, client: ftplib.FTP, asked: Asked) -> None:
    """Nobody is let in, and each attempt is on the record without the password."""
    with pytest.raises(ftplib.error_perm, match="530"):
        client.login("anyone", "TOPSECRET")
    for command in ("DELE access.txt", "STOR access.txt", "SITE CHMOD 777 access.txt"):
        with pytest.raises(ftplib.error_perm, match="530"):
            client.sendcmd(command)
    requests = asked("rm101", wait_for=5)
    assert [r.what for r in requests if r.kind is Kind.LOGIN] == ["USER", "PASS"]
    attempts = [a for a in fleet.recorder.attempts if a.service == "ftp"]
    assert [(a.device, a.scheme, a.succeeded, a.in_clear) for a in attempts] == [("rm101", "password", False, True)]
    assert [r.what for r in requests if r.kind is Kind.WRITE] == ["DELE", "STOR", "SITE"]


def test_the_right_password(fleet: RunningFleet) -> None:
    """Any user name does, as on the devices."""
    device = fleet.devices["rm113"]
    with ftplib.FTP(timeout=3) as ftp:  # noqa: S321 - clear-text FTP is what is under test
        ftp.connect(device.address, PORTS["ftp"])
        assert ftp.login("whoever", device.password).startswith("230")
    assert [a.succeeded for a in fleet.recorder.attempts_in_clear if a.device == "rm113"] == [True]


@pytest.mark.parametrize("verb", ["STOR", "DELE", "MKD", "RNTO", "APPE", "NOSUCH", ""])
def test_unknown_verbs_count_as_writes(verb: str) -> None:
    """Deny by default holds for the record, too."""
    assert command_kind(verb) is Kind.WRITE
