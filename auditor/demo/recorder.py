"""What the simulated devices were asked: every request, and which of them would have changed something."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

KEPT_BYTES = 4096
"""How much of one request is kept."""


class Kind(StrEnum):
    """What a request would have done to a real device."""

    CONNECT = "connect"
    READ = "read"
    LOGIN = "login"
    WRITE = "write"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as a device saw it.

    `what` names it without any secret (`GET /`, `USER`, `sysDescr.0`). `received` are its first bytes as they came,
    passwords included, so they are not shown in a representation; they are empty where the library below keeps them to
    itself (SSH, the TLS handshake). `peer` tells apart the conversations of one device.
    """

    device: str
    service: str
    kind: Kind
    what: str
    received: bytes = field(default=b"", repr=False)
    peer: str = ""


Scheme = Literal["basic", "digest", "password", "challenge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """Credentials that a device was shown: by which scheme, for which account, and what came of it.

    `in_clear` tells that whoever listens has them now: Basic over plain HTTP, a password typed at Telnet or FTP. Every
    authenticated HTTP request is an attempt of its own, because each one carries the credentials again.
    """

    device: str
    service: str
    scheme: Scheme
    account: str
    succeeded: bool
    in_clear: bool
    peer: str = ""


class Recorder:
    """The list of requests to a fleet, in the order in which they came."""

    __slots__ = ("_attempts", "_locked_out", "_requests")

    def __init__(self) -> None:
        self._requests: list[Request] = []
        self._attempts: list[LoginAttempt] = []
        self._locked_out: set[str] = set()

    def record(self, request: Request) -> None:
        """Keep one request."""
        self._requests.append(request)

    def attempt(self, attempt: LoginAttempt) -> None:
        """Keep one login attempt."""
        self._attempts.append(attempt)

    def lock_out(self, device: str) -> None:
        """Note that a device lets nobody in any more, because it saw more than one wrong password."""
        self._locked_out.add(device)

    @property
    def attempts(self) -> tuple[LoginAttempt, ...]:
        """Every login attempt of which the device saw the credentials."""
        return tuple(self._attempts)

    @property
    def failed_attempts(self) -> tuple[LoginAttempt, ...]:
        """Attempts that let nobody in."""
        return tuple(a for a in self._attempts if not a.succeeded)

    @property
    def attempts_in_clear(self) -> tuple[LoginAttempt, ...]:
        """Attempts whose credentials crossed the network unprotected."""
        return tuple(a for a in self._attempts if a.in_clear)

    @property
    def locked_out(self) -> frozenset[str]:
        """Names of the devices that were shown more than one wrong password."""
        return frozenset(self._locked_out)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything that was asked, connections included."""
        return tuple(self._requests)

    @property
    def writes(self) -> tuple[Request, ...]:
        """Requests that would have changed a device's state: a setting, a file, a call, a registration."""
        return self.of_kind(Kind.WRITE)

    @property
    def logins(self) -> tuple[Request, ...]:
        """Attempts to log in. Each raises an alarm on an MXP and counts towards a block on a VCS."""
        return self.of_kind(Kind.LOGIN)

    def of_kind(self, kind: Kind) -> tuple[Request, ...]:
        """Return the requests of one kind."""
        return tuple(r for r in self._requests if r.kind is kind)

    def of_device(self, name: str, service: str | None = None) -> tuple[Request, ...]:
        """Return the requests that one device received, perhaps through one service only."""
        return tuple(r for r in self._requests if r.device == name and service in (None, r.service))
