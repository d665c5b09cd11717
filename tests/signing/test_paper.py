"""PAdES signatures: made on a real report, timestamped by `openssl ts`, and read by pyHanko and by poppler."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from typer.testing import CliRunner

from auditor.cli.app import commands
from auditor.reports.bundle import MANIFEST
from auditor.reports.signed_pdf import what_was_added
from auditor.signing.keys import SecretKey
from auditor.signing.lines import SigningError
from auditor.signing.pades import load_key, load_roots, look_at, sign_paper
from auditor.signing.paper import PaperKey, PaperTrust
from auditor.wire.timestamp import Authority, AuthorityError
from tests.signing.papers import PASSWORD, Desk, authority, desk

NOW = datetime.now(UTC) + timedelta(hours=1)
"""When the keys that are made meanwhile are surely valid."""
PDF = "report.pdf"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def auditor(*words: str | Path, cwd: Path, extra: bool = True, **variables: str) -> Done:
    """Run the command in this process; without `extra`, as if pyHanko were not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        patch.setenv("COLUMNS", "250")
        if not extra:
            patch.setitem(sys.modules, "auditor.signing.pades", None)
        result = CliRunner().invoke(commands, [str(word) for word in words], env=variables)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Keys and a timestamp authority."""
    return desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with a PDF that is not signed."""
    folder = tmp_path_factory.mktemp("audited")
    (folder / "fleet.yaml").write_text("version: 1\nsystems:\n  - {name: box, product: mps, address: 127.0.0.1}\n")
    done = auditor("audit", "fleet.yaml", "--offline", "-o", "out", "--format", "json,pdf", "-q", cwd=folder)
    assert done.returncode == 3, done.stderr
    return folder / "out"


