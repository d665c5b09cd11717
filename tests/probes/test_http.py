"""The HTTP probe: each path of the profile once, and no more than needed."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.model.evidence import Absent, AnyObservation, Cause, Seen, Unknown
from auditor.model.facts import HttpFace, OpenService
from auditor.model.inventory import Settings
from auditor.model.profile import Limits, Service
from auditor.probes.http import HttpProbe
from auditor.probes.interface import Question
from auditor.wire.ledger import Entry
from auditor.wire.readlist import Request
from tests.lines import gate_to, question_about, says, serving
from tests.peers import free_port
from tests.tls_peers import chain_of_two, nginx

SHORT = Limits(pause_seconds=0.0, question_seconds=0.4)
PATIENT = Limits(pause_seconds=0.0, question_seconds=4.0)
HTTP = Service(name="http", protocol="http", transport="tcp", port=80, title="HTTP", default="on", level=2)
HTTPS = Service(name="https", protocol="https", transport="tcp", port=443, title="HTTPS", default="on", level=3)
PATHS = ("/", "/tms/", "/tms/public/")
READS = tuple(Request("http", "GET", path) for path in PATHS)
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nServer: Microsoft-IIS/10.0\r\nContent-Length: 0\r\n\r\n"


def about(service: Service, port: int, paths: tuple[str, ...] = PATHS) -> Question:
    question = question_about(service, port)
    return replace(question, profile=replace(question.profile, paths=paths))


async def ask(question: Question, entries: list[Entry] | None = None, limits: Limits = SHORT) -> list[AnyObservation]:
    return [made async for made in HttpProbe().ask(gate_to(entries, limits=limits, reads=READS), question)]


def against(*parts: bytes, then: str = "close", paths: tuple[str, ...] = PATHS) -> tuple[list[AnyObservation], int]:
    async def run() -> tuple[list[AnyObservation], int]:
        async with serving(says(*parts, then=then)) as peer:
            return await ask(about(HTTP, peer.port, paths)), peer.connections

    return asyncio.run(run())


def test_each_path_is_asked_once_on_a_connection_of_its_own() -> None:
    """The port first, then one observation a path under the name that the checks ask for."""
    made, connections = against(FORBIDDEN)
    assert [o.id for o in made] == ["port/http", "get/http/", "get/http/tms/", "get/http/tms/public/"]
    assert isinstance(made[0].fact, OpenService)
    faces = [o.fact for o in made[1:]]
    assert all(isinstance(face, HttpFace) and face.ssl_required for face in faces)
    assert [face.path for face in faces if isinstance(face, HttpFace)] == list(PATHS)
    assert connections == 3


def test_https_tells_nothing_of_the_port(tmp_path: Path) -> None:
    """That is the TLS probe's."""
    with nginx(tmp_path, chain_of_two(tmp_path), protocols="TLSv1.2") as peer:
        made = asyncio.run(ask(about(HTTPS, peer.port, ("/",)), limits=PATIENT))
    assert [o.id for o in made] == ["get/https/"]
    assert isinstance(made[0].fact, HttpFace)
    assert (made[0].fact.scheme, made[0].fact.status) == ("https", 200)


def test_a_refused_port_is_asked_once() -> None:
    """All paths are absent."""
    entries: list[Entry] = []
    made = asyncio.run(ask(about(HTTP, free_port()), entries))
    assert [type(o.outcome) for o in made] == [Absent] * 4
    assert len(entries) == 1


def test_a_silent_port_is_asked_once() -> None:
    """The port is open; every path is unknown for the same reason."""
    made, connections = against(then="wait")
    assert isinstance(made[0].outcome, Seen)
    assert [o.outcome.cause for o in made[1:] if isinstance(o.outcome, Unknown)] == [Cause.TIMED_OUT] * 3
    assert connections == 1


def test_garbage_on_one_path_does_not_answer_for_the_others() -> None:
    """Each path is still asked."""
    made, connections = against(b"what is this\r\n\r\n")
    assert [o.outcome.cause for o in made[1:] if isinstance(o.outcome, Unknown)] == [Cause.MALFORMED] * 3
    assert connections == 3


@pytest.mark.parametrize("path", ["/formputxml", "/formputxml?xmldoc=x", "/not-listed"])
def test_a_path_that_writes_is_a_fault_of_ours_and_not_asked(path: str) -> None:
    """Even where a profile names it: no connection for it, and the other paths are asked all the same."""
    made, connections = against(FORBIDDEN, paths=(path, "/"))
    assert [o.id for o in made] == ["port/http", f"get/http{path}", "get/http/"]
    refused = made[1].outcome
    assert isinstance(refused, Unknown)
    assert refused.cause is Cause.NOT_PERMITTED
    assert isinstance(made[0].fact, OpenService)
    assert isinstance(made[2].fact, HttpFace)
    assert connections == 1


def test_only_web_services_are_asked() -> None:
    """Not the host as a whole, and no other service."""
    ssh = Service(name="ssh", protocol="ssh", transport="tcp", port=22, title="SSH", default="on", level=3)
    assert HttpProbe().applies(HTTP, Settings())
    assert HttpProbe().applies(HTTPS, Settings())
    assert not HttpProbe().applies(ssh, Settings())
    assert not HttpProbe().applies(None, Settings())
