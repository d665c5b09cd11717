"""Fetching faces from real servers of every age, and telling which versions and suites they take."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from auditor.model.facts import TlsFace, TlsVersions
from auditor.model.profile import Limits
from auditor.wire import tls
from auditor.wire.failures import RefusedError, SilentError, TlsFailedError, WireError
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry
from auditor.wire.server_flight import NotTlsError
from auditor.wire.suites import IANA_NAMES, OFFERED, TLS13_OFFERED, WEAK_GROUPS
from auditor.wire.tls_session import legacy_context
from tests.lines import gate_to, says, serving
from tests.peers import free_port
from tests.tls_peers import HOSTNAME, chain_of_two, dsa_identity, forgotten_tls, nginx, s_server, self_signed

T = TypeVar("T")
LIMITS = Limits(pause_seconds=0.0, question_seconds=4.0)
SHORT = Limits(pause_seconds=0.0, question_seconds=0.3)
ALL = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def ask(question: Callable[[Gate], Awaitable[T]], *, limits: Limits = LIMITS) -> tuple[T, list[Entry]]:
    entries: list[Entry] = []

    async def run() -> T:
        return await question(gate_to(entries, limits=limits))

    return asyncio.run(run()), entries


def fetch(port: int, sni: str | None = HOSTNAME) -> TlsFace:
    return ask(lambda gate: tls.fetch(gate, port, sni=sni))[0]


def versions(port: int) -> TlsVersions:
    return ask(lambda gate: tls.probe_versions(gate, port, sni=HOSTNAME))[0]


@pytest.mark.parametrize(
    ("protocols", "highest"),
    [("TLSv1", "TLSv1.0"), ("TLSv1.1", "TLSv1.1"), ("TLSv1.2", "TLSv1.2"), ("TLSv1.3", "TLSv1.3"),
     ("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", "TLSv1.3")],
)  # fmt: skip
def test_nginx_shows_its_chain_and_proves_its_key(tmp_path: Path, protocols: str, highest: str) -> None:
    """Leaf and issuer byte for byte, the highest version, two connections, each a line of the transcript."""
    identity = chain_of_two(tmp_path)
    with nginx(tmp_path, identity, protocols=protocols) as peer:
        face, entries = ask(lambda gate: tls.fetch(gate, peer.port, sni=HOSTNAME))
        found = versions(peer.port)
    assert face.chain == identity.chain
    assert (face.version, face.completed, face.protection, face.chain_complete) == (highest, True, "full", True)
    assert face.sni == HOSTNAME
    assert face.cipher in IANA_NAMES.values()
    assert [(e.protocol, e.operation, e.permitted) for e in entries] == [("tls", "HELLO", True)] * 2
    named = {name.replace("TLSv1", "TLSv1.0") if name == "TLSv1" else name for name in protocols.split()}
    assert set(found.accepted) == named
    assert set(found.refused) == set(ALL) - named
    assert found.unclear == ()


@pytest.mark.parametrize(
    ("version", "name"), [((3, 0), "SSLv3"), ((3, 1), "TLSv1.0")], ids=["sslv3", "tls1.0"]
)  # fmt: skip
@pytest.mark.parametrize(("cipher", "word"), [("rc4", "RC4_128"), ("3des", "3DES_EDE")])
def test_what_the_library_has_forgotten_is_still_read(
    tmp_path: Path, version: tuple[int, int], name: str, cipher: str, word: str
) -> None:
    """SSLv3, RC4 and 3DES: the chain is read, and the face says that the key is not proven."""
    identity = chain_of_two(tmp_path)
    with forgotten_tls(identity, version=version, cipher=cipher) as peer:
        face, found = fetch(peer.port), versions(peer.port)
    assert face.chain == identity.chain
    assert (face.version, face.completed, face.protection) == (name, False, "full")
    assert word in face.cipher
    assert found.accepted == (name,)
    assert [suite for suite in found.weak_suites if word in suite]


@pytest.mark.parametrize("digest", ["md5", "sha1"])
def test_a_key_of_512_bits_is_read_on_tls_1_0(tmp_path: Path, digest: str) -> None:
    """No library setting of ours refuses a certificate: it is judged elsewhere."""
    identity = self_signed(tmp_path, "rsa:512", digest=digest)
    with s_server(tmp_path, "-cipher", "ALL:@SECLEVEL=0", "-tls1", identity=identity) as peer:
        face = fetch(peer.port)
    assert (face.version, face.chain, face.completed) == ("TLSv1.0", identity.chain, True)


def test_a_dsa_key_is_read(tmp_path: Path) -> None:
    """DSS suites are offered."""
    identity = dsa_identity(tmp_path)
    with s_server(tmp_path, "-cipher", "ALL:@SECLEVEL=0", "-tls1", identity=identity) as peer:
        face = fetch(peer.port)
    assert face.chain == identity.chain
    assert "_DSS_" in face.cipher


def test_a_server_with_anonymous_suites_only_protects_nothing(tmp_path: Path) -> None:
    """No chain, no proof, protection none."""
    with s_server(tmp_path, "-cipher", "aNULL:@SECLEVEL=0", "-tls1_2") as peer:
        face, found = fetch(peer.port), versions(peer.port)
    assert (face.chain, face.completed, face.protection) == ((), False, "none")
    assert "_anon_" in face.cipher
    assert [suite for suite in found.weak_suites if "_anon_" in suite]


def test_a_server_with_null_suites_only_protects_nothing(tmp_path: Path) -> None:
    """The chain is shown and the key proven, but nothing is encrypted."""
    identity = chain_of_two(tmp_path)
    with s_server(tmp_path, "-cipher", "eNULL:@SECLEVEL=0", "-tls1_2", identity=identity) as peer:
        face = fetch(peer.port)
    assert (face.chain, face.completed, face.protection) == (identity.chain, True, "none")
    assert "_WITH_NULL_" in face.cipher


def test_a_server_that_prefers_null_but_can_do_better_is_protected(tmp_path: Path) -> None:
    """Only the sole offer of NULL counts; the weak suite is named among the versions."""
    identity = chain_of_two(tmp_path)
    options = ("-cipher", "eNULL:AES128-SHA:@SECLEVEL=0", "-serverpref", "-tls1_2")
    with s_server(tmp_path, *options, identity=identity) as peer:
        face, found = fetch(peer.port), versions(peer.port)
    assert (face.cipher, face.protection) == ("TLS_RSA_WITH_AES_128_CBC_SHA", "full")
    assert [suite for suite in found.weak_suites if "_WITH_NULL_" in suite]


def test_a_request_for_a_certificate_is_noted(tmp_path: Path) -> None:
    """Seen in the clear part of TLS 1.2."""
    identity = chain_of_two(tmp_path)
    with s_server(tmp_path, "-tls1_2", "-Verify", "1", identity=identity) as peer:
        face = fetch(peer.port)
    assert face.client_certificate_requested
    assert not face.completed


def test_no_name_is_sent_for_an_address(tmp_path: Path) -> None:
    """And the face says that none was sent."""
    identity = chain_of_two(tmp_path)
    with nginx(tmp_path, identity, protocols="TLSv1.2") as peer:
        face = fetch(peer.port, sni="127.0.0.1")
    assert face.sni is None
    assert face.completed


def test_a_refused_port_is_refused() -> None:
    """One attempt, no more."""
    entries: list[Entry] = []

    async def run() -> None:
        await tls.fetch(gate_to(entries, limits=LIMITS), free_port())

    with pytest.raises(RefusedError):
        asyncio.run(run())
    assert len(entries) == 1


def talk_to(*parts: bytes, then: str = "wait", limits: Limits = LIMITS) -> tuple[WireError, int]:
    async def run() -> tuple[WireError, int]:
        async with serving(says(*parts, then=then)) as peer:
            with pytest.raises(WireError) as caught:
                await tls.fetch(gate_to(limits=limits), peer.port, sni=HOSTNAME)
            return caught.value, peer.connections

    return asyncio.run(run())


def test_another_protocol_is_told_at_once() -> None:
    """One connection, and the words that came."""
    error, connections = talk_to(b"220 ready\r\n", then="close")
    assert isinstance(error, NotTlsError)
    assert "32 32 30" in str(error)
    assert connections == 1


def test_a_silent_server_is_asked_twice_and_no_more() -> None:
    """Once with today's hello, once with that of 1999."""
    began = time.monotonic()
    error, connections = talk_to(limits=SHORT)
    assert isinstance(error, SilentError)
    assert connections == 2
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("answer", [b"\x15\x03\x01\x00\x02\x02\x28", b""], ids=["alert", "close"])
def test_a_server_that_refuses_every_hello_could_not_be_verified(answer: bytes) -> None:
    """Two modern ways, two old ones, and then "no session": never "HTTPS is off"."""
    error, connections = talk_to(*([answer] if answer else []), then="close")
    assert isinstance(error, TlsFailedError)
    assert "no TLS session" in str(error)
    assert connections == 4


