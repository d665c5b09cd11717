"""Certificates that no library would make go through a whole audit: fetched, stored, judged, reported; never passed.

Every chain stands behind a server of its own; one audit looks at all of them.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.perform import perform
from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.certificate import JudgedChain, ProblemKind
from auditor.model.evidence import Cause, Unknown
from auditor.model.facts import TlsFace
from auditor.model.inventory import Inventory, RootFile, Settings, Target
from auditor.model.verdict import Status
from auditor.profiles import load_profiles
from auditor.reports.evidence_file import read_evidence
from auditor.reports.registry import REPORTS, report_named
from tests.chain_servers import free_ports
from tests.fuzz.seeds import message, record, server_hello, vector
from tests.lines import serving
from tests.trust import certificates as shop
from tests.trust.certificates import SERVER_AUTH

HOST = "codec.example.test"
QUICK = tuple(report for report in REPORTS if report.name != "pdf")
K = ProblemKind
FAMILY = "mxp"
ROOT = shop.make_root()
LEAF = shop.make_leaf(HOST, ROOT)
BROKEN_NAMES = shop.extension("2.5.29.17", b"\x30\x82\xff\xff\x00")
SERVER = shop.extended_key_usage(SERVER_AUTH)
LONG = "x" * 60_000


@dataclass(frozen=True)
class Odd:
    """What a server presents, and what must be said of it. `cause`: the chain is not even read.

    `accepted`: a device of 2008 takes it, so that only today's judgement may complain.
    """

    name: str
    chain: tuple[bytes, ...]
    kinds: frozenset[K] = frozenset()
    cause: Cause | None = None
    accepted: bool = False


def odd(name: str, *chain: bytes, kinds: Sequence[K] = (), cause: Cause | None = None, accepted: bool = False) -> Odd:
    """Return one row of the table."""
    return Odd(name, chain, frozenset(kinds), cause, accepted)


def leaf(*extensions: bytes, **changes: object) -> bytes:
    """Return a server certificate that the root signed, with these changes."""
    made = shop.make(f"CN={HOST}", ROOT, extensions=(SERVER, *extensions), **changes)  # type: ignore[arg-type]  # as named
    return made.der


TABLE = (
    odd("negative-serial", leaf(serial=-5), accepted=True),
    odd("version-1", leaf(version=1), accepted=True),
    odd("version-9", leaf(version=9), kinds=[K.UNREADABLE]),
    odd("broken-names", leaf(BROKEN_NAMES), kinds=[K.UNREADABLE]),
    odd("twice-the-same-extension", leaf(SERVER), kinds=[K.UNREADABLE]),
    odd("month-13", leaf(not_before=b"261332000000Z"), kinds=[K.MALFORMED_DATE]),
    odd("no-date-at-all", leaf(not_after=b""), kinds=[K.MALFORMED_DATE]),
    odd("giant-name", shop.make(f"CN={LONG}", ROOT).der, kinds=[K.NAME_MISMATCH]),
    odd("giant-serial", leaf(serial=1 << 80_000), accepted=True),
    odd("nul-in-name", shop.make(f"CN={HOST}\0.evil.test", ROOT).der, kinds=[K.NAME_MISMATCH]),
    odd("escapes-in-name", shop.make("CN=\x1b[2J<script>alert(1)</script>", ROOT).der, kinds=[K.NAME_MISMATCH]),
    odd("cut-off", LEAF.der[:-40], kinds=[K.UNREADABLE]),
    odd("octets-behind", LEAF.der + b"tail", kinds=[K.UNREADABLE]),
    odd("no-certificate-inside", b"\x30\x03\x02\x01\x00", kinds=[K.UNREADABLE]),
    odd("nonsense", b"GET / HTTP/1.0", kinds=[K.UNREADABLE]),
    odd("giant", b"\x30\x83\x01\x80\x00" + bytes(0x18000), kinds=[K.UNREADABLE]),
    odd("none", kinds=[K.NO_CERTIFICATE]),
    odd("64-certificates", LEAF.der, *[ROOT.der] * 63, kinds=[K.DUPLICATE], accepted=True),
    odd("65-certificates", LEAF.der, *[ROOT.der] * 64, cause=Cause.TOO_LARGE),
    odd("empty-certificate", LEAF.der, b"", cause=Cause.MALFORMED),
    odd("300-kilobytes", LEAF.der, bytes(300_000), cause=Cause.TOO_LARGE),
)


def flight(chain: tuple[bytes, ...]) -> bytes:
    """Return a server's answer in TLS 1.0, cut into records."""
    sent = server_hello(0x0301, 0x002F) + message(11, vector(*(vector(der) for der in chain))) + message(14, b"")
    return b"".join(record(sent[i : i + 16_000]) for i in range(0, len(sent), 16_000))


