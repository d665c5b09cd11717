"""The TLS probe: one fetch, then the versions; three observations whatever happens."""

import asyncio
from pathlib import Path

import pytest

from auditor.model.evidence import Absent, AnyObservation, Cause, Seen, Unknown
from auditor.model.facts import OpenService, TlsFace, TlsVersions
from auditor.model.inventory import Settings
from auditor.model.profile import Limits, Service
from auditor.probes.tls import TlsProbe
from auditor.wire.ledger import Entry
from tests.lines import gate_to, question_about, says, serving
from tests.peers import free_port
from tests.tls_peers import HOSTNAME, chain_of_two, nginx

SHORT = Limits(pause_seconds=0.0, question_seconds=0.4)
HTTPS = Service(
    name="https", protocol="https", transport="tcp", port=443, title="HTTPS", default="on", level=3, management=True
)


async def ask(port: int, entries: list[Entry] | None = None, limits: Limits = SHORT) -> list[AnyObservation]:
    gate = gate_to(entries, limits=limits)
    return [made async for made in TlsProbe().ask(gate, question_about(HTTPS, port))]


def test_a_real_server_gives_port_face_and_versions(tmp_path: Path) -> None:
    """In that order, under the names that the checks ask for."""
    identity = chain_of_two(tmp_path)
    with nginx(tmp_path, identity, protocols="TLSv1.2 TLSv1.3") as peer:
        made = asyncio.run(ask(peer.port, limits=Limits(pause_seconds=0.0, question_seconds=4.0)))
    assert [o.id for o in made] == ["port/https", "tls/https", "tls-versions/https"]
    assert [o.asks for o in made] == [OpenService, TlsFace, TlsVersions]
    opened, face, versions = (o.fact for o in made)
    assert isinstance(opened, OpenService)
    assert isinstance(face, TlsFace)
    assert isinstance(versions, TlsVersions)
    assert opened.port == face.port == versions.port == peer.port
    assert (face.chain, face.sni, face.completed) == (identity.chain, HOSTNAME, True)
    assert versions.accepted == ("TLSv1.2", "TLSv1.3")
    assert all(o.at.tzinfo is not None for o in made)


def test_a_refused_port_is_absent_everywhere_after_one_attempt() -> None:
    """Nothing else is asked of a port that is proven closed."""
    entries: list[Entry] = []
    made = asyncio.run(ask(free_port(), entries))
    assert [type(o.outcome) for o in made] == [Absent] * 3
    assert len(entries) == 1


@pytest.mark.parametrize(
    ("parts", "then", "cause", "connections"),
    [((), "wait", Cause.TIMED_OUT, 2), ((b"220 ready\r\n",), "close", Cause.MALFORMED, 1)],
    ids=["silent", "not TLS"],
)
def test_a_port_that_does_not_speak_tls_is_open_and_unknown(
    parts: tuple[bytes, ...], then: str, cause: Cause, connections: int
) -> None:
    """The port is seen open; face and versions carry the same cause, and no version is tried."""

    async def run() -> tuple[list[AnyObservation], int]:
        async with serving(says(*parts, then=then)) as peer:
            return await ask(peer.port), peer.connections

    made, count = asyncio.run(run())
    assert isinstance(made[0].outcome, Seen)
    assert [o.outcome.cause for o in made[1:] if isinstance(o.outcome, Unknown)] == [cause, cause]
    assert count == connections


def test_a_server_that_refuses_every_session_is_open_and_its_versions_are_refused() -> None:
    """Open port, no session, no version: it could not be verified, and that is not "off"."""

    async def run() -> list[AnyObservation]:
        async with serving(says(b"\x15\x03\x01\x00\x02\x02\x46", then="close")) as peer:
            return await ask(peer.port)

    opened, face, versions = asyncio.run(run())
    assert isinstance(opened.outcome, Seen)
    assert isinstance(face.outcome, Unknown)
    assert face.outcome.cause is Cause.TLS_FAILED
    assert isinstance(versions.fact, TlsVersions)
    assert versions.fact.accepted == ()
    assert len(versions.fact.refused) == 6


def test_only_https_services_are_asked() -> None:
    """Not the host as a whole, and no other service."""
    other = Service(name="ssh", protocol="ssh", transport="tcp", port=22, title="SSH", default="on", level=3)
    assert TlsProbe().applies(HTTPS, Settings())
    assert not TlsProbe().applies(other, Settings())
    assert not TlsProbe().applies(None, Settings())
