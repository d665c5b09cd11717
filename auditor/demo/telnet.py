"""Telnet ports: the greeting of each family, byte for byte where it is known, and no way in.

Forms (`ServiceSpec.variant`): `password` (MXP: only a password), `login` (MPS, VCS: a name and a password), `challenge`
(MXP with Telnet challenge), `open` (MXP without a password: a command prompt). Known from public captures: option bytes
and text up to the prompt. The wire text of the challenge and of a refused password is *not* known; those lines are made
up.
"""

from dataclasses import dataclass

from auditor.demo.device import Host, ServiceSpec
from auditor.demo.listener import Conversation, Listener
from auditor.demo.recorder import Kind

IAC, SB, SE = 0xFF, 0xFA, 0xF0
MOST_LINES = 3

MXP_OPTIONS = bytes.fromhex("fffb03 fffd03 fffb01")
"""WILL suppress-go-ahead, DO suppress-go-ahead, WILL echo (RFC 854, 857, 858)."""

MPS_OPTIONS = bytes.fromhex("fffd01 fffd21 fffb01 fffb03")
READS = ("xstatus", "xconfiguration", "xgetxml", "xfeedback list", "certificate list", "bye", "exit")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a Telnet port sends first, and what it waits for then."""

    sent: bytes
    waits_for: str


def greeting(host: Host, service: ServiceSpec) -> Greeting:
    """Return the greeting of a device in one of the forms named above. Raises ValueError for an unknown form."""
    spec = host.spec
    usual = "challenge" if service.name == "telnet-challenge" else "password" if spec.product == "mxp" else "login"
    match service.variant or usual:
        case "password":
            return Greeting(MXP_OPTIONS + _welcome(host) + b"Password: ", "password")
        case "challenge":
            return Greeting(MXP_OPTIONS + _welcome(host) + b"Challenge: 4f1c02a97be3\r\nResponse: ", "response")
        case "open":
            return Greeting(MXP_OPTIONS + _welcome(host) + b"OK\r\n", "command")
        case "login":
            return Greeting(MPS_OPTIONS + b"\r\r\n(none) login: ", "login name")
        case unknown:
            raise ValueError(f"no such form of Telnet: {unknown!r}")


def _welcome(host: Host) -> bytes:
    """Return the lines before the prompt. The 150 MXP (releases L…) ends its lines CR CR LF."""
    end = "\r\r\n" if host.spec.software.startswith("L") else "\r\n"
    lines = (
        f"Welcome to {host.spec.system_name}",
        f"TANDBERG Codec Release {host.spec.software}",
        "SW Release Date: 2008-06-12",
        "",
    )
    return "".join(line + end for line in lines).encode("latin-1")


def without_options(received: bytes) -> bytes:
    """Return what a client typed: the bytes without option negotiation (RFC 854)."""
    typed, at = bytearray(), 0
    while at < len(received):
        if received[at] != IAC:
            typed.append(received[at])
            at += 1
        elif received[at + 1 : at + 2] == bytes([SB]):
            end = received.find(bytes([IAC, SE]), at)
            at = len(received) if end < 0 else end + 2
        else:
            at += 3
    return bytes(typed)


def command_kind(line: str) -> Kind:
    """Tell whether a typed command only reads. Anything that is not known to read counts as a write."""
    words = " ".join(line.lower().split())
    reads = any(words == read or words.startswith(read + " ") for read in READS)
    return Kind.READ if reads and ":" not in words else Kind.WRITE


def listener(host: Host, service: ServiceSpec) -> Listener:
    """Return the Telnet port of a device."""
    hello = greeting(host, service)

    async def talk(conversation: Conversation) -> None:
        await conversation.send(hello.sent)
        left = MOST_LINES
        while left and (received := await conversation.receive()):
            typed = without_options(received)
            if not typed:
                conversation.record(Kind.READ, "option negotiation", received)
                continue
            left -= 1
            await _answer(conversation, hello, typed, received)

    return Listener(host, service.name, talk)


async def _answer(conversation: Conversation, hello: Greeting, typed: bytes, received: bytes) -> None:
    """Refuse a password, or say that a command is not known."""
    if hello.waits_for == "command":
        line = typed.decode("latin-1").strip()
        conversation.record(command_kind(line), line, received)
        await conversation.send(b"Command not recognized.\r\nERROR\r\n")
        return
    conversation.record(Kind.LOGIN, f"typed at the {hello.waits_for} prompt", received)
    await conversation.send(b"\r\nLogin incorrect\r\nPassword: ")
