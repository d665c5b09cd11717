"""The fuzz targets over their seeds: every seed is taken as far as it was made to go, so the fuzzer starts inside."""

from pathlib import Path

import pytest

from auditor.trust import DEVICE_RULES, judge
from auditor.wire.server_flight import parse_server_flight
from tests.fuzz import certificate_target, hello_target

CORPUS = Path(__file__).parent / "corpus"
HELLO = sorted((CORPUS / "hello").iterdir())
CERTIFICATE = sorted((CORPUS / "certificate").iterdir())


@pytest.mark.parametrize("seed", HELLO, ids=lambda path: path.name)
def test_hello_seeds(seed: Path) -> None:
    """Each seed, whole and cut anywhere, leaves the reader with a typed outcome."""
    data = seed.read_bytes()
    for end in range(len(data) + 1):
        hello_target.one_input(data[:end])


@pytest.mark.parametrize("seed", CERTIFICATE, ids=lambda path: path.name)
def test_certificate_seeds(seed: Path) -> None:
    """Each seed, whole and with each seventh octet turned over, is judged without a crash."""
    data = seed.read_bytes()
    certificate_target.one_input(data)
    for index in range(0, len(data), 7):
        certificate_target.one_input(data[:index] + bytes((data[index] ^ 0xFF,)) + data[index + 1 :])


def test_seeds_reach_the_far_end() -> None:
    """The first chain passes and the first answer brings a chain: garbage would teach the fuzzer nothing."""
    report = judge(
        certificate_target.CHAIN,
        anchors=certificate_target.ANCHORS,
        reference=certificate_target.HOST,
        at=certificate_target.AT,
        rules=DEVICE_RULES,
    )
    assert report.verify_code == 0
    assert len(parse_server_flight((CORPUS / "hello" / "tls10.bin").read_bytes()).chain or ()) == 2
