"""Geometry of bar charts, so that templates only draw. Lengths are SVG user units."""

from dataclasses import dataclass

LABEL_WIDTH = 110
BAR_WIDTH = 290
BAR_HEIGHT = 14
ROW_GAP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar. `solid` bars are filled; others are drawn in outline, so that black and white tells them apart."""

    y: int
    width: float
    count: int
    solid: bool
    text_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled group of bars."""

    label: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A bar chart with the words that a screen reader says instead of it."""

    id: str
    title: str
    description: str
    rows: tuple[Row, ...]
    width: int
    height: int
    label_width: int = LABEL_WIDTH
    bar_height: int = BAR_HEIGHT


def bar_chart(*, id: str, title: str, series: tuple[str, ...], rows: tuple[tuple[str, tuple[int, ...]], ...]) -> Chart:  # noqa: A002 - SVG's own word
    """Lay out one group of bars for each row; the first of `series` is drawn solid, the others in outline.

    A row with fewer counts than there are series belongs to none of them: its one bar is drawn in outline.
    """
    highest = max((count for _, counts in rows for count in counts), default=0) or 1
    y = 2
    laid_out = []
    for label, counts in rows:
        bars = []
        for index, count in enumerate(counts):
            width = round(BAR_WIDTH * count / highest, 1)
            bars.append(
                Bar(
                    y=y,
                    width=width,
                    count=count,
                    solid=index == 0 and len(counts) == len(series),
                    text_x=round(LABEL_WIDTH + width + 6, 1),
                )
            )
            y += BAR_HEIGHT + 2
        middle = (bars[0].y + bars[-1].y + BAR_HEIGHT) / 2
        laid_out.append(Row(label=label, y=middle, bars=tuple(bars)))
        y += ROW_GAP
    said = "; ".join(f"{label}: {_said(series, counts)}" for label, counts in rows)
    return Chart(
        id=id,
        title=title,
        description=f"{said}.",
        rows=tuple(laid_out),
        width=LABEL_WIDTH + BAR_WIDTH + 40,
        height=y,
    )


def _said(series: tuple[str, ...], counts: tuple[int, ...]) -> str:
    if len(counts) == 1:
        return str(counts[0])
    return ", ".join(f"{count} {name}" for name, count in zip(series, counts, strict=True))
