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

SENT_BEFORE = (
    "they were sent before the audit was interrupted, and what the host made of them was not stored. To read its "
    "settings, audit this host anew (auditor audit INVENTORY --only NAME)"
)


class _State(StrEnum):
    TRIED = "whether the host accepted them is not known"
    BEFORE = SENT_BEFORE
    ACCEPTED = "accepted"
    REFUSED = "the host refused them"


def not_again(why: str) -> str:
    """Return the sentence about a password that is not sent, from what became of it when it was."""
    return f"the credentials were tried at this host before in this audit and are not sent a second time: {why}"


class LoginGuard:
    """Remembers what became of each credential at each host, for one audit."""

    __slots__ = ("_states",)

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self._states: dict[tuple[str, str], _State] = {}

    def try_once(self, credential: str, host: str) -> None:
        """Take the one attempt; call it right before the password leaves. Raises `LoginWithheldError`."""
        if why := self.why_spent(credential, host):
            raise LoginWithheldError(not_again(why))
        self._states.setdefault((credential, host), _State.TRIED)

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
        return bool(self.why_spent(credential, host))

    def why_spent(self, credential: str, host: str) -> str:
        """Return what became of the attempt where none is left, else an empty text."""
        state = self._states.get((credential, host))
        return "" if state is None or state is _State.ACCEPTED else state.value

    def was_refused(self, credential: str, host: str) -> bool:
        """Tell whether the host did not take the password."""
        return self._states.get((credential, host)) is _State.REFUSED

    def sent_before(self, credential: str, host: str) -> None:
        """Note that the password went out before the audit was interrupted, and nobody knows what became of it."""
        if not self.was_refused(credential, host):
            self._states[credential, host] = _State.BEFORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How to log in at one host: the credential's name, user and password, what is permitted, and the audit's guard.

    `withheld` says why the password must not be sent to this target any more, whatever its address is by now.
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
    withheld: str = ""

    @property
    def spent(self) -> bool:
        """True where the password may not be sent any more."""
        return bool(self.withheld) or self.guard.spent(self.credential, self.host)

    @property
    def why_spent(self) -> str:
        """A sentence about why the password may not be sent any more; empty where it may."""
        why = self.withheld or self.guard.why_spent(self.credential, self.host)
        return not_again(why) if why else ""

    def try_once(self) -> None:
        """Take the one attempt; call it right before the password leaves. Raises `LoginWithheldError`."""
        if self.withheld:
            raise LoginWithheldError(self.why_spent)
        self.guard.try_once(self.credential, self.host)

    @property
    def accepted(self) -> bool:
        """True where the host has taken the password in this audit, and not refused it since."""
        return self.guard.has_accepted(self.credential, self.host)

    @contextmanager
    def attempt(self) -> Iterator[str]:
        """Give the password out, once, and keep it out of every exception; raise `LoginWithheldError` the second time.

        The host's refusal is noted when `LoginRefusedError` goes through; `accept` notes the contrary.
        """
        self.try_once()
        try:
            with shielded(self.secret, self.username):
                yield self.secret.reveal()
        except LoginRefusedError:
            self.guard.refused(self.credential, self.host)
            raise

    def accept(self) -> None:
        """Note that the host took the password."""
        self.guard.accepted(self.credential, self.host)
