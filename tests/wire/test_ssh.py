"""What an SSH server shows before login, from real servers and from hostile ones."""

import asyncio
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.facts import SshFace
from auditor.model.profile import Limits
from auditor.wire import ssh
from auditor.wire.failures import ClosedEarlyError, MalformedError, RefusedError, SilentError, WireError
from auditor.wire.ledger import Entry
from auditor.wire.ssh_message import (
    CIPHERS,
    HOST_KEYS,
    KEX,
    LARGEST_PACKET,
    MACS,
    kexinit,
    packet,
    parse_identification,
    parse_kexinit,
    read_host_key,
    unwrap,
)
from tests.lines import gate_to, says, serving
from tests.peers import free_port, program
from tests.tls_peers import sshd

LIMITS = Limits(pause_seconds=0.0, question_seconds=4.0)
SHORT = Limits(pause_seconds=0.0, question_seconds=0.4)
BANNER = b"SSH-2.0-Lab_1.0 device\r\n"
KEXINIT = packet(kexinit(bytes(16)))

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def read(port: int, limits: Limits = LIMITS) -> tuple[SshFace, list[Entry]]:
    entries: list[Entry] = []
    return asyncio.run(ssh.read_face(gate_to(entries, limits=limits), port)), entries


def fingerprint(key: Path) -> str:
    command = [program("ssh-keygen"), "-l", "-f", f"{key}.pub"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]


def test_a_real_server_is_read_and_no_user_is_named(tmp_path: Path) -> None:
    """OpenSSH: identification, algorithms, one key of each kind as its own tool prints it; no login in its log."""
    with sshd(tmp_path, kinds=("rsa", "ecdsa", "ed25519")) as peer:
        face, entries = read(peer.port)
        log = peer.log.read_text()
    assert face.banner.startswith("SSH-2.0-OpenSSH_")
    assert (face.protocol, face.software) == ("2.0", face.banner.split("-", 2)[2].split()[0])
    assert "curve25519-sha256" in face.kex
    assert "ssh-ed25519" in face.host_key_algorithms
    assert "aes128-ctr" in face.ciphers
    assert "hmac-sha2-256" in face.macs
    found = {(key.algorithm, key.fingerprint) for key in face.host_keys}
    kinds = {"ssh-rsa": "rsa", "ecdsa-sha2-nistp256": "ecdsa", "ssh-ed25519": "ed25519"}
    assert found == {(name, fingerprint(tmp_path / f"host-{kind}")) for name, kind in kinds.items()}
    assert {key.algorithm: key.bits for key in face.host_keys} == {
        "ssh-rsa": 3072,
        "ecdsa-sha2-nistp256": 256,
        "ssh-ed25519": 256,
    }
    assert [(e.protocol, e.operation, e.outcome) for e in entries] == [("ssh", "KEXINIT", "answered")] * 4
    assert all(e.received_bytes and e.sent_bytes for e in entries)
    assert "userauth" not in log


def test_an_old_server_is_read_with_old_algorithms(tmp_path: Path) -> None:
    """Group 1, 3DES, MD5 and ssh-rsa: enough to be shown the key."""
    options = ("KexAlgorithms diffie-hellman-group1-sha1", "Ciphers 3des-cbc", "MACs hmac-md5",
               "HostKeyAlgorithms ssh-rsa")  # fmt: skip
    with sshd(tmp_path, *options, kinds=("rsa",)) as peer:
        face, _ = read(peer.port)
    assert face.kex[0] == "diffie-hellman-group1-sha1"
    assert (face.ciphers, face.macs, face.host_key_algorithms) == (("3des-cbc",), ("hmac-md5",), ("ssh-rsa",))
    assert [key.algorithm for key in face.host_keys] == ["ssh-rsa"]


def test_a_server_with_algorithms_that_nobody_shares_is_still_described(tmp_path: Path) -> None:
    """No key exchange is tried where it cannot end well."""
    with sshd(tmp_path, "KexAlgorithms sntrup761x25519-sha512@openssh.com", kinds=("ed25519",)) as peer:
        face, entries = read(peer.port)
    assert face.kex[0].startswith("sntrup761")
    assert face.host_keys == ()
    assert len(entries) == 1


def ask(*parts: bytes | float, then: str = "wait", limits: Limits = SHORT) -> tuple[SshFace, bytes]:
    async def run() -> tuple[SshFace, bytes]:
        async with serving(says(*parts, then=then)) as peer:
            return await ssh.read_face(gate_to(limits=limits), peer.port), bytes(peer.received)

    return asyncio.run(run())


def test_lines_before_the_identification_are_allowed() -> None:
    """RFC 4253 section 4.2; a device may greet first."""
    face, _ = ask(b"Welcome\r\nto the lab\n" + BANNER + KEXINIT)
    assert (face.banner, face.protocol, face.software) == ("SSH-2.0-Lab_1.0 device", "2.0", "Lab_1.0")
    assert face.kex == KEX


@pytest.mark.parametrize(("version", "spoken_to"), [("1.5", False), ("1.99", True)])
def test_old_protocol_versions_are_recorded(version: str, spoken_to: bool) -> None:  # noqa: FBT001
    """1.99 speaks both; a server of version 1 alone is not answered at all."""
    face, sent = ask(f"SSH-{version}-Old\n".encode() + KEXINIT)
    assert (face.protocol, face.software) == (version, "Old")
    assert bool(face.kex) is spoken_to
    assert sent.startswith(b"SSH-2.0-vc-fleet-auditor_") is spoken_to


