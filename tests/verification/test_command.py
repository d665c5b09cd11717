"""`auditor verify` as a person or a script meets it. Real processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.reports.bundle import AUDIT, MANIFEST, SIGNATURE
from tests.verification.bundles import KEY, Audited

ROOT = Path(__file__).parents[2]


def verify(*words: str | Path, cwd: Path, command: str = "verify") -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "auditor", command, *map(str, words)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def public_key(tmp_path: Path) -> Path:
    """The signer's public key, which came by another way than the bundle."""
    path = tmp_path / "signer.pub"
    path.write_bytes(KEY.public().file())
    return path


def test_a_good_bundle(bundle: Audited, public_key: Path, tmp_path: Path) -> None:
    """One line for each check, words and signs; the bundle is left as it was."""
    before = {path.name: path.read_bytes() for path in bundle.folder.iterdir()}
    done = verify(bundle.folder, "--public-key", public_key, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert all(line.startswith("✔ ") for line in lines[:-1])
    assert any(line.startswith("✔ signature: manifest.json is signed by key 0706050403020100") for line in lines)
    assert lines[-1] == "No check failed."
    assert before == {path.name: path.read_bytes() for path in bundle.folder.iterdir()}


def test_a_bad_bundle(bundle: Audited, public_key: Path, tmp_path: Path) -> None:
    """Exit code 5; `--json` says the same to a program, and nothing else is on standard output."""
    bundle.edit(AUDIT, lambda data: data.replace(b'"met"', b'"not_met"', 1))
    done = verify(bundle.folder, "--json", cwd=tmp_path)
    assert done.returncode == 5
    told = json.loads(done.stdout)
    assert told["verified"] is False
    states = {check["name"]: check["state"] for check in told["checks"]}
    assert states["files"] == "failed"
    assert states["verdicts"] == "failed"
    assert states["signature"] == "not_checked"
    (bundle.folder / SIGNATURE).unlink()
    done = verify(bundle.folder, "--public-key", public_key, cwd=tmp_path)
    assert done.returncode == 5
    assert "✘ signature: a key was given, and manifest.json.minisig is missing" in done.stdout
    assert "✘ files: " in done.stdout


def test_what_is_no_bundle_or_no_key(bundle: Audited, tmp_path: Path) -> None:
    """Exit code 2 and a sentence."""
    (tmp_path / "empty").mkdir()
    done = verify("empty", cwd=tmp_path)
    assert done.returncode == 2
    assert "this is no bundle" in done.stderr
    done = verify(bundle.folder, "--public-key", bundle.folder / MANIFEST, cwd=tmp_path)
    assert done.returncode == 2
    assert "public key" in done.stderr


def test_an_audit_signs_its_own_bundle(public_key: Path, tmp_path: Path) -> None:
    """With a key that was read before the first packet; minisign and we agree on the result."""
    secret = tmp_path / "signer.key"
    secret.write_bytes(KEY.file())
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("version: 1\nsystems:\n  - {name: box, product: mps, address: 127.0.0.1}\n")
    words = (fleet, "--offline", "--output", "out", "--format", "json", "--sign-key", secret)
    secret.chmod(0o644)
    refused = verify(*words, cwd=tmp_path, command="audit")
    assert refused.returncode == 2
    assert not (tmp_path / "out").exists()
    secret.chmod(0o600)
    assert verify(*words, cwd=tmp_path, command="audit").returncode == 3
    done = verify("out", "--public-key", public_key, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    peer = subprocess.run(["minisign", "-V", "-p", public_key, "-m", tmp_path / "out" / MANIFEST], check=False)
    assert peer.returncode == 0
