"""Telnet: the greeting is read whole, options are refused, and nothing else is ever sent."""

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.facts import TelnetGreeting
from auditor.wire import telnet
from auditor.wire.failures import ClosedEarlyError, RefusedError, SilentError, TooLargeError
from auditor.wire.ledger import Entry
from auditor.wire.telnet import MOST_REFUSALS, Negotiation, plain, prompt_of
from tests.lines import QUICK, gate_to, says, serving
from tests.peers import free_port

CHALLENGE = r"(?i)challenge"
OPTIONS = bytes.fromhex("fffb03fffd03fffb01")
REFUSALS = bytes.fromhex("fffe03fffc03fffe01")
WELCOME = b"Welcome to Oslo 204\r\nTANDBERG Codec Release F7.2 NTSC\r\nSW Release Date: 2008-06-12\r\n\r\n"


def greet(*parts: bytes | float, then: str = "wait", seconds: float = 3.0) -> tuple[TelnetGreeting, bytes, float]:
    """Return the greeting of a server that says these parts, what reached the server, and how long it took."""

    async def run() -> tuple[TelnetGreeting, bytes]:
        async with serving(says(*parts, then=then)) as peer:
            gate = gate_to(limits=replace(QUICK, question_seconds=seconds))
            greeting = await telnet.greet(gate, peer.port, CHALLENGE)
            await asyncio.sleep(0.02)
            assert peer.connections == 1
            return greeting, bytes(peer.received)

    started = time.monotonic()
    greeting, received = asyncio.run(run())
    return greeting, received, time.monotonic() - started


def test_a_codec_that_asks_for_a_password() -> None:
    """Banner, prompt and options are told; only refusals are sent, one for each option."""
    greeting, received, seconds = greet(OPTIONS + WELCOME + b"Password: ")
    assert greeting.prompt == "password"
    assert "TANDBERG Codec Release F7.2 NTSC\n" in greeting.banner
    assert greeting.iac == OPTIONS.hex()
    assert received == REFUSALS
    assert seconds < 1.4


def test_a_greeting_in_pieces() -> None:
    """Options and prompt may be torn anywhere; slow pieces are waited for."""
    greeting, received, _ = greet(
        OPTIONS[:4], 0.05, OPTIONS[4:] + WELCOME[:30], 0.4, WELCOME[30:] + b"Pass", 0.1, b"word:"
    )
    assert greeting.prompt == "password"
    assert greeting.banner.startswith("Welcome to Oslo 204\nTANDBERG Codec Release F7.2")
    assert received == REFUSALS


def test_a_bridge_that_asks_for_a_login_name() -> None:
    """CR CR LF before the prompt, as MPS systems send it."""
    greeting, _, _ = greet(bytes.fromhex("fffd01fffd21fffb01fffb03") + b"\r\r\n(none) login: ")
    assert greeting.prompt == "login"


def test_a_challenge_is_no_password_in_clear() -> None:
    """A challenge is told once the greeting has ended, not from half a line."""
    greeting, _, seconds = greet(OPTIONS + WELCOME + b"Challenge: 4f1c02a97be3\r\nResponse: ")
    assert greeting.prompt == "challenge"
    assert seconds > 1.4


def test_a_command_prompt_without_any_question() -> None:
    """`OK` after the welcome means that everybody is let in."""
    greeting, _, _ = greet(OPTIONS + WELCOME + b"OK\r\n")
    assert greeting.prompt == "open"


def test_options_without_text_are_silent() -> None:
    """Negotiation alone tells that Telnet is there, and of no prompt; it is waited for until the deadline."""
    greeting, _, seconds = greet(OPTIONS, seconds=2.0)
    assert (greeting.prompt, greeting.banner, greeting.iac) == ("silent", "", OPTIONS.hex())
    assert seconds > 1.9


def test_a_port_that_says_nothing_at_all() -> None:
    """No greeting is made up for silence."""
    with pytest.raises(SilentError):
        greet(seconds=0.3)


def test_a_port_that_hangs_up_without_a_word() -> None:
    """Nor for a hang-up."""
    with pytest.raises(ClosedEarlyError, match="without a word"):
        greet(then="close")


def test_text_before_a_hang_up_is_kept() -> None:
    """A device whose sessions are used up says so and closes: its words stay."""
    greeting, _, _ = greet(OPTIONS + b"Too many sessions", then="close")
    assert (greeting.banner, greeting.prompt) == ("Too many sessions", "other")


