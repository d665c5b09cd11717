"""Seeds of the targets that are not cryptography, and the small bundle: `python -m tests.fuzz.plain_seeds`.

They are taken from the samples that ship, or put together by the tests' own builders. The files are committed.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path

import dns.message
import dns.rrset

from auditor.cli.assembly import assemble
from auditor.cli.perform import judge_bundle, write_reports
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT
from auditor.reports.registry import report_named
from auditor.reports.transcript import START, chained_line
from auditor.signing.keys import SecretKey
from auditor.signing.signature import sign
from auditor.wire.snmp import (
    GET_RESPONSE,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SYS_DESCR,
    encode_integer,
    encode_oid,
    tlv,
)
from auditor.wire.ssh_message import kexinit, packet
from tests.fuzz.bundle_target import FILES, WHOLE
from tests.fuzz.fed import NEXT
from tests.fuzz.file_target import BACKING
from tests.fuzz.registry import CORPUS
from tests.fuzz.seeds import message, record, server_hello, vector
from tests.fuzz.wire_target import SSH_NEXT

SAMPLES = Path(__file__).parents[2] / "samples"
KEY = SecretKey(bytes(range(8)), bytes(range(32)))
DIGEST = b'Digest realm="TANDBERG Video Conferencing", nonce="abc", qop="auth", algorithm=MD5'
DOCUMENT = (
    b"<Configuration><HTTP item='1'><Mode item='1'>Off</Mode></HTTP><NTP><Address>ntp.example.test</Address></NTP>"
    b"<Password>tell-nobody</Password></Configuration>"
)


GOOD_FLEET = b"""version: 1
settings: {target_level: 3, dns_servers: ["192.0.2.53:53"], question_seconds: 2.5}
policy: {ssh_at_level_4: allowed}
credentials: {codec: {username: admin, password_env: CODEC_PASSWORD}}
tms: [{name: tms, hostname: tms.example.test, address: 192.0.2.10}]
systems:
  - {name: rm204, product: mxp, hostname: rm204.example.test, address: 192.0.2.21, ports: {https: 443},
     credentials: codec, tms: tms, target_level: 4, site: oslo, tags: [boardroom]}
"""


def http(status: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    """Return an answer."""
    return b"\r\n".join((b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body), b"", body))


def snmp(status: int, text: bytes) -> bytes:
    """Return an answer to the question with identifier 1."""
    variable = tlv(SEQUENCE, tlv(OBJECT_IDENTIFIER, encode_oid(SYS_DESCR.argument)) + tlv(OCTET_STRING, text))
    body = encode_integer(1) + encode_integer(status) + encode_integer(0) + tlv(SEQUENCE, variable)
    return tlv(SEQUENCE, encode_integer(0) + tlv(OCTET_STRING, b"public") + tlv(GET_RESPONSE, body))


def ntp(stratum: int, leap: int = 0) -> bytes:
    """Return a server's answer to the target's question."""
    stamp = struct.pack("!II", 1_780_000_000 + 2_208_988_800, 0)
    head = struct.pack("!BBbb4s4s4s", leap << 6 | 4 << 3 | 4, stratum, 6, -20, bytes(4), bytes(4), b"GPS\0")
    return head + stamp + bytes(range(8)) + stamp + stamp


def dns_answer(*records: str, name: str = "codec.example.test.", kind: str = "A") -> bytes:
    """Return an answer without its identifier."""
    answer = dns.message.make_response(dns.message.make_query(name, kind, id=1), recursion_available=True)
    for text in records:
        owner, ttl, group, rtype, *rest = text.split()
        answer.answer.append(dns.rrset.from_text(owner, int(ttl), group, rtype, " ".join(rest)))
    return answer.to_wire()[2:]


def strings(*parts: bytes) -> bytes:
    """Return strings as SSH writes them."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


ED25519 = strings(b"ssh-ed25519", bytes(range(32)))
RSA = strings(b"ssh-rsa", b"\x01\x00\x01", b"\x00" + b"\xff" * 256)


PRELOGIN = b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + bytes((9, 0, 0x0F, 0xA0, 0, 0)) + b"\x03"


