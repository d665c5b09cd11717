"""Logins: who may log in where, and the guard that lets a password be tried once.

Devices lock accounts, drop addresses and raise alarms after failed logins, and every one of these is a change. So one
password goes to one host once; only where the host has accepted it may it be used there again, until it is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.wire.failures import LoginRefusedError, LoginWithheldError
from auditor.wire.secret import Secret, shielded


class _State(StrEnum):
    TRIED = "it was tried before in this audit, and whether the host accepted it is not known"
    ACCEPTED = "accepted"
    REFUSED = "the host refused it before in this audit"


class LoginGuard:
    """Remembers what became of each credential at each host, for one audit."""

    __slots__ = ("_states",)

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self._states: dict[tuple[str, str], _State] = {}

    def try_once(self, credential: str, host: str) -> None:
        """Take the one attempt; call it right before the password leaves. Raises `LoginWithheldError`."""
        state = self._states.get((credential, host))
        if state in (_State.TRIED, _State.REFUSED):
            raise LoginWithheldError(f"the credentials were not sent a second time: {state.value}")
        if state is None:
            self._states[credential, host] = _State.TRIED

    def accepted(self, credential: str, host: str) -> None:
        """Note that the host took the password: it is right, and using it again can lock nobody out."""
        self._states[credential, host] = _State.ACCEPTED

    def refused(self, credential: str, host: str) -> None:
        """Note that the host did not take it."""
        self._states[credential, host] = _State.REFUSED

    def has_accepted(self, credential: str, host: str) -> bool:
        """Tell whether the host took the password when it was last sent."""
        return self._states.get((credential, host)) is _State.ACCEPTED

    def spent(self, credential: str, host: str) -> bool:
        """Tell whether no attempt is left."""
        return self._states.get((credential, host)) in (_State.TRIED, _State.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How to log in at one host: the credential's name, user and password, what is permitted, and the audit's guard.

    `known_hosts` and `strict` are the operator's rules for SSH host keys (`Settings.known_hosts`). `names` are those
    under which a host's key may be listed.
    """

    credential: str
    host: str
    username: str = field(repr=False)
    secret: Secret = field(repr=False)
    guard: LoginGuard = field(repr=False)
    allow_cleartext: bool = False
    known_hosts: tuple[str, ...] = field(default=(), repr=False)
    strict: bool = False
    names: tuple[str, ...] = ()

    @property
    def spent(self) -> bool:
        """True where the password may not be sent any more."""
        return self.guard.spent(self.credential, self.host)

    @property
    def accepted(self) -> bool:
        """True where the host has taken the password in this audit, and not refused it since."""
        return self.guard.has_accepted(self.credential, self.host)

    @contextmanager
    def attempt(self) -> Iterator[str]:
        """Give the password out, once, and keep it out of every exception; raise `LoginWithheldError` the second time.

        The host's refusal is noted when `LoginRefusedError` goes through; `accept` notes the contrary.
        """
        self.guard.try_once(self.credential, self.host)
        try:
            with shielded(self.secret, self.username):
                yield self.secret.reveal()
        except LoginRefusedError:
            self.guard.refused(self.credential, self.host)
            raise

    def accept(self) -> None:
        """Note that the host took the password."""
        self.guard.accepted(self.credential, self.host)
