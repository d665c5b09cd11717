"""Trends as small columns: one strip for each number, one column for each audit. Nothing is told by colour alone.

Strips instead of stacked or crossing lines: each is named in words, each column bears its number, and what this audit
did not see is drawn in outline on top of what it saw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditor.model.assessment import Outcome
from auditor.model.trend import Moment, Trend
from auditor.reports.fleet import LEVELS
from auditor.reports.instant import day_in_words
from auditor.reports.wording import OUTCOME_WORDS

LABEL_WIDTH = 128
COLUMN, GAP = 36, 14
HEIGHT, LINE = 40, 14

_PAD = 22
"""Room above a strip for two lines of numbers, less what the columns leave free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One audit in a strip: what was seen (filled), and what stands although nobody saw it (outline) above it.

    `texts` are their numbers with their places.
    """

    x: int
    solid_y: float
    solid_height: float
    outline_y: float
    outline_height: float
    text_x: float
    texts: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One number over time; `base` is the line on which its columns stand."""

    label: str
    base: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendChart:
    """Strips of the same scale, with the words that a screen reader says instead of them."""

    id: str
    title: str
    description: str
    strips: tuple[Strip, ...]
    days: tuple[tuple[float, str], ...]
    width: int
    height: int
    label_width: int = LABEL_WIDTH
    column: int = COLUMN


Series = tuple[str, Callable[[Moment], tuple[int, int]]]
"""A strip's name, and its numbers at a moment: what was seen, and what stands unseen."""


def trend_charts(trend: Trend) -> tuple[TrendChart, ...]:
    """Return the charts of a trend: outcomes, proven levels, requirements that are not met."""
    outcomes = (Outcome.MISSES, Outcome.INCONCLUSIVE, Outcome.UNREACHABLE, Outcome.MEETS)
    levels = [_level(level) for level in reversed(LEVELS)]
    return (
        _chart("trend-outcomes", "Hosts by outcome", [_outcome(outcome) for outcome in outcomes], trend.moments),
        _chart("trend-levels", "Hosts by proven level", [*levels, ("No level", _no_level)], trend.moments),
        _chart("trend-breaches", "Requirements not met", [("Not met", _breaches)], trend.moments),
    )


def _outcome(outcome: Outcome) -> Series:
    return OUTCOME_WORDS[outcome], lambda moment: (moment.outcomes.get(outcome.value, 0), 0)


def _level(level: int) -> Series:
    return f"Level {level}", lambda moment: (moment.proven.get(level, 0), 0)


def _no_level(moment: Moment) -> tuple[int, int]:
    return moment.without_level, 0


def _breaches(moment: Moment) -> tuple[int, int]:
    return moment.breaches.seen, moment.breaches.unseen + moment.breaches.not_listed


def _chart(name: str, title: str, series: Sequence[Series], moments: Sequence[Moment]) -> TrendChart:
    numbers = [(label, [of(moment) for moment in moments]) for label, of in series]
    highest = max((seen + unseen for _, some in numbers for seen, unseen in some), default=0) or 1
    strips = []
    for place, (label, some) in enumerate(numbers):
        base = (place + 1) * (HEIGHT + _PAD) + LINE
        columns = tuple(_column(index, pair, base, highest) for index, pair in enumerate(some))
        strips.append(Strip(label=label, base=base, columns=columns))
    days = tuple((_middle(index), moment.at.strftime("%m-%d")) for index, moment in enumerate(moments))
    said = "; ".join(f"{label}: {', '.join(_text(pair) for pair in some)}" for label, some in numbers)
    first, last = day_in_words(moments[0].at), day_in_words(moments[-1].at)
    return TrendChart(
        id=name,
        title=title,
        description=f"{len(moments)} audits from {first} to {last}, oldest first. {said}.",
        strips=tuple(strips),
        days=days,
        width=LABEL_WIDTH + len(moments) * (COLUMN + GAP),
        height=len(strips) * (HEIGHT + _PAD) + LINE + 24,
    )


def _column(index: int, pair: tuple[int, int], base: int, highest: int) -> Column:
    seen, unseen = pair
    solid, outline = round(HEIGHT * seen / highest, 1), round(HEIGHT * unseen / highest, 1)
    top = round(base - solid - outline - 4, 1)
    texts = ((top, str(seen)), (round(top - LINE, 1), f"+{unseen}")) if unseen else ((top, str(seen)),)
    return Column(
        x=LABEL_WIDTH + index * (COLUMN + GAP),
        solid_y=round(base - solid, 1),
        solid_height=solid,
        outline_y=round(base - solid - outline, 1),
        outline_height=outline,
        text_x=_middle(index),
        texts=texts,
    )


def _middle(index: int) -> float:
    return LABEL_WIDTH + index * (COLUMN + GAP) + COLUMN / 2


def _text(pair: tuple[int, int]) -> str:
    seen, unseen = pair
    return f"{seen}+{unseen}" if unseen else str(seen)
