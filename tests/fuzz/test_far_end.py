"""The seeds get through: one that is refused at the door would teach a fuzzer nothing."""

from pathlib import Path

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.perform import judge_bundle
from auditor.dialects.leaf import CONFIGURATION
from auditor.dialects.saved import read_saved
from auditor.dialects.text_output import read_answer
from auditor.dialects.xml_document import read_xml
from auditor.inventory import read_inventory
from auditor.inventory.tms_export import read_export
from auditor.inventory.waivers import read_waiver_files
from auditor.profiles import load_profiles
from auditor.reports.evidence_file import read_evidence
from auditor.signing.keys import PublicKey, SecretKey
from auditor.signing.signature import Signature
from auditor.wire import clienthello, ftp, http, ntp, snmp, ssh, tds, telnet
from auditor.wire.hello_message import TLS12, Offer
from auditor.wire.http_settings import HttpDocuments
from auditor.wire.readlist import Request
from tests.fuzz import bundle_target, file_target, wire_target
from tests.fuzz.fed import ADDRESS, FedGate, finished
from tests.fuzz.registry import CORPUS
from tests.lines import login_as

ROOT = Request("http", "GET", "/")


def seed(name: str) -> bytes:
    """Return a seed by target and file."""
    return (CORPUS / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "prompt"),
    [("login", "login"), ("password", "password"), ("challenge", "challenge"), ("open", "open")],
)
def test_telnet(name: str, prompt: str) -> None:
    """Each kind of prompt."""
    greeting = finished(telnet.greet(FedGate(seed(f"telnet/{name}.bin"), ()), 23, wire_target.PATTERNS[0]))
    assert greeting.prompt == prompt


def test_plain_services() -> None:
    """FTP with its features, SSH with its algorithms, SNMP with its text, NTP with its time."""
    greeting = finished(ftp.greet(FedGate(seed("ftp/greeting.bin"), (ftp.FEAT, ftp.QUIT)), 21))
    assert (greeting.code, greeting.auth_tls) == (220, True)
    _, offer = finished(ssh._opening(FedGate(seed("ssh/opening.bin"), (ssh.OPENING,)), 22))
    assert offer is not None
    assert offer.kex
    answer = snmp.parse_response(seed("snmp/answer.bin"), 1, snmp.SYS_DESCR.argument)
    assert answer.description == "TANDBERG Codec"
    for name in ("required", "split"):
        face = finished(tds.ask(FedGate(seed(f"database/{name}.bin"), (tds.PRELOGIN,)), ADDRESS))
        assert (face.version, face.encryption) == ("9.0.4000", "required")
    told = ntp.parse(seed("ntp/good.bin"), wire_target.NONCE, sent_at=0, back_at=1, server="lab")
    assert ntp.is_synchronised(told)


def test_tls_and_http() -> None:
    """A chain, also in records of one octet; a page; a document behind a login."""
    for name in ("flight", "bytes"):
        gate = FedGate(seed(f"tls/{name}.bin"), (clienthello.HELLO,))
        flight = finished(clienthello.read_flight(gate, 443, Offer(version=TLS12)))
        assert flight.done
        assert len(flight.chain or ()) == 1
    face = finished(http.get(FedGate(seed("http/page.bin"), (ROOT,)), scheme="http", port=80, path="/"))
    assert (face.title, face.login_form) == ("Codec & Co", True)
    gate = FedGate(
        seed("http-login/digest.bin"), (Request("http", "GET", "/configuration.xml"),), login=login_as("canary")
    )
    documents = HttpDocuments(gate, scheme="http", port=80, name=None)
    assert finished(documents.read("/configuration.xml")).startswith(b"<Configuration>")
    assert documents.used == "digest"


def test_dialects() -> None:
    """Documents with leaves."""
    assert CONFIGURATION in read_xml(seed("xml/document.bin")).kinds()
    assert CONFIGURATION in read_answer(seed("text/mxp-f7.txt")).kinds()
    assert read_saved(seed("saved/mxp-f9.xml"), load_profiles()["mxp"]).settings


def test_files(tmp_path: Path) -> None:
    """An inventory in both forms, an export, a waiver, an attestation with its document, and a signature."""
    places = {"export.csv": "csv", "short.csv": "csv", "short.yaml": "inventory", "waiver.yaml": "waivers"}
    for name, folder in (*places.items(), ("stated.yaml", "attestations")):
        (tmp_path / name).write_bytes(seed(f"{folder}/{name}"))
    for name, hosts in (("short.yaml", 2), ("short.csv", 1)):
        fleet = read_inventory(tmp_path / name, families=("mxp", "tms"), services=file_target.SERVICES)
        assert len(fleet.targets) == hosts
    assert read_export(tmp_path / "export.csv").systems
    assert len(read_waiver_files([tmp_path / "waiver.yaml"])) == 1
    (tmp_path / "settings.txt").write_bytes(file_target.BACKING)
    (tmp_path / "fleet.yaml").write_text(file_target.FLEET)
    read = read_inventory(
        tmp_path / "fleet.yaml", families=("mxp", "tms"), services=file_target.SERVICES,
        statements=file_target.STATEMENTS,
    )  # fmt: skip
    assert len(read.attestations) == 1
    key = PublicKey.parse(seed("signature/public.bin"))
    assert Signature.parse(seed("signature/signature.bin")).problem(b"content", key) is None
    assert SecretKey.parse(seed("signature/secret.bin")).public() == key


def test_bundle() -> None:
    """Two hosts, which are judged."""
    stored = read_evidence(bundle_target.WHOLE / "evidence.jsonl")
    assert len(stored.hosts) == 2
    run = judge_bundle(assemble(), bundle_target.WHOLE)
    assert all(host.findings for host in run.hosts)
