"""The terminal: results on standard output, everything else on standard error; device text only made visible.

Rich honours NO_COLOR and switches colour off where the output is no terminal. No text is ever read as Rich markup.
"""

from rich.console import Console
from rich.text import Text

from auditor.reports.visible import visible

out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)


def plain(text: str, style: str = "") -> Text:
    """Return text that is safe to print: control characters are shown, and no markup is read."""
    return Text(visible(text), style=style)


def complain(text: str) -> None:
    """Print an error for the person at the terminal."""
    err.print(Text("error: ", style="bold red").append(visible(text)), soft_wrap=True)


def warn(text: str) -> None:
    """Print a warning for the person at the terminal."""
    err.print(Text("warning: ", style="bold yellow").append(visible(text)), soft_wrap=True)
