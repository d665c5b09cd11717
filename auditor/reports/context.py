"""Everything that the HTML and PDF templates print, computed once from a run."""

from collections import Counter
from dataclasses import asdict, dataclass

from auditor.model.assessment import AuditRun
from auditor.model.control import GUIDE, Control
from auditor.model.policy import Policy
from auditor.model.verdict import Status
from auditor.reports.chart import Chart, bar_chart
from auditor.reports.expiry import expiries
from auditor.reports.fleet import LEVELS, FleetCounts, coverage, fleet_counts
from auditor.reports.holdback import holdbacks
from auditor.reports.hostpage import host_pages
from auditor.reports.politeness_view import politeness_words, window_words
from auditor.reports.trustmatrix import LINK_WORDS, matrix
from auditor.reports.wording import KIND_WORDS, LEVEL_IDEAS, OUTCOME_WORDS, REVOCATION_WORDS, STATUS_WORDS

MOST_ROWS = 15
"""Rows of the tables in the summary; what is left out is counted there and found in the host's own part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One policy switch as it stood, and whether that is the default."""

    name: str
    value: str
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPage:
    """One control of the catalogue with its verdicts over the fleet."""

    control: Control
    kind_words: str
    counts: tuple[tuple[Status, str, int], ...]


def report_context(run: AuditRun) -> dict[str, object]:
    """Return the variables of the templates; the same run gives equal values."""
    counts = fleet_counts(run.hosts)
    pages = host_pages(run.hosts)
    return {
        "run": run,
        "guide": GUIDE,
        "counts": counts,
        "coverage": coverage(run),
        "levels": LEVELS,
        "level_ideas": LEVEL_IDEAS,
        "outcome_words": OUTCOME_WORDS,
        "status_words": STATUS_WORDS,
        "holdbacks": holdbacks(run),
        "expiries": expiries(run),
        "certificates": run.certificates,
        "revocation_words": REVOCATION_WORDS,
        "most_rows": MOST_ROWS,
        "matrix": matrix(run.links),
        "link_words": LINK_WORDS,
        "pages": pages,
        "anchors": {page.host.target.name: page.anchor for page in pages},
        "sites": sorted({page.host.target.site for page in pages if page.host.target.site}),
        "targets": sorted(Counter(host.target.target_level for host in run.hosts).items()),
        "products": sorted({page.host.product for page in pages}),
        "switches": _switches(run.policy),
        "politeness": politeness_words(run.pace.politeness, run.pace.hosts_at_once) if run.pace else (),
        "windows": window_words(run.pace.politeness) if run.pace else (),
        "controls": _controls(run),
        "catalogue_ids": frozenset(control.id for control in run.catalogue),
        "level_chart": _level_chart(counts),
        "outcome_chart": _outcome_chart(counts),
    }


def _switches(policy: Policy) -> tuple[Switch, ...]:
    defaults = asdict(Policy())
    return tuple(
        Switch(name=name, value=_said(value), default=value == defaults[name]) for name, value in asdict(policy).items()
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _controls(run: AuditRun) -> tuple[ControlPage, ...]:
    seen = Counter((finding.control, finding.status) for host in run.hosts for finding in host.findings)
    return tuple(
        ControlPage(
            control=control,
            kind_words=KIND_WORDS[control.kind.value],
            counts=tuple((status, words, seen[control.id, status]) for status, words in STATUS_WORDS.items()),
        )
        for control in run.catalogue
    )


def _level_chart(counts: FleetCounts) -> Chart:
    levels = tuple(
        (f"Level {level}", (proven, possible))
        for level, proven, possible in zip(LEVELS, counts.proven, counts.possible, strict=True)
    )
    none = (("No level", (counts.without_level,)),)
    return bar_chart(
        id="levels", title="Hosts by level", series=("proven", "possible"), rows=(*reversed(levels), *none)
    )


def _outcome_chart(counts: FleetCounts) -> Chart:
    numbers = (counts.misses, counts.inconclusive, counts.unreachable, counts.meets)
    words = ("misses", "inconclusive", "unreachable", "meets")
    by_value = {outcome.value: text for outcome, text in OUTCOME_WORDS.items()}
    rows = tuple((by_value[word], (number,)) for word, number in zip(words, numbers, strict=True))
    return bar_chart(id="outcomes", title="Hosts by outcome", series=("hosts",), rows=rows)
