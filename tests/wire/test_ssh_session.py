"""The text interface over SSH: one password, known hosts, listed commands. A real SSH server (asyncssh)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncssh
import pytest

from auditor.model.profile import Limits
from auditor.wire.failures import (
    ClosedEarlyError,
    HostKeyError,
    LoginRefusedError,
    LoginWithheldError,
    MalformedError,
    RefusedError,
    SilentError,
    TooLargeError,
)
from auditor.wire.ledger import Entry
from auditor.wire.login import Login
from auditor.wire.readlist import NotPermittedError, Request
from auditor.wire.ssh_session import MOST_OF_AN_ANSWER, text_session
from tests.lines import LOOPBACK, gate_to, login_as, says, serving
from tests.peers import free_port

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

LIMITS = Limits(pause_seconds=0.0, question_seconds=3.0)
READS = (Request("ssh", "RUN", "xconfiguration"), Request("ssh", "RUN", "xstatus"))
CANARY = "kanarie-7731-vogel"
KEYS = {kind: asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256")}
ANSWERS = {
    "xconfiguration": b"*c xConfiguration HTTP Mode: Off\r\n\r\nOK\r\n",
    "xstatus": b'*s SystemUnit Software Version: "TC7"\r\n** end\r\n',
}


class Device(asyncssh.SSHServer):
    """A device that counts attempts, keeps what was typed, and answers by the book or as it is told."""

    def __init__(self, method: str = "password", answers: dict[str, bytes] | None = None) -> None:
        self.method, self.answers = method, ANSWERS if answers is None else answers
        self.attempts: list[str] = []
        self.typed: list[str] = []
        self.users: list[str] = []

    def begin_auth(self, username: str) -> bool:
        self.users.append(username)
        return self.method != "none"

    def password_auth_supported(self) -> bool:
        return self.method == "password"

    def validate_password(self, username: str, password: str) -> bool:
        self.attempts.append(password)
        return (username, password) == ("admin", CANARY)

    def kbdint_auth_supported(self) -> bool:
        return self.method in {"keyboard", "both", "quiz"}

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        prompts = [("Password: ", False)] + ([("PIN: ", True)] if self.method == "quiz" else [])
        return "", "", "", prompts

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        self.attempts += responses
        return list(responses) == [CANARY]

    async def serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        """Greet and answer."""
        process.stdout.write(b"Welcome to Room 204\r\nTANDBERG Codec Release F7.2 NTSC\r\n\r\nOK\r\n")
        typed = b""
        while piece := await process.stdin.read(1024):
            typed += piece
            while b"\r" in typed:
                line, _, typed = typed.partition(b"\r")
                self.typed.append(line.decode())
                process.stdout.write(line + b"\r\n" + self.answers.get(line.decode(), b""))


@asynccontextmanager
async def running(device: Device, *kinds: str, **options: object) -> AsyncIterator[int]:
    """Serve a device with host keys of these kinds."""
    server = await asyncssh.listen(
        LOOPBACK, 0, server_factory=lambda: device, server_host_keys=[KEYS[kind] for kind in kinds or ("ssh-ed25519",)],
        process_factory=device.serve, encoding=None, line_editor=False, **options,
    )  # fmt: skip
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)


async def read(
    port: int, login: Login | None, *commands: str, entries: list[Entry] | None = None, legacy: bool = False,
    limits: Limits = LIMITS,
) -> tuple[list[bytes], str, str]:  # fmt: skip
    """Log in, run the commands, and return answers, scheme and words about the host."""
    gate = gate_to(entries, limits=limits, reads=READS, login=login)
    async with text_session(gate, port, legacy=legacy) as session:
        return [await session.run(command) for command in commands], session.scheme, session.peer


def listed(port: int, kind: str, names: str = LOOPBACK) -> str:
    """Return a line of known_hosts."""
    public = KEYS[kind].export_public_key().decode().split()
    return f"[{names}]:{port} {public[0]} {public[1]}"


@pytest.mark.parametrize("method", ["password", "keyboard"])
async def test_the_right_password_opens_the_interface(method: str) -> None:
    """By either method; both ends of an answer are understood, and the greeting is not taken for one."""
    device, entries = Device(method), list[Entry]()
    async with running(device) as port:
        answers, scheme, peer = await read(port, login_as(CANARY), "xconfiguration", "xstatus", entries=entries)
    assert answers[0].endswith(b"HTTP Mode: Off\r\n\r\nOK\r\n")
    assert b"** end" in answers[1]
    assert scheme == {"password": "password", "keyboard": "keyboard-interactive"}[method]
    assert "taken as new" in peer
    assert "SHA256:" in peer
    assert (device.attempts, device.typed) == ([CANARY], ["xconfiguration", "xstatus"])
    told = [(e.protocol, e.operation, e.argument, e.outcome) for e in entries]
    assert told == [
        ("ssh", "RUN", "xconfiguration", "answered"), ("ssh", "RUN", "xstatus", "answered"),
        ("ssh", "LOGIN", "", "answered"),
    ]  # fmt: skip
    assert all(e.sent_bytes and e.received_bytes for e in entries)
    assert CANARY not in repr(entries)
    assert "admin" not in repr(entries)


@pytest.mark.parametrize("method", ["password", "keyboard"])
async def test_a_wrong_password_is_sent_once(method: str) -> None:
    """One attempt, no other method, no other session."""
    device, login = Device(method), login_as("wrong")
    async with running(device) as port:
        with pytest.raises(LoginRefusedError, match="not tried again"):
            await read(port, login, "xstatus")
        with pytest.raises(LoginWithheldError):
            await read(port, login, "xstatus")
    assert device.attempts == ["wrong"]
    assert login.spent


async def test_a_server_that_wants_more_than_a_password_gets_nothing() -> None:
    """Two questions, or one whose answer would be seen, are not answered."""
    device, login = Device("quiz"), login_as(CANARY)
    async with running(device) as port:
        with pytest.raises(LoginWithheldError, match="asks for no password"):
            await read(port, login, "xstatus")
    assert (device.attempts, login.spent) == ([], False)


async def test_a_server_that_asks_for_nothing() -> None:
    """A device without a password: read, and the attempt is still there."""
    device, login = Device("none"), login_as(CANARY)
    async with running(device) as port:
        answers, scheme, _ = await read(port, login, "xstatus")
    assert answers
    assert (scheme, device.attempts) == ("none", [])
    with login.attempt():
        pass


@pytest.mark.parametrize("command", ["xcommand boot", "xconfiguration http mode: on", "xstatus call", "bye"])
async def test_only_listed_commands(command: str) -> None:
    """Anything else is refused before a byte leaves."""
    device = Device()
    async with running(device) as port:
        with pytest.raises(NotPermittedError):
            await read(port, login_as(CANARY), command)
    assert device.typed == []


async def test_without_credentials_there_is_no_login() -> None:
    """The door is closed before a connection is made."""
    async with serving(says()) as recorder:
        with pytest.raises(NotPermittedError):
            await read(recorder.port, None, "xstatus")
    assert recorder.connections == 0


async def test_a_listed_key_is_asked_for_and_known() -> None:
    """The server has three keys; the listed one is not the one that it would show first."""
    device = Device()
    async with running(device, *KEYS) as port:
        login = login_as(CANARY, known_hosts=(listed(port, "ecdsa-sha2-nistp256"),), strict=True)
        _, _, peer = await read(port, login, "xstatus")
    assert "host key known: ecdsa-sha2-nistp256 SHA256:" in peer


CHANGED = {
    "another key of the kind": ("ssh-rsa", "ssh-ed25519", "", "has changed"),
    "strict and unlisted": (None, "ssh-ed25519", "strict", "not on the operator's list"),
}


@pytest.mark.parametrize(("known", "shown", "strict", "why"), CHANGED.values(), ids=CHANGED)
async def test_no_password_for_a_host_that_is_not_the_known_one(
    known: str | None, shown: str, strict: str, why: str
) -> None:
    """Not even the user's name is sent, and the attempt is kept."""
    device = Device()
    async with running(device, shown) as port:
        login = login_as(CANARY, known_hosts=(listed(port, known),) if known else (), strict=bool(strict))
        with pytest.raises(HostKeyError, match=why) as caught:
            await read(port, login, "xstatus")
    assert "SHA256:" in str(caught.value)
    assert (device.attempts, device.users, login.spent) == ([], [], False)