def test_versions_of_a_port_that_talks_otherwise_are_unclear() -> None:
    """Nothing is accepted, nothing is called refused."""

    async def run() -> TlsVersions:
        async with serving(says(b"220 ready and longer than a record's header\r\n")) as peer:
            return await tls.probe_versions(gate_to(limits=LIMITS), peer.port)

    found = asyncio.run(run())
    assert (found.accepted, found.weak_suites) == ((), ())
    assert set(found.unclear) == set(ALL)


def test_a_server_that_goes_silent_is_asked_twice_and_the_rest_is_unclear() -> None:
    """Each silence costs a deadline; an old device has other questions to answer."""

    async def run() -> tuple[TlsVersions, int]:
        async with serving(says()) as peer:
            return await tls.probe_versions(gate_to(limits=SHORT), peer.port), peer.connections

    found, connections = asyncio.run(run())
    assert found.unclear == ALL
    assert connections == 2


def test_weak_kinds_that_could_not_be_tried_are_named(tmp_path: Path) -> None:
    """Not looked at is not the same as not offered: here the server stops talking after the versions."""
    identity = chain_of_two(tmp_path)
    answers = 0

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answers
        answers += 1
        hello = await reader.read(1024)
        if answers > 6:
            await reader.read()
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", nginx_port)
        inner_writer.write(hello)
        writer.write(await inner_reader.read(16_384))
        await writer.drain()
        inner_writer.close()

    async def run() -> TlsVersions:
        async with serving(relay) as peer:
            return await tls.probe_versions(gate_to(limits=SHORT), peer.port, sni=HOSTNAME)

    with nginx(tmp_path, identity, protocols="TLSv1.2") as peer:
        nginx_port = peer.port
        found = asyncio.run(run())
    assert found.accepted == ("TLSv1.2",)
    assert found.weak_suites_unclear == ("RC4", "3DES", "DES", "export", "NULL", "anonymous")
    assert answers == 6 + 2


def test_every_suite_that_is_offered_has_a_name() -> None:
    """A hole in the table would print a number in a report."""
    codes = {*OFFERED, *TLS13_OFFERED, *(code for _, group, _ in WEAK_GROUPS for code in group)}
    assert codes <= set(IANA_NAMES)
    library = {suite["id"] & 0xFFFF for suite in legacy_context().get_ciphers()}
    assert library <= set(IANA_NAMES)


def test_the_context_is_as_lenient_as_the_library_can_be() -> None:
    """Verification is off on purpose: `trust` judges. Level 0 is needed for keys and digests of 2008."""
    context = legacy_context()
    assert context.verify_mode is ssl.CERT_NONE
    assert context.security_level == 0
    assert context.minimum_version in {ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.SSLv3}
