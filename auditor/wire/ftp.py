"""FTP: hear the greeting, ask FEAT, say QUIT; no login (RFC 959, RFC 2389; AUTH TLS: RFC 4217)."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field

from auditor.model.facts import FtpGreeting
from auditor.wire.failures import ClosedEarlyError, MalformedError, SilentError, TooLargeError, WireError
from auditor.wire.gate import Gate, Line
from auditor.wire.readlist import Request

LISTEN = Request("ftp", "LISTEN")
FEAT = Request("ftp", "COMMAND", "FEAT")
QUIT = Request("ftp", "COMMAND", "QUIT")

READY_SOON = 120
FAREWELL_SECONDS = 1.0
LONGEST_LINE = 1024
MOST_LINES = 200
MOST_TEXT = 2048

FIRST = re.compile(r"([1-5][0-5][0-9])([ -]|\Z)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its three-digit code and its lines without the code."""

    code: int
    lines: tuple[str, ...]


@dataclass(slots=True)
class _Session:
    """What has been heard so far; it outlives the connection, however that ends."""

    waiting: bytearray = field(default_factory=bytearray)
    greeting: Reply | None = None
    features: Reply | None = None


async def greet(gate: Gate, port: int) -> FtpGreeting:
    """Return the greeting and the features that are told before login.

    A greeting stands even where FEAT brings nothing (`features_known` is False then). Raises `MalformedError` for a
    peer that does not speak FTP, and `SilentError` or `ClosedEarlyError`, with what had come, for half a greeting.
    """
    session = _Session()
    try:
        async with gate.line(LISTEN, port) as line:
            await _converse(gate, line, port, session)
    except (SilentError, ClosedEarlyError, MalformedError, TooLargeError) as error:
        if session.greeting is None:
            raise type(error)(f"{error}{_so_far(session)}") from error
    greeting, answer = session.greeting, session.features
    if greeting is None:
        raise AssertionError("a conversation without a greeting ends in an error")
    features = _features(answer) if answer else ()
    return FtpGreeting(
        port=port,
        code=greeting.code,
        banner="\n".join(greeting.lines)[:MOST_TEXT],
        features=features,
        auth_tls=any(_is_auth_tls(feature) for feature in features),
        features_known=answer is not None,
    )


async def _converse(gate: Gate, line: Line, port: int, session: _Session) -> None:
    """Carry out the conversation and leave in `session` what was said."""
    greeting = await read_reply(line, session.waiting)
    while greeting.code == READY_SOON:
        greeting = await read_reply(line, session.waiting)
    session.greeting = greeting
    if greeting.code != 220:
        return
    await _send(gate, line, port, FEAT)
    session.features = await read_reply(line, session.waiting)
    with suppress(WireError, TimeoutError):
        await _send(gate, line, port, QUIT)
        async with asyncio.timeout(FAREWELL_SECONDS):
            await read_reply(line, session.waiting)


async def _send(gate: Gate, line: Line, port: int, command: Request) -> None:
    """Send one permitted command."""
    gate.check(command, port)
    await line.send(command.argument.encode("ascii") + b"\r\n")


async def read_reply(line: Line, waiting: bytearray) -> Reply:
    """Return the next reply, of one line or many; `waiting` holds what was received and not yet used.

    Raises `MalformedError` for a line that is no reply, `TooLargeError` for one that does not end.
    """
    first = await _read_line(line, waiting)
    parts = FIRST.fullmatch(first)
    if parts is None:
        raise MalformedError(f"the peer does not speak FTP: it said {_quoted(first)}")
    code, lines = parts[1], [parts[3]]
    if parts[2] == "-":
        while len(lines) < MOST_LINES:
            text = await _read_line(line, waiting)
            # RFC 959 section 4.2: the last line begins with the same code and a blank.
            if text[:4].rstrip() == code:
                return Reply(int(code), (*lines, text[4:]))
            lines.append(text.removeprefix(f"{code}-"))
        raise TooLargeError(f"an FTP reply of more than {MOST_LINES} lines")
    return Reply(int(code), tuple(lines))


async def _read_line(line: Line, waiting: bytearray) -> str:
    while (end := waiting.find(b"\n")) < 0:
        if len(waiting) > LONGEST_LINE:
            raise MalformedError(f"no end of line within {LONGEST_LINE:,} bytes")
        data = await line.read()
        if not data:
            raise ClosedEarlyError("the peer closed the connection in the middle of its answer")
        waiting += data
    text = bytes(waiting[:end]).rstrip(b"\r").decode("utf-8", "replace")
    del waiting[: end + 1]
    return text


def _features(answer: Reply) -> tuple[str, ...]:
    """Return the features of a FEAT reply: the lines between the first and the last (RFC 2389 section 3.2)."""
    if not 200 <= answer.code < 300:
        return ()
    return tuple(feature for text in answer.lines[1:-1] if (feature := text.strip()))


def _is_auth_tls(feature: str) -> bool:
    words = re.split(r"[\s;,]+", feature.upper())
    return words[0] == "AUTH" and not {"TLS", "TLS-C", "TLS-P", "SSL"}.isdisjoint(words[1:])


def _so_far(session: _Session) -> str:
    if not session.waiting:
        return ""
    return f"; it had said {_quoted(bytes(session.waiting).decode('utf-8', 'replace'))}"


def _quoted(text: str) -> str:
    """Return the start of hostile text as one printable line."""
    return ascii(text if len(text) <= 80 else text[:80] + "…")