def wire_seeds() -> Mapping[str, Mapping[str, bytes]]:
    """Return the seeds of what comes over the network, by target and file."""
    challenge = http(b"401 Unauthorized", b"WWW-Authenticate: " + DIGEST, b'WWW-Authenticate: Basic realm="x"')
    page = b"<html><title>Codec &amp; Co</title><form><input type='password'></form></html>"
    algorithms = packet(kexinit(bytes(16)))
    flight = server_hello(0x0303, 0x002F) + message(11, vector(vector(b"0" * 40))) + message(14, b"")
    return {
        "telnet": {
            "login.bin": b"\xff\xfd\x18\xff\xfb\x01\r\nTANDBERG Codec Release F6.3 PAL\r\nSystemName: R\r\n\r\nlogin: ",
            "password.bin": b"\xff\xfa\x18\x01\xff\xf0\xff\xffPassword:",
            "challenge.bin": b"Welcome\r\nChallenge: 1234567890\r\n",
            "open.bin": b"Welcome\r\nOK\r\n",
        },
        "ftp": {
            "greeting.bin": b"220 codec ready\r\n211-Features:\r\n AUTH TLS\r\n SIZE\r\n211 End\r\n221 bye\r\n",
            "wait.bin": b"120 soon\r\n220-Hello\r\n there\r\n220 go\r\n500 what\r\n",
            "refused.bin": b"421 too many\r\n",
        },
        "ssh": {
            "opening.bin": b"hello\r\nSSH-2.0-TANDBERG_1.0 comment\r\n" + packet(b"\x02ignore") + algorithms,
            "old.bin": b"SSH-1.5-1.2.27\n",
            "kexinit.bin": kexinit(bytes(16)),
            "key.bin": b"\0\0\0\x07ssh-rsa\0\0\0\x03\x01\x00\x01\0\0\0\x05\0\xff\xff\xff\xff",
        },
        "ssh-exchange": {
            "ecdh.bin": b"\x02\x1f" + strings(ED25519, b"\x04" + bytes(64), strings(b"ssh-ed25519", bytes(64))),
            "curve.bin": b"\x00\x1f" + strings(ED25519, bytes(range(32)), strings(b"ssh-ed25519", bytes(64))),
            "group.bin": b"\x05\x1f"
            + strings(b"\x00" + b"\xff" * 256, b"\x02")
            + SSH_NEXT
            + b"\x21"
            + strings(ED25519, b"\x05", strings(b"ssh-ed25519", bytes(64))),
            "fixed.bin": b"\x08\x1f" + strings(RSA, b"\x05", strings(b"rsa-sha2-256", bytes(256))),
            "leaves.bin": b"\x00\x01" + b"\0\0\0\x02" + strings(b"no more", b""),
        },
        "tls": {
            "flight.bin": record(flight, 0x0303),
            "bytes.bin": b"".join(record(bytes((octet,)), 0x0303) for octet in flight),
            "alert.bin": b"\x15\x03\x03\x00\x02\x01\x70" + b"\x15\x03\x03\x00\x02\x02\x28",
            "sslv2.bin": b"\x80\x21\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10" + bytes(22),
        },
        "snmp": {"answer.bin": snmp(0, b"TANDBERG Codec"), "error.bin": snmp(2, b"")},
        "database": {
            "required.bin": b"\x04\x01\x00\x1a\x00\x00\x01\x00" + PRELOGIN,
            "split.bin": b"\x04\x00\x00\x10\x00\x00\x01\x00"
            + PRELOGIN[:8]
            + b"\x04\x01\x00\x12\x00\x00\x01\x00"
            + PRELOGIN[8:],
        },
        "ntp": {"good.bin": ntp(2), "kiss.bin": ntp(0), "primary.bin": ntp(1), "unset.bin": ntp(3, leap=3)},
        "dns": {
            "a.bin": dns_answer("codec.example.test. 60 IN A 192.0.2.1"),
            "alias.bin": dns_answer(
                "codec.example.test. 60 IN CNAME a.example.test.", "a.example.test. 60 IN A 192.0.2.2"
            ),
            "ptr.bin": dns_answer(
                "1.2.0.192.in-addr.arpa. 60 IN PTR codec.example.test.", name="1.2.0.192.in-addr.arpa.", kind="PTR"
            ),
            "none.bin": dns_answer(),
        },
        "http": {
            "challenge.bin": challenge,
            "page.bin": http(b"200 OK", b"Server: tandberg/1.0", b"Date: Mon, 01 Jun 2026 12:00:00 GMT", body=page),
            "chunks.bin": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "redirect.bin": http(b"302 Found", b"Location: https://codec.example.test/", b"Set-Cookie: a=b"),
            "continue.bin": b"HTTP/1.1 100 Continue\r\n\r\n" + http(b"403 Forbidden", b"Server: Microsoft-IIS/6.0"),
            "old.bin": b"HTTP/1.0 200 OK\r\n\r\n<title>until the end",
        },
        "http-login": {
            "digest.bin": challenge + NEXT + http(b"200 OK", b"Content-Type: text/xml", body=DOCUMENT),
            "refused.bin": challenge + NEXT + challenge,
            "open.bin": http(b"200 OK", body=DOCUMENT),
            "basic.bin": http(b"401 No", b'WWW-Authenticate: Basic realm="x"'),
        },
        "banner": {
            "codec.bin": b"TANDBERG Codec Release F7.1 NTSC\nSystemName: Room\n",
            "challenge.bin": DIGEST + b', Basic realm="y", Negotiate abc==',
            "date.bin": b"Mon, 01 Jun 2026 12:00:00 GMT",
            "page.bin": page,
        },
    }


