"""Fuzz targets of the wire: whatever a peer says, a verb ends with a bounded fact or with a `WireError`.

Each target runs the verb as a probe does, on a gate that brings the fuzzer's octets, and then looks at two things: that
what is kept is bounded, and that nothing was sent which the verb may not send.
"""

import ipaddress
import math
import re

import dns.message

from auditor.profiles import load_profiles
from auditor.wire import clienthello, ftp, http, ntp, snmp, ssh, tds, telnet
from auditor.wire import dns as names
from auditor.wire.failures import WireError
from auditor.wire.hello_message import TLS12, Offer
from auditor.wire.http_fields import LONGEST_FIELD
from auditor.wire.http_settings import HttpDocuments
from auditor.wire.login import Login, LoginGuard
from auditor.wire.readlist import Request
from auditor.wire.secret import Secret
from auditor.wire.ssh_message import KEX, KexInit, packet, parse_kexinit, read_host_key
from tests.fuzz.fed import ADDRESS, FedGate, finished

PATTERNS = tuple(dict.fromkeys(profile.telnet_challenge_pattern for profile in load_profiles().values()))
SSH_NEXT = b"--next message--"
DOCUMENT = "/configuration.xml"
PASSWORD = "canary-4711"  # noqa: S105 - what must never stand among the octets that are sent
REFUSALS = re.compile(rb"(?:\xff[\xfc\xfe].)*", re.DOTALL)
FTP_COMMANDS = {b"", b"FEAT\r\n", b"FEAT\r\nQUIT\r\n"}
NONCE = bytes(range(8))
NOW = 1_780_000_000.0


def telnet_greeting(data: bytes) -> None:
    """A greeting; only refusals of options are sent, each once."""
    for pattern in PATTERNS:
        gate = FedGate(data, ())
        try:
            greeting = finished(telnet.greet(gate, 23, pattern))
        except WireError:
            continue
        finally:
            assert REFUSALS.fullmatch(bytes(gate.sent))
            assert len(gate.sent) <= 3 * telnet.MOST_REFUSALS
        assert len(greeting.banner) <= telnet.MOST_TEXT
        assert len(greeting.iac) <= 2 * telnet.MOST_OPTION_BYTES
    whole, apart = telnet.Negotiation(), telnet.Negotiation()
    at_once = whole.feed(data)
    pieces = [apart.feed(data[at : at + 1]) for at in range(len(data))]
    assert at_once == (b"".join(text for text, _ in pieces), b"".join(reply for _, reply in pieces))


def ftp_greeting(data: bytes) -> None:
    """A greeting and features; nothing but FEAT and QUIT is sent."""
    gate = FedGate(data, (ftp.FEAT, ftp.QUIT))
    try:
        greeting = finished(ftp.greet(gate, 21))
    except WireError:
        return
    finally:
        assert bytes(gate.sent) in FTP_COMMANDS
    assert 100 <= greeting.code < 600
    assert len(greeting.banner) <= ftp.MOST_TEXT
    assert len(greeting.features) <= ftp.MOST_LINES
    assert greeting.features_known or not greeting.auth_tls


def ssh_opening(data: bytes) -> None:
    """Identification and algorithms; the octets are also read as a KEXINIT and as a host key."""
    for read in (parse_kexinit, read_host_key):
        try:
            read(data)
        except WireError:
            continue
    gate = FedGate(data, (ssh.OPENING,))
    try:
        who, offer = finished(ssh._opening(gate, 22))
    except WireError:
        return
    assert len(who.line) <= 1026
    assert who.line.startswith(f"SSH-{who.protocol}-")
    if offer is not None:
        assert all(name.isprintable() and "," not in name for name in (*offer.kex, *offer.ciphers, *offer.macs))
        assert len(ssh._kinds(offer.host_keys)) <= len(offer.host_keys)


def ssh_exchange(data: bytes) -> None:
    """A key exchange by the library: the first octet tells of which kind, the rest are the server's messages."""
    kex = KEX[data[0] % len(KEX)] if data else KEX[0]
    keys = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ssh-dss")
    offer = KexInit((kex,), keys, ("aes128-ctr",), ("hmac-sha2-256",))
    lists = (kex, ",".join(keys), "aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", "")
    opening = b"\x14" + bytes(16) + b"".join(len(one).to_bytes(4, "big") + one.encode() for one in lists) + bytes(5)
    messages = b"".join(packet(message) for message in data[1:].split(SSH_NEXT) if message)
    gate = FedGate(b"SSH-2.0-lab\r\n" + packet(opening) + messages, (ssh.OPENING,))
    try:
        key = finished(ssh._host_key(gate, 22, offer, keys))
    except WireError:
        return
    assert key is None or key.fingerprint.startswith("SHA256:")


