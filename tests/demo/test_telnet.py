"""Telnet ports greet as each family does, and let nobody in."""

import socket
from collections.abc import Callable

import pytest

from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Kind, Request
from auditor.demo.telnet import without_options

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
    ("device", "lines", "prompts"),
    [("rm101", [""], [b"Password: "]), ("mps1", ["admin", ""], [b"login: ", b"Password: "])],
)
def test_the_right_password_opens_the_text_interface(
    fleet: RunningFleet, device: str, lines: list[str], prompts: list[bytes]
) -> None:
    """A session over Telnet reads as one over SSH does; its password is on record as sent in clear."""
    lines = [*lines[:-1], fleet.devices[device].password]
    with connect(fleet, device) as client:
        for line, prompt in zip(lines, prompts, strict=True):
            hear(client, prompt)
            client.sendall(f"{line}\r\n".encode())
        hear(client, b"OK\r\n")
        client.sendall(b"xconfiguration telnet mode\r\n")
        assert b"*c xConfiguration Telnet Mode: On" in hear(client, b"OK\r\n")
    (attempt,) = [a for a in fleet.recorder.attempts if a.device == device and a.service == "telnet" and a.succeeded]
    assert attempt.in_clear
    assert attempt.account == ("admin" if device == "mps1" else "")


def test_a_response_to_the_challenge_is_not_in_clear(fleet: RunningFleet) -> None:
    """But it lets nobody in: its recipe is not known."""
    with connect(fleet, "rm102", "telnet-challenge") as client:
        hear(client, b"Response: ")
        client.sendall(b"0123456789abcdef\r\n")
        hear(client, b"Password: ")
    (attempt,) = [a for a in fleet.recorder.attempts if a.service == "telnet-challenge"]
    assert (attempt.scheme, attempt.succeeded, attempt.in_clear) == ("challenge", False, False)


def test_options_are_told_from_text() -> None:
    """Sub-negotiation and a command that was cut off are no text."""
    assert without_options(b"a\xff\xfa\x18\x00vt100\xff\xf0b\xff\xfd") == b"ab"
    assert without_options(b"\xff\xfa\x18\x00vt100") == b""
