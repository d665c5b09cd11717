"""SSH ports: a real SSH server (asyncssh) with a version and a host key, and the text interface behind the password.

The terminal echoes what is typed and shows no prompt. Only `admin` gets in: the account of a VCS that may look and not
touch works in the web interface alone.
"""

import asyncio
import warnings
from collections.abc import Mapping
from typing import TypedDict

import asyncssh
from cryptography.utils import CryptographyDeprecationWarning

from auditor.demo import text
from auditor.demo.device import PORTS
from auditor.demo.host import Host
from auditor.demo.listener import listening_socket
from auditor.demo.pki import Pki
from auditor.demo.recorder import Kind


class _Offer(TypedDict, total=False):
    """Algorithms that a server offers, by asyncssh's names for the lists; a missing list is asyncssh's own."""

    kex_algs: list[str]
    encryption_algs: list[str]
    mac_algs: list[str]
    signature_algs: list[str]


_LEGACY: _Offer = {
    "kex_algs": ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "encryption_algs": ["aes128-cbc", "3des-cbc"],
    "mac_algs": ["hmac-sha1", "hmac-md5"],
    "signature_algs": ["ssh-rsa"],
}
"""Nothing that a client of today offers without being told to."""

_OLD: _Offer = {
    "kex_algs": ["ecdh-sha2-nistp256", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "encryption_algs": ["aes128-ctr", "aes128-cbc", "3des-cbc"],
    "mac_algs": ["hmac-sha1", "hmac-md5"],
}
"""An offer with the algorithms expected of 2008 (not known from a capture), and one that clients still speak."""

_NEWER: _Offer = {
    "kex_algs": ["curve25519-sha256", "ecdh-sha2-nistp256"],
    "encryption_algs": ["aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr"],
    "mac_algs": ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-256"],
}

_OFFERS: Mapping[str, _Offer] = {"legacy": _LEGACY, "old": _OLD, "newer": _NEWER}

VERSIONS: Mapping[str, str] = {"mxp": "OpenSSH_3.8.1p1", "mps": "OpenSSH_4.3", "vcs": "OpenSSH_5.1p1", "tms": "OpenSSH"}
"""Software part of the identification line. Invented: no capture of these families was found."""


class SshPort:
    """The SSH port of a device, with a host key of its own."""

    __slots__ = ("_acceptor", "_connections", "_host", "_key")

    def __init__(self, host: Host, key: asyncssh.SSHKey) -> None:
        self._host, self._key = host, key
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    async def start(self) -> None:
        """Listen on the device's address. Raises OSError when the port is taken."""
        if self._host.spec.ssh == "legacy":
            # Finite-field groups are what these devices have; cryptography warns at each use of them.
            warnings.filterwarnings("ignore", "Diffie-Hellman over finite fields", CryptographyDeprecationWarning)
        product = self._host.spec.product
        listening = listening_socket(self._host.address, PORTS["ssh"], backlog=16)
        self._acceptor = await asyncssh.listen(
            sock=listening,
            server_factory=lambda: _Gatekeeper(self._host, self._connections),
            server_host_keys=[self._key],
            server_version=VERSIONS[product],
            login_timeout=30,
            line_editor=False,
            encoding=None,
            **_OFFERS[self._host.spec.ssh],
        )

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for connection in tuple(self._connections):
            connection.abort()
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
        await asyncio.gather(*(c.wait_closed() for c in tuple(self._connections)))
        await asyncio.sleep(0)


class _Gatekeeper(asyncssh.SSHServer):
    """Lets in whoever knows the password, and records every attempt."""

    def __init__(self, host: Host, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._host, self._connections = host, connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Record the connection."""
        self._connection = conn
        self._connections.add(conn)
        self._host.record("ssh", Kind.CONNECT, "connect", peer=self._peer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; why it ended does not matter here."""
        del exc
        if self._connection is not None:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        """Record that somebody wants to log in, by any method; always demand authentication."""
        del username
        self._host.record("ssh", Kind.LOGIN, "authentication request", peer=self._peer)
        return True

    def password_auth_supported(self) -> bool:
        """Offer passwords, as the devices do."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Record the attempt, and compare."""
        self._host.record("ssh", Kind.LOGIN, "password", peer=self._peer)
        right = username == "admin" and password == self._host.state.secret.password
        return self._host.login("ssh", "password", username, right=right, in_clear=False, peer=self._peer)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """Open the text interface."""
        return _Terminal(self._host, self._peer)

    @property
    def _peer(self) -> str:
        name = self._connection.get_extra_info("peername") if self._connection else None
        return f"{name[0]}:{name[1]}" if name else ""


class _Terminal(asyncssh.SSHServerSession[bytes]):
    """One session of the text interface."""

    def __init__(self, host: Host, peer: str) -> None:
        self._host, self._peer = host, peer
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._typed = b""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Keep the channel to answer on."""
        self._channel = chan

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        """Allow a terminal; it makes no difference."""
        del term_type, term_size, term_modes
        return True

    def shell_requested(self) -> bool:
        """Allow the shell: the text interface is one."""
        return True

    def session_started(self) -> None:
        """Greet."""
        self._say(text.welcome(self._host))

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Carry out every whole line; a line ends with CR, LF or both."""
        del datatype
        *lines, self._typed = (self._typed + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._execute(line.decode("latin-1"))

    def eof_received(self) -> bool:
        """End the session with the client's last word."""
        return False

    def _execute(self, line: str) -> None:
        channel = self._channel
        if channel is None or channel.is_closing() or not line.strip():
            return
        kind, answer = text.execute(self._host, line)
        self._host.record("ssh", kind, line.strip(), line.encode("latin-1"), self._peer)
        self._say((line, *answer))
        if line.strip().casefold() in text.LEAVING:
            channel.exit(0)

    def _say(self, lines: tuple[str, ...]) -> None:
        if self._channel is not None:
            self._channel.write("".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace"))


def host_key(pki: Pki, product: str) -> asyncssh.SSHKey:
    """Return a new host key: RSA 2048 for the old families, Ed25519 for the VCS."""
    if product == "vcs":
        return asyncssh.generate_private_key("ssh-ed25519")
    return asyncssh.import_private_key(pki.host_key(), unsafe_skip_rsa_key_validation=True)
