"""What the log says of errors: one line each, and nothing in it that could deceive whoever reads it.

A database's messages repeat what others wrote, names of hosts for example, so they are shown like text from devices.
"""

import logging
from types import TracebackType

import psycopg

from auditor.reports.visible import visible

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def one_line(error: BaseException) -> str:
    """Return what an error says, on one line and with control characters shown as escapes."""
    return visible(" ".join(str(error).split())) or type(error).__name__


class LineFormatter(logging.Formatter):
    """Writes a record on one line. A traceback follows indented, so that no line of it passes for a record.

    Of an error that comes from the database, what the database said is all that is of use.
    """

    def __init__(self) -> None:
        """Write time, level and message."""
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """Return the line of a record, whoever made it."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the name is logging's
        """Return the traceback, or what the database said."""
        error = ei[1]
        while error is not None and not isinstance(error, psycopg.Error):
            error = error.__cause__
        lines = [one_line(error)] if error is not None else super().formatException(ei).split("\n")
        return "\n".join(f"    {visible(line)}" for line in lines)