@pytest.fixture
def bundle(audited: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(audited, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(scope="module")
def key(at: Desk) -> PaperKey:
    """The signer's key out of PKCS#12."""
    return load_key(at["signer.p12"].read_bytes(), PASSWORD.encode(), b"", NOW)


@pytest.fixture(scope="module")
def plain(audited: Path) -> bytes:
    """The document before it is signed."""
    return (audited / PDF).read_bytes()


@pytest.fixture(scope="module")
def signed(plain: bytes, key: PaperKey) -> bytes:
    """The document with a signature of level B-B."""
    return sign_paper(plain, key)


def trust(at: Desk, signer: str = "signer-ca.pem", time: str | None = None, moment: datetime = NOW) -> PaperTrust:
    """Return what to hold a signature against."""
    roots = load_roots(at[time].read_bytes()) if time else ()
    return PaperTrust(roots=load_roots(at[signer].read_bytes()), time_roots=roots, at=moment)


def states(done: Done) -> dict[str, str]:
    """Return the states of the checks by name."""
    return {check["name"]: check["state"] for check in json.loads(done.stdout)["checks"]}


def test_a_signature_is_added_and_nothing_is_changed(plain: bytes, signed: bytes, at: Desk) -> None:
    """The authority and the certificate itself will do; another authority, and none, will not."""
    assert signed.startswith(plain)
    assert what_was_added(plain, signed) is None
    for given in ("signer-ca.pem", "signer.pem"):
        found = look_at(signed, trust(at, given))
        assert found is not None
        assert (found.problem, found.trusted, found.signer) == (None, True, "CN=signer")
    other = look_at(signed, trust(at, "time-ca.pem"))
    assert other is not None
    assert not other.trusted
    assert "does not lead to one that was given" in str(other.problem)
    alone = look_at(signed)
    assert alone is not None
    assert (alone.problem, alone.trusted, alone.timestamped) == (None, False, False)
    assert look_at(plain) is None


def test_the_documents_own_properties_stay(plain: bytes, signed: bytes) -> None:
    """Title, dates and producer are the audit's: a signature says who vouches, not when the audit was."""
    with pikepdf.open(BytesIO(plain)) as before, pikepdf.open(BytesIO(signed)) as after:
        assert before.docinfo.unparse(resolved=True) == after.docinfo.unparse(resolved=True)
        assert before.Root.Metadata.read_bytes() == after.Root.Metadata.read_bytes()
        assert len(before.pages) == len(after.pages)


def test_poppler_agrees(signed: bytes, tmp_path: Path) -> None:
    """Another program finds the signature valid, and over the whole document."""
    if shutil.which("pdfsig") is None:
        pytest.skip("poppler's pdfsig is not installed")
    (tmp_path / PDF).write_bytes(signed)
    told = subprocess.run(["pdfsig", tmp_path / PDF], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told


def test_a_flipped_bit_breaks_the_signature(signed: bytes, plain: bytes, at: Desk) -> None:
    """In the document, in what was added, in the signature itself, and at the very end."""
    inside = signed.index(b"/Contents <", len(plain)) + 400
    for place in (9, len(plain) // 2, len(plain) - 3, len(plain) + 40, inside, len(signed) - 3):
        changed = bytearray(signed)
        changed[place] ^= 1
        found = look_at(bytes(changed), trust(at))
        assert found is None or found.problem is not None, place
    longer = look_at(signed + b"%\n", trust(at))
    assert longer is not None
    assert longer.problem == "something was added after the signature"


def test_a_signature_does_not_hide_a_changed_page(plain: bytes, key: PaperKey, at: Desk) -> None:
    """The signature over a document with a page replaced is in order; the comparison with the evidence finds it."""
    writer = IncrementalPdfFileWriter(BytesIO(plain))
    page = writer.root["/Pages"]["/Kids"][1]
    while page["/Type"] != "/Page":
        page = page["/Kids"][0]
    page["/MediaBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 9, 9)))
    writer.update_container(page)
    forged = BytesIO()
    writer.write(forged)  # type: ignore[no-untyped-call]  # the library's own
    made = sign_paper(forged.getvalue(), key)
    assert made.startswith(plain)
    found = look_at(made, trust(at))
    assert found is not None
    assert (found.problem, found.trusted) == (None, True)
    assert "was changed" in str(what_was_added(plain, made))


def test_what_is_signed_is_not_signed_again(signed: bytes, key: PaperKey) -> None:
    """Two signatures of ours would say nothing more than one."""
    with pytest.raises(SigningError, match="signed already"):
        sign_paper(signed, key)


def test_a_timestamp_keeps_a_signature_after_its_certificate_has_ended(plain: bytes, key: PaperKey, at: Desk) -> None:
    """Judged twenty years later: with the authority's word it holds, by the signer's own word it does not."""
    with authority(at) as clock:
        made = sign_paper(plain, key, Authority(url=clock.url).ask)
        assert len(clock.asked) == 1
    assert key.certificate not in clock.asked[0]
    found = look_at(made, trust(at, time="time-ca.pem"))
    assert found is not None
    assert (found.problem, found.trusted, found.timestamped, found.time_trusted) == (None, True, True, True)
    stranger = look_at(made, trust(at, time="signer-ca.pem"))
    assert stranger is not None
    assert "no timestamp of an authority that was given" in str(stranger.problem)
    unlooked = look_at(made, trust(at))
    assert unlooked is not None
    assert (unlooked.problem, unlooked.timestamped, unlooked.time_trusted) == (None, True, False)
    late = look_at(made, trust(at, moment=NOW + timedelta(days=20 * 365)))
    assert late is not None
    assert "was not valid then" in str(late.problem)


@pytest.mark.parametrize(
    ("mood", "words"), [("404", "status 404"), ("page", "text/html"), ("old", "answered another question")]
)
def test_an_authority_that_does_not_answer_this_question(
    plain: bytes, key: PaperKey, at: Desk, mood: str, words: str
) -> None:
    """Nothing is signed then: half of what was asked for is not what was asked for."""
    with authority(at) as clock:
        if mood == "old":
            sign_paper(plain, key, Authority(url=clock.url).ask)
        clock.mood = mood
        with pytest.raises((AuthorityError, SigningError), match=words):
            sign_paper(plain, key, Authority(url=clock.url).ask)


@pytest.mark.parametrize(
    "url", ["ftp://h/x", "http://user:word@h/x", "http://user:word@[::1/", "http:///x", "http://h/x#y", "h"]
)
def test_addresses_that_are_none(url: str) -> None:
    """A password on the command line is refused, too."""
    with pytest.raises(AuthorityError) as told:
        Authority(url=url)
    assert "word@" not in str(told.value)


def test_keys_that_cannot_sign(at: Desk) -> None:
    """Each with its reason, none with a secret."""
    p12, pem, cert = (at[name].read_bytes() for name in ("signer.p12", "signer.key", "signer.pem"))
    other = at["time.pem"].read_bytes()
    late = NOW + timedelta(days=5000)
    for data, password, more, when, words in (
        (p12, b"wrong", b"", NOW, "password is missing or wrong"),
        (p12, None, b"", NOW, "password is missing or wrong"),
        (b"nonsense", None, b"", NOW, "neither PKCS#12 nor PEM"),
        (pem, None, b"", NOW, "none of the certificates is this key's"),
        (pem, None, other, NOW, "none of the certificates is this key's"),
        (pem, None, cert, late, "which is not now"),
    ):
        with pytest.raises(SigningError, match=words):
            load_key(data, password, more, when)
    assert load_key(pem, None, cert, NOW).name == "CN=signer"
    assert load_key(pem + cert, None, b"", NOW).key.hex() not in repr(load_key(pem + cert, None, b"", NOW))


def test_an_audit_signs_its_report_with_a_timestamp(at: Desk, tmp_path: Path) -> None:
    """Signed before the manifest is made; verified by a program that has nothing but the two authorities."""
    (tmp_path / "fleet.yaml").write_text("version: 1\nsystems:\n  - {name: box, product: mps, address: 127.0.0.1}\n")
    words = ("audit", "fleet.yaml", "--offline", "-o", "out", "--format", "pdf", "--pdf-key", at["signer.p12"])
    missing = auditor(*words, cwd=tmp_path)
    assert missing.returncode == 2
    assert "password is missing or wrong" in missing.stderr
    assert not (tmp_path / "out").exists()
    with authority(at) as clock:
        done = auditor(*words, "--tsa", clock.url, cwd=tmp_path, AUDITOR_PDF_KEY_PASSWORD=PASSWORD)
        assert done.returncode == 3, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
    checks = auditor("verify", "out", "--json", "--pdf-ca", at["signer-ca.pem"], "--tsa-ca", at["time-ca.pem"],
                     cwd=tmp_path)  # fmt: skip
    assert checks.returncode == 0, checks.stdout
    assert states(checks)["signature of report.pdf"] == "passed"
    assert states(checks)["report.pdf"] == "passed"
    assert "before its signature" in checks.stdout
    said = auditor("verify", "out", "--skip-pdf", cwd=tmp_path)
    assert said.returncode == 0
    assert "signature of report.pdf: not checked: no certificate given (it says that it is of CN=signer" in said.stdout
    wrong = auditor("verify", "out", "--skip-pdf", "--pdf-ca", at["time-ca.pem"], cwd=tmp_path)
    assert wrong.returncode == 5
    # The clock is gone now: the report is there, the command says that it is not signed, and it is a fault.
    again = auditor(*words[:4], "two", *words[5:], "--tsa", clock.url, cwd=tmp_path, AUDITOR_PDF_KEY_PASSWORD=PASSWORD)
    assert again.returncode == 4
    assert "report.pdf is not signed" in again.stderr
    assert (tmp_path / "two" / MANIFEST).exists()


def test_signing_a_bundle_later(bundle: Path, at: Desk, tmp_path: Path) -> None:
    """PDF and manifest together; a bundle that was changed is not vouched for."""
    secret = tmp_path / "secret.key"
    secret.write_bytes(SecretKey(bytes(8), bytes(range(32))).file())
    secret.chmod(0o600)
    both = ("sign", "out", "--secret-key", secret, "--pdf-key", at["signer.key"], "--pdf-cert", at["signer.pem"])
    audit = (bundle / "audit.json").read_bytes()
    (bundle / "audit.json").write_bytes(audit + b" ")
    refused = auditor(*both, cwd=tmp_path)
    assert refused.returncode == 5
    assert not (bundle / "manifest.json.minisig").exists()
    (bundle / "audit.json").write_bytes(audit)
    done = auditor(*both, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    checks = auditor("verify", "out", "--json", "--pdf-ca", at["signer.pem"], cwd=tmp_path)
    assert checks.returncode == 0, checks.stdout
    assert {name for name, state in states(checks).items() if state != "passed"} == {"signature"}
    again = auditor(*both[:2], *both[4:], cwd=tmp_path)
    assert again.returncode == 2
    assert "give --secret-key, too" in again.stderr


def test_without_the_extra(bundle: Path, signed: bytes, at: Desk, tmp_path: Path) -> None:
    """One sentence that names it; a bundle is verified all the same, and what was not looked at is said."""
    words = ("sign", "out", "--pdf-key", at["signer.key"], "--pdf-cert", at["signer.pem"])
    done = auditor(*words, cwd=tmp_path, extra=False)
    assert done.returncode == 2
    assert "pip install 'vc-fleet-auditor[pades]'" in done.stderr
    assert auditor(*words, cwd=tmp_path).returncode == 0
    checks = auditor("verify", "out", "--json", "--skip-pdf", cwd=tmp_path, extra=False)
    assert checks.returncode == 0, checks.stderr
    assert states(checks)["signature of report.pdf"] == "not_checked"
    assert "vc-fleet-auditor[pades]" in checks.stdout
    given = auditor("verify", "out", "--pdf-ca", at["signer-ca.pem"], cwd=tmp_path, extra=False)
    assert given.returncode == 2
