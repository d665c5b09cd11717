"""The version of Pango, the system's library that breaks lines: with another one, a PDF has other bytes."""

import io
from contextlib import redirect_stdout

MISSING = "not installed"


def pango_version() -> str:
    """Return the version of Pango, e.g. `1.50.12`, or `not installed`."""
    # WeasyPrint prints a page of help on standard output where a library is missing.
    with redirect_stdout(io.StringIO()):
        try:
            from weasyprint.text.ffi import pango  # noqa: PLC0415 - slow, and needs Pango
        except (ImportError, OSError):
            return MISSING
    number = int(pango.pango_version())
    return f"{number // 10_000}.{number // 100 % 100}.{number % 100}"
