"""`auditor keygen` and `auditor sign`: Ed25519 keys and detached signatures, in minisign's file formats.

A passphrase comes from the environment or from a file, never from the command line, where every user of the machine
could read it.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from auditor.cli.exits import Exit
from auditor.cli.options import BundleFolder, stop
from auditor.cli.terminal import err, out, plain, warn
from auditor.reports.bundle import MANIFEST, SIGNATURE, put
from auditor.signing.keys import ID_SIZE, SALT_SIZE, SEED_SIZE, PublicKey, SecretKey
from auditor.signing.lines import LONGEST_FILE, SigningError
from auditor.signing.signature import sign as signature_file
from auditor.wire.gate import utc_now

PASSPHRASE, PASSPHRASE_FILE = "AUDITOR_KEY_PASSPHRASE", "AUDITOR_KEY_PASSPHRASE_FILE"
LONGEST_PASSPHRASE = 1024

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
    passphrase = _passphrase()
    pair = SecretKey(secrets.token_bytes(ID_SIZE), secrets.token_bytes(SEED_SIZE))
    secret_file = pair.file(passphrase, salt=secrets.token_bytes(SALT_SIZE))
    _write_new(secret_key, secret_file, 0o600)
    try:
        _write_new(public_key, pair.public().file(), 0o644)
    except typer.Exit:
        secret_key.unlink()
        raise
    out.print(plain(f"Key {pair.public().name}: secret half in {secret_key}, public half in {public_key}."))
    if passphrase is None:
        warn(f"{secret_key} has no passphrase ({PASSPHRASE} is not set): whoever can read the file can sign.")


def sign(bundle: BundleFolder, secret_key: SecretKeyFile) -> None:
    """Sign a bundle: write the detached signature of its manifest beside it. An earlier signature is replaced."""
    key = load_signing_key(secret_key)
    place = sign_bundle(bundle, key)
    out.print(plain(f"{place}: signed by key {key.public().name}."), soft_wrap=True)


def load_signing_key(path: Path) -> SecretKey:
    """Read a secret key that only its owner can read, or end the command."""
    try:
        with _opened(path) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                stop(f"{path}: no plain file", Exit.USAGE)
            if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                stop(f"{path} is open to others (mode {stat.S_IMODE(status.st_mode):o}): chmod 600", Exit.USAGE)
            data = file.read(LONGEST_FILE + 1)
        return SecretKey.parse(data, _passphrase())
    except SigningError as error:
        stop(f"{path}: {error}", Exit.USAGE)
    except OSError as error:
        stop(f"{path}: {error.strerror}", Exit.USAGE)


def load_public_key(path: Path) -> PublicKey:
    """Read a public key, or end the command."""
    try:
        with _opened(path) as file:
            return PublicKey.parse(file.read(LONGEST_FILE + 1))
    except SigningError as error:
        stop(f"{path}: {error}", Exit.USAGE)
    except OSError as error:
        stop(f"{path}: {error.strerror}", Exit.USAGE)


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


def _passphrase() -> bytes | None:
    """Return the passphrase from the environment or the file that it names; None where neither is set."""
    named = os.environ.get(PASSPHRASE_FILE)
    if named:
        try:
            with _opened(Path(named)) as file:
                if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    stop(f"{named} is open to others: chmod 600", Exit.USAGE)
                given = file.read(LONGEST_PASSPHRASE + 2).split(b"\n", 1)[0].removesuffix(b"\r")
        except OSError as error:
            stop(f"{PASSPHRASE_FILE}: {named}: {error.strerror}", Exit.USAGE)
    elif PASSPHRASE in os.environ:
        given = os.environb[PASSPHRASE.encode()]
    else:
        return None
    if not given or len(given) > LONGEST_PASSPHRASE:
        stop(f"the passphrase is empty or longer than {LONGEST_PASSPHRASE:,} bytes", Exit.USAGE)
    return given


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading, without waiting where it is a pipe."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def _write_new(path: Path, content: bytes, mode: int) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        stop(f"{path}: {error.strerror}: no key was written", Exit.USAGE)