async def test_a_revoked_key_is_refused_although_new_ones_are_accepted() -> None:
    """The operator's word against a key counts first."""
    device = Device()
    async with running(device) as port:
        login = login_as(CANARY, known_hosts=("@revoked " + listed(port, "ssh-ed25519"),))
        with pytest.raises(HostKeyError, match="revoked"):
            await read(port, login, "xstatus")
    assert device.attempts == []


async def test_other_hosts_lines_and_rubbish_say_nothing() -> None:
    """Lines that cannot be read are passed over; what another host has is no change of this one."""
    device = Device()
    async with running(device) as port:
        lines = (listed(port, "ssh-rsa", "192.0.2.9"), "codec ssh-ed25519 AAAA", "|1|x|y ssh-rsa AAAA")
        _, _, peer = await read(port, login_as(CANARY, known_hosts=lines), "xstatus")
    assert "taken as new" in peer


async def test_the_host_is_known_by_its_name_too() -> None:
    """A list that names the host and not its address."""
    device = Device()
    async with running(device) as port:
        login = login_as(
            CANARY, known_hosts=(listed(port, "ssh-rsa", "codec.example.test"),), names=("codec.example.test",)
        )
        with pytest.raises(HostKeyError, match="has changed"):
            await read(port, login, "xstatus")


