"""Debian's `minisign` as the peer: its keys and signatures are taken here, and ours are taken there."""

import subprocess
from pathlib import Path

import pytest

from auditor.signing.keys import PublicKey, SecretKey
from auditor.signing.signature import Signature, sign

CONTENT = b'{"a": 1}\n' * 1000


def minisign(*words: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program; a passphrase is read from standard input."""
    return subprocess.run(
        ["minisign", *map(str, words)], input=given, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A file to sign."""
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    return path


def test_their_key_and_signature_are_taken_here(tmp_path: Path, content: Path) -> None:
    """A key without a passphrase."""
    public, secret = tmp_path / "k.pub", tmp_path / "k.key"
    assert minisign("-G", "-W", "-p", public, "-s", secret).returncode == 0
    assert minisign("-S", "-s", secret, "-m", content).returncode == 0
    key = PublicKey.parse(public.read_bytes())
    signature = Signature.parse(content.with_name("content.minisig").read_bytes())
    assert signature.problem(CONTENT, key) is None
    assert "file:content" in signature.trusted_comment
    assert signature.problem(CONTENT + b" ", key) is not None
    assert key.name.lstrip("0") in public.read_text()  # minisign leaves out zeros in front
    assert SecretKey.parse(secret.read_bytes()).public() == key


def test_our_signature_with_their_key_is_taken_there(tmp_path: Path, content: Path) -> None:
    """The passphrase is theirs, too: scrypt with as much memory as minisign asks for."""
    public, secret = tmp_path / "k.pub", tmp_path / "k.key"
    assert minisign("-G", "-p", public, "-s", secret, given="pass phrase\npass phrase\n").returncode == 0
    key = SecretKey.parse(secret.read_bytes(), b"pass phrase")
    content.with_name("content.minisig").write_bytes(sign(CONTENT, key, "signed here"))
    done = minisign("-V", "-H", "-p", public, "-m", content)
    assert done.returncode == 0, done.stderr
    assert "signed here" in done.stdout
    content.write_bytes(CONTENT + b" ")
    assert minisign("-V", "-p", public, "-m", content).returncode != 0


@pytest.mark.parametrize("passphrase", [None, "of our own"])
def test_our_key_is_taken_there(tmp_path: Path, content: Path, passphrase: str | None) -> None:
    """They sign with our secret half, and verify with our public half."""
    pair = SecretKey(b"\1\2\3\4\5\6\7\x88", bytes(range(32)))
    public, secret = tmp_path / "k.pub", tmp_path / "k.key"
    public.write_bytes(pair.public().file())
    secret.write_bytes(pair.file(passphrase.encode() if passphrase else None, salt=bytes(range(32))))
    done = minisign("-S", "-s", secret, "-m", content, given=f"{passphrase}\n")
    assert done.returncode == 0, done.stderr
    signature = content.with_name("content.minisig")
    assert Signature.parse(signature.read_bytes()).problem(CONTENT, pair.public()) is None
    assert minisign("-V", "-p", public, "-m", content).returncode == 0
    again = tmp_path / "again.pub"
    assert minisign("-R", "-s", secret, "-p", again, given=f"{passphrase}\n").returncode == 0
    assert PublicKey.parse(again.read_bytes()) == pair.public()


def test_their_old_form_is_refused(tmp_path: Path, content: Path) -> None:
    """Signatures over the file itself, which minisign writes with -l, are told apart and not taken."""
    public, secret = tmp_path / "k.pub", tmp_path / "k.key"
    assert minisign("-G", "-W", "-p", public, "-s", secret).returncode == 0
    assert minisign("-S", "-l", "-s", secret, "-m", content).returncode == 0
    with pytest.raises(ValueError, match="old form"):
        Signature.parse(content.with_name("content.minisig").read_bytes())
