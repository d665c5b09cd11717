"""Signatures of the paper report (PAdES): the key and its password, the timestamp authority, and what a bundle needs.

pyHanko is an optional extra, so nothing here imports it before somebody asks for such a signature.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from auditor.cli.exits import Exit
from auditor.cli.options import stop
from auditor.cli.secret_file import passphrase, read_any, read_owned
from auditor.reports.bundle import MANIFEST, SIGNATURE, put
from auditor.reports.manifest import digest_of
from auditor.signing.lines import SigningError
from auditor.signing.paper import MISSING, PaperKey, PaperTrust
from auditor.verification.files import ManifestError, check_files
from auditor.verification.folder import NoBundleError, OddFileError, opened
from auditor.verification.outcome import State
from auditor.verification.paper import papers_in
from auditor.wire.gate import utc_now
from auditor.wire.timestamp import Authority, AuthorityError

PASSWORD, PASSWORD_FILE = "AUDITOR_PDF_KEY_PASSWORD", "AUDITOR_PDF_KEY_PASSWORD_FILE"
LONGEST_KEY = 1_048_576

PdfKey = Annotated[
    Path | None,
    typer.Option(
        "--pdf-key",
        metavar="FILE",
        help="Sign the PDF (PAdES) with this key: PKCS#12, or PEM. Its password stands in AUDITOR_PDF_KEY_PASSWORD or "
        "in the file that AUDITOR_PDF_KEY_PASSWORD_FILE names.",
    ),
]
PdfCert = Annotated[
    Path | None,
    typer.Option("--pdf-cert", metavar="FILE", help="The key's certificate and those above it (PEM), if elsewhere."),
]
TsaUrl = Annotated[
    str | None,
    typer.Option("--tsa", metavar="URL", help="Timestamp authority (RFC 3161). A hash of the PDF's signature is sent."),
]
TsaTlsCa = Annotated[
    Path | None,
    typer.Option(
        "--tsa-tls-ca", metavar="FILE", help="Authorities for the https address (PEM). Default: the system's."
    ),
]
PdfCa = Annotated[
    Path | None,
    typer.Option("--pdf-ca", metavar="FILE", help="Authority, or certificate, that must have signed the PDF (PEM)."),
]
TsaCa = Annotated[Path | None, typer.Option("--tsa-ca", metavar="FILE", help="Authority of the PDF's timestamp (PEM).")]


@dataclass(slots=True)
class PaperSeal:
    """Signs documents. What cannot be signed comes back as it was, with a sentence in `problems`."""

    key: PaperKey
    authority: Authority | None = None
    problems: list[str] = field(default_factory=list)

    def __call__(self, name: str, content: bytes) -> bytes:
        """Return the document signed, or unsigned with a problem."""
        from auditor.signing.pades import sign_paper  # noqa: PLC0415 - an extra; tried when the key was read

        try:
            return sign_paper(content, self.key, None if self.authority is None else self.authority.ask)
        except (SigningError, AuthorityError) as error:
            self.problems.append(f"{name} is not signed: {error}")
            return content


def load_seal(key: Path | None, certificate: Path | None, tsa: str | None, tls_ca: Path | None) -> PaperSeal | None:
    """Return what signs the PDF, None where no key is named; end the command where that cannot be."""
    if key is None:
        if certificate or tsa or tls_ca:
            stop("--pdf-cert, --tsa and --tsa-tls-ca belong to --pdf-key.", Exit.USAGE)
        return None
    try:
        from auditor.signing.pades import load_key  # noqa: PLC0415 - an extra
    except ImportError:
        stop(f"--pdf-key: {MISSING}", Exit.USAGE)
    more = b"" if certificate is None else read_any(certificate, LONGEST_KEY)
    try:
        found = load_key(read_owned(key, LONGEST_KEY), passphrase(PASSWORD, PASSWORD_FILE), more, utc_now())
        return PaperSeal(found, None if tsa is None else Authority(url=tsa, tls_ca=tls_ca))
    except SigningError as error:
        stop(f"{key}: {error}", Exit.USAGE)
    except AuthorityError as error:
        stop(f"--tsa {error}", Exit.USAGE)


def load_trust(ca: Path | None, tsa_ca: Path | None) -> PaperTrust:
    """Return what a PDF's signature is held against, or end the command where a file is none of certificates."""
    roots: list[tuple[bytes, ...]] = []
    for path in (ca, tsa_ca):
        try:
            roots.append(_roots(path))
        except SigningError as error:
            stop(f"{path}: {error}", Exit.USAGE)
        except ImportError:
            stop(f"{path}: {MISSING}", Exit.USAGE)
    return PaperTrust(roots=roots[0], time_roots=roots[1], at=utc_now())


def _roots(path: Path | None) -> tuple[bytes, ...]:
    if path is None:
        return ()
    from auditor.signing.pades import load_roots  # noqa: PLC0415 - an extra

    return load_roots(read_any(path, LONGEST_KEY))


def sign_papers(bundle: Path, seal: PaperSeal, *, signed_anew: bool) -> list[str]:
    """Sign every PDF of a finished bundle and write its manifest again; return their names, or end the command.

    Only a bundle that is what its manifest says is touched: otherwise a new manifest would vouch for changed files.
    `signed_anew` says that the manifest gets a new signature, too; without it, a signed bundle is left alone.
    """
    try:
        with opened(bundle) as folder:
            found = check_files(folder)
            names = papers_in(folder.kinds())
            if found.check.state is State.FAILED:
                stop(f"{bundle}: not what its manifest says (see auditor verify)", Exit.VERIFICATION_FAILED)
            if (bundle / SIGNATURE).exists() and not signed_anew:
                stop(f"{bundle}: {SIGNATURE} would no longer fit; give --secret-key, too", Exit.USAGE)
            contents = {name: folder.read(name, found.manifest.files[name].bytes) for name in names}
    except (ManifestError, NoBundleError, OddFileError) as error:
        stop(f"{bundle}: nothing to sign: {error}", Exit.USAGE)
    if not names:
        stop(f"{bundle}: there is no PDF to sign", Exit.USAGE)
    signed = {name: seal(name, content) for name, content in contents.items()}
    if seal.problems:
        stop("; ".join(seal.problems), Exit.FAULT)
    (bundle / SIGNATURE).unlink(missing_ok=True)
    manifest = msgspec.json.decode(found.data)
    for name, content in signed.items():
        put(bundle, name, content)
        manifest["files"][name] = digest_of(content)
    put(bundle, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    return names
