"""Hostile peers on UDP: SNMP agents and resolvers that lie. A flood is many answers to one question."""

import dns.flags
import dns.message
import dns.name
import dns.rrset

from auditor.wire.snmp import Elements
from tests.fuzz.plain_seeds import snmp
from tests.hostile.table import answers

NAME = "lies-{}.example.test"


def request_id(question: bytes) -> int:
    """Return the request identifier of an SNMP question."""
    message = Elements(Elements(question).take(0x30))
    message.take_integer()
    message.take(0x04)
    return Elements(message.take(0xA0)).take_integer()


def response(number: int, text: bytes = b"liar") -> bytes:
    """Return a right answer to the question of this number."""
    made = snmp(0, text)
    encoded = number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
    body = made.replace(
        b"\x02\x01\x01\x02\x01\x00\x02\x01\x00", b"\x02%c" % len(encoded) + encoded + b"\x02\x01\x00\x02\x01\x00"
    )
    grown = len(encoded) - 1
    at = made.index(b"\xa2")
    inner = bytes((0xA2, made[at + 1] + grown)) + body[at + 2 :]
    return bytes((0x30, made[1] + grown)) + body[2:at] + inner


@answers("snmp", "malformed", "not asked")
def snmp_wrong_identifier(question: bytes) -> list[bytes]:
    """Answers another question than was asked."""
    return [response(request_id(question) ^ 1)]


@answers("snmp", "malformed", "longer than the datagram")
def snmp_absurd_length(question: bytes) -> list[bytes]:
    """Announces 4 GB in a datagram of some octets."""
    del question
    return [b"\x30\x84\xff\xff\xff\xff\x02\x01\x00"]


@answers("snmp", "malformed", "absurd length")
def snmp_indefinite_length(question: bytes) -> list[bytes]:
    """Uses the length that never ends."""
    del question
    return [b"\x30\x80" * 500]


@answers("snmp", "malformed")
def snmp_flood(question: bytes) -> list[bytes]:
    """Sends ten thousand wrong answers."""
    return [response(request_id(question) ^ 1)] * 10_000


@answers("snmp", "too_large")
def snmp_giant(question: bytes) -> list[bytes]:
    """Sends a datagram of 60,000 octets."""
    return [response(request_id(question)) + bytes(60_000)]


@answers("snmp", "malformed")
def snmp_echo(question: bytes) -> list[bytes]:
    """Sends the question back."""
    return [question]


@answers("snmp", "seen")
def snmp_escapes(question: bytes) -> list[bytes]:
    """Describes itself with escapes."""
    return [response(request_id(question), b"\x1b[31m\xe2\x80\xaeagent\x00\r\n")]


@answers("snmp", "filtered")
def snmp_from_another_address(question: bytes) -> list[bytes]:
    """Gives a right answer, but from another address (the stage sends it from there)."""
    return [response(request_id(question))]


def _answered(question: bytes, *records: str) -> dns.message.Message:
    asked = dns.message.from_wire(question)
    made = dns.message.make_response(asked, recursion_available=True)
    if int(asked.question[0].rdtype) == 1:
        for text in records:
            owner, ttl, group, kind, *rest = text.split()
            made.answer.append(dns.rrset.from_text(owner, int(ttl), group, kind, " ".join(rest)))
    return made


def _own(question: bytes, address: str) -> str:
    return f"{dns.message.from_wire(question).question[0].name} 60 IN A {address}"


@answers("dns", "malformed", asked="dns/forward")
def dns_wrong_identifier(question: bytes) -> list[bytes]:
    """Answers with another identifier."""
    made = _answered(question, _own(question, "192.0.2.66"))
    made.id ^= 1
    return [made.to_wire()]


@answers("dns", "malformed", "another question", asked="dns/forward")
def dns_another_question(question: bytes) -> list[bytes]:
    """Answers a question that nobody asked."""
    made = _answered(question)
    made.question[0].name = dns.name.from_text("other.example.test.")
    return [made.to_wire()]


@answers("dns", "timed_out", asked="dns/forward")
def dns_from_another_address(question: bytes) -> list[bytes]:
    """Gives a right answer, but from another address (the stage sends it from there)."""
    return [_answered(question, _own(question, "192.0.2.66")).to_wire()]


@answers("dns", "malformed", "knot of aliases", asked="dns/forward")
def dns_loop(question: bytes) -> list[bytes]:
    """Gives aliases that lead in a circle."""
    name = str(dns.message.from_wire(question).question[0].name)
    made = _answered(question, f"{name} 60 IN CNAME b.example.test.", f"b.example.test. 60 IN CNAME {name}")
    return [made.to_wire()]


@answers("dns", "malformed", asked="dns/forward")
def dns_pointer_loop(question: bytes) -> list[bytes]:
    """Compresses a name into itself."""
    return [
        question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:] + b"\xc0\x2b\x00\x01\x00\x01" * 9
    ]


@answers("dns", "malformed", asked="dns/forward")
def dns_garbage(question: bytes) -> list[bytes]:
    """Answers with the right identifier and no message."""
    return [question[:2] + b"\xff" * 400]


@answers("dns", "malformed", asked="dns/forward")
def dns_flood(question: bytes) -> list[bytes]:
    """Sends thousands of answers with wrong identifiers."""
    made = _answered(question, _own(question, "192.0.2.66"))
    made.id ^= 0x1234
    return [made.to_wire()] * 3_000


@answers("dns", "seen", asked="dns/forward")
def dns_thousand_addresses(question: bytes) -> list[bytes]:
    """Gives a thousand addresses, none of them the host's."""
    return [_answered(question, *(_own(question, f"192.0.{n // 250}.{n % 250}") for n in range(1_000))).to_wire()]


@answers("dns", "unreachable", asked="dns/forward")
def dns_cut_for_ever(question: bytes) -> list[bytes]:
    """Says that its answer was cut short, and refuses whoever asks again over TCP."""
    made = _answered(question)
    made.flags |= dns.flags.TC
    return [made.to_wire()]
