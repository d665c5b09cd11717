"""The sample run with more to say: a host with everything that machine formats show, and hosts of hostile names."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from auditor.model.assessment import AuditRun, HostAssessment, Outcome, Score
from auditor.model.certificate import ChainProblem, ProblemKind
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import Identity, SshFace, SshHostKey, TlsFace
from auditor.model.verdict import Status
from tests.reports.sample_run import END, START, certificate, chain, finding, host, sample_run

FORGED = "codec\n<13>1 2026-01-01T00:00:00Z forged-host sshd - - - accepted password"
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "=cmd()",
    "  =cmd|'/C calc'!A0",
    "@SUM(1+1)*cmd",
    "room;=HYPERLINK(1)",
    'a","=1+1',
    "\t=1",
    "\x1b[31mred\x1b[0m\x07",
    "safe\u202egnp.exe\u2066",
    FORGED,
    "codec\r\nSet-Cookie: x",
    "room act=allowed|10|rt=0 \\",
    "]]><!--&amp;&#0;",
    "\x00\x0b\ufffe\uffff\ud800",
    '{"json":"injection"}\u2028',
    "Møterom 会議室 \U0001f4de",
    "N" * 10_000,
    "\u0301" * 50,
    "-5",
)
"""Names, and every other text, of one host each."""

FULL = "full"


def full_host() -> HostAssessment:
    """Return a host with a whole certificate, a TLS session, SSH keys and an IPv6 address."""
    leaf = replace(
        certificate("CN=full.example.test", 41),
        der=b"leaf", serial=0x0A1B, version=3, common_names=("full.example.test",),
        dns_names=("full.example.test", "alias.example.test"), ip_addresses=("2001:db8::5",), key_algorithm="RSA",
        key_bits=2048, spki_sha256=sha256(b"key").hexdigest(), is_ca=False,
    )  # fmt: skip
    endless = replace(
        certificate("CN=Endless", 41, issuer="CN=Endless"), serial=1, self_issued=True, der=b"ca",
        not_before=START.replace(year=1950), not_after=END.replace(year=9999),
        spki_sha256=sha256(b"key").hexdigest(),
    )  # fmt: skip
    face = TlsFace(port=443, version="TLSv1.2", cipher="TLS_RSA_WITH_AES_128_CBC_SHA", chain=(b"leaf",), completed=True)
    key = SshHostKey(algorithm="ssh-rsa", bits=1024, fingerprint="SHA256:abc", blob=b"")
    ssh = SshFace(port=22, banner="SSH-2.0-x", protocol="2.0", software="x", host_keys=(key,))
    found = host(
        FULL,
        Outcome.MEETS,
        Score(proven=4, possible=4),
        finding("certificates.in-date", Status.MET, "It ends in 41 days.", "chain/https: valid", "port/https: open"),
        replace(finding("services.telnet-off", Status.MET, "Stated."), attested=True),
    )
    return replace(
        found,
        target=replace(found.target, address="2001:db8::5"),
        evidence=Evidence(
            (
                Observation(TlsFace, "tls", "https", START, Seen(face)),
                Observation(SshFace, "ssh", "ssh", START, Seen(ssh)),
            )
        ),
        chain=chain(leaf, endless),
    )


def named_host(name: str) -> HostAssessment:
    """Return a host whose every text is this one."""
    lost = replace(finding("services.ftp-off", Status.UNDETERMINED, name, name), fault=True)
    found = host(
        name,
        Outcome.MISSES,
        Score(proven=1, possible=1, held_back_by=("services.telnet-off",)),
        finding("services.telnet-off", Status.NOT_MET, name, *[f"telnet/telnet: {name}"] * 3),
        finding("certificates.in-date", Status.NOT_MET, name, f"chain/https: {name}"),
        lost,
        finding("services.http-off", Status.NOT_APPLICABLE, name),
    )
    leaf = replace(
        certificate(name, 10, issuer=name), der=b"h", serial=7, common_names=(name,), dns_names=(name,), key=name,
        key_algorithm=name, signature_algorithm=name, spki_sha256=sha256(b"other").hexdigest(),
    )  # fmt: skip
    face = TlsFace(port=443, version="TLSv1.2", cipher=name, chain=(b"h",), completed=True)
    ssh = SshFace(
        port=22, banner=name, protocol="2.0", software=name,
        host_keys=(SshHostKey(algorithm=name, bits=1, fingerprint=name, blob=b""),),
    )  # fmt: skip
    return replace(
        found,
        target=replace(found.target, hostname=name, site=name, tags=(name,)),
        identity=Identity(family="mxp", software=name, system_name=name),
        evidence=Evidence(
            (
                Observation(TlsFace, "tls", "https", START, Seen(face)),
                Observation(SshFace, "ssh", "ssh", START, Seen(ssh)),
            )
        ),
        chain=chain(leaf, code=10, problems=(ChainProblem(ProblemKind.UNREADABLE, name, 0),)),
        unreachable_because=name,
        notes=(name,),
    )


def machine_run(names: Iterable[str] = HOSTILE_NAMES) -> AuditRun:
    """Return the sample run with the full host and one host for each name."""
    run = sample_run()
    return replace(run, hosts=(*run.hosts, full_host(), *(named_host(name) for name in names)))
