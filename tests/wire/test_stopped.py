"""A host that is stopped in the middle of many requests: what is left out is unknown, never refused or absent."""

import asyncio
from pathlib import Path
from typing import TypeVar

import pytest

from auditor.model.evidence import AnyObservation, Cause, Seen, Unknown
from auditor.model.facts import TlsFace, TlsVersions
from auditor.model.inventory import Settings, Target
from auditor.probes.interface import Question
from auditor.probes.tls import TlsProbe
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry, Ledger
from auditor.wire.pace import Pace
from auditor.wire.readlist import ReadList
from tests.engine.evidence import HTTPS, TOY
from tests.lines import LOOPBACK, QUICK, READS
from tests.tls_peers import HOSTNAME, s_server, self_signed

F = TypeVar("F")
ENDLESS = 10**6


def asked(port: int, most: int) -> tuple[dict[str, AnyObservation], int]:
    """Ask everything about TLS, at most so many requests; return the observations and how many were made."""
    pace, entries = Pace(pause=0), list[Entry]()

    def keep(entry: Entry) -> None:
        entries.append(entry)
        if len(entries) >= most:
            pace.stopped = "the test says so"

    async def run() -> dict[str, AnyObservation]:
        gate = Gate(
            host="lab", address=LOOPBACK, reads=ReadList(READS), limits=QUICK, ledger=Ledger(keep), pace=pace
        )  # fmt: skip
        target = Target(name="lab", product="toy", hostname=HOSTNAME, address=LOOPBACK)
        question = Question(target=target, profile=TOY, service=HTTPS, port=port, settings=Settings())
        return {made.id: made async for made in TlsProbe().ask(gate, question)}

    return asyncio.run(run()), len(entries)


@pytest.mark.parametrize("cipher", ["eNULL:AES128-SHA:@SECLEVEL=0", "ALL:@SECLEVEL=0"])
def test_wherever_the_asking_stops_nothing_else_is_said_of_the_server(tmp_path: Path, cipher: str) -> None:
    """For each number of requests: a part of what the whole shows, with the rest unclear or not asked."""
    identity = self_signed(tmp_path, "rsa:2048", digest="sha256")
    with s_server(tmp_path, "-cipher", cipher, "-serverpref", "-tls1_2", identity=identity) as peer:
        whole, number = asked(peer.port, ENDLESS)
        parts = [asked(peer.port, most) for most in range(1, number)]
    face, versions = _fact(whole["tls/https"], TlsFace), _fact(whole["tls-versions/https"], TlsVersions)
    assert face.protection == "full"
    assert number >= 10
    for most, (part, made) in enumerate(parts, 1):
        assert made == most
        _same_or_unasked(part["tls/https"], face)
        told = part["tls-versions/https"].outcome
        if isinstance(told, Unknown):
            assert told.cause is Cause.STOPPED
            continue
        less = _fact(part["tls-versions/https"], TlsVersions)
        assert set(less.accepted) <= set(versions.accepted)
        assert set(less.refused) <= set(versions.refused)
        assert set(less.weak_suites) <= set(versions.weak_suites)
        assert len(less.accepted) + len(less.refused) + len(less.unclear) == 6
    assert isinstance(parts[0][0]["tls-versions/https"].outcome, Unknown)


def _same_or_unasked(made: AnyObservation, face: TlsFace) -> None:
    if isinstance(made.outcome, Unknown):
        assert made.outcome.cause is Cause.STOPPED
        return
    less = _fact(made, TlsFace)
    assert (less.chain, less.protection) == (face.chain, face.protection)


def _fact(made: AnyObservation, kind: type[F]) -> F:
    assert isinstance(made.outcome, Seen)
    assert isinstance(made.outcome.fact, kind)
    return made.outcome.fact


def test_a_port_that_nobody_asked_is_neither_open_nor_closed() -> None:
    """Stopped before the first request: no connection, and every observation unknown for that reason."""
    pace, entries = Pace(pause=0, stopped="the test says so"), list[Entry]()

    async def run() -> list[AnyObservation]:
        gate = Gate(
            host="lab", address=LOOPBACK, reads=ReadList(READS), limits=QUICK, ledger=Ledger(entries.append), pace=pace
        )
        target = Target(name="lab", product="toy", address=LOOPBACK)
        question = Question(target=target, profile=TOY, service=HTTPS, port=9, settings=Settings())
        return [made async for made in TlsProbe().ask(gate, question)]

    made = asyncio.run(run())
    assert [o.id for o in made] == ["port/https", "tls/https", "tls-versions/https"]
    assert {o.outcome for o in made} == {Unknown(Cause.STOPPED, "not asked, stopped: the test says so")}
    assert entries == []