def tls_flight(data: bytes) -> None:
    """A server's answer to our hello, read from a connection; also as an answer to an SSLv2 hello."""
    try:
        flight = finished(clienthello.read_flight(FedGate(data, (clienthello.HELLO,)), 443, Offer(version=TLS12)))
    except WireError:
        pass
    else:
        assert flight.version is not None
        assert flight.version <= TLS12
        assert sum(map(len, flight.chain or ())) <= len(data)
    try:
        finished(clienthello.speaks_sslv2(FedGate(data, (clienthello.HELLO,)), 443))
    except WireError:
        return


def snmp_answer(data: bytes) -> None:
    """An answer to one GET."""
    try:
        answer = snmp.parse_response(data, 1, snmp.SYS_DESCR.argument)
    except WireError:
        return
    assert len(answer.description) <= snmp.MOST_TEXT
    assert not (answer.error_status and answer.description)


def database_answer(data: bytes) -> None:
    """What a database says before login; one packet is sent, and nothing after it."""
    gate = FedGate(data, (tds.PRELOGIN,))
    try:
        face = finished(tds.ask(gate, ADDRESS))
    except WireError:
        return
    finally:
        assert bytes(gate.sent) == tds.question()
    assert re.fullmatch(r"\d+\.\d+\.\d+", face.version)


def ntp_answer(data: bytes) -> None:
    """An answer to one question; the sender has seen the question, and its time is a number."""
    try:
        answer = ntp.parse(data, NONCE, sent_at=NOW, back_at=NOW + 0.5, server="lab")
    except WireError:
        return
    assert data[24:32] == NONCE
    assert math.isfinite(answer.offset_seconds)
    assert answer.delay_seconds >= 0
    assert answer.kiss.isascii()


def dns_answer(data: bytes) -> None:
    """An answer about a name or an address, with the identifier of the question put in front."""
    for request, name in ((names.A, "codec.example.test."), (names.PTR, "1.2.0.192.in-addr.arpa.")):
        question = dns.message.make_query(name, request.argument, id=0x4711)
        try:
            records = names._records(names._parsed(question, b"\x47\x11" + data), request)
        except WireError:
            continue
        if request is names.A:
            assert all(ipaddress.ip_address(record).version == 4 for record in records)


def http_face(data: bytes) -> None:
    """The face that one GET shows; exactly one request is sent, and none to anywhere else."""
    gate = FedGate(data, (Request("http", "GET", "/"),))
    try:
        face = finished(http.get(gate, scheme="http", port=80, path="/"))
    except WireError:
        return
    finally:
        assert gate.connections <= 1
        assert bytes(gate.sent).count(b"GET / HTTP/1.1\r\n") == 1
        assert b"authorization" not in bytes(gate.sent).lower()
    assert 200 <= face.status <= 999
    assert len(face.title or "") <= 256
    assert len(face.realm or "") <= 256
    assert len(face.reason) <= 256
    assert all(len(value) <= LONGEST_FIELD + 1024 for _, value in face.headers)
    assert len(face.headers) <= 100
    assert not any(name.lower() == "set-cookie" for name, _ in face.headers)


def http_document(data: bytes) -> None:
    """A document behind a login; the password never leaves in clear, and its hash leaves once at most."""
    login = Login(credential="lab", host=ADDRESS, username="admin", secret=Secret(PASSWORD), guard=LoginGuard())
    gate = FedGate(data, (Request("http", "GET", DOCUMENT),), login=login)
    documents = HttpDocuments(gate, scheme="http", port=80, name=None)
    try:
        document = finished(documents.read(DOCUMENT))
    except WireError:
        document = b""
    sent = bytes(gate.sent)
    assert len(document) <= 2 * 1024 * 1024
    assert not any(spelling.encode() in sent for spelling in login.secret.spellings("admin"))
    assert sent.lower().count(b"\r\nauthorization: digest ") == sent.lower().count(b"\r\nauthorization:") <= 1
