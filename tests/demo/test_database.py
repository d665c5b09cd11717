"""The simulated database answers FreeTDS, a real client, as MS-TDS says; and it counts logins."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.recorder import Kind, Request
from tests.peers import program

Asked = Callable[..., tuple[Request, ...]]


def flag_seen_by_tsql(folder: Path, address: str, encryption: str) -> int:
    """Let FreeTDS's client log in with this wish, and return what it understood of the server's answer."""
    settings = f"[db]\nhost={address}\nport={PORTS['database']}\ntds version=7.4\nencryption={encryption}\n"
    (folder / "freetds.conf").write_text(settings, encoding="ascii")
    dump = folder / "dump"
    subprocess.run(
        [program("tsql"), "-S", "db", "-U", "sa", "-P", "canary-of-tsql"],
        env={**os.environ, "FREETDSCONF": str(folder / "freetds.conf"), "TDSDUMP": str(dump)},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    lines = dump.read_text(encoding="latin-1").splitlines()
    return int(next(line for line in lines if "detected crypt flag" in line).rpartition(" ")[2])


@pytest.mark.parametrize(
    ("name", "wish", "flag"),
    [
        ("tms", "off", 3), ("tms", "request", 3), ("tms", "require", 1),
        ("tms-bergen", "off", 2), ("tms-bergen", "request", 0), ("tms-bergen", "require", 1),
        ("tms-test", "off", 2), ("tms-test", "request", 2), ("tms-test", "require", 2),
    ],
)  # fmt: skip
def test_a_real_client_understands_it(fleet: RunningFleet, tmp_path: Path, name: str, wish: str, flag: int) -> None:
    """0 off, 1 on, 2 not supported, 3 required: the table of MS-TDS 2.2.6.5, by what client and server want."""
    assert flag_seen_by_tsql(tmp_path, fleet.devices[name].database_address, wish) == flag


def test_a_login_is_counted(fleet: RunningFleet, tmp_path: Path, asked: Asked) -> None:
    """A client that goes on after the answer is on the record; an auditor must not be."""
    flag_seen_by_tsql(tmp_path, fleet.devices["tms-test"].database_address, "off")
    kinds = [r.kind for r in asked("tms-test", wait_for=2) if r.service == "database"]
    assert kinds == [Kind.CONNECT, Kind.READ, Kind.LOGIN]
