"""Is this the host that the operator knows? A presented SSH host key against lists in OpenSSH's known_hosts form.

A password goes to a host whose key is listed, or, if the operator permits it, to one of which the lists say nothing.
Never to one that shows another key than the listed one: that is a replaced device, or somebody in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from auditor.wire.login import Login

REVOKED = "@revoked"
"""Mark of a line whose key is not to be trusted any more (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What the lists say of one host: its keys, and keys that are not to be trusted any more."""

    listed: tuple[asyncssh.SSHKey, ...]
    revoked: tuple[asyncssh.SSHKey, ...]

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Algorithms of the listed keys, to be asked for first: else another key of the same host would be shown."""
        found: list[str] = []
        for key in self.listed:
            found += (name.decode("ascii") for name in key.sig_algorithms)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class HostKeyVerdict:
    """Whether a login may go on, and a clause that says why, with the key's fingerprint."""

    good: bool
    words: str


def known_keys(login: Login, address: str, port: int) -> KnownKeys:
    """Return what the operator's lists say of this host, under any of its names or its address.

    Lines that cannot be read, and those of certification authorities, say nothing.
    """
    lines = [line for line in login.known_hosts if _readable(line)]
    marked = [line.removeprefix(REVOKED).strip() for line in lines if line.startswith(REVOKED)]
    known, banned = (asyncssh.import_known_hosts("\n".join(some)) for some in (lines, marked))
    listed: list[asyncssh.SSHKey] = []
    revoked: list[asyncssh.SSHKey] = []
    for name in (*login.names, address):
        listed += (key for key in known.match(name, address, port)[0] if key not in listed)
        # As if they were listed: where a host has no other lines, the library does not tell those that are revoked.
        revoked += (key for key in banned.match(name, address, port)[0] if key not in revoked)
    return KnownKeys(tuple(listed), tuple(revoked))


def judge_host_key(key: asyncssh.SSHKey, known: KnownKeys, *, strict: bool) -> HostKeyVerdict:
    """Decide whether the password may go to the host that shows this key."""
    shown = f"{key.get_algorithm()} {key.get_fingerprint()}"
    if key in known.revoked:
        return HostKeyVerdict(good=False, words=f"its host key is marked as revoked in the operator's list: {shown}")
    if key in known.listed:
        return HostKeyVerdict(good=True, words=f"host key known: {shown}")
    if known.listed:
        wanted = _fingerprints(known.listed)
        return HostKeyVerdict(
            good=False, words=f"its host key has changed: it shows {shown}, and the operator's list says {wanted}"
        )
    if strict:
        return HostKeyVerdict(good=False, words=f"its host key is not on the operator's list: {shown}")
    return HostKeyVerdict(good=True, words=f"host key on no list, taken as new: {shown}")


def _fingerprints(keys: Sequence[asyncssh.SSHKey]) -> str:
    return ", ".join(f"{key.get_algorithm()} {key.get_fingerprint()}" for key in keys[:3])


def _readable(line: str) -> bool:
    try:
        asyncssh.import_known_hosts(line)
    except (ValueError, asyncssh.Error):
        return False
    return True
