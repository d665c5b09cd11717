"""Telnet ports greet as each family does, and let nobody in."""

import socket
from collections.abc import Callable

import pytest

from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Kind, Request
from auditor.demo.telnet import command_kind, without_options

Asked = Callable[..., tuple[Request, ...]]

MXP_OPTIONS = b"\xff\xfb\x03\xff\xfd\x03\xff\xfb\x01"
MPS_OPTIONS = b"\xff\xfd\x01\xff\xfd\x21\xff\xfb\x01\xff\xfb\x03"


def connect(fleet: RunningFleet, device: str, service: str = "telnet") -> socket.socket:
    return socket.create_connection((fleet.devices[device].address, PORTS[service]), timeout=3)


def hear(client: socket.socket, end: bytes) -> bytes:
    heard = b""
    while not heard.endswith(end):
        more = client.recv(4096)
        assert more, f"closed after {heard!r}"
        heard += more
    return heard


@pytest.mark.parametrize(
    ("device", "service", "greeting"),
    [
        (
            "rm101",
            "telnet",
            MXP_OPTIONS + b"Welcome to Reception\r\nTANDBERG Codec Release F7.2 NTSC\r\n"
            b"SW Release Date: 2008-06-12\r\n\r\nPassword: ",
        ),
        (
            "rm105",
            "telnet",
            MXP_OPTIONS + b"Welcome to Desk 5\r\r\nTANDBERG Codec Release L5.1.1\r\r\n"
            b"SW Release Date: 2008-06-12\r\r\n\r\r\nPassword: ",
        ),
        ("mps1", "telnet", MPS_OPTIONS + b"\r\r\n(none) login: "),
    ],
)
def test_greeting_byte_for_byte(fleet: RunningFleet, device: str, service: str, greeting: bytes) -> None:
    """Option negotiation, text and prompt are the family's own."""
    with connect(fleet, device, service) as client:
        assert hear(client, greeting[-2:]) == greeting


def test_challenge(fleet: RunningFleet) -> None:
    """The challenge port names a challenge and no password."""
    with connect(fleet, "rm102", "telnet-challenge") as client:
        greeting = hear(client, b"Response: ").lower()
    assert b"challenge" in greeting
    assert b"password" not in greeting


def test_refusing_options_is_no_login(fleet: RunningFleet, asked: Asked) -> None:
    """A client that answers DO with WONT and WILL with DONT has typed nothing."""
    with connect(fleet, "rm101") as client:
        hear(client, b"Password: ")
        client.sendall(b"\xff\xfe\x03\xff\xfc\x03\xff\xfe\x01")
        (request,) = [r for r in asked("rm101") if r.kind is not Kind.CONNECT]
    assert (request.kind, request.received) == (Kind.READ, b"\xff\xfe\x03\xff\xfc\x03\xff\xfe\x01")


def test_a_typed_password_is_counted_and_refused(fleet: RunningFleet, asked: Asked) -> None:
    """One login attempt, and the device asks again."""
    with connect(fleet, "rm106") as client:
        hear(client, b"Password: ")
        client.sendall(b"secret\r\n")
        assert b"incorrect" in hear(client, b"Password: ")
        assert [r.what for r in asked("rm106") if r.kind is Kind.LOGIN] == ["typed at the password prompt"]
    assert all("secret" not in r.what for r in fleet.recorder.requests)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("xstatus SystemUnit", Kind.READ),
        ("xConfiguration HTTPS Mode", Kind.READ),
        ("xConfiguration HTTPS Mode: On", Kind.WRITE),
        ("xcommand boot", Kind.WRITE),
        ("certificate list root", Kind.READ),
        ("certificate del root", Kind.WRITE),
        ("services telnet disable", Kind.WRITE),
        ("xstatusx", Kind.WRITE),
    ],
)
def test_what_a_command_would_do(typed: str, kind: Kind) -> None:
    """What is not known to read counts as a write."""
    assert command_kind(typed) is kind


def test_options_are_told_from_text() -> None:
    """Sub-negotiation and a command that was cut off are no text."""
    assert without_options(b"a\xff\xfa\x18\x00vt100\xff\xf0b\xff\xfd") == b"ab"
    assert without_options(b"\xff\xfa\x18\x00vt100") == b""
