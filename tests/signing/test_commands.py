"""`keygen` and `sign` as a person meets them. Real processes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from auditor.signing.keys import PublicKey, SecretKey

ROOT = Path(__file__).parents[2]
RIGHT, WRONG = "from a file", "canary-wrong"


def auditor(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command from a folder, with these variables in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", *map(str, words)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **variables},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def keygen(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Make a pair in a folder."""
    return auditor("keygen", "--secret-key", "s.key", "--public-key", "s.pub", cwd=folder, **variables)


def test_a_pair_is_made_for_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    """Mode 0600; a second call changes nothing; a missing passphrase is said."""
    done = keygen(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no passphrase" in done.stderr
    secret, public = (tmp_path / "s.key").read_bytes(), (tmp_path / "s.pub").read_bytes()
    assert stat.S_IMODE((tmp_path / "s.key").stat().st_mode) == 0o600
    assert SecretKey.parse(secret).public() == PublicKey.parse(public)
    again = keygen(tmp_path)
    assert again.returncode == 2
    assert "File exists" in again.stderr
    assert (tmp_path / "s.key").read_bytes() == secret
    (tmp_path / "s.key").unlink()
    assert keygen(tmp_path).returncode == 2
    assert not (tmp_path / "s.key").exists(), "half a pair is no pair"
    assert (tmp_path / "s.pub").read_bytes() == public


def test_the_passphrase_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """A file that others can read is refused."""
    words = tmp_path / "words"
    words.write_text(RIGHT + "\n")
    words.chmod(0o644)
    refused = keygen(tmp_path, AUDITOR_KEY_PASSPHRASE_FILE=str(words))
    assert refused.returncode == 2
    assert "open to others" in refused.stderr
    words.chmod(0o600)
    assert keygen(tmp_path, AUDITOR_KEY_PASSPHRASE_FILE=str(words)).returncode == 0
    (tmp_path / "manifest.json").write_text("{}\n")
    sign = ("sign", ".", "--secret-key", "s.key")
    assert "none was given" in auditor(*sign, cwd=tmp_path).stderr
    wrong = auditor(*sign, cwd=tmp_path, AUDITOR_KEY_PASSPHRASE=WRONG)
    assert wrong.returncode == 2
    assert "passphrase is wrong" in wrong.stderr
    assert WRONG not in wrong.stdout + wrong.stderr
    assert not (tmp_path / "manifest.json.minisig").exists()
    assert auditor(*sign, cwd=tmp_path, AUDITOR_KEY_PASSPHRASE=RIGHT).returncode == 0
    peer = subprocess.run(["minisign", "-V", "-p", "s.pub", "-m", "manifest.json"], cwd=tmp_path, check=False)
    assert peer.returncode == 0


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """And what is no bundle cannot be signed."""
    assert keygen(tmp_path).returncode == 0
    nothing = auditor("sign", ".", "--secret-key", "s.key", cwd=tmp_path)
    assert nothing.returncode == 2
    assert "nothing to sign" in nothing.stderr
    (tmp_path / "s.key").chmod(0o640)
    done = auditor("sign", ".", "--secret-key", "s.key", cwd=tmp_path)
    assert done.returncode == 2
    assert "open to others" in done.stderr
