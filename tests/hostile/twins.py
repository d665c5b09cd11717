"""Honest twins of the hostile peers, and mute ones: hosts of the same form against which levels are compared."""

from auditor.wire.ssh_message import kexinit, packet
from tests.hostile import logged_in, tls
from tests.hostile.datagrams import request_id, response
from tests.hostile.table import ASKED, PEERS, Answers, Hostile, Line, Talk

PAGE = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="codec", nonce="a"\r\nContent-Length: 0\r\n\r\n'
SETTINGS = (
    b"<Configuration><Telnet><Mode>Off</Mode></Telnet><FTP><Mode>Off</Mode></FTP><SNMP><Mode>Off</Mode></SNMP>"
    b"<HTTP><Mode>On</Mode></HTTP></Configuration>"
)


async def _telnet(line: Line) -> None:
    await line.say(b"TANDBERG Codec Release F7.1 PAL\r\nPassword:")
    await line.hold()


async def _ftp(line: Line) -> None:
    await line.say(b"220 ready\r\n")
    await line.hold()


async def _ssh(line: Line) -> None:
    await line.say(b"SSH-2.0-Codec\r\n", packet(kexinit(bytes(16))))


async def _http(line: Line) -> None:
    await line.hear()
    await line.say(PAGE)


async def _https(line: Line) -> None:
    await line.hear()
    await line.say(PAGE)


async def _login(line: Line) -> None:
    await logged_in.granted(line, logged_in.document(SETTINGS))


async def _database(line: Line) -> None:
    await line.hear()
    message = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + bytes((9, 0, 0x0F, 0xA0, 0, 0)) + b"\x03"
    await line.say(b"\x04\x01\x00%c\x00\x00\x01\x00" % (8 + len(message)) + message)


async def _mute(line: Line) -> None:
    await line.hold()


def _snmp(question: bytes) -> list[bytes]:
    return [response(request_id(question), b"agent")]


def _silent(question: bytes) -> list[bytes]:
    del question
    return []


def _twin(kind: str, manner: str, talk: Talk | None = None, answers: Answers | None = None) -> Hostile:
    service = kind.removesuffix("-login")
    return Hostile(
        name=f"{manner}-{kind}", story="", service=service, asked=ASKED.get(service, ""), outcome="", talk=talk,
        answers=answers, tls=tls.ordinary if kind == "https" and manner == "honest" else None,
        login=kind.endswith("-login"),
    )  # fmt: skip


_TALKS: dict[str, Talk] = {
    "telnet": _telnet, "ftp": _ftp, "ssh": _ssh, "http": _http, "https": _https, "http-login": _login,
    "ssh-login": _ssh, "database": _database,
}  # fmt: skip
HONEST = {kind: _twin(kind, "honest", talk) for kind, talk in _TALKS.items()}
HONEST |= {"snmp": _twin("snmp", "honest", answers=_snmp), "dns": _twin("dns", "honest", answers=_silent)}
MUTE = {kind: _twin(kind, "mute", _mute) for kind in _TALKS}
MUTE |= {kind: _twin(kind, "mute", answers=_silent) for kind in ("snmp", "dns")}
assert not {twin.name for twins in (HONEST, MUTE) for twin in twins.values()} & PEERS.keys()
