"""The probe of the database behind a management server: which observation each kind of answer becomes."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.model.evidence import Absent, AnyObservation, Cause, Unknown
from auditor.model.facts import DatabaseFace
from auditor.model.inventory import Database, Settings, Target
from auditor.model.profile import Limits, Read
from auditor.probes.database import DatabaseProbe
from auditor.probes.interface import Question
from auditor.wire import tds
from auditor.wire.ledger import Entry
from tests.lines import LOOPBACK, QUICK, gate_to, question_about, says, serving
from tests.peers import dnsmasq, free_port
from tests.wire.test_tds import answering, packet

SILENCE = replace(QUICK, question_seconds=0.6)
PROBE = DatabaseProbe()


def question(database: Database | None, settings: Settings | None = None) -> Question:
    """A question to a management server with this database."""
    plain = question_about(None, 0, settings)
    return replace(plain, target=Target(name="lab", product="lab", address="127.0.0.9", database=database))


async def observed(asked: Question, entries: list[Entry] | None = None, limits: Limits = QUICK) -> list[AnyObservation]:
    """What the probe observes."""
    gate = gate_to(entries, limits=limits, reads=(tds.PRELOGIN,), address="127.0.0.9")
    return [made async for made in PROBE.ask(gate, asked)]


def answered(*parts: bytes | float, then: str = "wait", limits: Limits = QUICK) -> AnyObservation:
    """What is observed of a database that says these parts."""

    async def run() -> list[AnyObservation]:
        async with serving(says(*parts, then=then)) as peer:
            return await observed(question(Database(address=LOOPBACK, port=peer.port)), limits=limits)

    (made,) = asyncio.run(run())
    assert (made.id, made.asks) == ("database/encryption", DatabaseFace)
    return made


def test_an_answer_is_seen() -> None:
    """With the database's own address and port."""
    made = answered(packet(answering(3)))
    assert made.fact is not None
    assert (made.fact.address, made.fact.port, made.fact.encryption) == (LOOPBACK, made.port, "required")


@pytest.mark.parametrize(
    ("parts", "then", "cause"),
    [
        ((), "wait", Cause.TIMED_OUT),
        ((), "close", Cause.CLOSED_EARLY),
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "close", Cause.MALFORMED),
        ((packet(bytes(2000), status=0) * 100,), "wait", Cause.TOO_LARGE),
        ((packet(answering(3), length=9),), "wait", Cause.MALFORMED),
    ],
)
def test_silence_and_nonsense_leave_it_unknown(parts: tuple[bytes, ...], then: str, cause: Cause) -> None:
    """Each with its cause; nothing is a fault of ours, and nothing an answer."""
    made = answered(*parts, then=then, limits=SILENCE if cause is Cause.TIMED_OUT else QUICK)
    assert isinstance(made.outcome, Unknown)
    assert made.outcome.cause is cause


def test_a_refused_port_is_proven() -> None:
    """Nothing listens there."""
    (made,) = asyncio.run(observed(question(Database(address=LOOPBACK, port=free_port()))))
    assert isinstance(made.outcome, Absent)


def test_a_database_known_by_name_is_looked_up(tmp_path: Path) -> None:
    """By the inventory's resolvers; a name that nobody knows leaves it unknown."""
    entries: list[Entry] = []

    async def run(server: str) -> list[AnyObservation]:
        settings = Settings(dns_servers=(server,))
        async with serving(says(packet(answering(2)))) as peer:
            known = await observed(question(Database(hostname="sql.lab.test", port=peer.port), settings), entries)
            return known + await observed(question(Database(hostname="no.lab.test", port=peer.port), settings))

    with dnsmasq(tmp_path, f"--host-record=sql.lab.test,{LOOPBACK}", "--local=/lab.test/") as resolver:
        known, unknown = asyncio.run(run(f"{resolver.address}:{resolver.port}"))
    assert known.fact is not None
    assert (known.fact.address, known.fact.encryption) == (LOOPBACK, "not_supported")
    assert [(e.protocol, e.address) for e in entries] == [("dns", LOOPBACK), ("tds", LOOPBACK)]
    assert isinstance(unknown.outcome, Unknown)
    assert unknown.outcome.cause is Cause.NAME_NOT_FOUND


def test_whom_it_concerns() -> None:
    """A target with a database, of a family whose list permits the packet."""
    asked = question(Database(address=LOOPBACK))
    listed = replace(asked.profile, reads=(Read(protocol="tds", operation="PRELOGIN", argument="", manual="MS-TDS"),))
    assert PROBE.concerns(asked.target, listed)
    assert not PROBE.concerns(asked.target, asked.profile)
    assert not PROBE.concerns(question(None).target, listed)
