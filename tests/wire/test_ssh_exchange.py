"""The key exchange by hand, against asyncssh's server half, and against a server that cannot prove its key."""

import asyncssh
import pytest

from auditor.model.profile import Limits
from auditor.wire import ssh
from auditor.wire.failures import MalformedError
from auditor.wire.ssh_exchange import GROUP_14, KINDS, Exchange
from auditor.wire.ssh_message import packet
from tests.lines import gate_to

LIMITS = Limits(pause_seconds=0.0, question_seconds=10.0)
KEY = asyncssh.generate_private_key("ssh-rsa", key_size=2048)

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


@pytest.mark.parametrize("kex", KINDS)
async def test_a_server_with_one_exchange_proves_its_key(kex: str) -> None:
    """Every exchange that is made by hand ends with the server's own key."""
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[KEY], kex_algs=[kex], signature_algs=["rsa-sha2-256", "ssh-rsa"]
    )
    try:
        face = await ssh.read_face(gate_to([], limits=LIMITS), server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
    assert face.kex[0] == kex
    assert [key.blob for key in face.host_keys] == [KEY.public_data]


async def test_a_signature_by_another_key_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that shows a key which it does not hold is shown to have none."""
    other = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    monkeypatch.setattr(type(KEY), "sign", lambda _self, data, algorithm, real=KEY.sign: real(data, algorithm))
    server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[other], kex_algs=["curve25519-sha256"])
    try:
        face = await ssh.read_face(gate_to([], limits=LIMITS), server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
    assert face.kex[0] == "curve25519-sha256"
    assert face.host_keys == ()


@pytest.mark.parametrize("half", [0, 1, -1])
def test_numbers_outside_the_group_are_refused(half: int) -> None:
    """0, 1 and p - 1 would make the shared secret known to everybody (RFC 4253 section 8)."""
    exchange = Exchange("diffie-hellman-group14-sha1")
    number = half if half >= 0 else GROUP_14 - 1
    reply = bytes([31]) + _strings(KEY.public_data, number.to_bytes(257, "big"), b"signature")
    with pytest.raises(MalformedError, match="no number of the group"):
        exchange.proven(reply, (b"", b"", b"", b""))


@pytest.mark.parametrize("reply", [b"", b"\x1e", bytes([31]) + b"\0\0\0\x05ab", packet(b"\x1f")])
@pytest.mark.parametrize("kex", ["curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group1-sha1"])
def test_noise_is_no_proof(kex: str, reply: bytes) -> None:
    """Whatever is no reply ends in a typed error."""
    with pytest.raises(MalformedError):
        Exchange(kex).proven(reply, (b"", b"", b"", b""))


@pytest.mark.parametrize("theirs", [b"", bytes(32), b"\x04" + bytes(64)])
@pytest.mark.parametrize("kex", ["curve25519-sha256", "ecdh-sha2-nistp256"])
def test_points_that_are_none_are_refused(kex: str, theirs: bytes) -> None:
    """Points that are not on the curve, or of low order, end in a typed error."""
    reply = bytes([31]) + _strings(KEY.public_data, theirs, b"signature")
    with pytest.raises(MalformedError, match="no point of the curve"):
        Exchange(kex).proven(reply, (b"", b"", b"", b""))


def _strings(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
