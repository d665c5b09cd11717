"""Evidence as the history keeps it: once for each thing it says, whenever it was said."""

import re
import zlib
from hashlib import blake2b

import msgspec

from auditor.history.database import HistoryError
from auditor.model.snapshot import HostFacts, Verdict

LARGEST = 64 * 1024 * 1024
"""Bytes that one piece of evidence may have; more is damage, or somebody's trick."""

_STAMP = re.compile(r" \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\]\Z")
_PASSING = re.compile(
    r"(?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?P<date>\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)"
    r"|(?P<span>[+-]?\b\d+(?:\.\d+)? ?(?:s|ms|seconds?|minutes?|hours?|days?)\b(?: (?:ahead|behind))?)"
)
"""What differs from one audit to the next while nothing has changed: times, spans of time, clocks."""


class Words(msgspec.Struct, frozen=True):
    """What a verdict rests on."""

    because: str
    evidence: tuple[str, ...]


class Blob(msgspec.Struct, frozen=True):
    """One row of the table of evidence. `key` is the hash by which it is found, `raw` that of what was packed."""

    key: bytes
    raw: bytes
    content: bytes

    @property
    def body(self) -> bytes:
        """The content, packed."""
        return zlib.compress(self.content, 6)


def normalised(text: str) -> str:
    """Return text without the times in it, so that the same thing seen again reads the same."""
    text = _STAMP.sub("", text)
    return _PASSING.sub("#", text) if any(c.isdigit() for c in text) else text


def of_verdict(verdict: Verdict) -> Blob:
    """Return the evidence of a verdict."""
    content = msgspec.json.encode(Words(verdict.because, verdict.evidence))
    said = "\0".join(map(normalised, (verdict.because, *verdict.evidence)))
    return Blob(_hash(b"v\0" + said.encode(errors="surrogatepass")), _hash(content), content)


def of_facts(facts: HostFacts) -> Blob:
    """Return the facts of a host. They hold no time but those that certificates carry, which are part of them."""
    content = msgspec.json.encode(facts)
    return Blob(_hash(b"f\0" + content), _hash(content), content)


def words_of(body: bytes, raw: bytes, where: str) -> Words:
    """Return what a verdict rests on; raise HistoryError where it is not what was written."""
    try:
        return msgspec.json.decode(_unpacked(body, raw, where), type=Words)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise HistoryError(f"{where}: evidence in it is damaged: {error}.") from error


def facts_of(body: bytes, raw: bytes, where: str) -> HostFacts:
    """Return the facts of a host; raise HistoryError where they are not what was written."""
    try:
        return msgspec.json.decode(_unpacked(body, raw, where), type=HostFacts)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise HistoryError(f"{where}: facts in it are damaged: {error}.") from error


def _unpacked(body: bytes, raw: bytes, where: str) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(body, LARGEST)
    except zlib.error as error:
        raise HistoryError(f"{where}: evidence in it is damaged: {error}.") from error
    if _hash(content) != raw:
        raise HistoryError(f"{where}: evidence in it is not what was written: its hash differs.")
    return content


def _hash(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()
