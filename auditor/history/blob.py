"""Evidence as the history keeps it: once for each thing it says, whenever it was said."""

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import msgspec

from auditor.history.database import HistoryError
from auditor.model.snapshot import HostFacts, Verdict

LARGEST = 64 * 1024 * 1024
"""Bytes that one piece of evidence may have; more is damage, or somebody's trick."""

_STAMP = re.compile(r" \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\]\Z")
_LONGEST_STAMP = 23
_PASSING = re.compile(
    r"\d(?<!\w\d)(?:"
    r"\d{3}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?"
    r"|\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|\d*(?:\.\d+)? ?(?:s|ms|seconds?|minutes?|hours?|days?)\b(?: (?:ahead|behind))?"
    r")"
)
"""What differs from one audit to the next while nothing has changed: times, spans of time, clocks. It begins with a
digit outside the group, since that is what makes the search quick."""

_BEFORE = re.compile(r"(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), |[+-])#")
"""A weekday or a sign that belonged to what was taken out."""


class Words(msgspec.Struct, frozen=True):
    """What a verdict rests on."""

    because: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blob:
    """One row of the table of evidence. `key` is the hash by which it is found; the rest is made when it is needed."""

    key: bytes
    said: Words | HostFacts

    def packed(self) -> dict[str, object]:
        """Return the columns of the row: the hash of the JSON, and the JSON under zlib."""
        content = msgspec.json.encode(self.said)
        return {"raw_hash": _hash(content), "body": zlib.compress(content, 6)}


def normalised(text: str) -> str:
    """Return text without the times in it, so that the same thing seen again reads the same."""
    return _without_times(text[:-_LONGEST_STAMP] if _STAMP.search(text, len(text) - _LONGEST_STAMP) else text)


@lru_cache(maxsize=16384)
def _without_times(text: str) -> str:
    return _BEFORE.sub("#", _PASSING.sub("#", text))


def of_verdict(verdict: Verdict) -> Blob:
    """Return the evidence of a verdict."""
    said = "\0".join(map(normalised, (verdict.because, *verdict.evidence)))
    return Blob(_hash(b"v\0" + said.encode(errors="replace")), Words(verdict.because, verdict.evidence))


def of_facts(facts: HostFacts) -> Blob:
    """Return the facts of a host. They hold no time but those that certificates carry, which are part of them."""
    return Blob(_hash(b"f\0" + msgspec.json.encode(facts)), facts)


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
