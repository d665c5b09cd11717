"""The text interface over SSH: one login with a password, then listed read commands, one after the other.

No agent, no key, no configuration file, no forwarding, no file transfer, no command that is not on the list. The
session is opened as a terminal, as a person's would be: that is how these devices' interfaces are known to work.
Commands end with a carriage return, answers with OK, ERROR, or the mark at the end of a status.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncssh

from auditor import __version__
from auditor.wire.failures import (
    STUMBLES,
    ClosedEarlyError,
    HostKeyError,
    LoginRefusedError,
    LoginWithheldError,
    MalformedError,
    SilentError,
    TooLargeError,
    WireError,
)
from auditor.wire.gate import Gate, Line
from auditor.wire.login import Login
from auditor.wire.mirror import mirrored
from auditor.wire.readlist import Request
from auditor.wire.secret import shielded
from auditor.wire.ssh_hostkey import HostKeyVerdict, KnownKeys, judge_host_key, known_keys
from auditor.wire.ssh_message import CIPHERS, HOST_KEYS, KEX, MACS

LOGIN = Request("ssh", "LOGIN")
SOFTWARE = f"vc-fleet-auditor_{__version__}"
MOST_OF_AN_ANSWER = 2 * 1024 * 1024
"""Bytes that one command may bring."""
MOST_OF_A_SESSION = 16 * 1024 * 1024
GREETING_SECONDS = 0.7
"""A greeting is over when nothing came for so long: then the first command is sent."""
GRACE_SECONDS = 0.5
"""How long an OK is waited for behind the mark at the end of a status."""
SLOWNESS = 3
"""How many times the time of a usual question one command may take."""
MOST_COMMANDS = 32
TERMINAL = (250, 100)
"""Columns and rows: wide enough that no line of a setting is broken."""

OLD_KEY_TYPES = ("ssh-rsa", "ssh-dss")
NEW_HOST_KEYS = tuple(name for name in HOST_KEYS if name not in OLD_KEY_TYPES)
_END = re.compile(
    rb"(?:^|[\r\n])[ \t]*(?:OK|ERROR[^\r\n]{0,200}|Command not recogni[sz]ed\.?)[ \t]*(?=[\r\n])", re.IGNORECASE
)
_MARK = re.compile(rb"(?:^|[\r\n])[ \t]*\*\* end[ \t]*(?=[\r\n])", re.IGNORECASE)


class TextSession:
    """An open text interface. `scheme` is how the password was asked for, `peer` as whom the host was recognised."""

    def __init__(
        self, gate: Gate, port: int, line: Line, streams: tuple["_Writer", "_Reader"], scheme: str, peer: str
    ) -> None:
        """Made by `text_session`."""
        self._gate, self._port, self._line = gate, port, line
        self._writer, self._reader = streams
        self._left = b""
        self.scheme, self.peer = scheme, peer

    async def run(self, command: str) -> bytes:
        """Send one listed command and return everything up to the end of its answer, echo included.

        An answer that does not end in time is returned as far as it came: its reader can tell that it is cut. Raises
        `NotPermittedError` before a byte leaves, `TooLargeError`, and `ClosedEarlyError` where nothing came at all.
        """
        async with self._gate.step(Request("ssh", "RUN", command), self._port, self._line):
            self._writer.write(command.encode("ascii") + b"\r")
            return await self._answer(self._gate.limits.question_seconds * 0.9)

    async def greeting(self) -> bytes:
        """Return what comes before the first command, until the device is silent; it may talk as long as a question."""
        said = bytearray()
        patience = GREETING_SECONDS
        ends = time.monotonic() + self._gate.limits.question_seconds
        while piece := await self._piece(patience):
            said += piece
            if time.monotonic() > ends:
                raise SilentError("the greeting did not come to an end within the deadline")
            patience = GREETING_SECONDS / 3 if _END.search(said[-256:]) else GREETING_SECONDS
            if len(said) > MOST_OF_AN_ANSWER:
                raise TooLargeError(f"the greeting has more than {MOST_OF_AN_ANSWER:,} bytes")
        return bytes(said)

    async def _answer(self, seconds: float) -> bytes:
        said = bytearray()
        ends = time.monotonic() + seconds
        looked = 0
        while piece := await self._piece(ends - time.monotonic()):
            said += piece
            if len(said) > MOST_OF_AN_ANSWER:
                raise TooLargeError(f"the answer has more than {MOST_OF_AN_ANSWER:,} bytes")
            if _END.search(said, looked):
                break
            if _MARK.search(said, looked):
                ends = min(ends, time.monotonic() + GRACE_SECONDS)
            looked = max(0, len(said) - 256)
        if not said:
            raise SilentError("the device did not answer the command")
        return bytes(said)

    async def _piece(self, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return await self._reader.read(65_536)
        except TimeoutError:
            return b""
        except (asyncssh.Error, *STUMBLES) as error:
            raise ClosedEarlyError("the SSH session ended in the middle of an answer") from error


_Writer = asyncssh.SSHWriter[bytes]
_Reader = asyncssh.SSHReader[bytes]


@asynccontextmanager
async def text_session(gate: Gate, port: int, *, legacy: bool) -> AsyncIterator[TextSession]:
    """Log in once and yield the text interface; it is closed at the end, whatever happened.

    `legacy` permits algorithms of 2008, for families that have no others. Raises `NotPermittedError` where the host has
    no credentials, `LoginRefusedError`, `LoginWithheldError` (also for a host key that will not do), and the other
    wire errors.
    """
    gate.check(LOGIN, port)
    login = gate.login
    if login is None:
        raise LoginWithheldError("the inventory gives no credentials for this host")
    if login.spent:
        raise LoginWithheldError(login.why_spent)
    seconds = gate.limits.question_seconds * MOST_COMMANDS
    async with gate.line(LOGIN, port, seconds=seconds, cap=MOST_OF_A_SESSION) as line, mirrored(line) as far:
        client = _Client(login, known_keys(login, gate.address, port))
        async with _connected(gate, far, client, legacy=legacy) as connection:
            if client.scheme != "none":
                login.accept()
            try:
                writer, reader, _ = await connection.open_session(term_type="vt100", term_size=TERMINAL, encoding=None)
            except (asyncssh.Error, *STUMBLES) as error:
                raise MalformedError("the SSH server lets us in and opens no session") from error
            session = TextSession(gate, port, line, (writer, reader), client.scheme, client.words)
            await session.greeting()
            yield session
            writer.channel.close()


@asynccontextmanager
async def _connected(
    gate: Gate, far: object, client: "_Client", *, legacy: bool
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    try:
        async with asyncio.timeout(gate.limits.question_seconds):
            with client.shield():
                connection, _ = await asyncssh.create_connection(
                    lambda: client, gate.address, sock=far, config=None, options=_options(client, legacy=legacy)
                )
    except TimeoutError as error:
        raise SilentError("the SSH login did not end within the deadline") from error
    except (asyncssh.Error, OSError, *STUMBLES) as error:
        if client.fault is not None:
            raise client.fault from None
        raise client.failure(error) from None
    try:
        yield connection
    finally:
        connection.abort()
        await connection.wait_closed()


def _options(client: "_Client", *, legacy: bool) -> asyncssh.SSHClientConnectionOptions:
    keys = HOST_KEYS if legacy else NEW_HOST_KEYS
    wanted = [name for name in client.known.algorithms if name in keys]
    offer: dict[str, list[str]] = {}
    if legacy:
        offer = {"kex_algs": list(KEX), "encryption_algs": list(CIPHERS), "mac_algs": list(MACS)}
    return asyncssh.SSHClientConnectionOptions(
        config=None, username=client.login.username, client_keys=None, agent_path=None, agent_forwarding=False,
        gss_host=None, gss_kex=False, gss_auth=False, public_key_auth=False, host_based_auth=False,
        preferred_auth=["password", "keyboard-interactive"], client_version=SOFTWARE,
        known_hosts=lambda _host, _address, _port: ([], [], [], [], [], [], []),
        server_host_key_algs=list(dict.fromkeys((*wanted, *keys))), **offer,
    )  # fmt: skip


class _Client(asyncssh.SSHClient):
    """Answers for us: judges the host key, and gives the password out once, by whichever method asks first.

    `fault` is what went wrong here and not at the peer: the library would hide it behind an error of its own.
    """

    def __init__(self, login: Login, known: KnownKeys) -> None:
        self.login, self.known = login, known
        self.scheme, self.words = "none", ""
        self._verdict: HostKeyVerdict | None = None
        self.fault: Exception | None = None
        self._withheld: LoginWithheldError | None = None

    def shield(self) -> shielded:
        """Return what keeps the password out of exceptions."""
        return shielded(self.login.secret, self.login.username)

    def failure(self, error: Exception) -> WireError:
        """Return what the failed login means; the guard learns of a refusal. The library's own text is not repeated."""
        if self._verdict is not None and not self._verdict.good:
            return HostKeyError(f"the password was not sent to this host: {self._verdict.words}")
        if self._withheld is not None:
            return self._withheld
        if isinstance(error, asyncssh.PermissionDenied) and self.scheme != "none":
            self.login.guard.refused(self.login.credential, self.login.host)
            return LoginRefusedError(f"the host refused the login ({self.scheme}); it was not tried again")
        if isinstance(error, asyncssh.PermissionDenied):
            return LoginWithheldError("the SSH server asks for no password, so none was sent")
        why = f"the SSH connection failed during the login ({type(error).__name__})"
        if isinstance(error, (asyncssh.KeyExchangeFailed, asyncssh.ProtocolNotSupported)):
            why = "no SSH key exchange: the two sides share no algorithm"
        elif isinstance(error, STUMBLES):
            why = "no SSH key exchange: the server's values make no sense"
        else:
            return ClosedEarlyError(why)
        return MalformedError(why)

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Decide about the host key; the library asks before the user is named."""
        del host, addr, port
        try:
            self._verdict = judge_host_key(key, self.known, strict=self.login.strict)
        except STUMBLES as error:
            self.fault = error
            raise
        self.words = self._verdict.words
        return self._verdict.good

    def password_auth_requested(self) -> str | None:
        """Give the password, the first time."""
        return self._give("password")

    def kbdint_auth_requested(self) -> str | None:
        """Take part in the conversation, unless the password has gone out already."""
        return "" if self.scheme == "none" and not self.login.spent else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        """Answer one question that is not to be seen on the screen, once; anything else ends the conversation."""
        del name, instructions, lang
        if not prompts:
            return []
        if len(prompts) > 1 or prompts[0][1]:
            return None
        password = self._give("keyboard-interactive")
        return None if password is None else [password]

    def _give(self, scheme: str) -> str | None:
        if self.scheme != "none" or self._verdict is None or not self._verdict.good:
            return None
        try:
            self.login.try_once()
        except LoginWithheldError as error:
            self._withheld = error
            return None
        self.scheme = scheme
        return self.login.secret.reveal()
