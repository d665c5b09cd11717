"""What counts as the same evidence."""

import pytest

from auditor.history.blob import normalised, of_verdict
from tests.history.snapshots import MET, verdict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("port/telnet: refused [2026-03-01 02:00:01Z]", "port/telnet: refused [2026-03-02 02:14:59Z]"),
        ("the device's clock is 3 s ahead (from Date)", "the device's clock is 0 s behind (from Date)"),
        ("3 seconds ahead; 300 seconds are allowed.", "4 seconds behind; 300 seconds are allowed."),
        ("CN=a expires in 45 days, on 2026-04-15", "CN=a expires in 44 days, on 2026-04-15"),
        ("Date: Sun, 01 Mar 2026 02:00:00 GMT", "Date: Mon, 02 Mar 2026 02:00:07 GMT"),
        ("its clock “2026-03-01 02:00:00Z”", "its clock “2026-03-02 02:00:00Z”"),
        ("stratum 2, +0.013 s from here", "stratum 2, -0.201 s from here"),
    ],
)  # fmt: skip
def test_times_do_not_make_evidence_another(one: str, other: str) -> None:
    """The same thing seen again is the same evidence, and what was stored first is kept as it was."""
    assert normalised(one) == normalised(other)
    first, second = of_verdict(verdict(MET, one)), of_verdict(verdict(MET, other))
    assert first.key == second.key
    assert first.packed()["raw_hash"] != second.packed()["raw_hash"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("port 23 is open", "port 57 is open"),
        ("software “F7.1”", "software “F7.2”"),
        ("CN=a expires in 45 days, on 2026-04-15", "CN=a expires in 45 days, on 2026-04-16"),
        ("SHA-256 aa", "SHA-256 ab"),
        ("the key has 1024 bits", "the key has 2048 bits"),
        ("192.0.2.1", "192.0.2.2"),
    ],
)
def test_what_a_host_shows_does(one: str, other: str) -> None:
    """Ports, versions, dates of certificates, keys and addresses are no passing times."""
    assert of_verdict(verdict(MET, one)).key != of_verdict(verdict(MET, other)).key
