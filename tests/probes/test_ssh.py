"""The SSH probe: port and face from the same conversation."""

import asyncio
from pathlib import Path

from auditor.model.evidence import Absent, AnyObservation, Cause, Seen, Unknown
from auditor.model.facts import OpenService, SshFace
from auditor.model.inventory import Settings
from auditor.model.profile import Limits, Service
from auditor.probes.ssh import SshProbe
from tests.lines import gate_to, question_about, says, serving
from tests.peers import free_port
from tests.tls_peers import sshd

SHORT = Limits(pause_seconds=0.0, question_seconds=0.4)
PATIENT = Limits(pause_seconds=0.0, question_seconds=4.0)
SSH = Service(name="ssh", protocol="ssh", transport="tcp", port=22, title="SSH", default="on", level=3)


async def ask(port: int, limits: Limits = SHORT) -> list[AnyObservation]:
    return [made async for made in SshProbe().ask(gate_to(limits=limits), question_about(SSH, port))]


def test_a_real_server_gives_port_and_face(tmp_path: Path) -> None:
    """Debian's OpenSSH."""
    with sshd(tmp_path) as peer:
        opened, face = asyncio.run(ask(peer.port, PATIENT))
    assert (opened.id, face.id) == ("port/ssh", "ssh/ssh")
    assert opened.fact == OpenService(service="ssh", transport="tcp", port=peer.port)
    assert isinstance(face.fact, SshFace)
    assert {key.algorithm for key in face.fact.host_keys} == {"ssh-rsa", "ssh-ed25519"}


def test_a_refused_port_is_absent() -> None:
    """Proven closed, and so there is no face."""
    made = asyncio.run(ask(free_port()))
    assert [type(o.outcome) for o in made] == [Absent, Absent]


def test_a_silent_port_is_open_and_its_face_unknown() -> None:
    """Told apart from a closed one."""

    async def run() -> list[AnyObservation]:
        async with serving(says()) as peer:
            return await ask(peer.port)

    opened, face = asyncio.run(run())
    assert isinstance(opened.outcome, Seen)
    assert isinstance(face.outcome, Unknown)
    assert face.outcome.cause is Cause.TIMED_OUT


def test_only_ssh_services_are_asked() -> None:
    """Not the host as a whole, and no other service."""
    telnet = Service(name="telnet", protocol="telnet", transport="tcp", port=23, title="T", default="on", level=1)
    assert SshProbe().applies(SSH, Settings())
    assert not SshProbe().applies(telnet, Settings())
    assert not SshProbe().applies(None, Settings())
