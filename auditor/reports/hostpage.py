"""One host's part of a report: its findings in the order in which a reader needs them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.assessment import Finding, HostAssessment, Outcome
from auditor.model.certificate import ChainProblem, ChainReport, JudgedChain
from auditor.model.control import Kind
from auditor.model.verdict import Status
from auditor.reports.certificate_view import first_judged
from auditor.reports.wording import STATUS_WORDS, level_meaning, level_words

_RISK = (Outcome.MISSES, Outcome.INCONCLUSIVE, Outcome.UNREACHABLE, Outcome.MEETS)
_SAFE_NAME = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9._])*")
_ANSWERS = {Status.NOT_MET: "No", Status.UNDETERMINED: "Not known", Status.MET: "Yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of one verdict."""

    status: Status
    words: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistRow:
    """One item of the guide's readiness checklist, answered from the findings that cover it: the worst one decides."""

    item: str
    answer: str
    status: Status
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPage:
    """Everything that a template prints of one host. `anchor` is a safe fragment identifier, unique in the run.

    `modern_only` and `clock_only` are the problems that only today's practice sees, or only the host's own clock.
    """

    anchor: str
    host: HostAssessment
    level_words: str
    level_meaning: str
    groups: tuple[Group, ...]
    advisories: tuple[Finding, ...]
    links: tuple[Finding, ...]
    lock_down: tuple[Finding, ...]
    checklist: tuple[ChecklistRow, ...]
    held_back_by: tuple[Finding, ...]
    doubts: tuple[Finding, ...]
    judged: JudgedChain | None = None
    modern_only: tuple[ChainProblem, ...] = ()
    clock_only: tuple[ChainProblem, ...] = ()


def host_pages(hosts: Sequence[HostAssessment]) -> tuple[HostPage, ...]:
    """Return one page for each host, those in most need first, else in inventory order."""
    pages = [_page(number, host) for number, host in enumerate(hosts, start=1)]
    return tuple(sorted(pages, key=lambda page: (_RISK.index(page.host.outcome), page.host.score.proven or 0)))


def _page(number: int, host: HostAssessment) -> HostPage:
    name = host.target.name
    by_id = {finding.control: finding for finding in host.findings}
    judged = first_judged(host)
    return HostPage(
        anchor=f"host-{name}" if len(name) <= 64 and _SAFE_NAME.fullmatch(name) else f"host--{number}",
        host=host,
        level_words=level_words(host.score),
        level_meaning=level_meaning(host.score),
        groups=_grouped(_of_kind(host, Kind.LEVEL)),
        advisories=_worst_first(_of_kind(host, Kind.ADVISORY)),
        links=_worst_first(_of_kind(host, Kind.LINK)),
        lock_down=_worst_first(_of_kind(host, Kind.LOCK_DOWN)),
        checklist=checklist(host.findings),
        held_back_by=tuple(by_id[control] for control in host.score.held_back_by if control in by_id),
        doubts=tuple(by_id[control] for control in host.score.doubts if control in by_id),
        judged=judged,
        modern_only=_beyond(judged.modern, judged.report) if judged else (),
        clock_only=_beyond(judged.at_device_clock, judged.report) if judged else (),
    )


def _beyond(other: ChainReport | None, first: ChainReport) -> tuple[ChainProblem, ...]:
    """Return the problems that another judgement has and the first has not."""
    return tuple(problem for problem in other.problems if problem not in first.problems) if other else ()


def checklist(findings: Sequence[Finding]) -> tuple[ChecklistRow, ...]:
    """Fill in the readiness checklist, in the order of its numbers. Items of which nothing applies are left out."""
    items: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.checklist is not None and finding.status is not Status.NOT_APPLICABLE:
            items.setdefault(finding.checklist, []).append(finding)
    rows = []
    for item, covering in items.items():
        worst = _worst_first(covering)
        rows.append(
            ChecklistRow(item=item, answer=_ANSWERS[worst[0].status], status=worst[0].status, findings=tuple(worst))
        )
    return tuple(sorted(rows, key=lambda row: _number_first(row.item)))


def _of_kind(host: HostAssessment, kind: Kind) -> tuple[Finding, ...]:
    return tuple(finding for finding in host.findings if finding.kind == kind.value)


def _grouped(findings: Sequence[Finding]) -> tuple[Group, ...]:
    groups = []
    for status, words in STATUS_WORDS.items():
        members = tuple(f for f in findings if f.status is status)
        if members:
            groups.append(Group(status=status, words=words, findings=members))
    return tuple(groups)


def _worst_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    order = list(STATUS_WORDS)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.status)))


def _number_first(item: str) -> tuple[int, str]:
    number = re.match(r"\d+", item)
    return (int(number.group()) if number else 10**6, item)
