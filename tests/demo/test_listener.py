"""Ports that are off, filtered, silent, noisy or rude can be told apart from outside."""

import contextlib
import socket
import time
from collections.abc import Callable, Sequence

import pytest

from auditor.demo.device import PORTS, Behaviour, DeviceSpec, ServiceSpec, Truth
from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Request

StartFleet = Callable[[Sequence[DeviceSpec]], contextlib.AbstractContextManager[RunningFleet]]
TCP = ("ftp", "ssh", "telnet", "telnet-challenge", "http", "https")


def one_device(behaviour: Behaviour) -> DeviceSpec:
    """A device whose TCP services all behave in this way."""
    return DeviceSpec(
        name="one", product="mxp", octets=(8, 1), software="F7.2", system_name="One", story="A device of one test.",
        services=tuple(ServiceSpec(name=name, behaviour=behaviour) for name in TCP),
        truth=Truth(proven=None, possible=None), truth_with_settings=Truth(proven=None, possible=None),
    )  # fmt: skip


def connect(fleet: RunningFleet, device: str, service: str, seconds: float = 3) -> socket.socket:
    return socket.create_connection((fleet.devices[device].address, PORTS[service]), timeout=seconds)


@pytest.mark.parametrize("service", TCP)
def test_a_service_that_is_off_is_refused(fleet: RunningFleet, service: str) -> None:
    """Nothing listens, so the system itself answers with a reset."""
    with pytest.raises(ConnectionRefusedError):
        connect(fleet, "far2", service)


def test_a_filtered_port_times_out_and_stays_filtered(fleet_of: StartFleet) -> None:
    """A first attempt does not use up the filter."""
    with fleet_of([one_device("filtered")]) as fleet:
        for service in (*TCP, TCP[0]):
            with pytest.raises(TimeoutError):
                connect(fleet, "one", service, 0.15)
        assert fleet.recorder.requests == ()


def test_a_silent_port_accepts_and_says_nothing(fleet_of: StartFleet) -> None:
    """Not even to somebody who speaks first; what was said is recorded."""
    with fleet_of([one_device("silent")]) as fleet:
        for service in TCP:
            with connect(fleet, "one", service) as client:
                client.sendall(b"hello")
                client.settimeout(0.1)
                with pytest.raises(TimeoutError):
                    client.recv(1)
            assert b"hello" in [r.received for r in fleet.recorder.of_device("one", service)]


def test_a_garbage_port_sends_noise_and_more_noise(fleet_of: StartFleet) -> None:
    """Noise is made from the names, so that two demonstrations look alike."""
    heard: list[list[bytes]] = []
    for _ in range(2):
        with fleet_of([one_device("garbage")]) as fleet:
            heard.append([])
            for service in TCP:
                with connect(fleet, "one", service) as client:
                    first = client.recv(200)
                    client.sendall(b"hello")
                    heard[-1] += [first, client.recv(200)]
                    assert client.recv(1) == b""
    assert heard[0] == heard[1]
    assert len(set(heard[0])) == 2 * len(TCP)


def test_a_rude_port_hangs_up(fleet_of: StartFleet) -> None:
    """The connection is accepted and closed at once."""
    with fleet_of([one_device("hangup")]) as fleet:
        for service in TCP:
            with connect(fleet, "one", service) as client:
                assert client.recv(1) == b""


def test_every_connection_is_recorded(fleet: RunningFleet, asked: Callable[..., tuple[Request, ...]]) -> None:
    """Even one that says nothing, with the peer's address."""
    with connect(fleet, "rm101", "ftp") as client:
        peer = "{}:{}".format(*client.getsockname())
        assert client.recv(3) == b"220"
        assert [(r.kind, r.peer) for r in asked("rm101", wait_for=0)] == [("connect", peer)]


def test_closing_ends_conversations_at_once(fleet_of: StartFleet) -> None:
    """Open connections, one of them in the middle of a TLS handshake, keep nobody waiting."""
    spec = DeviceSpec(
        name="one", product="vcs", octets=(8, 1), software="X5.0", system_name="One", story="A device of one test.",
        services=tuple(ServiceSpec(name=name) for name in ("telnet", "ssh", "http", "https")),
        truth=Truth(proven=None, possible=None), truth_with_settings=Truth(proven=None, possible=None),
    )  # fmt: skip
    with contextlib.ExitStack() as clients, fleet_of([spec]) as fleet:
        for service in ("telnet", "ssh", "http", "https"):
            clients.enter_context(connect(fleet, "one", service)).sendall(
                b"\x16\x03\x01" if service == "https" else b""
            )
        address, port = fleet.dns_server.split(":")
        clients.enter_context(socket.create_connection((address, int(port)), timeout=3))
        began = time.monotonic()
    assert time.monotonic() - began < 1