def file_seeds() -> Mapping[str, Mapping[str, bytes]]:
    """Return the seeds of what lies in files, by target and file."""
    saved = {path.name: path.read_bytes() for path in sorted((SAMPLES / "saved-configurations").iterdir())}
    waiver = (
        b"version: 1\nwaivers:\n  - id: W-1\n    control: services.telnet-off\n    scope: {host: codec}\n"
        b"    reason: r\n    owner: o\n    approver: a\n    created: 2026-03-01T09:00:00Z\n"
        b"    expires: 2026-06-01T09:00:00Z\n"
    )
    stated = (
        b"version: 1\nattestations:\n  - host: manager\n    statement: secure-only\n    value: 'yes'\n    by: Kari\n"
        b"    on: 2026-10-01\n    expires: 2027-09-30T00:00:00Z\n    evidence: {file: settings.txt, sha256: %s}\n"
    ) % hashlib.sha256(BACKING).hexdigest().encode()
    content = b"content"
    bundle = {
        f"{number}-{name}.bin": bytes((number,)) + (WHOLE / name).read_bytes()
        for number, name in enumerate(FILES)
        if name != AUDIT  # longer than an input may be
    }
    bundle["2-audit.json.bin"] = b'\x02{"schema_version":"1.0","audit":{},"fleet":{},"hosts":[],"links":[]}'
    lines = (WHOLE / EVIDENCE).read_bytes().splitlines(keepends=True)
    return {
        "xml": {
            "document.bin": DOCUMENT,
            "fault.bin": b"<Fault><XPathError>no</XPathError></Fault>",
            **{name: data for name, data in saved.items() if name.endswith(".xml")},
        },
        "text": {name: data for name, data in saved.items() if name.endswith(".txt")},
        "saved": saved,
        "inventory": {
            "sample.yaml": (SAMPLES / "inventory.yaml").read_bytes(),
            "short.yaml": GOOD_FLEET,
        },
        "csv": {
            "short.csv": b"name,product,address,ports\ncodec,mxp,192.0.2.1,https=443\n",
            "sample.csv": (SAMPLES / "inventory.csv").read_bytes(),
            "export.csv": (SAMPLES / "tms-export.csv").read_bytes(),
        },
        "waivers": {"waiver.yaml": waiver},
        "attestations": {"stated.yaml": stated, "sample.yaml": (SAMPLES / "attestations.yaml").read_bytes()},
        "signature": {
            "signature.bin": sign(content, KEY, "timestamp:1"),
            "public.bin": KEY.public().file(),
            "secret.bin": KEY.file(),
        },
        "evidence": {"whole.jsonl": b"".join(lines), "hosts.jsonl": b"".join(lines[1:]), "host.jsonl": lines[1]},
        "bundle": bundle,
    }


def write_bundle() -> None:
    """Cut the sample bundle down to two hosts: it keeps its form, and fits a fuzzer's input."""
    lines = (SAMPLES / "demo-bundle" / EVIDENCE).read_bytes().splitlines()
    head, end = json.loads(lines[0]), json.loads(lines[-1])
    hosts = sorted((json.loads(line) for line in lines[1:-1]), key=lambda host: len(json.dumps(host)))
    kept = [host for host in hosts if host["observations"]][1:3]
    names = {host["name"] for host in kept}
    inventory = head["audit"]["inventory"]
    inventory["targets"] = [target for target in inventory["targets"] if target["name"] in names]
    for owner in (*inventory["targets"], inventory["settings"]):
        owner["roots"] = []
    chain, written = START, b""
    requests = [json.loads(line) for line in (SAMPLES / "demo-bundle" / TRANSCRIPT).read_bytes().splitlines()]
    mine = [request for request in requests if request["host"] in names]
    for request in mine:
        del request["chain"]
        made, chain = chained_line(chain, request)
        written += made
    refused = sum(not request["permitted"] for request in mine)
    end["end"] |= {"requests_made": len(mine) - refused, "requests_refused": refused, "transcript_chain": chain}
    WHOLE.mkdir(exist_ok=True)
    (WHOLE / TRANSCRIPT).write_bytes(written)
    (WHOLE / EVIDENCE).write_text(
        "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in (head, *kept, end))
    )
    assembly = assemble()
    assert write_reports(judge_bundle(assembly, WHOLE), WHOLE, [report_named("json")], assembly.profiles_digest) == ()
    (WHOLE / SIGNATURE).write_bytes(sign((WHOLE / MANIFEST).read_bytes(), KEY, "timestamp:1"))
    assert (WHOLE / AUDIT).exists()


def main() -> None:
    """Write the bundle, then every seed."""
    write_bundle()
    for target, files in (*wire_seeds().items(), *file_seeds().items()):
        folder = CORPUS / target
        folder.mkdir(exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