def test_text_before_the_deadline_is_kept() -> None:
    """A peer that drips for ever is cut off at the deadline with what it had said."""
    greeting, _, seconds = greet(*[part for _ in range(40) for part in (b".", 0.1)], seconds=1.0)
    assert greeting.prompt == "other"
    assert greeting.banner.startswith("....")
    assert seconds < 1.5


@pytest.mark.parametrize(
    "storm",
    [
        b"".join(bytes((0xFF, verb, option)) for option in range(256) for verb in (0xFB, 0xFD)),
        bytes.fromhex("fffd01") * 10_000,
        bytes.fromhex("fffa18") + b"x" * 3000 + bytes.fromhex("ffff00fff0"),
    ],
    ids=["every option", "one option for ever", "a long subnegotiation"],
)
def test_an_option_storm_is_answered_with_few_refusals(storm: bytes) -> None:
    """However much a peer negotiates, few refusals go out, and the text is found behind it."""
    greeting, received, _ = greet(storm + WELCOME + b"Password: ")
    assert greeting.prompt == "password"
    assert greeting.banner.startswith("Welcome")
    assert len(received) <= 3 * MOST_REFUSALS
    assert set(received[1::3]) <= {0xFC, 0xFE}
    assert len(greeting.iac) <= 512


def test_a_flood_is_no_greeting() -> None:
    """More than the cap is refused, quickly."""
    with pytest.raises(TooLargeError):
        greet(b"\r" * 200_000)


def test_a_refused_port() -> None:
    """Nothing listens: proven."""
    with pytest.raises(RefusedError):
        asyncio.run(telnet.greet(gate_to(), free_port(), CHALLENGE))


def test_the_ledger_shows_that_we_listened() -> None:
    """One entry; its bytes are those of the refusals and the greeting."""
    entries: list[Entry] = []

    async def run() -> None:
        async with serving(says(OPTIONS + b"Password:")) as peer:
            await telnet.greet(gate_to(entries), peer.port, CHALLENGE)

    asyncio.run(run())
    [entry] = entries
    assert (entry.operation, entry.sent_bytes, entry.received_bytes) == ("LISTEN", 9, 18)


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("", "silent"),
        (" \n\n", "silent"),
        ("Welcome to X\nPassword: ", "password"),
        ("Enter your pass phrase", "other"),
        ("Enter passphrase for codec: ", "password"),
        ("User name: ", "login"),
        ("box login:", "login"),
        ("Last login: Tue Jan 1 from 192.0.2.1\nOK\n", "open"),
        ("OK\n", "other"),
        ("NOT OK\n", "other"),
        ("Welcome\n# ", "open"),
        ("admin@box:~$ ", "open"),
        ("costs 5$\n", "other"),
        ("Welcome to the Challenge Room\nRelease F7\nDate\n\nPassword: ", "password"),
        ("Challenge: 12\nPassword: ", "other"),
        ("challenge-room login: ", "other"),
        ("CHALLENGE 77aa", "challenge"),
        ("challenge 1\nResponse:", "challenge"),
        ("HTTP/1.0 400 Bad Request\n", "other"),
    ],
)
def test_what_the_end_of_a_greeting_asks_for(text: str, prompt: str) -> None:
    """Doubt is `other`, never a better or worse level than what was shown."""
    assert prompt_of(text, CHALLENGE) == prompt


def test_line_ends_and_letters() -> None:
    """CR LF, CR CR LF and CR NUL end lines; text is UTF-8, else Latin-1."""
    assert plain(b"a\r\nb\r\r\nc\r\0d\n") == "a\nb\nc\nd\n"
    assert plain("Tromsø".encode()) == plain("Tromsø".encode("latin-1")) == "Tromsø"


@given(st.binary(max_size=300), st.integers(1, 7))
def test_pieces_do_not_matter(data: bytes, size: int) -> None:
    """However the stream is torn, text, options and refusals come out the same, and refusals are nothing else."""
    whole, pieces = Negotiation(), Negotiation()
    expected = whole.feed(data)
    parts = [pieces.feed(data[i : i + size]) for i in range(0, len(data), size)]
    assert (b"".join(p[0] for p in parts), b"".join(p[1] for p in parts)) == expected
    assert whole.options == pieces.options
    reply = expected[1]
    assert all(reply[i] == 0xFF and reply[i + 1] in (0xFC, 0xFE) for i in range(0, len(reply), 3))


def test_a_doubled_iac_is_text() -> None:
    """Byte 255 as data is sent twice (RFC 854)."""
    assert Negotiation().feed(b"a\xff\xffb")[0] == b"a\xffb"
