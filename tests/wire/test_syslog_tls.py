"""Handing over to a real rsyslog by TLS: what arrives, and each way in which nothing does."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.wire.syslog_tls import (
    Collector,
    CollectorNotTrustedError,
    CollectorRefusedError,
    CollectorUnreachableError,
    KeyFileError,
    hand_over,
)
from tests.peers import LOOPBACK, free_port
from tests.syslog_peers import COLLECTOR, Authority, Pair, rsyslog

MESSAGES = tuple(
    b"%d %b" % (len(text), text)
    for text in (f"<134>1 2026-03-04T02:00:00Z h auditor run finding - number {n}".encode() for n in range(50))
)
CLIENT = "auditor"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that both sides trust."""
    return Authority(tmp_path)


@pytest.mark.parametrize("tls13", [True, False], ids=["1.3", "1.2"])
@pytest.mark.parametrize("host", [COLLECTOR, LOOPBACK])
def test_every_message_arrives_once(tmp_path: Path, authority: Authority, host: str, *, tls13: bool) -> None:
    """By name and by address, in both versions."""
    with rsyslog(tmp_path, authority, tls13=tls13) as peer:
        done = hand_over(Collector(host=host, port=peer.port, ca=authority.file), MESSAGES)
        received = peer.records(lambda lines: len(lines) >= len(MESSAGES))
    assert [line.partition("number ")[2] for line in received] == [str(n) for n in range(50)]
    assert (done.messages, done.sent_bytes) == (50, sum(map(len, MESSAGES)))
    assert done.version == ("TLSv1.3" if tls13 else "TLSv1.2")


def test_line_feeds_in_a_message_forge_no_record(tmp_path: Path, authority: Authority) -> None:
    """Octet counting holds even where the message is not made by us."""
    body = b"<134>1 2026-03-04T02:00:00Z h a r f - x\n<13>1 2026-01-01T00:00:00Z forged sshd - - - yes"
    with rsyslog(tmp_path, authority) as peer:
        collector = Collector(host=COLLECTOR, port=peer.port, ca=authority.file)
        hand_over(collector, [b"%d %b" % (len(body), body), *MESSAGES[:1]])
        received = peer.records(lambda lines: any("number 0" in line for line in lines))
    assert len(received) == 2
    assert "#012" in received[0]


@pytest.mark.parametrize("password", [None, b"correct horse"])
def test_a_client_certificate_is_shown(tmp_path: Path, authority: Authority, password: bytes | None) -> None:
    """Its key may be encrypted."""
    pair = authority.pair(CLIENT, password=password)
    with rsyslog(tmp_path, authority, client=CLIENT) as peer:
        collector = Collector(
            host=COLLECTOR, port=peer.port, ca=authority.file, client_certificate=pair.certificate,
            client_key=pair.key, key_password=password.decode() if password else None,
        )  # fmt: skip
        assert "correct" not in repr(collector)
        hand_over(collector, MESSAGES)
        assert len(peer.records(lambda lines: len(lines) >= len(MESSAGES))) == len(MESSAGES)


@pytest.mark.parametrize("tls13", [True, False], ids=["1.3", "1.2"])
def test_a_missing_client_certificate_is_noticed(tmp_path: Path, authority: Authority, *, tls13: bool) -> None:
    """With TLS 1.3 handshake and sending succeed, and nothing arrives; it must not read as success."""
    with rsyslog(tmp_path, authority, client=CLIENT, tls13=tls13) as peer:
        collector = Collector(host=COLLECTOR, port=peer.port, ca=authority.file)
        with pytest.raises((CollectorRefusedError, CollectorNotTrustedError)) as caught:
            hand_over(collector, MESSAGES[:1])
        assert not peer.file.exists()
    if tls13:
        assert "client certificate" in str(caught.value)


def test_a_client_of_another_name_is_refused(tmp_path: Path, authority: Authority) -> None:
    """The collector's permitted peers."""
    pair = authority.pair("somebody")
    with rsyslog(tmp_path, authority, client=CLIENT) as peer:
        collector = Collector(
            host=COLLECTOR, port=peer.port, ca=authority.file, client_certificate=pair.certificate, client_key=pair.key
        )
        with pytest.raises((CollectorRefusedError, CollectorNotTrustedError)):
            hand_over(collector, MESSAGES)


