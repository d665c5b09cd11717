"""The paper report in parts: which sheets there are, and the HTML of each.

Parts are made one after another as they are asked for, so that a thousand hosts are never in memory as one page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from auditor.model.assessment import AuditRun, HostAssessment, ItemState, Outcome
from auditor.model.verdict import Status
from auditor.reports.context import report_context
from auditor.reports.detail import LEFT_OUT, MOST_IN_A_VOLUME, Detail
from auditor.reports.environment import environment
from auditor.reports.expiry import Expiry, expiries
from auditor.reports.fleet import FleetCounts, fleet_counts
from auditor.reports.hostpage import HostPage
from auditor.reports.instant import day_in_words, month_in_words
from auditor.reports.sheet import Sheet

HOSTS_IN_A_PART = 20
"""Hosts in one part at most: about 150 MB of memory, whatever the size of the fleet."""

ROWS_IN_A_PART = 300
"""Rows of the table of the fleet in one part."""

CHECKLIST_WORDS = {
    ItemState.MET: "Yes",
    ItemState.NOT_MET: "No",
    ItemState.UNDETERMINED: "Not known",
    ItemState.BY_PERSON: "For a person to confirm",
    ItemState.NOT_APPLICABLE: "Does not apply",
}
"""Answers of the guide's readiness checklist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the contents. `page` is 0 until it is known; `minor` are hosts."""

    anchor: str
    title: str
    page: int = 0
    minor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Certificates that end in the same month; `state` is the earliest one's."""

    words: str
    state: str
    rows: tuple[Expiry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document to be printed. `volume` names the site that it is about; empty for the whole fleet."""

    run: AuditRun
    detail: Detail
    volume: str = ""
    context: Mapping[str, object] = field(repr=False)

    @property
    def pages(self) -> tuple[HostPage, ...]:
        """The hosts, those in most need first."""
        pages = self.context["pages"]
        assert isinstance(pages, tuple)  # noqa: S101 - tells the type checker what `report_context` gives
        return pages

    @property
    def title(self) -> str:
        """The document's title."""
        of = f", volume {self.volume}" if self.volume else ""
        return f"Security level audit of a video-conferencing fleet, {day_in_words(self.run.finished_at)}{of}"

    @property
    def has_hosts(self) -> bool:
        """Tell whether hosts have parts of their own."""
        return self.detail is not Detail.SUMMARY and bool(self.pages)

    def contents(self) -> tuple[Entry, ...]:
        """Return the lines of the contents, without page numbers."""
        many = len(self.pages) > MOST_IN_A_VOLUME
        heads = [
            ("summary", "Summary"),
            ("calendar", "Certificate calendar"),
            ("certificates", "Certificates of the fleet"),
            ("trust", "Trust between devices and management servers"),
            ("fleet", "Sites" if many else "Fleet"),
            *([("hosts", "Hosts")] if self.has_hosts else []),
            ("controls", "Controls"),
            ("method", "Method and limits"),
            ("glossary", "Glossary"),
            ("signatures", "Signatures"),
        ]
        hosts = self.pages if self.has_hosts else ()
        return (
            *(Entry(anchor=anchor, title=title) for anchor, title in heads),
            *(Entry(anchor=page.anchor, title=page.host.target.name, minor=True) for page in hosts),
        )

    def front(self, contents: Sequence[Entry], result_digest: str) -> Sheet:
        """Return cover and contents; `result_digest` is the SHA-256 of the JSON that is attached."""
        left_out = LEFT_OUT[self.detail]
        return self._sheet("f", "front", contents=contents, left_out=left_out, result_digest=result_digest)

    def sheets(self) -> Iterator[Sheet]:
        """Yield every part behind the contents, in order."""
        yield self._sheet("s", "summary", missing=_missing(self.pages))
        yield self._sheet("c", "calendar", months=calendar(self.run))
        yield self._sheet("t", "trust")
        if len(self.pages) > MOST_IN_A_VOLUME:
            yield self._sheet("r", "sites", by_site=by_site(self.run.hosts))
        else:
            yield from self._fleet()
        if self.has_hosts:
            for number, some in enumerate(_shared_out(self.pages, HOSTS_IN_A_PART)):
                yield self._sheet(f"h{number}", "hosts", hosts=len(some), pages=some, first=number == 0)
        yield self._sheet("k", "controls", remedies=remedies(self.run), citations=citations(self.run))
        yield self._sheet("b", "back")

    def _fleet(self) -> Iterator[Sheet]:
        rows = list(enumerate(self.pages, start=1))
        some = [rows[at : at + ROWS_IN_A_PART] for at in range(0, len(rows), ROWS_IN_A_PART)] or [[]]
        for number, part in enumerate(some):
            yield self._sheet(f"r{number}", "fleet", rows=part, first=number == 0, last=number == len(some) - 1)

    def _sheet(self, name: str, template: str, *, hosts: int = 0, **values: object) -> Sheet:
        html = environment().get_template(f"paper/{template}.html.j2").render({**self.context, **values})
        return Sheet(name, html, hosts)


def paper(run: AuditRun, detail: Detail, volume: str = "") -> Paper:
    """Return the document of a run."""
    context = report_context(run)
    made = Paper(run=run, detail=detail, volume=volume, context=context)
    more = {
        "paper": True,
        "detail": detail,
        "volume": volume,
        "document_title": made.title,
        "checklist_words": CHECKLIST_WORDS,
        "accepted": sum(host.accepted for host in run.hosts),
        "with_hosts": made.has_hosts,
        "with_fleet": len(run.hosts) <= MOST_IN_A_VOLUME,
    }
    if not made.has_hosts:
        more["anchors"] = {}
    return Paper(run=run, detail=detail, volume=volume, context={**context, **more})


def calendar(run: AuditRun) -> tuple[Month, ...]:
    """Put the ends of the hosts' certificates together: what has ended, then month by month."""
    rows = expiries(run)
    ended = tuple(row for row in rows if row.state == "Expired")
    months = [Month(words="Has ended", state="Expired", rows=ended)] if ended else []
    for words, some in groupby(rows[len(ended) :], key=lambda row: month_in_words(row.not_after)):
        members = tuple(some)
        months.append(Month(words=words, state=members[0].state, rows=members))
    return tuple(months)


def by_site(hosts: Sequence[HostAssessment]) -> tuple[tuple[str, FleetCounts], ...]:
    """Count each site, the one with most hosts that miss their target first."""
    sites: dict[str, list[HostAssessment]] = {}
    for host in hosts:
        sites.setdefault(host.target.site or "", []).append(host)
    counted = [(site, fleet_counts(some)) for site, some in sites.items()]
    return tuple(sorted(counted, key=lambda pair: (-pair[1].misses, pair[0])))


def remedies(run: AuditRun) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what a person can do about each control: (products, text), each text once."""
    products: dict[str, dict[str, dict[str, None]]] = {control.id: {} for control in run.catalogue}
    for host in run.hosts:
        for finding in host.findings:
            if finding.remediation and finding.control in products:
                products[finding.control].setdefault(finding.remediation, {})[host.product_title] = None
    return {control: tuple((", ".join(by), text) for text, by in texts.items()) for control, texts in products.items()}


def citations(run: AuditRun) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return where the guide says so of each product: (products, section and step), each place once."""
    places: dict[str, dict[str, dict[str, None]]] = {control.id: {} for control in run.catalogue}
    for host in run.hosts:
        for finding in host.findings:
            if finding.control in places and finding.status is not Status.NOT_APPLICABLE:
                cited = finding.citation
                place = f"{cited.section}, {cited.step}" if cited.step else cited.section
                places[finding.control].setdefault(place, {})[host.product_title] = None
    return {control: tuple((", ".join(by), place) for place, by in some.items()) for control, some in places.items()}


def _missing(pages: Sequence[HostPage]) -> tuple[HostPage, ...]:
    return tuple(page for page in pages if page.host.outcome is Outcome.MISSES)


def _shared_out(pages: Sequence[HostPage], most: int) -> Iterator[tuple[HostPage, ...]]:
    """Yield parts of nearly equal size, so that no worker waits for the last one."""
    count = -(-len(pages) // most)
    for number in range(count):
        yield tuple(pages[len(pages) * number // count : len(pages) * (number + 1) // count])
