"""SNMP ports (UDP): GET of sysDescr.0 and sysObjectID.0 in v1 and v2c, community `public` (RFC 1157, 3416, 3418)."""

from random import Random

from auditor.demo.ber import (
    INTEGER,
    NULL,
    OCTET_STRING,
    BerError,
    Element,
    integer,
    object_identifier,
    parse_all,
    sequence,
)
from auditor.demo.datagram import DatagramPort
from auditor.demo.device import PORTS, ServiceSpec
from auditor.demo.host import Host
from auditor.demo.recorder import Kind

COMMUNITY = b"public"
GET, GET_NEXT, RESPONSE, SET, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
V1, V2C = 0, 1
NO_SUCH_NAME = 2
NO_SUCH_OBJECT = Element(0x80, b"")

SYS_DESCR = object_identifier("1.3.6.1.2.1.1.1.0")
SYS_OBJECT_ID = object_identifier("1.3.6.1.2.1.1.2.0")
NAMES = {SYS_DESCR: "sysDescr.0", SYS_OBJECT_ID: "sysObjectID.0"}


def description(host: Host) -> str:
    """Return the sysDescr text of a device, as its family words it; lines are separated by LF."""
    spec = host.spec
    match spec.product:
        case "mxp":
            model = f"MCU: TANDBERG {spec.system_name}"
            software = f"SoftW: {host.state.software}"
            return f"TANDBERG Codec\n{software}\n{model}\nDate: 2008-06-12\nS/N: 00000000\nBootSW: Rev. 1.15"
        case "mps":
            return "TANDBERG MPS-MCU"
        case "vcs":
            return f"TANDBERG Video Communication Server {host.state.software}"
        case "tms":
            return "Hardware: x86 - Software: Windows Version 5.2"


class SnmpPort:
    """The SNMP port of a device; `silent` and `filtered` never answer, `garbage` answers noise."""

    def __init__(self, host: Host, service: ServiceSpec) -> None:
        self._host, self._behaviour = host, service.behaviour
        self._noise = Random(host.spec.name)  # noqa: S311 - noise, not a secret
        self._port = DatagramPort(host.address, PORTS["snmp"], self._reply)

    async def start(self) -> None:
        """Bind the port on the device's address. Raises OSError when it is taken."""
        await self._port.start()

    async def close(self) -> None:
        """Close the port."""
        await self._port.close()

    def _reply(self, data: bytes, peer: str) -> bytes:
        """Record a datagram and return the answer, if this port gives any."""
        kind, what, answer = self._judge(data)
        self._host.record("snmp", kind, what, data, peer)
        if self._behaviour == "garbage":
            return self._noise.randbytes(60)
        return answer if self._behaviour == "normal" else b""

    def _judge(self, data: bytes) -> tuple[Kind, str, bytes]:
        """Return what a datagram is and the answer to it; empty is no answer."""
        try:
            (message,) = parse_all(data)
            version, community, pdu = message.children()
            number, _, _, bindings = pdu.children()
            ((name, _),) = (binding.children() for binding in bindings.children())
            right = integer(version) in {V1, V2C} and community.content == COMMUNITY
        except (BerError, ValueError):
            return Kind.MALFORMED, "not SNMP v1 or v2c with one variable", b""
        if pdu.tag not in {GET, GET_NEXT, GET_BULK}:
            return Kind.WRITE, f"PDU 0x{pdu.tag:02x}", b""
        what = f"{'GET' if pdu.tag == GET else 'walk'} {NAMES.get(name, 'another object')}"
        return Kind.READ, what, self._answer(version, number, name) if right and pdu.tag == GET else b""

    def _answer(self, version: Element, number: Element, name: Element) -> bytes:
        """Return the Response PDU to a GET, with three-octet lengths on an MXP (seen in captures of that family)."""
        value = self._value(name)
        missing = value is None
        status = NO_SUCH_NAME if missing and integer(version) == V1 else 0
        shown = value or (NO_SUCH_OBJECT if integer(version) == V2C else Element(NULL, b""))
        long = self._host.spec.product == "mxp"
        bindings = sequence(sequence(name, shown, long_length=long), long_length=long)
        index = Element(INTEGER, bytes([1 if status else 0]))
        pdu = sequence(number, Element(INTEGER, bytes([status])), index, bindings, tag=RESPONSE, long_length=long)
        message = sequence(version, Element(OCTET_STRING, COMMUNITY), pdu, long_length=long)
        return message.encoded(long_length=long)

    def _value(self, name: Element) -> Element | None:
        """Return the value of an object, or None where the device has none of that name."""
        if name == SYS_DESCR:
            return Element(OCTET_STRING, description(self._host).encode("latin-1"))
        if name == SYS_OBJECT_ID:
            return object_identifier(
                "1.3.6.1.4.1.5596.130.6.4.1" if self._host.spec.product == "vcs" else "1.3.6.1.4.1.5596"
            )
        return None
