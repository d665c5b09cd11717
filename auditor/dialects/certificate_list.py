"""Certificates as `certificate list root` and `certificate list cert` print them: text dumps, PEM blocks, or both."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal

from auditor.dialects.encoding import decode
from auditor.dialects.leaf import DialectError, Ending
from auditor.dialects.text_output import read_answers
from auditor.model.evidence import Cause
from auditor.model.facts import RootList

LONGEST = 2 * 1024 * 1024
"""Bytes of one answer: some hundred roots with their text."""

MOST = 1000

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]{0,65536})-----END \1-----")
_KINDS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_DUMP = re.compile(r"^[ \t]{0,16}Certificate:[ \t]*$", re.MULTILINE)
_TROUBLE = re.compile(r"(?i)\b(?:denied|fail(?:ed|ure)?|cannot|could not|unable|no such|not allowed)\b")


class CertificateListError(DialectError):
    """The answer cannot be read as a list of certificates without leaving something out."""


@dataclass(frozen=True, slots=True)
class CertificateList:
    """Certificates as DER, in the order in which they were printed, each once. Keys that stood there are not kept."""

    certificates: tuple[bytes, ...]


def read_certificates(data: bytes, *, longest: int = LONGEST) -> CertificateList:
    """Return the certificates of an answer; none where it ended well and shows none.

    Raises CertificateListError, and nothing else, where the device refused, the answer was cut, a block is damaged, or
    certificates are printed as text only: a list that is known in part proves nothing.
    """
    if len(data) > longest:
        raise CertificateListError(f"the answer has more than {longest} bytes", 1, Cause.TOO_LARGE)
    ending = read_answers(data, longest=longest)[-1].ending
    text = decode(data).replace("\r", "")
    if ending is Ending.ERROR:
        raise CertificateListError("the system refused the command", text.count("\n") + 1)
    begun, dumps = text.count("-----BEGIN "), len(_DUMP.findall(text))
    if ending is Ending.CUT:
        raise CertificateListError("the answer does not end as it should", text.count("\n") + 1, Cause.CLOSED_EARLY)
    blocks = list(_BLOCK.finditer(text))
    if begun != len(blocks):
        raise CertificateListError("a block has no end")
    found = [_der(m[2], text.count("\n", 0, m.start()) + 1) for m in blocks[: MOST + 1] if m[1] in _KINDS]
    if len(found) > MOST:
        raise CertificateListError(f"the answer has more than {MOST} certificates", 1, Cause.TOO_LARGE)
    if dumps > len(found):
        raise CertificateListError("certificates are printed as text only, from which they cannot be restored")
    if not found and _TROUBLE.search(text):
        raise CertificateListError("the answer shows no certificate and speaks of a failure")
    return CertificateList(tuple(dict.fromkeys(found)))


def roots_from(data: bytes, *, source: Literal["live", "saved"] = "live") -> RootList:
    """Return the fact that `certificate list root` shows. Raises CertificateListError as `read_certificates` does."""
    return RootList(certificates=read_certificates(data).certificates, source=source)


def kept_roots(data: bytes) -> RootList | None:
    """Return the root list of a kept session: what stands behind the command, up to the end of its answer.

    None where the command was not given in it. Raises CertificateListError as `read_certificates` does.
    """
    lines = decode(data).replace("\r", "").split("\n")
    asked = next((n for n, line in enumerate(lines) if _is_command(line)), None)
    if asked is None:
        return None
    ends = (n for n in range(asked + 1, len(lines)) if lines[n].strip() in {"OK", "ERROR"})
    end = next(ends, len(lines) - 1)
    return roots_from("\n".join(lines[asked + 1 : end + 1]).encode(), source="saved")


def _is_command(line: str) -> bool:
    """Tell whether a line of a kept session is the command, perhaps behind a prompt."""
    return len(line) < 120 and " ".join(line.split()).lower().endswith("certificate list root")


def _der(body: str, line: int) -> bytes:
    """Return the octets of a block. Octets behind the certificate (OpenSSL's trust settings) are cut off."""
    text = body.rpartition("\n\n")[2] if ":" in body else body
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise CertificateListError("a block is not base64", line) from None
    size = _size(data)
    if size is None or size > len(data):
        raise CertificateListError("a block holds no certificate", line)
    return data[:size]


def _size(data: bytes) -> int | None:
    """Return the size of the SEQUENCE that a certificate begins with (X.690 8.1.3), or None where there is none."""
    if len(data) < 2 or data[0] != 0x30:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    octets = data[1] & 0x7F
    if not 1 <= octets <= 3 or len(data) < 2 + octets:
        return None
    return 2 + octets + int.from_bytes(data[2 : 2 + octets])