def test_messages_to_be_ignored_may_come_first() -> None:
    """RFC 4253 section 11."""
    face, _ = ask(BANNER + packet(b"\x02\x00\x00\x00\x00") + packet(b"\x04\x00" + bytes(8)) + KEXINIT)
    assert face.host_key_algorithms == HOST_KEYS


@pytest.mark.parametrize(
    "rest",
    [b"", b"\xff\xff\xff\xff", packet(b"\x01" + bytes(12)), packet(b"\x02") * 20, packet(b"\x14" + bytes(20)),
     b"\x00\x00\x00\x05\xff\x14\x00\x00\x00", b"\x00" * 400],
    ids=["silent", "huge", "disconnect", "ignored", "short list", "all padding", "zeros"],
)  # fmt: skip
def test_a_server_that_fails_after_its_banner_still_gives_the_banner(rest: bytes) -> None:
    """And nothing is claimed of its algorithms."""
    face, _ = ask(BANNER + rest)
    assert face.software == "Lab_1.0"
    assert (face.kex, face.host_keys) == ((), ())


@pytest.mark.parametrize(
    ("parts", "then", "error"),
    [
        ((), "wait", SilentError),
        ((), "close", ClosedEarlyError),
        ((b"x" * 3_000 + b"\n",), "close", MalformedError),
        ((b"220 ready\r\n" * 60,), "close", MalformedError),
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "close", ClosedEarlyError),
    ],
    ids=["silent", "close", "long line", "many lines", "http"],
)
def test_what_is_no_ssh_is_told_apart(parts: tuple[bytes, ...], then: str, error: type[WireError]) -> None:
    """Within the deadline."""
    began = time.monotonic()
    with pytest.raises(error):
        ask(*parts, then=then)
    assert time.monotonic() - began < 1


def test_a_key_exchange_that_hangs_costs_no_more_than_its_deadline() -> None:
    """Banner and algorithms come, the key exchange never does: three kinds of key, three deadlines."""
    began = time.monotonic()
    face, _ = ask(BANNER + KEXINIT)
    assert face.kex == KEX
    assert face.host_keys == ()
    assert time.monotonic() - began < 4 * 0.4 + 0.6


def test_noise_in_the_key_exchange_costs_the_keys_only() -> None:
    """Whatever the library makes of it."""
    face, _ = ask(BANNER + KEXINIT + packet(b"\x1f" + b"\xff" * 60) * 5)
    assert (face.ciphers, face.host_keys) == (CIPHERS, ())


def test_a_refused_port_is_refused() -> None:
    """Told apart from silence."""
    with pytest.raises(RefusedError):
        read(free_port())


def test_the_library_knows_every_algorithm_that_we_name() -> None:
    """Else its options would be refused when a server offers one of them."""
    options = asyncssh.SSHClientConnectionOptions(
        config=None, username="x", client_keys=None, agent_path=None, kex_algs=list(KEX), encryption_algs=list(CIPHERS),
        mac_algs=list(MACS), server_host_key_algs=list(HOST_KEYS),
    )  # fmt: skip
    assert options.username == "x"


def test_our_own_message_reads_back() -> None:
    """A packet is a multiple of eight bytes long and has at least four of padding (RFC 4253 section 6)."""
    assert len(KEXINIT) % 8 == 0
    assert KEXINIT[4] >= 4
    found = parse_kexinit(unwrap(KEXINIT[4:]))
    assert (found.kex, found.host_keys, found.ciphers, found.macs) == (KEX, HOST_KEYS, CIPHERS, MACS)


def test_a_dsa_key_is_measured_by_its_prime() -> None:
    """RFC 4253 section 6.6."""
    key = asyncssh.generate_private_key("ssh-dss")
    found = read_host_key(key.public_data)
    assert (found.algorithm, found.bits) == ("ssh-dss", 1024)
    assert found.fingerprint == key.get_fingerprint()


def test_a_key_of_an_unknown_kind_has_no_size() -> None:
    """0 means not known."""
    assert read_host_key(b"\x00\x00\x00\x03new").bits == 0


@pytest.mark.parametrize("line", [b"SSH-2-Lab", b"SSH-", b"ssh-2.0-x", b"", b"Welcome"])
def test_other_lines_are_no_identification(line: bytes) -> None:
    """They are passed over."""
    assert parse_identification(line) is None


@given(st.binary(max_size=300))
def test_noise_as_algorithms_ends_in_a_typed_error(data: bytes) -> None:
    """The parser of lists, on anything."""
    with suppress(WireError):
        parse_kexinit(data)


@given(st.binary(min_size=1, max_size=300))
def test_noise_as_packet_or_key_ends_in_a_typed_error(data: bytes) -> None:
    """The same for packets and keys."""
    with suppress(WireError):
        unwrap(data)
    with suppress(WireError):
        read_host_key(data)
    parse_identification(data)


@given(st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_a_damaged_list_is_read_or_refused(at: int, damage: bytes) -> None:
    """Names that come out are printable ASCII and never more than went in."""
    message = bytearray(kexinit(bytes(16)))
    message[at : at + len(damage)] = damage
    with suppress(WireError):
        found = parse_kexinit(bytes(message))
        assert all(name.isascii() and name.isprintable() for name in found.kex + found.ciphers)
        assert sum(map(len, found.kex)) <= LARGEST_PACKET
