"""The text form that all of minisign's files share: a comment line, then a line of Base64."""

import base64
import binascii

UNTRUSTED = "untrusted comment: "
TRUSTED = "trusted comment: "
LONGEST_FILE = 16_384
"""Bytes. A comment of minisign has at most 8,192."""


class SigningError(ValueError):
    """A key or signature file is not what it should be; the text says why, and holds nothing secret."""


def lines_of(data: bytes, what: str, count: int) -> list[str]:
    """Return exactly `count` lines; raise `SigningError` for anything else, a carriage return included."""
    if len(data) > LONGEST_FILE:
        raise SigningError(f"{what}: {len(data):,} bytes are too many")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SigningError(f"{what}: not UTF-8") from error
    lines = text.split("\n")
    if lines.pop() or len(lines) != count:
        raise SigningError(f"{what}: {count} whole lines are expected")
    if any(not character.isprintable() and character != "\t" for line in lines for character in line):
        raise SigningError(f"{what}: it holds control characters")
    return lines


def comment(line: str, prefix: str, what: str) -> str:
    """Return the text behind the prefix."""
    if not line.startswith(prefix):
        raise SigningError(f"{what}: a line that begins with {prefix.strip()!r} is expected")
    return line.removeprefix(prefix)


def decoded(line: str, size: int, what: str) -> bytes:
    """Return `size` bytes of Base64. Only the one canonical spelling is taken, so that no bit of a file is idle."""
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SigningError(f"{what}: not Base64") from error
    if len(data) != size or encoded(data) != line:
        raise SigningError(f"{what}: {size} bytes in Base64 are expected")
    return data


def encoded(data: bytes) -> str:
    """Return Base64 with padding."""
    return base64.b64encode(data).decode("ascii")