@asynccontextmanager
async def _presenting(chain: tuple[bytes, ...]) -> AsyncIterator[int]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(4096))[:1] == b"\x16":
            writer.write(flight(chain))
            await writer.drain()
            await reader.read()

    async with serving(talk) as server:
        yield server.port


async def _audit(folder: Path) -> AuditRun:
    profile = load_profiles()[FAMILY]
    closed = dict(zip((s.name for s in profile.services), free_ports(len(profile.services)), strict=True))
    async with AsyncExitStack() as servers:
        targets = []
        for case in TABLE:
            port = await servers.enter_async_context(_presenting(case.chain))
            targets.append(
                Target(
                    name=case.name, product=FAMILY, hostname=HOST, address="127.0.0.1", ports={**closed, "https": port}
                )
            )
        settings = Settings(
            roots=(RootFile(path="roots.pem", certificates=(ROOT.der,)),), dns_servers=("127.0.0.1:9",), snmp=False,
            question_seconds=5.0,
        )  # fmt: skip
        inventory = Inventory(targets=tuple(targets), settings=settings, digest="0" * 64, source="table")
        performed = await perform(assemble(), inventory, folder, QUICK, quiet=True)
    assert performed.unmade == ()
    return performed.run


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, HostAssessment], AuditRun]:
    """Audit all of them once, into a bundle."""
    folder = tmp_path_factory.mktemp("odd") / "bundle"
    run = asyncio.run(_audit(folder))
    return folder, {host.target.name: host for host in run.hosts}, run


Bundle = tuple[Path, Mapping[str, HostAssessment], AuditRun]


def test_no_fault_of_ours(bundle: Bundle) -> None:
    """Nothing crashed, neither in a probe nor in a check, and every report was written."""
    folder, hosts, run = bundle
    assert run.tool_faults == ()
    assert [f.control for host in hosts.values() for f in host.findings if f.fault] == []
    assert {report.file_name for report in QUICK} <= {path.name for path in folder.iterdir()}
    json.loads((folder / "audit.json").read_text())


def test_the_paper_report_takes_them_too(bundle: Bundle) -> None:
    """The oddest of them are laid out."""
    _, hosts, run = bundle
    oddest = tuple(hosts[name] for name in ("giant-name", "escapes-in-name", "nonsense", "giant-serial"))
    assert report_named("pdf").render(replace(run, hosts=oddest)).startswith(b"%PDF-")


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_the_octets_are_kept(case: Odd, bundle: Bundle) -> None:
    """The evidence file has the chain byte for byte; one that could not be read is a gap with its cause."""
    stored = {host.target.name: host for host in read_evidence(bundle[0] / "evidence.jsonl").hosts}[case.name]
    (made,) = stored.evidence.observed(TlsFace)
    if case.cause is None:
        assert made.fact is not None
        assert made.fact.chain == case.chain
        assert not made.fact.completed
    else:
        assert isinstance(made.outcome, Unknown)
        assert made.outcome.cause is case.cause


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_it_never_passes(case: Odd, bundle: Bundle) -> None:
    """What is odd is told; the host is not Level 4, and where nothing was read nothing is met."""
    host = bundle[1][case.name]
    decided = {f.control: f.status for f in host.findings if f.control.startswith("certificates.") and f.level}
    assert host.score.proven is None or host.score.proven < 4
    if case.cause is not None:
        assert set(decided.values()) == {Status.UNDETERMINED}
        return
    (judged,) = host.evidence.of(JudgedChain)
    assert judged.modern is not None
    assert judged.modern.verify_code != 0 or judged.modern.has(*case.kinds)
    assert case.kinds <= {problem.kind for problem in judged.report.problems}
    assert (judged.report.verify_code == 0) is (case.accepted or not case.kinds - {K.NAME_MISMATCH})
    if not case.accepted:
        assert Status.MET not in {decided["certificates.complete"], decided["certificates.name-matches"]} or (
            Status.NOT_MET in decided.values()
        )
