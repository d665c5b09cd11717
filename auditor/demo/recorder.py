"""What the simulated devices were asked: every request, and which of them would have changed something."""

from dataclasses import dataclass, field
from enum import StrEnum

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


class Recorder:
    """The list of requests to a fleet, in the order in which they came."""

    __slots__ = ("_requests",)

    def __init__(self) -> None:
        self._requests: list[Request] = []

    def record(self, request: Request) -> None:
        """Keep one request."""
        self._requests.append(request)

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
