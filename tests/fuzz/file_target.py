"""Fuzz targets of the operator's files: a value that was checked, or every problem with its place."""

import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from auditor.inventory import InventoryError, read_inventory
from auditor.inventory.tms_export import read_export
from auditor.inventory.waivers import read_waiver_files
from auditor.signing.keys import PublicKey, SecretKey
from auditor.signing.lines import SigningError
from auditor.signing.signature import Signature

SERVICES = {"mxp": ("http", "https"), "tms": ("https",)}
STATEMENTS = {"mxp": ("server-dns",), "tms": ("secure-only", "server-dns")}
FLEET = """\
version: 1
settings: {attestations: [stated.yaml]}
tms: [{name: manager, hostname: tms.example.test}]
systems: [{name: codec, product: mxp, address: 192.0.2.1}]
"""
BACKING = b"Secure-Only mode: On\n"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def _place() -> Path:
    return Path(_folder().name)


def yaml_inventory(data: bytes) -> None:
    """An inventory in YAML."""
    _inventory(data, "fleet.yaml")


def csv_inventory(data: bytes) -> None:
    """An inventory in CSV, and the list that TMS exports."""
    _inventory(data, "fleet.csv")
    try:
        assert all(system.line >= 1 for system in read_export(_place() / "fleet.csv").systems)
    except InventoryError as error:
        _are_told(error, data)


def _inventory(data: bytes, name: str) -> None:
    path = _place() / name
    path.write_bytes(data)
    try:
        inventory = read_inventory(path, families=("mxp", "tms"), services=SERVICES, statements=STATEMENTS)
    except InventoryError as error:
        _are_told(error, data)
    else:
        names = [target.name for target in inventory.targets]
        assert names
        assert len(set(names)) == len(names)


def waivers(data: bytes) -> None:
    """A file of waivers."""
    path = _place() / "waivers.yaml"
    path.write_bytes(data)
    try:
        made = read_waiver_files([path])
    except InventoryError as error:
        _are_told(error, data)
    else:
        assert all(w.created < w.expires and w.reason and w.owner and w.approver for w in made)


def attestations(data: bytes) -> None:
    """A file of attestations that an inventory names."""
    folder = _place()
    (folder / "settings.txt").write_bytes(BACKING)
    (folder / "attested.yaml").write_text(FLEET)
    (folder / "stated.yaml").write_bytes(data)
    try:
        inventory = read_inventory(
            folder / "attested.yaml", families=("mxp", "tms"), services=SERVICES, statements=STATEMENTS
        )
    except InventoryError as error:
        _are_told(error, data)
    else:
        hosts = {target.name for target in inventory.targets}
        assert all(a.host in hosts and a.by and a.on < a.expires for a in inventory.attestations)


def signature(data: bytes) -> None:
    """A signature, a public key and a secret key as minisign writes them."""
    for read in (Signature.parse, PublicKey.parse, SecretKey.parse):
        with suppress(SigningError):
            read(data)


def _are_told(error: InventoryError, data: bytes) -> None:
    assert error.problems
    for problem in error.problems:
        assert 0 <= problem.line <= len(data) + len(FLEET) + 1
        assert problem.message
        assert str(problem).isprintable()
