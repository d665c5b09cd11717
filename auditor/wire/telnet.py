"""Telnet: listen to the greeting, refuse every option, type nothing (RFC 854, RFC 855).

The only bytes that are ever sent are refusals of options (`IAC WONT x`, `IAC DONT x`), and of these a bounded number.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal

from auditor.model.facts import TelnetGreeting
from auditor.wire.failures import ClosedEarlyError, SilentError
from auditor.wire.gate import Gate, Line
from auditor.wire.readlist import Request

LISTEN = Request("telnet", "LISTEN")

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240

QUIET_SECONDS = 1.5
"""A greeting is over when nothing came for so long after its text began."""

SETTLE_SECONDS = 0.25
"""The same where the text already ends in a prompt: what seems to be one may be half a line."""

MOST_REFUSALS = 32
MOST_OPTION_BYTES = 256
MOST_TEXT = 4096

Prompt = Literal["password", "login", "challenge", "open", "silent", "other"]

ASKS_PASSWORD = re.compile(r"pass(?:word|code|phrase)\b[^:]{0,40}:\Z", re.IGNORECASE)
ASKS_LOGIN = re.compile(r"\b(?:log[ -]?in|user(?: ?name)?|account)\b[^:]{0,20}:\Z", re.IGNORECASE)
SHELL = re.compile(r"\S{0,64}[#$] ?")
"""An unfinished last line such as `# ` or `admin@codec:~$ `: somebody is already logged in."""


class _State(Enum):
    TEXT = auto()
    COMMAND = auto()
    OPTION = auto()
    SUB = auto()
    SUB_COMMAND = auto()


class Negotiation:
    """Parts the stream into text and option negotiation, and makes the refusals. Pure; feed it in any pieces.

    Each option is refused once in each direction, as RFC 854 asks, and never more than `MOST_REFUSALS` in all.
    """

    __slots__ = ("_refused", "_state", "_verb", "options")

    def __init__(self) -> None:
        """Start outside any command."""
        self._state = _State.TEXT
        self._verb = 0
        self._refused: set[tuple[int, int]] = set()
        self.options = bytearray()

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the text in `data` and the refusals that it calls for."""
        text, reply = bytearray(), bytearray()
        for byte in data:
            if self._state is _State.TEXT and byte != IAC:
                text.append(byte)
                continue
            if len(self.options) < MOST_OPTION_BYTES:
                self.options.append(byte)
            self._step(byte, text, reply)
        return bytes(text), bytes(reply)

    def _step(self, byte: int, text: bytearray, reply: bytearray) -> None:
        match self._state:
            case _State.TEXT:
                self._state = _State.COMMAND
            case _State.COMMAND if byte in (DO, DONT, WILL, WONT):
                self._state, self._verb = _State.OPTION, byte
            case _State.COMMAND:
                self._state = _State.SUB if byte == SB else _State.TEXT
                if byte == IAC:
                    text.append(byte)
            case _State.OPTION:
                self._state = _State.TEXT
                self._refuse(byte, reply)
            case _State.SUB if byte == IAC:
                self._state = _State.SUB_COMMAND
            case _State.SUB_COMMAND:
                self._state = _State.TEXT if byte == SE else _State.SUB
            case _:
                pass

    def _refuse(self, option: int, reply: bytearray) -> None:
        answer = {DO: WONT, WILL: DONT}.get(self._verb)
        if answer is None or (answer, option) in self._refused or len(self._refused) >= MOST_REFUSALS:
            return
        self._refused.add((answer, option))
        reply += bytes((IAC, answer, option))


@dataclass(slots=True)
class _Heard:
    """What has been heard so far; it outlives the connection, however that ends."""

    text: bytearray = field(default_factory=bytearray)
    negotiation: Negotiation = field(default_factory=Negotiation)

    @property
    def anything(self) -> bool:
        return bool(self.text or self.negotiation.options)


async def greet(gate: Gate, port: int, challenge: str) -> TelnetGreeting:
    """Return what the port says before login; `challenge` is the pattern of the family's challenge-response prompt.

    What came before a hang-up or the deadline is returned. Raises `SilentError` or `ClosedEarlyError` where nothing
    came at all, and `TooLargeError` for a flood, which is no greeting.
    """
    heard = _Heard()
    try:
        async with gate.line(LISTEN, port) as line:
            await _listen(line, heard)
    except (SilentError, ClosedEarlyError):
        if not heard.anything:
            raise
    text = plain(bytes(heard.text))
    return TelnetGreeting(
        port=port, banner=text[:MOST_TEXT], prompt=prompt_of(text, challenge), iac=heard.negotiation.options.hex()
    )


async def _listen(line: Line, heard: _Heard) -> None:
    """Read until a prompt, a pause after some text, the end of the stream, or the deadline of the gate."""
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(_patience(heard)):
                data = await line.read()
            if not data:
                break
            text, refusals = heard.negotiation.feed(data)
            heard.text += text
            if refusals:
                await line.send(refusals)
    if not heard.anything:
        raise ClosedEarlyError("the peer accepted the connection and closed it without a word")


def _patience(heard: _Heard) -> float | None:
    """Return how long to wait for more. Options alone are no greeting: the text may need a slow look-up first."""
    if not heard.text.strip(b"\r\n\0 "):
        return None
    asked = prompt_of(plain(bytes(heard.text[-MOST_TEXT:])), r"(?!)")
    return SETTLE_SECONDS if asked in ("password", "login") else QUIET_SECONDS


def plain(data: bytes) -> str:
    """Return the text of a network virtual terminal: line ends become LF, and NUL, which means nothing, is gone."""
    data = re.sub(rb"\r+\n?", b"\n", data.replace(b"\0", b""))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def prompt_of(text: str, challenge: str) -> Prompt:
    """Tell what the end of a greeting asks for.

    Only the last two lines that hold something are looked at, so that a system's name cannot play a prompt. A challenge
    beside a question for a password or a login name is ambiguous (`challenge-room login:`) and therefore `other`.
    """
    lines = [line.strip()[-MOST_TEXT:] for line in text.split("\n") if line.strip()]
    if not lines:
        return "silent"
    last, before = lines[-1], lines[-2] if len(lines) > 1 else ""
    in_clear = _plain_question(last)
    if re.search(challenge, f"{before}\n{last}"):
        return "other" if in_clear else "challenge"
    if in_clear:
        return in_clear
    at_shell = SHELL.fullmatch(text.rpartition("\n")[2])
    return "open" if at_shell or (last == "OK" and before) else "other"


def _plain_question(line: str) -> Literal["password", "login"] | None:
    if ASKS_PASSWORD.search(line):
        return "password"
    return "login" if ASKS_LOGIN.search(line) else None
