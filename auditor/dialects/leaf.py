"""Leaves: single values of a settings or status document, by their path, whatever the document looked like."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.model.evidence import Cause

CONFIGURATION = "configuration"
STATUS = "status"
"""First words of a path, folded: which of the two kinds of document a leaf stands in."""

LONGEST_VALUE = 4096
"""Characters of one value. No setting is longer; what is (a picture, a certificate) is withheld."""


class DialectError(ValueError):
    """Bytes that are not what they should be. `reason` quotes nothing of them; `line` counts from 1."""

    def __init__(self, reason: str, line: int = 1, cause: Cause = Cause.MALFORMED) -> None:
        """Take the reason, a clause without a full stop, and the line at which reading stopped."""
        super().__init__(f"line {line}: {reason}")
        self.reason = reason
        self.line = line
        self.cause = cause


class Ending(StrEnum):
    """How an answer ended: whole, with the device's refusal, or in the middle."""

    COMPLETE = "complete"
    ERROR = "error"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `path` begins with the kind of document (`Configuration`, `Status`) and is spelled as received.

    The number of an item stands behind its word where it is told and not the only one (`Server`, `2`). `attributes` are
    those that carry state; numbering and descriptions of value spaces are left out. A block that has such attributes,
    or nothing in it, is a leaf with an empty value.
    """

    path: tuple[str, ...]
    value: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All leaves of one answer, in its order.

    `withheld` are paths of leaves that were dropped: secrets, and values longer than `LONGEST_VALUE`. `fault` is the
    device's word for a refusal (`ERROR`, `XPathError`). `product` and `version` stand on the root of XML documents.
    `unread` are numbers of lines that look like the dialect and cannot be read.
    """

    leaves: tuple[Leaf, ...]
    ending: Ending
    withheld: tuple[tuple[str, ...], ...] = ()
    fault: str = ""
    product: str | None = None
    version: str | None = None
    unread: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        """True when nothing of the answer is missing, so that what is not in it is not there."""
        return self.ending is Ending.COMPLETE and not self.unread

    def kinds(self) -> frozenset[str]:
        """Return which kinds of document it holds leaves of, folded (`configuration`, `status`)."""
        paths = (*(leaf.path for leaf in self.leaves), *self.withheld)
        return frozenset(path[0].casefold() for path in paths if path)
