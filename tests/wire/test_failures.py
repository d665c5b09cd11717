"""Exceptions become observations in one place, and none of them says more than it knows."""

import asyncio
import errno

import pytest

from auditor.model.evidence import Absent, Cause, Unknown
from auditor.wire import failures
from auditor.wire.failures import Answer, Failure, WireError, attempt, translated
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.readlist import NotPermittedError, ReadList, Request
from tests.lines import LOOPBACK, QUICK, says, serving

LISTEN, FEAT = Request("telnet", "LISTEN"), Request("ftp", "COMMAND", "FEAT")


async def _raise(error: BaseException) -> None:
    raise error


def _failure(error: BaseException) -> Failure:
    result = asyncio.run(attempt(_raise(error)))
    assert isinstance(result, Failure)
    return result


@pytest.mark.parametrize(
    ("error", "cause", "connected"),
    [
        (failures.FilteredError("x"), Cause.FILTERED, False),
        (failures.UnreachableError("x"), Cause.UNREACHABLE, False),
        (failures.NameNotFoundError("x"), Cause.NAME_NOT_FOUND, False),
        (failures.SilentError("x"), Cause.TIMED_OUT, True),
        (failures.ClosedEarlyError("x"), Cause.CLOSED_EARLY, True),
        (failures.TooLargeError("x"), Cause.TOO_LARGE, True),
        (failures.MalformedError("x"), Cause.MALFORMED, True),
        (failures.TlsFailedError("x"), Cause.TLS_FAILED, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_failure_keeps_its_cause(error: WireError, cause: Cause, connected: bool) -> None:  # noqa: FBT001
    """Only a failure after the connection shows that the port is open."""
    result = _failure(error)
    assert result.outcome == Unknown(cause, "x")
    assert result.connected is connected
    assert result.fault is None


def test_a_refusal_is_a_proof_of_absence() -> None:
    """Refused is the one failure that proves something."""
    assert _failure(failures.RefusedError("nothing listens")) == Failure(Absent("nothing listens"), connected=False)


def test_a_bug_is_ours() -> None:
    """An unforeseen exception is a fault of the auditor and says nothing of the host."""
    result = _failure(ZeroDivisionError("oops"))
    assert isinstance(result.outcome, Unknown)
    assert result.outcome.cause is Cause.BUG
    assert result.fault == "ZeroDivisionError: oops"
    assert not result.connected


def test_a_request_that_is_not_permitted_is_ours() -> None:
    """So is a probe that asks for what is not on the list."""
    result = _failure(NotPermittedError(Request("http", "GET", "/formputxml"), "it acts"))
    assert isinstance(result.outcome, Unknown)
    assert result.outcome.cause is Cause.NOT_PERMITTED
    assert result.fault is not None


def test_cancellation_passes_through() -> None:
    """Ctrl-C and deadlines are not failures of a host."""

    async def cancelled() -> None:
        task = asyncio.create_task(attempt(asyncio.sleep(60)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())


def test_an_answer_is_kept() -> None:
    """What was answered comes out as it is."""

    async def answer() -> int:
        return 7

    assert asyncio.run(attempt(answer())) == Answer(7)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (TimeoutError(), failures.FilteredError),
        (ConnectionRefusedError(), failures.RefusedError),
        (OSError(errno.EHOSTUNREACH, "No route to host"), failures.UnreachableError),
        (OSError(errno.EINVAL, "Invalid argument"), failures.UnreachableError),
    ],
    ids=repr,
)
def test_while_connecting_nothing_shows_an_open_port(raised: Exception, expected: type[WireError]) -> None:
    """Whatever ends a connection attempt, the port must not look open."""
    with pytest.raises(expected) as caught, translated(connecting="192.0.2.1:23"):
        raise raised
    assert not _failure(caught.value).connected


def test_a_reset_behind_the_handshake_shows_an_open_port() -> None:
    """The kernel calls a reset that answers the first packet a refusal; any other came from whoever had accepted."""
    with pytest.raises(failures.ClosedEarlyError) as caught, translated(connecting="192.0.2.1:23"):
        raise ConnectionResetError
    assert _failure(caught.value).connected


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (TimeoutError(), failures.SilentError),
        (ConnectionResetError(), failures.ClosedEarlyError),
        (BrokenPipeError(), failures.ClosedEarlyError),
        (asyncio.IncompleteReadError(b"", 4), failures.ClosedEarlyError),
        (EOFError(), failures.ClosedEarlyError),
        (OSError(errno.EHOSTUNREACH, "No route to host"), failures.UnreachableError),
        (OSError(errno.EIO, "I/O error"), failures.ClosedEarlyError),
    ],
    ids=repr,
)
def test_after_connecting_the_peer_failed(raised: Exception, expected: type[WireError]) -> None:
    """On a standing connection the same exceptions mean something else."""
    with pytest.raises(expected), translated():
        raise raised


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM, errno.EPERM])
def test_shortages_of_our_own_machine_are_not_the_hosts(number: int) -> None:
    """Out of file descriptors: a bug or a limit of ours, never "unreachable"."""
    with pytest.raises(OSError, match="ours"), translated(connecting="192.0.2.1:23"):
        raise OSError(number, "ours")


async def test_a_full_disk_in_the_middle_of_a_conversation_is_not_the_peers_doing() -> None:
    """The transcript of a step is written while a connection is open: what fails then is ours, and said of nobody."""

    def full(entry: Entry) -> None:
        if entry.argument == "FEAT":
            raise OSError(errno.ENOSPC, "No space left on device")

    async def ask(port: int) -> None:
        async with gate.line(LISTEN, port) as line, gate.step(FEAT, port, line):
            pass

    reads = ReadList((LISTEN, FEAT))
    gate = Gate(host="lab", address=LOOPBACK, reads=reads, limits=QUICK, ledger=Ledger(full))
    async with serving(says()) as peer:
        result = await attempt(ask(peer.port))
    assert isinstance(result, Failure)
    assert result.fault is not None
    assert "No space left" in result.fault
