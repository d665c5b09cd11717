"""Saved configurations: the same facts from a file that somebody took earlier, text or XML, whatever its encoding."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from auditor.dialects.certificate_list import CertificateListError, kept_roots
from auditor.dialects.encoding import decode
from auditor.dialects.leaf import CONFIGURATION, STATUS, DialectError, Document, Ending
from auditor.dialects.reading import Reading, together
from auditor.dialects.settings import EVERYTHING, settings_from
from auditor.dialects.text_output import read_answers
from auditor.dialects.xml_document import read_xml
from auditor.model.evidence import Absent, Cause
from auditor.model.profile import Profile

LONGEST = 8 * 1024 * 1024
"""Bytes of one file."""

_COMMENT_LINES = 50
_MADE = re.compile(
    r"(?:#|!|//|;|--).{0,80}?\b(?:saved|taken|made|exported|created|generated|backup|(?<!release )date)\b.{0,40}?"
    r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?)",
    re.IGNORECASE,
)


class SavedConfigError(DialectError):
    """The file is no saved configuration that can be used; `line` and `reason` say where and why."""


def read_saved(data: bytes, profile: Profile) -> Reading:
    """Return the facts of a saved configuration, marked as such, and when the file says that it was made.

    A setting counts as missing on the system only where the file is whole: XML as such, text if it ends as the system
    ends its answers. Raises SavedConfigError, and nothing else, for a file that is too large, not text, not
    well-formed, or without anything that the profile knows.
    """
    if len(data) > LONGEST:
        raise SavedConfigError(f"the file has more than {LONGEST} bytes", 1, Cause.TOO_LARGE)
    text = decode(data)
    body = text.lstrip()
    start = text[: len(text) - len(body)].count("\n") + 1
    if not body:
        raise SavedConfigError("the file is empty")
    if "\0" in text:
        raise SavedConfigError("the file is not text", text.count("\n", 0, text.index("\0")) + 1)
    try:
        documents = (read_xml(data),) if body.startswith("<") else read_answers(data, commands=True)
    except DialectError as error:
        raise SavedConfigError(error.reason, error.line, error.cause) from error
    reading = _reading(documents, profile, start)
    made_at = reading.says.clock if reading.says else None
    return together((Reading(made_at=made_at or _made_at(text)), reading, _roots(data)))


def _roots(data: bytes) -> Reading:
    """Return the root list that a kept session shows; a list that cannot be read whole is told and proves nothing."""
    try:
        return Reading(roots=kept_roots(data))
    except CertificateListError as error:
        return Reading(notes=(f"The root list in the saved file was not used: {error.reason}.",))


def _reading(documents: tuple[Document, ...], profile: Profile, start: int) -> Reading:
    settings = tuple(d for d in documents if CONFIGURATION in d.kinds())
    unread = tuple(d for d in documents if d.unread and not d.kinds())  # lines that may have been settings
    configuration = _merged((*settings, *unread) if settings else ())
    status = _merged(d for d in documents if STATUS in d.kinds() and CONFIGURATION not in d.kinds())
    parts = tuple(part for part in (configuration, status) if part is not None)
    if not parts:
        refused = next((d.fault for d in documents if d.fault), "")
        why = "the file holds the system's refusal" if refused else "the file holds neither settings nor status"
        raise SavedConfigError(why, unread[0].unread[0] if unread else start)
    readings = [
        settings_from(part, profile, source="saved", covers=EVERYTHING if _is_all(part, documents) else ())
        for part in parts
    ]
    reading = together(readings)
    if configuration is not None and all(isinstance(found, Absent) for found in reading.settings.values()):
        raise SavedConfigError("the file holds no setting that this family has", start)
    if configuration is None and reading == Reading():
        raise SavedConfigError("the file holds nothing that this family is asked for", start)
    notes = [_cut(part) for part in parts if not part.whole]
    return together((reading, Reading(notes=tuple(notes))))


def _is_all(part: Document, documents: tuple[Document, ...]) -> bool:
    """Tell whether this is one whole configuration: not several parts that were put one behind another."""
    holders = sum(CONFIGURATION in document.kinds() for document in documents)
    return holders == 1 and part.whole


def _merged(documents: Iterable[Document]) -> Document | None:
    """Return several answers as one, which ends well only if all of them do."""
    taken = tuple(documents)
    if not taken:
        return None
    bad = next((d.ending for d in taken if d.ending is not Ending.COMPLETE), Ending.COMPLETE)
    return Document(
        leaves=tuple(leaf for d in taken for leaf in d.leaves),
        ending=bad,
        withheld=tuple(path for d in taken for path in d.withheld),
        fault=next((d.fault for d in taken if d.fault), ""),
        product=taken[0].product,
        version=taken[0].version,
        unread=tuple(line for d in taken for line in d.unread),
    )


def _cut(part: Document) -> str:
    if part.unread:
        lines = ", ".join(str(line) for line in part.unread[:10])
        return f"Lines of the saved file cannot be read: {lines}. What it does not show may still be set."
    return "The saved file does not end as the system ends an answer. What it does not show may still be set."


def _made_at(text: str) -> datetime | None:
    """Return the time that a comment at the head of the file gives; without a zone it is taken as UTC.

    It tells the age of the file, for which hours do not matter; it is never used as the system's clock.
    """
    head = text[:16_384].split("\n")[:_COMMENT_LINES]
    found = next((match for line in head if (match := _MADE.search(line[:400]))), None)
    if found is None:
        return None
    try:
        time = datetime.fromisoformat(found[1])
        return (time.replace(tzinfo=UTC) if time.tzinfo is None else time).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
