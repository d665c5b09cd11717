"""Telnet ports: the greeting of each family, byte for byte where it is known, and the text interface behind it.

Forms (`ServiceSpec.variant`): `password` (MXP: only a password), `login` (MPS, VCS: a name and a password), `challenge`
(MXP with Telnet challenge), `open` (MXP without a password: a command prompt). Known from public captures: option bytes
and text up to the prompt. The wire text of the challenge and of a refused password is *not* known; those lines are made
up.
"""

from dataclasses import dataclass

from auditor.demo import text
from auditor.demo.device import ServiceSpec
from auditor.demo.host import Host
from auditor.demo.listener import Conversation, Listener
from auditor.demo.recorder import Kind

IAC, SB, SE = 0xFF, 0xFA, 0xF0
MOST_LINES = 3

MXP_OPTIONS = bytes.fromhex("fffb03 fffd03 fffb01")
"""WILL suppress-go-ahead, DO suppress-go-ahead, WILL echo (RFC 854, 857, 858)."""

MPS_OPTIONS = bytes.fromhex("fffd01 fffd21 fffb01 fffb03")


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
        f"Welcome to {host.state.settings.get('systemunit.name') or ''}",
        f"TANDBERG Codec Release {host.state.software}",
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


def listener(host: Host, service: ServiceSpec) -> Listener:
    """Return the Telnet port of a device."""

    async def talk(conversation: Conversation) -> None:
        hello = greeting(host, service)
        await conversation.send(hello.sent)
        session = _Session(host, service.name, hello.waits_for)
        while session.wrong < MOST_LINES and (received := await conversation.receive()):
            typed = without_options(received)
            if not typed:
                conversation.record(Kind.READ, "option negotiation", received)
                continue
            await session.take(conversation, typed.decode("latin-1").strip(), received)

    greeting(host, service)
    return Listener(host, service.name, talk)


class _Session:
    """One conversation: what is waited for, and how often it was wrong. The challenge lets nobody in."""

    def __init__(self, host: Host, service: str, waits_for: str) -> None:
        self._host, self._service, self._waits_for = host, service, waits_for
        self._account = ""
        self.wrong = 0

    async def take(self, conversation: Conversation, line: str, received: bytes) -> None:
        """Take one line: a name, a password, or a command."""
        if self._waits_for == "command":
            kind, answer = text.execute(self._host, line)
            conversation.record(kind, line, received)
            await conversation.send("".join(f"{said}\r\n" for said in answer).encode("latin-1", "replace"))
            return
        conversation.record(Kind.LOGIN, f"typed at the {self._waits_for} prompt", received)
        if self._waits_for == "login name":
            self._account, self._waits_for = line, "password"
            await conversation.send(b"\r\nPassword: ")
        elif self._admits(line, conversation.peer):
            self._waits_for = "command"
            await conversation.send(b"\r\nOK\r\n")
        else:
            self.wrong += 1
            await conversation.send(b"\r\nLogin incorrect\r\nPassword: ")

    def _admits(self, line: str, peer: str) -> bool:
        challenge = self._waits_for == "response"
        right = not challenge and line == self._host.state.secret.password
        return self._host.login(
            self._service, "challenge" if challenge else "password", self._account, right=right,
            in_clear=not challenge, peer=peer,
        )  # fmt: skip
