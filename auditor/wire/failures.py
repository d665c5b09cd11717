"""What can go wrong on the wire, and the one place that turns exceptions into observations.

    WireError
    ├── RefusedError        the host answered that nothing listens (TCP reset, ICMP port unreachable)
    ├── FilteredError       nothing came back to the first packet
    ├── UnreachableError    the network says that there is no way to the host
    ├── SilentError         connected, but the answer did not come in time
    ├── ClosedEarlyError    the peer hung up before it had said enough
    ├── TooLargeError       the answer was longer than the cap
    ├── MalformedError      the answer is not the protocol
    ├── TlsFailedError      no TLS session could be agreed on
    ├── LoginRefusedError   the host did not accept the credentials
    ├── LoginUndecidedError the host neither took the credentials nor refused them
    ├── LoginWithheldError  the credentials were not sent, and why
    ├── NameNotFoundError   DNS knows no such name
    ├── BeyondError         the address is outside this machine's fence; nothing was sent
    └── StoppedError        the host is asked no more; nothing was sent

`NotPermittedError` is not one of them: it is a fault of ours and goes up as it is.
"""

import asyncio
import errno
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.model.evidence import Absent, Cause, Unknown
from auditor.wire.readlist import NotPermittedError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class WireError(Exception):
    """Base of everything that a peer or the network can do to a question. The text is a sentence for the report."""

    cause = Cause.MALFORMED


class RefusedError(WireError):
    """The host answered that nothing listens there: proof of absence."""

    cause = Cause.UNREACHABLE


class FilteredError(WireError):
    """Nothing came back to the first packet: open or closed cannot be told."""

    cause = Cause.FILTERED


class UnreachableError(WireError):
    """The network says that there is no way to the host."""

    cause = Cause.UNREACHABLE


class SilentError(WireError):
    """The connection stands, but the answer did not come within the deadline."""

    cause = Cause.TIMED_OUT


class ClosedEarlyError(WireError):
    """The peer hung up before it had said enough."""

    cause = Cause.CLOSED_EARLY


class TooLargeError(WireError):
    """The answer was longer than the cap; what came before the cap was not judged."""

    cause = Cause.TOO_LARGE


class MalformedError(WireError):
    """The answer is not what the protocol prescribes."""

    cause = Cause.MALFORMED


class TlsFailedError(WireError):
    """No TLS session could be agreed on, so nothing is known of the certificate."""

    cause = Cause.TLS_FAILED


class NameNotFoundError(WireError):
    """DNS answered that the name does not exist or has no such record."""

    cause = Cause.NAME_NOT_FOUND


class LoginRefusedError(WireError):
    """The host did not accept the credentials. They are not tried again in this audit."""

    cause = Cause.REFUSED_LOGIN


class LoginUndecidedError(WireError):
    """The host answered the credentials with something that neither takes nor refuses them: a redirect, a fault.

    They count as used: whether the host counted a failed login is not known.
    """

    cause = Cause.MALFORMED


class LoginWithheldError(WireError):
    """The credentials were not sent: nothing protected them, the host was not the right one, or they were used up."""

    cause = Cause.NOT_ASKED


class HostKeyError(LoginWithheldError):
    """The credentials were not sent because the host is not, or not surely, the one that the operator knows."""


class StoppedError(WireError):
    """Nothing was sent: the host is asked no more, and why. It says nothing about the host."""

    cause = Cause.STOPPED


class BeyondError(WireError):
    """Nothing was sent: this machine may not ask that address. It says nothing about the host, and is no fault."""

    cause = Cause.NOT_ASKED


BEFORE_CONNECTION = (RefusedError, FilteredError, UnreachableError, NameNotFoundError, BeyondError, StoppedError)
"""Failures in which the peer did not accept a connection."""

STUMBLES = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
"""What a library that speaks to a peer for us raises where the peer's numbers make no sense to it.

To be caught around the library's own calls only: there it is the peer's doing, anywhere else a fault of ours.
"""

NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
OURS = {
    errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EACCES, errno.EPERM,
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG,
}  # fmt: skip
"""Shortages of this machine. Those of the second row are the disk's, on which the transcript is written meanwhile."""


@contextmanager
def translated(connecting: str | None = None) -> Iterator[None]:
    """Turn what sockets raise into the tree above; `connecting` names the peer while the connection is being made.

    Shortages of our own machine (no more file descriptors, no permission) are not translated: they are faults of ours.
    """
    try:
        yield
    except TimeoutError as error:
        if connecting:
            raise FilteredError(f"no answer from {connecting} to the first packet") from error
        raise SilentError("no complete answer within the deadline") from error
    except asyncio.IncompleteReadError as error:
        raise ClosedEarlyError("the peer closed the connection in the middle of its answer") from error
    except ConnectionRefusedError as error:
        raise RefusedError(f"{connecting or 'the peer'} refused the connection") from error
    except (ConnectionError, EOFError) as error:
        # While connecting, this is a reset behind the handshake: one in answer to the first packet is a refusal
        # (ECONNREFUSED). So the port is open, however soon its owner hung up.
        if connecting:
            raise ClosedEarlyError(f"{connecting} took the connection and reset it at once") from error
        raise ClosedEarlyError("the peer reset the connection") from error
    except OSError as error:
        if error.errno in OURS:
            raise
        if connecting or error.errno in NO_WAY:
            raise UnreachableError(f"no way to {connecting or 'the peer'}: {error.strerror}") from error
        raise ClosedEarlyError(f"the connection failed: {error.strerror or type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """The question was answered."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Failure:
    """The question brought no answer. `connected` tells whether the peer had accepted the connection before."""

    outcome: Absent | Unknown
    connected: bool
    fault: str | None = None


def outcome_of(error: WireError) -> Absent | Unknown:
    """Return what a wire error says of the fact that was asked for: a refused connection proves that it is absent."""
    return Absent(str(error)) if isinstance(error, RefusedError) else Unknown(error.cause, str(error))


async def attempt(question: Awaitable[T]) -> Answer[T] | Failure:
    """Await a question and return its answer or why there is none; cancellation passes through.

    An exception that is not a `WireError` is a bug of ours: it becomes an `Unknown` with cause BUG and `fault` set,
    so that one broken probe neither ends the audit nor says anything about the host.
    """
    try:
        return Answer(await question)
    except WireError as error:
        connected = not isinstance(error, BEFORE_CONNECTION)
        return Failure(outcome_of(error), connected=connected)
    except NotPermittedError as error:
        return Failure(Unknown(Cause.NOT_PERMITTED, str(error)), connected=False, fault=str(error))
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes an honest "unknown"
        fault = f"{type(error).__name__}: {error}"
        return Failure(Unknown(Cause.BUG, f"fault of the auditor: {fault}"), connected=False, fault=fault)
