"""The fleet's name server knows its devices over UDP and TCP, and is wrong where it shall be."""

import socket
from collections.abc import Callable

import dns.message
import dns.query
import dns.rcode
import dns.reversename
import dns.update
import pytest

from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Kind, Request

Asked = Callable[..., tuple[Request, ...]]


def ask(fleet: RunningFleet, name: str, kind: str, *, tcp: bool = False) -> tuple[dns.rcode.Rcode, list[str]]:
    address, port = fleet.dns_server.split(":")
    query = dns.message.make_query(name, kind)
    answer = (dns.query.tcp if tcp else dns.query.udp)(query, address, port=int(port), timeout=3)
    return answer.rcode(), [item.to_text() for rrset in answer.answer for item in rrset]


@pytest.mark.parametrize("tcp", [False, True])
def test_forward_and_reverse(fleet: RunningFleet, *, tcp: bool) -> None:
    """Both ways, by both transports."""
    address = fleet.devices["rm104"].address
    assert ask(fleet, "rm104.vc.example.test", "A", tcp=tcp) == (dns.rcode.NOERROR, [address])
    assert ask(fleet, "RM104.VC.example.test", "A", tcp=tcp) == (dns.rcode.NOERROR, [address])
    reverse = dns.reversename.from_address(address).to_text()
    assert ask(fleet, reverse, "PTR", tcp=tcp) == (dns.rcode.NOERROR, ["rm104.vc.example.test."])


def test_what_is_not_there(fleet: RunningFleet) -> None:
    """A known name without a record of that type is not the same as an unknown name."""
    assert ask(fleet, "rm104.vc.example.test", "AAAA") == (dns.rcode.NOERROR, [])
    assert ask(fleet, "nobody.vc.example.test", "A") == (dns.rcode.NXDOMAIN, [])


def test_wrong_and_missing_records(fleet: RunningFleet) -> None:
    """One device's name leads elsewhere, and its address leads to no name."""
    device = fleet.devices["rm109"]
    rcode, addresses = ask(fleet, device.spec.hostname, "A")
    assert rcode == dns.rcode.NOERROR
    assert addresses != [device.address]
    assert ask(fleet, dns.reversename.from_address(device.address).to_text(), "PTR") == (dns.rcode.NXDOMAIN, [])


def test_an_update_is_refused_and_counted(fleet: RunningFleet, asked: Asked) -> None:
    """RFC 2136 would change the zone."""
    address, port = fleet.dns_server.split(":")
    update = dns.update.UpdateMessage("vc.example.test")
    update.add("new", 300, "A", "192.0.2.1")
    assert dns.query.udp(update, address, port=int(port), timeout=3).rcode() == dns.rcode.REFUSED
    assert [r.kind for r in asked("dns")] == [Kind.WRITE]


def test_nonsense_is_recorded_and_not_answered(fleet: RunningFleet, asked: Asked) -> None:
    """No answer to what is no message."""
    address, port = fleet.dns_server.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.sendto(b"nonsense", (address, int(port)))
        with pytest.raises(TimeoutError):
            client.recv(1)
    assert [r.kind for r in asked("dns")] == [Kind.MALFORMED]
