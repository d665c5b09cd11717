"""`transcript.jsonl`: one line for each request, and each line is chained to all lines before it.

The last field of a line, `chain`, is the SHA-256 of the previous line's chain (64 zeros before the first line) in
hexadecimal, followed by the line's own bytes without that field and without its end. The chain of the last line stands
in the end record of the evidence. So no line can be taken out, put in, moved or changed without changing that record.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

START = "0" * 64
"""The chain before the first line."""

_CHAINED = re.compile(rb'(\{.*),"chain":"([0-9a-f]{64})"\}\n', re.DOTALL)
_TAIL_BYTES = 65_536


def chained_line(before: str, entry: Mapping[str, object]) -> tuple[bytes, str]:
    """Return the line of one request, and the chain that it carries."""
    body = msgspec.json.encode(entry)
    chain = next_chain(before, body)
    return body[:-1] + b',"chain":"' + chain.encode() + b'"}\n', chain


def next_chain(before: str, body: bytes) -> str:
    """Return the chain of a line: SHA-256 of the chain before it and its own bytes, in hexadecimal."""
    return hashlib.sha256(before.encode() + body).hexdigest()


def parted(line: bytes) -> tuple[bytes, str] | None:
    """Return a line's own bytes and its chain, or None where it carries none."""
    match = _CHAINED.fullmatch(line)
    return None if match is None else (match[1] + b"}", match[2].decode())


def last_chain(path: Path) -> str | None:
    """Return the chain of the last whole line (the start where there is none), None without a file or a chain."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except FileNotFoundError:
        return None
    if not size:
        return START
    whole, end, _torn = tail.rpartition(b"\n")
    found = parted(whole.rpartition(b"\n")[2] + end)
    return None if found is None else found[1]
