"""Files, manifest and signature: what was changed is found, whoever recomputed what."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT
from auditor.signing.keys import SecretKey
from tests.verification.bundles import FAILED, KEY, NOT_CHECKED, PASSED, Audited

FLIPS_PER_FILE = 12


def test_a_bundle_as_it_was_written_passes_everything(whole: Audited) -> None:
    """With the key, every check is made and passes."""
    assert {name: check.state for name, check in whole.checks(key=KEY).items() if check.state is not PASSED} == {}


def test_without_a_key_the_signature_is_said_to_be_unchecked(whole: Audited) -> None:
    """And nothing else is."""
    left = {name: check.words for name, check in whole.checks().items() if check.state is not PASSED}
    assert left.keys() == {"signature"}
    assert "no key given" in left["signature"]


def test_a_flipped_bit_in_any_file_is_found(bundle: Audited) -> None:
    """Files and positions by lot, the first and the last byte always; the seed is fixed, so a failure comes again."""
    lot = random.Random(20_081)  # noqa: S311 - places to flip, no secret
    for path in sorted(bundle.folder.iterdir()):
        content = path.read_bytes()
        places = {0, len(content) - 1, *(lot.randrange(len(content)) for _ in range(FLIPS_PER_FILE))}
        for place in sorted(places):
            changed = bytearray(content)
            changed[place] ^= 1 << lot.randrange(8)
            path.write_bytes(changed)
            key = KEY if path.name == SIGNATURE else None
            assert bundle.failures(key=key), (path.name, place)
        path.write_bytes(content)
    assert not bundle.failures(key=KEY)


def test_every_value_of_the_manifest_is_checked(bundle: Audited) -> None:
    """Edited one by one, with everything else as it was, and without a key."""
    original = (bundle.folder / MANIFEST).read_bytes()
    for name in json.loads(original):
        if name == "files":
            continue

        def change(manifest: Any, name: str = name) -> None:
            manifest[name] = not manifest[name] if isinstance(manifest[name], bool) else "0" * 64

        bundle.edit_json(MANIFEST, change)
        assert bundle.failures() == {"manifest"} or "verdicts" in bundle.failures(), name
        (bundle.folder / MANIFEST).write_bytes(original)


def test_missing_extra_and_changed_files_are_each_told(bundle: Audited) -> None:
    """All of them, not the first."""
    (bundle.folder / "report.html").unlink()
    (bundle.folder / "notes.txt").write_text("hello")
    (bundle.folder / "more").mkdir()
    bundle.edit(AUDIT, lambda data: data.replace(b"not_met", b"met", 1))
    check = bundle.checks()["files"]
    assert check.state is FAILED
    told = "\n".join(check.details)
    assert "report.html: missing" in told
    assert "notes.txt: not in the manifest (file)" in told
    assert "more: not in the manifest (folder)" in told
    assert "audit.json: changed" in told


def worsen(document: Any) -> None:
    """Turn one verdict that is not met into one that is."""
    finding = next(f for host in document["hosts"] for f in host["findings"] if f["status"] == "not_met")
    finding["status"] = "met"


def raise_level(document: Any) -> None:
    """Promise a level that was not proven."""
    document["hosts"][0]["level"]["proven"] = 4


def soften(document: Any) -> None:
    """Change only words."""
    document["hosts"][0]["findings"][0]["because"] = "All is well."


@pytest.mark.parametrize("attack", [worsen, raise_level, soften])
def test_an_edited_audit_with_a_recomputed_manifest_is_found(bundle: Audited, attack: Callable[[Any], None]) -> None:
    """By judging again without the key, and by the signature with it."""
    bundle.edit_json(AUDIT, attack)
    bundle.rehash()
    assert bundle.failures() == {"verdicts"}
    assert len(bundle.checks()["verdicts"].details) == 1
    assert bundle.failures(key=KEY) == {"verdicts", "signature"}


def test_an_edited_report_with_a_recomputed_manifest_is_found(bundle: Audited) -> None:
    """By making it again."""
    bundle.edit("report.html", lambda data: data.replace(b"misses", b"meets!", 1))
    bundle.edit("findings.ocsf.ndjson", lambda data: data[: data.rindex(b"\n", 0, -1) + 1])
    bundle.rehash()
    assert bundle.failures() == {"report.html", "findings.ocsf.ndjson"}


# WeasyPrint leaves the file of its colour profile to the garbage collector, which complains.
@pytest.mark.filterwarnings("ignore:unclosed file .*sRGB:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_pdf_is_compared_where_the_same_libraries_laid_it_out(bundle: Audited) -> None:
    """With another Pango its bytes may differ for no bad reason: then it is said that they were not compared."""
    bundle.remake(("json", "html", "ocsf", "pdf"))
    assert bundle.checks()["report.pdf"].state is PASSED
    other = bundle.checks(versions={"weasyprint": "1", "pango": "1.0.0"})["report.pdf"]
    assert other.state is NOT_CHECKED
    assert "here 1.0.0" in other.words
    bundle.edit("report.pdf", lambda data: data + b"%\n")
    bundle.rehash()
    assert bundle.failures() == {"report.pdf"}


def test_edited_evidence_with_everything_recomputed_is_found_by_the_key_only(bundle: Audited) -> None:
    """The limit of what a bundle can prove of itself: docs/verification.md says so."""

    def change(data: bytes) -> bytes:
        return data.replace(b'"F7.', b'"F9.') if b'"F7.' in data else data.replace(b"open", b"0pen", 1)

    bundle.edit(EVIDENCE, change)
    bundle.remake()
    assert bundle.failures() == set()
    assert bundle.failures(key=KEY) == {"signature"}


def test_the_signature_of_another_bundle_or_key_is_found(bundle: Audited) -> None:
    """A missing one too, but only where a key was given."""
    other = SecretKey(KEY.key_id, bytes(32))
    assert bundle.failures(key=other) == {"signature"}
    (bundle.folder / SIGNATURE).unlink()
    assert bundle.failures(key=KEY) == {"signature"}
    assert bundle.checks()["signature"].state is NOT_CHECKED


def test_a_bundle_of_another_catalogue_is_compared_by_verdicts(bundle: Audited) -> None:
    """Equal verdicts pass. Another catalogue excuses a difference only where the signature vouches for the claim."""
    newer = Audited(bundle.folder, replace(bundle.assembly, catalogue_digest="f" * 64))
    checks = newer.checks()
    assert checks["verdicts"].state is PASSED
    assert "the same verdicts" in checks["verdicts"].words
    assert checks["report.html"].state is NOT_CHECKED
    bundle.edit_json(AUDIT, worsen)
    bundle.rehash()
    assert newer.checks()["verdicts"].state is FAILED
    bundle.sign()
    excused = newer.checks(key=KEY)["verdicts"]
    assert excused.state is NOT_CHECKED
    assert "catalogue changed" in excused.words
    assert len(excused.details) == 1


def test_a_killed_audit_is_told_and_its_replay_verifies(bundle: Audited) -> None:
    """Evidence and transcript cut short in the middle of a line, and nothing else there."""
    for path in bundle.folder.iterdir():
        if path.name not in (EVIDENCE, TRANSCRIPT):
            path.unlink()
    bundle.edit(EVIDENCE, lambda data: b"".join(data.splitlines(keepends=True)[:2]) + b'{"record":"ho')
    stated = json.loads((bundle.folder / EVIDENCE).read_bytes().splitlines()[1])["transcript_chain"].encode()
    bundle.edit(TRANSCRIPT, lambda data: data[: data.index(stated) + len(stated) + 30])
    checks = bundle.checks()
    assert checks["manifest"].state is FAILED
    assert "killed" in checks["manifest"].words
    assert {checks[name].state for name in ("transcript", "answers", "verdicts")} == {NOT_CHECKED}
    assert checks["requests"].state is PASSED
    bundle.remake()
    again = bundle.checks()
    assert {name for name, check in again.items() if check.state is FAILED} == set()
    assert "killed" in again["transcript"].words
    bundle.edit(TRANSCRIPT, lambda data: data[: data.index(stated)])
    assert "transcript" in bundle.failures()
