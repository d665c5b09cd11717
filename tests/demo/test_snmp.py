"""SNMP ports answer one GET in both versions, say what they do not have, and count a SET."""

import socket
from collections.abc import Callable

import pytest

from auditor.demo.ber import BerError, Element, object_identifier, parse_all, sequence
from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Kind, Request

Asked = Callable[..., tuple[Request, ...]]

SYS_DESCR = bytes.fromhex("06 08 2b06010201010100")
GET_V2C = bytes.fromhex("3026 020101 0406 7075626c6963 a019 02012a 020100 020100 300e300c 06082b06010201010100 0500")
GET_V1 = GET_V2C.replace(bytes.fromhex("020101 0406"), bytes.fromhex("020100 0406"), 1)
SET = GET_V2C.replace(bytes.fromhex("a019"), bytes.fromhex("a319"), 1)
ANOTHER = GET_V2C.replace(bytes.fromhex("2b06010201010100"), bytes.fromhex("2b06010201010900"))
WRONG_COMMUNITY = GET_V2C.replace(b"public", b"secret")


def ask(fleet: RunningFleet, device: str, datagram: bytes, seconds: float = 2) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(seconds)
        client.connect((fleet.devices[device].address, PORTS["snmp"]))
        client.send(datagram)
        return client.recv(4096)


def bindings(answer: bytes) -> tuple[int, int, Element, Element]:
    """Return request number, error status, name and value of an answer."""
    (message,) = parse_all(answer)
    _, _, pdu = message.children()
    assert pdu.tag == 0xA2
    number, status, _, values = pdu.children()
    ((name, value),) = (binding.children() for binding in values.children())
    return number.content[0], status.content[0], name, value


@pytest.mark.parametrize("question", [GET_V1, GET_V2C])
@pytest.mark.parametrize(
    ("device", "text"),
    [
        ("rm101", "TANDBERG Codec\nSoftW: F7.2 NTSC\nMCU: TANDBERG Reception\n"),
        ("mps1", "TANDBERG MPS-MCU"),
        ("vcs1", "TANDBERG Video Communication Server X4.2.0"),
    ],
)
def test_description(fleet: RunningFleet, asked: Asked, device: str, text: str, question: bytes) -> None:
    """The family's own words; asking is a read."""
    number, status, name, value = bindings(ask(fleet, device, question))
    assert (number, status, name.encoded()) == (0x2A, 0, SYS_DESCR)
    assert value.content.decode("latin-1").startswith(text)
    assert [(r.kind, r.what) for r in asked(device)] == [(Kind.READ, "GET sysDescr.0")]


def test_an_mxp_writes_long_lengths(fleet: RunningFleet) -> None:
    """Captures of that family show lengths in three octets where one would do; readers must take them."""
    assert ask(fleet, "rm101", GET_V2C)[:2] == b"\x30\x82"
    assert ask(fleet, "mps1", GET_V2C)[1] < 0x80


def test_another_object_is_missing(fleet: RunningFleet) -> None:
    """Version 1 says noSuchName, version 2c gives the exception noSuchObject."""
    assert bindings(ask(fleet, "mps1", ANOTHER))[1:2] == (0,)
    assert bindings(ask(fleet, "mps1", ANOTHER))[3].tag == 0x80
    first = ANOTHER.replace(bytes.fromhex("020101 0406"), bytes.fromhex("020100 0406"), 1)
    assert bindings(ask(fleet, "mps1", first))[1] == 2


@pytest.mark.parametrize(
    ("datagram", "kind"), [(SET, Kind.WRITE), (WRONG_COMMUNITY, Kind.READ), (b"nonsense", Kind.MALFORMED)]
)
def test_what_gets_no_answer(fleet: RunningFleet, asked: Asked, datagram: bytes, kind: Kind) -> None:
    """A SET is counted and changes nothing; a wrong community and nonsense meet silence."""
    with pytest.raises(TimeoutError):
        ask(fleet, "vcs1", datagram, 0.2)
    assert [r.kind for r in asked("vcs1")] == [kind]


def test_off_is_refused_and_filtered_is_not(fleet: RunningFleet) -> None:
    """ICMP tells a closed port; nothing tells a filtered one."""
    with pytest.raises(ConnectionRefusedError):
        ask(fleet, "rm104", GET_V2C)
    with pytest.raises(TimeoutError):
        ask(fleet, "far1", GET_V2C, 0.2)


def test_ber() -> None:
    """Long object identifiers, long lengths, and octets that end too soon."""
    assert object_identifier("1.3.6.1.4.1.5596").encoded().hex() == "06072b06010401ab5c"
    text = Element(4, b"x" * 300)
    assert parse_all(sequence(text).encoded())[0].children() == (text,)
    for cut in (b"\x30", b"\x30\x05\x00", b"\x30\x82\xff\xff"):
        with pytest.raises(BerError):
            parse_all(cut)