def test_a_stranger_gets_nothing(tmp_path: Path, authority: Authority) -> None:
    """Another authority, or the system's: refused before a finding leaves."""
    other = Authority(tmp_path, "other")
    with rsyslog(tmp_path, authority) as peer:
        with pytest.raises(CollectorNotTrustedError, match="certificate not accepted"):
            hand_over(Collector(host=COLLECTOR, port=peer.port, ca=other.file), MESSAGES)
        with pytest.raises(CollectorNotTrustedError, match="certificate not accepted"):
            hand_over(Collector(host=COLLECTOR, port=peer.port), MESSAGES)
        assert not peer.file.exists()


@pytest.mark.parametrize("host", [COLLECTOR, LOOPBACK])
def test_a_certificate_of_another_name_is_not_accepted(tmp_path: Path, authority: Authority, host: str) -> None:
    """Although the authority is the right one."""
    with rsyslog(tmp_path, authority, name="other.example.test") as peer:
        with pytest.raises(CollectorNotTrustedError, match="certificate not accepted"):
            hand_over(Collector(host=host, port=peer.port, ca=authority.file), MESSAGES)
        assert not peer.file.exists()


def test_nobody_is_there(authority: Authority) -> None:
    """Refused connections and names that do not exist are sentences."""
    with pytest.raises(CollectorUnreachableError, match="no connection"):
        hand_over(Collector(host=LOOPBACK, port=free_port(), ca=authority.file), MESSAGES)
    with pytest.raises(CollectorUnreachableError, match="no connection"):
        hand_over(Collector(host="a" * 70 + ".invalid", ca=authority.file), MESSAGES)


def test_files_that_are_no_certificates(tmp_path: Path, authority: Authority) -> None:
    """Missing, empty, of another key, or encrypted without its password: nobody is asked on the terminal."""
    missing, empty = tmp_path / "missing.pem", tmp_path / "empty.pem"
    empty.touch()
    for ca in (missing, empty):
        with pytest.raises(KeyFileError, match=ca.name):
            hand_over(Collector(host=LOOPBACK, ca=ca), MESSAGES)
    mine, locked = authority.pair(CLIENT), authority.pair("locked", password=b"secret-word")
    for pair in (Pair(mine.certificate, locked.key), Pair(locked.certificate, locked.key), Pair(empty, mine.key)):
        collector = Collector(
            host=LOOPBACK, ca=authority.file, client_certificate=pair.certificate, client_key=pair.key
        )
        with pytest.raises(KeyFileError, match=pair.certificate.name):
            hand_over(collector, MESSAGES)


@contextmanager
def answering(authority: Authority, least: int, most: int, ending: bytes | None) -> Iterator[int]:
    """Run a TLS server that takes what comes and then ends in its own way: a word, or None to hang up at once."""
    pair = authority.pair(COLLECTOR)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = ssl.TLSVersion(least), ssl.TLSVersion(most)
    context.load_cert_chain(pair.certificate, pair.key)
    with socket.create_server((LOOPBACK, 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            try:
                bare, _ = listener.accept()
                with bare, context.wrap_socket(bare, server_side=True) as line:
                    if ending is not None:
                        while b"number 49" not in line.recv(65536):
                            pass
                        line.sendall(ending)
                        line.recv(1)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


def test_one_that_hangs_up_has_refused(authority: Authority) -> None:
    """Also where it says goodbye politely."""
    with (
        answering(authority, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, None) as port,
        pytest.raises(CollectorRefusedError, match="Nobody can tell what it kept"),
    ):
        hand_over(Collector(host=COLLECTOR, port=port, ca=authority.file), MESSAGES)


def test_one_that_talks_has_taken_it(authority: Authority) -> None:
    """RFC 5425 has no words for a collector, but a word is no refusal."""
    with answering(authority, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, b"thanks") as port:
        assert hand_over(Collector(host=COLLECTOR, port=port, ca=authority.file), MESSAGES).messages == 50


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_old_tls_is_not_spoken(authority: Authority) -> None:
    """TLS 1.2 is the least."""
    with (
        answering(authority, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1, None) as port,
        pytest.raises(CollectorNotTrustedError, match="no TLS session"),
    ):
        hand_over(Collector(host=COLLECTOR, port=port, ca=authority.file), MESSAGES)
