"""A folder with the files that inventories name, and a short way to read one."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory import InventoryError, read_inventory
from auditor.model.inventory import Inventory

SERVICES = {
    "mxp": ("telnet", "telnet-challenge", "ftp", "ssh", "http", "https", "snmp"),
    "mps": ("telnet", "ssh", "http", "https", "snmp"),
    "vcs": ("ssh", "http", "https", "snmp"),
    "tms": ("http", "https"),
    "auto": ("telnet", "ssh", "http", "https"),
}
FRAMED = bytes.fromhex("3005300302 0105".replace(" ", ""))
"""The smallest thing with the framing of a certificate: a SEQUENCE that begins with a SEQUENCE."""

PEM = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(FRAMED) + b"\n-----END CERTIFICATE-----\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with root lists, a saved configuration and a closed password file."""
    (tmp_path / "roots.pem").write_bytes(PEM * 2)
    (tmp_path / "rm204.txt").write_text("xConfiguration Telnet Mode: Off\n", encoding="ascii")
    secret = tmp_path / "codec.password"
    secret.touch(mode=0o600)
    secret.write_text("a-secret\n", encoding="ascii")
    return tmp_path


@pytest.fixture
def read(folder: Path) -> Callable[..., Inventory]:
    """Return a function that writes an inventory into the folder and reads it."""

    def read(content: str | bytes, name: str = "fleet.yaml") -> Inventory:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_inventory(path, families=("mxp", "mps", "vcs", "tms"), services=SERVICES)

    return read


@pytest.fixture
def refuse(read: Callable[..., Inventory]) -> Callable[..., InventoryError]:
    """Return a function that reads an inventory which must be refused, and returns the error."""

    def refuse(content: str | bytes, name: str = "fleet.yaml") -> InventoryError:
        with pytest.raises(InventoryError) as caught:
            read(content, name)
        return caught.value

    return refuse
