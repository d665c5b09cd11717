"""The device's judgement of chains that real servers present, from SSLv3 with RC4 to TLS 1.3.

Every defect alone and every two that go together are served by nginx on TLS 1.0, 1.2 and 1.3, by `openssl s_server`
(DSA), and by tlslite-ng on SSLv3 and TLS 1.0 with RC4 and 3DES; fetched as an audit does; and judged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from auditor.model.certificate import ChainReport
from auditor.model.facts import TlsFace
from auditor.model.profile import Limits
from auditor.trust import DEVICE_RULES, Anchors, judge
from auditor.trust.codes import number_of, old_number_of
from auditor.wire import tls
from auditor.wire.gate import Gate
from auditor.wire.ledger import Entry
from tests.chain_servers import OldServer, key_text, many_ports
from tests.integration.device_table import HOST, POOL, ROOT, Case, cases
from tests.lines import gate_to
from tests.tls_peers import Identity, s_server
from tests.trust.certificates import NOW, to_pem

T = TypeVar("T")
LIMITS = Limits(pause_seconds=0.0, question_seconds=10.0)
CASES = tuple(cases())
SINGLE = tuple(case for case in CASES if len(case.defects) < 2)
ANCHORS = Anchors.of([ROOT.der])
VERSIONS = {"TLSv1": "TLSv1.0", "TLSv1.2": "TLSv1.2", "TLSv1.3": "TLSv1.3"}
OLD = {"SSLv3": (3, 0), "TLSv1.0": (3, 1)}


def fetched(port: int) -> TlsFace:
    """Fetch as an audit does."""
    return _run(lambda gate: tls.fetch(gate, port, sni=HOST))


def _run(question: Callable[[Gate], Awaitable[T]]) -> T:
    entries: list[Entry] = []

    async def run() -> T:
        return await question(gate_to(entries, limits=LIMITS))

    return asyncio.run(run())


def check(case: Case, face: TlsFace) -> None:
    """Hold what was fetched and how it is judged against the table."""
    assert face.chain == case.served.chain
    report = judge(face.chain, anchors=ANCHORS, reference=HOST, at=NOW, rules=DEVICE_RULES, pool=POOL)
    assert _summary(report) == (case.code, case.name, case.kinds)
    assert report.verify_code == number_of(report.verify_name)
    assert report.name_check is not None
    assert (report.name_check.by_subject_alternative_name == "absent") is case.common_name_only
    said = "Match" if case.name == "match" else "Mismatch"
    short = report.verify_name.removeprefix("X509_V_").removeprefix("ERR_")
    assert report.device_log_line.endswith(
        f"VerifyResult={old_number_of(report.verify_name)}={short}, NameCheck: {said}"
    )


def _summary(report: ChainReport) -> tuple[int, str | None, frozenset[str]]:
    name = report.name_check.outcome if report.name_check else None
    return report.verify_code, name, frozenset(p.kind for p in report.problems)


def by_nginx(case: Case, protocol: str) -> bool:
    """OpenSSL 3 has no DSA suites in nginx without parameters, and TLS 1.3 cannot sign with 512 bits."""
    return "DSA 1024" not in case.defects and not ("RSA 512" in case.defects and protocol == "TLSv1.3")


NGINX = [(case, protocol) for case in CASES for protocol in VERSIONS if by_nginx(case, protocol)]


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], int]]:
    """Serve every chain of the table by one nginx."""
    served = [(case.served, protocol) for case, protocol in NGINX]
    with many_ports(tmp_path_factory.mktemp("nginx"), served) as found:
        yield {(case.id, protocol): port for (case, protocol), port in zip(NGINX, found, strict=True)}


@pytest.mark.parametrize(("case", "protocol"), NGINX, ids=lambda value: getattr(value, "id", value))
def test_nginx(case: Case, protocol: str, ports: dict[tuple[str, str], int]) -> None:
    """Each chain, each version: byte for byte, possession proven, and judged as the table says."""
    face = fetched(ports[case.id, protocol])
    assert (face.version, face.completed, face.sni) == (VERSIONS[protocol], True, HOST)
    check(case, face)


@pytest.fixture(scope="module", params=[(v, c) for v in OLD for c in ("rc4", "3des")], ids=" ".join)
def old_server(request: pytest.FixtureRequest) -> Iterator[tuple[OldServer, str, str]]:
    """Run what OpenSSL has forgotten."""
    version, cipher = request.param
    with OldServer(OLD[version], cipher) as server:
        yield server, version, cipher


@pytest.mark.parametrize("case", [c for c in CASES if "DSA 1024" not in c.defects], ids=lambda case: case.id)
def test_forgotten_ciphers(case: Case, old_server: tuple[OldServer, str, str]) -> None:
    """The chain is read in clear, and possession of the key stays unproven."""
    server, version, cipher = old_server
    server.serve(case.served)
    face = fetched(server.port)
    assert (face.version, face.completed) == (version, False)
    assert {"rc4": "RC4_128", "3des": "3DES"}[cipher] in face.cipher
    check(case, face)


@pytest.mark.parametrize("protocol", ["-tls1", "-tls1_2"])
@pytest.mark.parametrize("case", [c for c in CASES if "DSA 1024" in c.defects], ids=lambda case: case.id)
def test_dsa(case: Case, protocol: str, tmp_path: Path) -> None:
    """A DSA key is served by `openssl s_server`."""
    identity = Identity(tmp_path / "chain.pem", tmp_path / "key.pem")
    identity.certificates.write_text("".join(to_pem(der) for der in case.served.chain))
    identity.key.write_text(key_text(case.served.key))
    with s_server(tmp_path, protocol, "-cipher", "ALL:@SECLEVEL=0", identity=identity) as peer:
        check(case, fetched(peer.port))


def test_the_table_is_as_large_as_it_claims() -> None:
    """Every defect stands alone, and most stand beside most others."""
    assert len({case.id for case in CASES}) == len(CASES)
    assert len(SINGLE) == 21
    assert len(CASES) > 150
