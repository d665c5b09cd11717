"""Revocation lists and intermediates that an inventory names: read with it, and refused with it where they are bad."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory import InventoryError
from auditor.model.inventory import CrlFile, Inventory, RootFile
from tests.inventory.conftest import FRAMED, PEM

Read = Callable[..., Inventory]
Refuse = Callable[..., InventoryError]

HEAD = "version: 1\nsystems: [{name: rm204, product: mxp, address: 192.0.2.21}]\nsettings:\n"
LIST = b"-----BEGIN X509 CRL-----\n" + base64.b64encode(FRAMED) + b"\n-----END X509 CRL-----\n"


@pytest.mark.parametrize(
    ("data", "count"), [(FRAMED, 1), (LIST, 1), (b"# two\r\n" + LIST.replace(b"\n", b"\r\n") + LIST, 2)],
    ids=["DER", "PEM", "two of them"],
)  # fmt: skip
def test_lists_are_read_with_the_inventory(folder: Path, read: Read, data: bytes, count: int) -> None:
    """Each list comes as DER under the path as written; without the field there is none."""
    (folder / "ca.crl").write_bytes(data)
    settings = read(HEAD + "  crls: [ca.crl]\n  intermediates: [roots.pem]\n  next_audit_days: 180\n").settings
    assert settings.crls == (CrlFile(path="ca.crl", lists=(FRAMED,) * count),)
    assert settings.intermediates == (RootFile(path="roots.pem", certificates=(FRAMED, FRAMED)),)
    assert settings.next_audit_days == 180
    assert read(HEAD + "  snmp: on\n").settings.crls == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PEM, "holds no revocation list"),
        (b"", "holds no revocation list"),
        (LIST.replace(b"-----END X509 CRL-----", b""), "cut off: 1 revocation lists begin and 0 end"),
        (LIST.replace(b"MA", b"!!"), "Revocation list 1"),
        (LIST + b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "Revocation list 2"),
    ],
    ids=["certificates", "nothing", "cut off", "no base64", "no DER"],
)
def test_bad_lists_are_refused(folder: Path, refuse: Refuse, data: bytes, words: str) -> None:
    """With the field's place."""
    (folder / "ca.crl").write_bytes(data)
    (problem,) = refuse(HEAD + "  crls: [ca.crl]\n").problems
    assert words in problem.message
    assert (problem.line, problem.field) == (4, "settings.crls[0]")


def test_a_missing_list_and_a_bad_number_are_both_told(refuse: Refuse) -> None:
    """All problems at once."""
    problems = refuse(HEAD + "  crls: [gone.crl]\n  next_audit_days: soon\n").problems
    assert [p.field for p in problems] == ["settings.crls[0]", "settings.next_audit_days"]


def test_hosts_from_which_lists_may_be_fetched(read: Read) -> None:
    """Names and addresses, with a port where it is not 80; nothing is fetched unless it is asked for."""
    written = '  fetch_crls: true\n  crl_hosts: [CRL.example.test, "crl.example.test:8080", "192.0.2.7:81"]\n'
    settings = read(HEAD + written).settings
    assert settings.fetch_crls
    assert settings.crl_hosts == ("CRL.example.test", "crl.example.test:8080", "192.0.2.7:81")
    assert not read(HEAD + "  crl_hosts: [crl.example.test]\n").settings.fetch_crls


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("  fetch_crls: true\n", "settings.fetch_crls"),
        ("  fetch_crls: maybe\n", "settings.fetch_crls"),
        ('  crl_hosts: ["http://crl.example.test/"]\n', "settings.crl_hosts[0]"),
        ('  crl_hosts: ["crl.example.test:0"]\n', "settings.crl_hosts[0]"),
    ],
    ids=["from nowhere", "neither yes nor no", "an address", "no port"],
)
def test_fetching_that_cannot_be_meant_is_refused(refuse: Refuse, written: str, field: str) -> None:
    """Each with its place, once."""
    assert [problem.field for problem in refuse(HEAD + written).problems] == [field]


def test_a_list_in_the_place_of_a_root_gets_a_hint(folder: Path, refuse: Refuse) -> None:
    """The right field is named."""
    (folder / "ca.crl").write_bytes(LIST)
    (problem,) = refuse(HEAD + "  roots: [ca.crl]\n").problems
    assert "'crls'" in problem.hint
