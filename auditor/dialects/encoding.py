"""Bytes of a device's document to text: byte order marks, UTF-16, UTF-8, and Latin-1 where nothing else fits."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ONE_BYTE = {"iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252", "us-ascii": "latin-1"}


def decode(data: bytes) -> str:
    """Return the text. It never fails: an octet that fits nowhere becomes U+FFFD or a Latin-1 letter.

    A mark decides, then the zero octets of UTF-16, then what an XML declaration says if it is a one-octet encoding,
    then UTF-8, then Latin-1, which old devices send without a word about it.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    wide = _wide(data[:64])
    if wide:
        return data.decode(wide, "replace")
    declared = _DECLARED.match(data[:256])
    if declared and declared[1].decode("ascii").casefold() in _ONE_BYTE:
        return data.decode(_ONE_BYTE[declared[1].decode("ascii").casefold()], "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _wide(start: bytes) -> str | None:
    """Return which UTF-16 it is, told by zero octets at every second place of the beginning."""
    start = start[: len(start) // 2 * 2]
    if len(start) < 4:
        return None
    if not any(start[0::2]) and all(start[1::2]):
        return "utf-16-be"
    if not any(start[1::2]) and all(start[0::2]):
        return "utf-16-le"
    return None