async def test_old_algorithms_only_where_the_profile_permits_them() -> None:
    """A codec of 2008 shares no algorithm with us unless its family may use old ones."""
    device = Device()
    old = {
        "kex_algs": ["diffie-hellman-group1-sha1"], "encryption_algs": ["3des-cbc"], "mac_algs": ["hmac-md5"],
        "signature_algs": ["ssh-rsa"],
    }  # fmt: skip
    async with running(device, "ssh-rsa", **old) as port:
        login = login_as(CANARY)
        with pytest.raises(MalformedError, match="no algorithm"):
            await read(port, login, "xstatus")
        assert (device.attempts, login.spent) == ([], False)
        answers, _, _ = await read(port, login, "xstatus", legacy=True)
    assert answers


async def test_an_answer_without_an_end_is_handed_on_as_it_came() -> None:
    """Its reader can tell that it is cut."""
    device = Device(answers={"xconfiguration": b"*c xConfiguration HTTP Mode: O"})
    short = Limits(pause_seconds=0.0, question_seconds=1.0)
    async with running(device) as port:
        ((answer,), _, _) = await read(port, login_as(CANARY), "xconfiguration", limits=short)
        assert answer.endswith(b"Mode: O")
    assert b"OK" not in answer


async def test_an_endless_answer_is_cut_off() -> None:
    """More than two megabytes are nobody's configuration."""
    device = Device(answers={"xstatus": b"*s X: 1\r\n" * (MOST_OF_AN_ANSWER // 9 + 100)})
    async with running(device) as port:
        with pytest.raises(TooLargeError):
            await read(port, login_as(CANARY), "xstatus")


async def test_a_port_that_is_no_ssh_server_costs_no_attempt() -> None:
    """Closed, silent, or speaking something else."""
    login = login_as(CANARY)
    short = Limits(pause_seconds=0.0, question_seconds=0.5)
    with pytest.raises(RefusedError):
        await read(free_port(), login, "xstatus", limits=short)
    for said, error in ((says(), SilentError), (says(b"login: ", then="close"), ClosedEarlyError)):
        async with serving(said) as recorder:
            with pytest.raises(error):
                await read(recorder.port, login, "xstatus", limits=short)
        assert CANARY.encode() not in recorder.received
    assert not login.spent


async def test_a_fault_of_ours_beside_the_library_is_not_the_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library turns whatever its caller raises into an error about the host key; ours comes out as it was."""

    def broken(*_words: object, **_rules: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("auditor.wire.ssh_session.judge_host_key", broken)
    device = Device()
    async with running(device) as port:
        with pytest.raises(ValueError, match="ours"):
            async with text_session(gate_to(reads=READS, limits=LIMITS, login=login_as(CANARY)), port, legacy=False):
                pass
    assert device.attempts == []
