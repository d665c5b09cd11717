"""What a report format owes, and how it says that it cannot be produced here."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from auditor.model.assessment import AuditRun


class ReportError(Exception):
    """A report could not be made; the message is a sentence for the operator."""


class UnknownFormatError(ReportError):
    """No report format has the name that was asked for; the message lists those that exist."""


class MissingLibraryError(ReportError):
    """A library of the system is missing; the message says which packages bring it."""


class SourceError(ReportError):
    """What a report draws on beside the audit itself cannot be read; the message says what and why."""


class Report(Protocol):
    """One format. The same run gives the same bytes, whenever and wherever `render` is called.

    `name` is what `--format` takes, `file_name` the name inside a bundle, `media_type` the one of RFC 6838.
    """

    @property
    def name(self) -> str:
        """Name of the format on the command line."""

    @property
    def file_name(self) -> str:
        """Name of the file inside a bundle."""

    @property
    def media_type(self) -> str:
        """Media type of the bytes, e.g. `application/json`."""

    def render(self, run: AuditRun) -> bytes:
        """Return the whole document; raises `ReportError` where this machine cannot make it."""


@runtime_checkable
class TellsChanges(Protocol):
    """A format of findings that gives what is new, and nothing else, where the run tells that (`AuditRun.changes`)."""

    tells_changes: bool


@runtime_checkable
class ManyFiles(Protocol):
    """A format that may need more than one file, each named and made when it is asked for."""

    def render_files(self, run: AuditRun) -> Iterator[tuple[str, bytes]]:
        """Yield file names and contents, the format's own `file_name` first."""


@runtime_checkable
class Piecewise(Protocol):
    """A format that is written piece by piece, so that a large fleet's document is never in memory as a whole."""

    @property
    def file_name(self) -> str:
        """Name of the file inside a bundle."""

    def pieces(self, run: AuditRun) -> Iterator[bytes]:
        """Yield what `render` returns, in pieces."""


Content = bytes | Iterator[bytes]
"""What stands in a file: whole, or in pieces that are made while it is written."""


def files_of(report: Report, run: AuditRun) -> Iterator[tuple[str, Content]]:
    """Yield the name and the content of every file of a report; raises `ReportError` like `render`."""
    if isinstance(report, ManyFiles):
        yield from report.render_files(run)
    elif isinstance(report, Piecewise):
        yield report.file_name, report.pieces(run)
    else:
        yield report.file_name, report.render(run)
