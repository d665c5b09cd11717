"""Bundles made to hurt whoever verifies them: nothing hangs, nothing outside is read, nothing but a check fails."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT
from auditor.verification.folder import NoBundleError, is_plain_name
from tests.verification.bundles import FAILED, KEY, PASSED, Audited

SECONDS = 60
DEEP = b"[" * 200_000
EVERY = (AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT, "report.html")


@pytest.fixture(autouse=True)
def _deadline() -> Iterator[None]:
    """Whatever hangs is interrupted and fails."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"verification hung (signal {number}, {frame})")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", EVERY)
def test_a_link_out_of_the_folder_is_not_followed(bundle: Audited, tmp_path: Path, name: str) -> None:
    """Even though what it leads to has the right bytes."""
    (bundle.folder / name).rename(tmp_path / "outside")
    (bundle.folder / name).symlink_to(tmp_path / "outside")
    assert bundle.failures(key=KEY)


@pytest.mark.parametrize("name", EVERY)
def test_a_pipe_is_not_waited_for(bundle: Audited, name: str) -> None:
    """Nobody will ever write into it."""
    (bundle.folder / name).unlink()
    os.mkfifo(bundle.folder / name)
    assert bundle.failures(key=KEY)


@pytest.mark.parametrize("name", EVERY)
def test_a_folder_in_the_place_of_a_file_is_told(bundle: Audited, name: str) -> None:
    """And not entered."""
    (bundle.folder / name).unlink()
    (bundle.folder / name).mkdir()
    assert bundle.failures(key=KEY)


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/hostname", "..", ".", "", "a/b", "more/../../outside", "x\0y", MANIFEST, "a\\b"]
)
def test_names_that_lead_out_of_the_folder_are_not_opened(bundle: Audited, tmp_path: Path, name: str) -> None:
    """The file that such a name means has the right digest, and the check fails all the same."""
    (tmp_path / "outside").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    bundle.edit_json(MANIFEST, lambda m: m["files"].update({name: {"sha256": empty, "bytes": 0}}))
    check = bundle.checks()["files"]
    assert check.state is FAILED
    assert any("not the name of a file" in detail for detail in check.details)
    assert name == MANIFEST or not is_plain_name(name)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("content", [b"", DEEP, b"\xff" * 1000, b"null\n", b'{"a":' * 50_000, b"x" * 2_000_000])
def test_senseless_files_are_told(bundle: Audited, name: str, content: bytes) -> None:
    """Deep JSON, no JSON, one endless line; the attacker has written the digests of all that into the manifest."""
    (bundle.folder / name).write_bytes(content)
    if name != MANIFEST:
        bundle.rehash()
    assert bundle.failures(key=KEY)


def test_a_huge_file_is_not_read(bundle: Audited) -> None:
    """A hole of a terabyte takes no room on the disk, and would take an hour to hash."""
    names = ("report.html", EVIDENCE)

    def change(manifest: Any) -> None:
        for name in names:
            manifest["files"][name]["bytes"] = 2**40

    for name in names:
        os.truncate(bundle.folder / name, 2**40)
    bundle.edit_json(MANIFEST, change)
    checks = bundle.checks()
    assert checks["files"].state is FAILED
    assert checks["evidence"].state is FAILED
    assert "too many to be read" in checks["evidence"].words


def test_an_endless_line_in_the_evidence_is_not_kept(bundle: Audited) -> None:
    """It is looked through in pieces; the limit is far above what any audit writes."""
    os.truncate(bundle.folder / EVIDENCE, 300 * 2**20)
    check = bundle.checks()["evidence"]
    assert check.state is FAILED
    assert "a line of more than" in check.words


def test_an_endless_line_in_the_transcript_ends_the_reading(bundle: Audited) -> None:
    """Its length is told, not its text."""
    with (bundle.folder / TRANSCRIPT).open("ab") as file:
        file.write(b"x" * 10_000_000)
    check = bundle.checks()["requests"]
    assert check.state is FAILED
    assert all(len(detail) < 200 for detail in check.details)


def senseless_product(host: dict[str, object]) -> None:
    """Name a product that does not exist."""
    host["product"] = "../../etc/passwd"


def senseless_time(host: dict[str, object]) -> None:
    """Leave the zone out of every time."""
    host["started_at"] = host["finished_at"] = "2026-01-01T00:00:00"


def senseless_address(host: dict[str, object]) -> None:
    """Move the host elsewhere."""
    host["address"] = "192.0.2.66"


def nothing_seen(host: dict[str, object]) -> None:
    """Say that the host was never asked anything."""
    host["observations"] = []


@pytest.mark.parametrize("attack", [senseless_product, senseless_time, senseless_address, nothing_seen])
def test_evidence_of_the_right_form_with_a_senseless_content_never_breaks_the_program(
    bundle: Audited, attack: Callable[[dict[str, object]], None]
) -> None:
    """Every check ends with a sentence."""

    def change(data: bytes) -> bytes:
        head, first, *rest = data.splitlines()
        host = json.loads(first)
        attack(host)
        return b"\n".join((head, json.dumps(host).encode(), *rest)) + b"\n"

    bundle.edit(EVIDENCE, change)
    bundle.rehash()
    assert bundle.failures()


def test_a_folder_that_is_no_bundle_is_told(whole: Audited, tmp_path: Path) -> None:
    """An empty one, a missing one, a file."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for name in ("empty", "missing", "file"):
        with pytest.raises(NoBundleError):
            Audited(tmp_path / name, whole.assembly).checks()


def test_the_bundle_may_be_reached_through_a_link(bundle: Audited, tmp_path: Path) -> None:
    """What the operator names is the operator's business."""
    (tmp_path / "link").symlink_to(bundle.folder)
    checks = Audited(tmp_path / "link", bundle.assembly).checks(key=KEY)
    assert {check.state for check in checks.values()} == {PASSED}
