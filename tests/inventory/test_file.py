"""Files that an inventory names: root lists by their framing, password files by their mode."""

import base64
import os
from pathlib import Path

import pytest

from auditor.inventory.file import Folder
from auditor.inventory.problem import Problem, Spot
from auditor.model.inventory import RootFile

FRAMED = bytes.fromhex("30053003020105")
PEM = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(FRAMED) + b"\n-----END CERTIFICATE-----\n"
LONG = b"\x30\x82\x01\x04\x30\x82\x01\x00" + bytes(256)
KEY = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def roots(tmp_path: Path, data: bytes) -> tuple[RootFile | None, list[Problem]]:
    """Write a root list and read it."""
    (tmp_path / "r.pem").write_bytes(data)
    found: list[Problem] = []
    return Folder(tmp_path).root_file(Spot("f", 1, "roots[0]", found), "r.pem"), found


@pytest.mark.parametrize(
    ("data", "certificates"),
    [
        (FRAMED, (FRAMED,)),
        (LONG, (LONG,)),
        (PEM, (FRAMED,)),
        (
            b"\xef\xbb\xbfSubject: -- a comment\r\n" + PEM.replace(b"\n", b"\r\n") + b"\n# more\n" + PEM,
            (FRAMED, FRAMED),
        ),
        (PEM.replace(b"CERTIFICATE", b"X509 CERTIFICATE"), (FRAMED,)),
    ],
    ids=["der", "long der", "pem", "comments and line ends", "old label"],
)
def test_pem_and_der_are_read(tmp_path: Path, data: bytes, certificates: tuple[bytes, ...]) -> None:
    """One DER certificate, or PEM ones with anything between them, come back as DER under the path as written."""
    assert roots(tmp_path, data) == (RootFile(path="r.pem", certificates=certificates), [])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no certificate"),
        (b"hello", "no certificate"),
        (FRAMED + b"x", "no certificate"),
        (FRAMED[:-1], "no certificate"),
        (b"\x30\x80\x30\x00\x00\x00", "no certificate"),
        (b"\x30\x03\x02\x01\x01", "no certificate"),
        (PEM + PEM[:40], "cut off"),
        (PEM.replace(b"MAU", b"!!!"), "damaged"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "Certificate 1"),
        (PEM + KEY, "private key"),
        (PEM.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"), "TRUSTED"),
    ],
)
def test_what_is_no_root_list_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    """Broken framing, cut files, keys and other forms are refused with the file's path."""
    root, found = roots(tmp_path, data)
    assert root is None
    assert any(words in problem.message for problem in found)
    assert all(str(tmp_path / "r.pem") in problem.message for problem in found)


def test_a_file_named_twice_is_refused_at_both_places(tmp_path: Path) -> None:
    """Files are read once, yet each target that names a bad one has its own problem."""
    found: list[Problem] = []
    folder = Folder(tmp_path)
    for line in (3, 9):
        assert folder.root_file(Spot("f", line, "roots[0]", found), "nix.pem") is None
    assert [problem.line for problem in found] == [3, 9]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    """A named pipe would stop the audit for ever; it is refused by its kind."""
    os.mkfifo(tmp_path / "pipe")
    found: list[Problem] = []
    spot = Spot("f", 1, "x", found)
    folder = Folder(tmp_path)
    assert folder.saved_config(spot, "pipe") is None
    assert folder.password_file(spot, "pipe") is None
    assert [("is not a file" in problem.message) for problem in found] == [True, True]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o610])
def test_an_open_password_file_is_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or others is refused, and the cure is told."""
    file = tmp_path / "secret"
    file.write_text("hunter2", encoding="ascii")
    file.chmod(mode)
    found: list[Problem] = []
    assert Folder(tmp_path).password_file(Spot("f", 1, "password_file", found), "secret") is None
    assert f"chmod 600 {file}" in found[0].hint
    assert "hunter2" not in str(found)


def test_a_closed_password_file_is_accepted_and_an_empty_one_is_not(tmp_path: Path) -> None:
    """Mode 600 and 400 will do; a file without content holds no password."""
    found: list[Problem] = []
    spot = Spot("f", 1, "password_file", found)
    for mode in (0o600, 0o400):
        file = tmp_path / f"{mode:o}"
        file.write_text("x", encoding="ascii")
        file.chmod(mode)
        assert Folder(tmp_path).password_file(spot, file.name) == file
    assert not found
    (tmp_path / "empty").touch(mode=0o600)
    assert Folder(tmp_path).password_file(spot, "empty") is None
    assert "empty" in found[0].message
