"""`auditor keygen` and `auditor sign`: Ed25519 keys and detached signatures, in minisign's file formats.

A passphrase comes from the environment or from a file, never from the command line, where every user of the machine
could read it.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.exits import Exit
from auditor.cli.options import BundleFolder, stop
from auditor.cli.pdf_signing import PdfCert, PdfKey, TsaTlsCa, TsaUrl, load_seal, sign_papers
from auditor.cli.secret_file import passphrase, read_any, read_owned
from auditor.cli.terminal import err, out, plain, warn
from auditor.reports.bundle import MANIFEST, SIGNATURE, put
from auditor.signing.keys import ID_SIZE, SALT_SIZE, SEED_SIZE, PublicKey, SecretKey
from auditor.signing.lines import LONGEST_FILE, SigningError
from auditor.signing.signature import sign as signature_file
from auditor.wire.gate import utc_now

PASSPHRASE, PASSPHRASE_FILE = "AUDITOR_KEY_PASSPHRASE", "AUDITOR_KEY_PASSPHRASE_FILE"

SecretKeyFile = Annotated[Path, typer.Option("--secret-key", metavar="FILE", help="Secret key, minisign's format.")]
SignKey = Annotated[
    Path | None,
    typer.Option("--sign-key", metavar="FILE", help=f"Sign {MANIFEST} with this secret key (see keygen)."),
]


def keygen(
    secret_key: SecretKeyFile,
    public_key: Annotated[Path, typer.Option("--public-key", metavar="FILE", help="Where the public key goes.")],
) -> None:
    """Make a pair of keys for signing bundles. Existing files are never replaced.

    The secret key is protected by the passphrase in AUDITOR_KEY_PASSPHRASE, or in the file that
    AUDITOR_KEY_PASSPHRASE_FILE names; without one, by its file mode only.
    """
    words = passphrase(PASSPHRASE, PASSPHRASE_FILE)
    pair = SecretKey(secrets.token_bytes(ID_SIZE), secrets.token_bytes(SEED_SIZE))
    secret_file = pair.file(words, salt=secrets.token_bytes(SALT_SIZE))
    _write_new(secret_key, secret_file, 0o600)
    try:
        _write_new(public_key, pair.public().file(), 0o644)
    except typer.Exit:
        secret_key.unlink()
        raise
    out.print(plain(f"Key {pair.public().name}: secret half in {secret_key}, public half in {public_key}."))
    if words is None:
        warn(f"{secret_key} has no passphrase ({PASSPHRASE} is not set): whoever can read the file can sign.")


def sign(
    bundle: BundleFolder,
    secret_key: Annotated[
        Path | None, typer.Option("--secret-key", metavar="FILE", help="Secret key, minisign's format.")
    ] = None,
    pdf_key: PdfKey = None,
    pdf_cert: PdfCert = None,
    tsa: TsaUrl = None,
    tsa_tls_ca: TsaTlsCa = None,
) -> None:
    """Sign a bundle: its manifest with --secret-key, its PDF with --pdf-key, or both.

    The manifest's signature lies beside it; an earlier one is replaced. The PDF carries its own: it is signed first,
    and the manifest is written again with its new digest.
    """
    if secret_key is None and pdf_key is None:
        stop("Nothing to sign with: give --secret-key, --pdf-key, or both.", Exit.USAGE)
    key = None if secret_key is None else load_signing_key(secret_key)
    seal = load_seal(pdf_key, pdf_cert, tsa, tsa_tls_ca)
    if seal is not None:
        for name in sign_papers(bundle, seal, signed_anew=key is not None):
            out.print(plain(f"{bundle / name}: signed by {seal.key.name}."), soft_wrap=True)
    if key is not None:
        place = sign_bundle(bundle, key)
        out.print(plain(f"{place}: signed by key {key.public().name}."), soft_wrap=True)


def load_signing_key(path: Path) -> SecretKey:
    """Read a secret key that only its owner can read, or end the command."""
    try:
        return SecretKey.parse(read_owned(path, LONGEST_FILE), passphrase(PASSPHRASE, PASSPHRASE_FILE))
    except SigningError as error:
        stop(f"{path}: {error}", Exit.USAGE)


def load_public_key(path: Path) -> PublicKey:
    """Read a public key, or end the command."""
    try:
        return PublicKey.parse(read_any(path, LONGEST_FILE))
    except SigningError as error:
        stop(f"{path}: {error}", Exit.USAGE)


def sign_bundle(bundle: Path, key: SecretKey) -> Path:
    """Write the signature of a bundle's manifest and return its path, or end the command where there is none."""
    try:
        content = (bundle / MANIFEST).read_bytes()
    except OSError as error:
        stop(f"{bundle / MANIFEST}: {error.strerror}: nothing to sign", Exit.USAGE)
    comment = f"timestamp:{int(utc_now().timestamp())}\tfile:{MANIFEST}\thashed"
    return put(bundle, SIGNATURE, signature_file(content, key, comment))


def sign_if_asked(bundle: Path, key: SecretKey | None) -> None:
    """Sign where a key was given."""
    if key is not None:
        sign_bundle(bundle, key)
        err.print(plain(f"Signed by key {key.public().name}."))


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        stop(f"{path}: {error.strerror}: no key was written", Exit.USAGE)
