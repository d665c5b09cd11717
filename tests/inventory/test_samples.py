"""The samples that users copy: they are accepted, say the same in both forms, and reading them opens no socket."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from auditor.inventory import read_inventory
from auditor.model.inventory import Inventory

SERVICES = dict.fromkeys(("mxp", "mps", "vcs", "tms"), ("http", "https"))
SAMPLES = Path(__file__).parents[2] / "samples"


def sample(name: str) -> Inventory:
    """Read one of the samples."""
    return read_inventory(SAMPLES / name, families=tuple(SERVICES), services=SERVICES)


def test_table_and_yaml_describe_the_same_fleet() -> None:
    """But for source and digest, both forms give one and the same inventory."""
    yaml, csv = sample("inventory.yaml"), sample("inventory.csv")
    assert len(yaml.targets) == 5
    assert replace(yaml, source="", digest="") == replace(csv, source="", digest="")
    assert yaml.digest != csv.digest


@pytest.mark.parametrize("name", ["rootcerts.pem", "tms-roots.pem", "device-roots.pem"])
def test_sample_roots_are_authorities_valid_for_decades(name: str) -> None:
    """Each certificate parses, is a CA, and holds until 2060 at least."""
    certificates = x509.load_pem_x509_certificates((SAMPLES / name).read_bytes())
    assert certificates
    for certificate in certificates:
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert certificate.not_valid_after_utc > datetime(2060, 1, 1, tzinfo=UTC)
        certificate.verify_directly_issued_by(certificate)


def test_the_reader_gives_what_the_parser_of_certificates_finds() -> None:
    """Our own PEM reading yields the DER that a full parser yields."""
    (roots,) = sample("inventory.yaml").settings.roots
    expected = x509.load_pem_x509_certificates((SAMPLES / "rootcerts.pem").read_bytes())
    assert [x509.load_der_x509_certificate(der) for der in roots.certificates] == expected


WATCH = """
import sys
from pathlib import Path

def hook(event, arguments):
    if event.startswith("socket.") or event in {"subprocess.Popen", "os.system"}:
        print(event)
        raise SystemExit(9)

sys.addaudithook(hook)
from auditor.inventory import read_inventory
services = {name: ("http", "https") for name in ("mxp", "mps", "vcs", "tms")}
for name in sys.argv[1:]:
    read_inventory(Path(name), families=tuple(services), services=services)
print("socket" in sys.modules, "ssl" in sys.modules)
"""


def test_reading_opens_no_socket() -> None:
    """In a process that dies at the first socket, both samples are read, and no network module is even loaded."""
    names = [str(SAMPLES / name) for name in ("inventory.yaml", "inventory.csv")]
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *names],
        capture_output=True,
        text=True,
        check=False,
        cwd=SAMPLES.parent,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "False False\n", "")
