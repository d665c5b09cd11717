"""Files that an inventory names: CA certificates, saved configurations, password files. Each is read once."""

import base64
import binascii
import re
import shlex
import stat
from pathlib import Path

from auditor.inventory.problem import Problem, Spot, shown
from auditor.inventory.section import LONGEST_PATH
from auditor.model.inventory import CrlFile, RootFile

LARGEST = 4 * 1024 * 1024
"""Bytes of a file that is read; no root list or configuration of these products comes near it."""

LARGEST_LIST = 32 * 1024 * 1024
"""Bytes of a file of revocation lists; those of large public authorities have ten million and more."""

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_BLOCK = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----([^-]*)-----END (?:X509 )?CERTIFICATE-----")
_LIST_BLOCK = re.compile(rb"-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----")
_HOST_KEY = re.compile(r"(?:@[a-z-]+[ \t]+)?[\x21-\x7e]+[ \t]+[a-z0-9@.-]+[ \t]+[A-Za-z0-9+/]+=*(?:[ \t].*)?", re.ASCII)
_CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE"})
_SEQUENCE = 0x30


class Folder:
    """The folder of the inventory, against which its paths are resolved. Answers are kept for the next target."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._roots: dict[str, tuple[RootFile | None, list[Problem]]] = {}

    def root_file(self, spot: Spot, written: str) -> RootFile | None:
        """Return the certificates of a PEM or DER file, or None after noting what is wrong with it."""
        if written not in self._roots:
            here = Spot("", 0, "", [])
            data = read_bytes(here, self._path / written, LARGEST)
            certificates = () if data is None else _certificates(here, self._path / written, data)
            root = RootFile(path=written, certificates=certificates) if not here.found else None
            self._roots[written] = (root, here.found)
        root, problems = self._roots[written]
        for problem in problems:
            spot.refuse(problem.message, problem.hint)
        return root

    def crl_file(self, spot: Spot, written: str) -> CrlFile | None:
        """Return the revocation lists of a PEM or DER file, or None after noting what is wrong with it."""
        known = len(spot.found)
        data = read_bytes(spot, self._path / written, LARGEST_LIST)
        lists = () if data is None else _revocation_lists(spot, self._path / written, data)
        return CrlFile(path=written, lists=lists) if len(spot.found) == known else None

    def saved_config(self, spot: Spot, written: str) -> Path | None:
        """Return the path of a readable file, or None after noting why it is none."""
        path = self._path / written
        return None if read_bytes(spot, path, LARGEST) is None else path

    def known_hosts(self, spot: Spot, written: str) -> tuple[str, ...]:
        """Return the lines of a file of SSH host keys (OpenSSH's known_hosts), without comments."""
        data = read_bytes(spot, self._path / written, LARGEST)
        lines = [] if data is None else data.decode("utf-8", "replace").splitlines()
        found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        for number, line in enumerate(found, 1):
            if not _HOST_KEY.fullmatch(line):
                spot.refuse(f"Entry {number} of {_path(self._path / written)} is not a line of SSH host keys.")
                return ()
        return tuple(found)

    def password_file(self, spot: Spot, written: str) -> Path | None:
        """Return the path of a file that only its owner may read, or None. Its content is not looked at."""
        path = self._path / written
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                path.open("rb").close()
        except OSError as error:
            spot.refuse(f"The password file {_path(path)} cannot be read: {error.strerror}.")
            return None
        if not stat.S_ISREG(status.st_mode):
            spot.refuse(f"{_path(path)} is not a file.")
        elif status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            mode = stat.S_IMODE(status.st_mode)
            spot.refuse(
                f"The password file {_path(path)} is open to others (mode {mode:o}).",
                f"Run: chmod 600 {shlex.quote(str(path))}",
            )
        elif status.st_size == 0:
            spot.refuse(f"The password file {_path(path)} is empty.")
        else:
            return path
        return None


def read_bytes(spot: Spot, path: Path, largest: int) -> bytes | None:
    """Return a regular file's bytes, or None after noting why there are none. Pipes and devices are not opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            spot.refuse(f"{_path(path)} is not a file.")
            return None
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        spot.refuse(f"{_path(path)} cannot be read: {error.strerror}.")
        return None
    if len(data) > largest:
        spot.refuse(f"{_path(path)} is larger than {largest} bytes.")
        return None
    return data


def _path(path: Path) -> str:
    return shown(str(path), longest=LONGEST_PATH)


def _certificates(spot: Spot, path: Path, data: bytes) -> tuple[bytes, ...]:
    """Return the DER of each certificate. Only the framing is checked: `auditor.trust` judges what is inside."""
    file = _path(path)
    if _is_framed(data):
        return (data,)
    labels = [match[1] for match in _BEGIN.finditer(data)]
    if any(label.endswith(b"PRIVATE KEY") for label in labels):
        spot.refuse(f"{file} holds a private key.", "Keep the key where it belongs and name a file of certificates.")
    expected = sum(label in _CERTIFICATES for label in labels)
    if b"TRUSTED CERTIFICATE" in labels:
        spot.refuse(f"{file} is in OpenSSL's own TRUSTED form.", "Convert it: openssl x509 -in FILE -out NEW.")
    elif not expected:
        hint = "It holds a revocation list: name it under 'crls'." if b"X509 CRL" in labels else ""
        hint = hint or "Certificates are in PEM (one or more) or DER (one) form."
        spot.refuse(f"{file} holds no certificate.", hint)
    return _blocks(spot, file, [match[1] for match in _BLOCK.finditer(data)], expected, "certificate")


def _revocation_lists(spot: Spot, path: Path, data: bytes) -> tuple[bytes, ...]:
    """Return the DER of each revocation list; as for certificates, only the framing is checked."""
    file = _path(path)
    if _is_framed(data):
        return (data,)
    labels = [match[1] for match in _BEGIN.finditer(data)]
    expected = labels.count(b"X509 CRL")
    if not expected:
        spot.refuse(f"{file} holds no revocation list.", "Lists are in PEM (one or more) or DER (one) form.")
    return _blocks(spot, file, [match[1] for match in _LIST_BLOCK.finditer(data)], expected, "revocation list")


def _blocks(spot: Spot, file: str, blocks: list[bytes], expected: int, noun: str) -> tuple[bytes, ...]:
    """Return the DER in each PEM block, after noting how many are missing and which are damaged."""
    if expected and len(blocks) != expected:
        spot.refuse(f"{file} is cut off: {expected} {noun}s begin and {len(blocks)} end.")
    found: list[bytes] = []
    for number, block in enumerate(blocks, start=1):
        try:
            der = base64.b64decode(b"".join(block.split()), validate=True)
        except binascii.Error:
            der = b""
        if not _is_framed(der):
            spot.refuse(f"{noun.capitalize()} {number} of {file} is damaged.", "Export it again.")
        found.append(der)
    return tuple(found)


def _is_framed(der: bytes) -> bool:
    """Tell whether the bytes are one DER SEQUENCE that begins with another, and no more (X.690, 8.1; RFC 5280, 4.1)."""
    body = _content(der)
    return body is not None and body[:1] == bytes([_SEQUENCE])


def _content(der: bytes) -> bytes | None:
    if len(der) < 2 or der[0] != _SEQUENCE:
        return None
    first = der[1]
    if first < 0x80:
        start, length = 2, first
    else:
        count = first & 0x7F
        if not 1 <= count <= 4 or len(der) < 2 + count:
            return None
        start, length = 2 + count, int.from_bytes(der[2 : 2 + count], "big")
    return der[start:] if len(der) == start + length else None
