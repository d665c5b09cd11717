"""SSH ports: a real SSH server (asyncssh) that shows its version and host key and lets nobody in."""

import asyncio
from collections.abc import Mapping
from typing import TypedDict

import asyncssh

from auditor.demo.device import PORTS, Host
from auditor.demo.listener import listening_socket
from auditor.demo.recorder import Kind


class _Offer(TypedDict, total=False):
    """Algorithms that a server offers, by asyncssh's names for the lists; a missing list is asyncssh's own."""

    kex_algs: list[str]
    encryption_algs: list[str]
    mac_algs: list[str]


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
        product = self._host.spec.product
        listening = listening_socket(self._host.address, PORTS["ssh"], backlog=16)
        self._acceptor = await asyncssh.listen(
            sock=listening,
            server_factory=lambda: _Gatekeeper(self._host, self._connections),
            server_host_keys=[self._key],
            server_version=VERSIONS[product],
            login_timeout=30,
            **(_NEWER if product == "vcs" else _OLD),
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
    """Refuses every login, and records it."""

    def __init__(self, host: Host, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._host, self._connections = host, connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Record the connection."""
        self._connection = conn
        self._connections.add(conn)
        self._record(Kind.CONNECT, "connect")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; why it ended does not matter here."""
        del exc
        if self._connection is not None:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        """Record that somebody wants to log in, by any method; always demand authentication."""
        del username
        self._record(Kind.LOGIN, "authentication request")
        return True

    def password_auth_supported(self) -> bool:
        """Offer passwords, as the devices do."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Record and refuse."""
        del username, password
        self._record(Kind.LOGIN, "password")
        return False

    def _record(self, kind: Kind, what: str) -> None:
        name = self._connection.get_extra_info("peername") if self._connection else None
        peer = f"{name[0]}:{name[1]}" if name else ""
        self._host.record("ssh", kind, what, peer=peer)


def new_host_key(product: str) -> asyncssh.SSHKey:
    """Return a new host key: RSA 2048 for the old families, Ed25519 for the VCS."""
    return (
        asyncssh.generate_private_key("ssh-ed25519") if product == "vcs" else asyncssh.generate_private_key("ssh-rsa")
    )
