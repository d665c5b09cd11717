"""Bytes of an inventory file to text: byte order marks, UTF-16 as spreadsheets write it, and characters refused."""

import codecs
import re

from auditor.inventory.problem import Spot

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def decode(data: bytes, spot: Spot) -> str | None:
    """Return the text of a file, or None after noting why it has none.

    UTF-8 with or without a mark, and UTF-16 with a mark or told by its zero bytes. Other encodings are refused, not
    guessed: a wrong guess would change names silently.
    """
    encoding, body = _encoding_of(data)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body[: error.start].decode(encoding, "replace").count("\n") + 1
        spot.at(line).refuse(
            f"The file is not {encoding.upper()} text at byte {error.start}.",
            "Save it as UTF-8 ('CSV UTF-8' in Excel).",
        )
        return None
    lines = {text.count("\n", 0, match.start()) + 1: match[0] for match in list(_REFUSED.finditer(text))[:100]}
    for line, character in lines.items():
        spot.at(line).refuse(f"The line holds the control character U+{ord(character):04X}.", "Remove it.")
    return None if lines else text


def _encoding_of(data: bytes) -> tuple[str, bytes]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    start = data[:64]
    if len(start) >= 4 and len(start) % 2 == 0 and b"\x00" in start:
        if not any(start[0::2]) and all(start[1::2]):
            return "utf-16-be", data
        if not any(start[1::2]) and all(start[0::2]):
            return "utf-16-le", data
    return "utf-8", data
