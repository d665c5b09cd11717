"""The template engine, set up so that a template cannot print anything unsafe by mistake.

Every value printed by an expression first becomes visible text (`visible.py`), then is escaped for HTML. An undefined
name, a None or a list where text was meant stops the rendering: a hole in a report is a fault of ours.
"""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined
from jinja2.runtime import Macro
from markupsafe import Markup

from auditor.reports.instant import day_in_words, in_words, rfc3339, span_in_words
from auditor.reports.visible import shortened
from auditor.reports.wording import count_of, plural


@cache
def environment() -> Environment:
    """Return the one environment of all templates in `report_templates`."""
    env = Environment(
        loader=PackageLoader("report_templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.filters |= {
        "short": shortened,
        "words": in_words,
        "day": day_in_words,
        "instant": rfc3339,
        "paragraphs": paragraphs,
        "with_commands": with_commands,
    }
    env.globals |= {"count_of": count_of, "plural": plural, "span": span_in_words}
    return env


def printable(value: object) -> object:
    """Return what an expression may print: markup of ours as it is, text made visible, numbers.

    Raises TypeError for anything else, None included.
    """
    if isinstance(value, Markup | Undefined | Macro):
        return value
    if isinstance(value, str):
        return shortened(str(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError(f"a template prints a value of type {type(value).__name__}: it must say what to print for it")


def paragraphs(text: str) -> list[str]:
    """Split words of ours (a rationale, a remediation) at blank lines; other line ends become spaces."""
    blocks = [" ".join(block.split()) for block in text.split("\n\n")]
    return [block for block in blocks if block]


def with_commands(text: str) -> Markup:
    """Return words of ours with what stands between backticks set as commands; everything is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(shortened(text))
    marked = (
        Markup("<code>{}</code>").format(shortened(part)) if number % 2 else Markup("{}").format(shortened(part))
        for number, part in enumerate(parts)
    )
    return Markup("").join(marked)


def packaged_text(name: str) -> str:
    """Return a text file of `report_templates`, e.g. a style sheet."""
    return files("report_templates").joinpath(name).read_text(encoding="utf-8")
