"""The hosts of a large fleet as data inside the page, small enough that 10,000 of them open at once.

A page with a table for each host would have two million elements. Here the hosts are two kinds of JSON islands: one
index with what the list shows and filters by, and the details of a hundred hosts each, which the script reads when one
of them is opened. A text that occurs more than once stands once, in a table; a number in its place points to it.

Every text is made visible and shortened here; the script sets it with `textContent` only.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from auditor.model.assessment import AuditRun, Finding
from auditor.model.certificate import ChainReport
from auditor.model.verdict import Status
from auditor.reports.hostpage import HostPage
from auditor.reports.instant import day_in_words, in_words
from auditor.reports.visible import shortened
from auditor.reports.wording import OUTCOME_WORDS, STATUS_WORDS

MOST_PLAIN = 300
"""Hosts up to which the page is plain HTML, with every host's part in it."""

HOSTS_IN_AN_ISLAND = 100
"""Hosts whose details are read together when one of them is opened."""

_LETTERS = {Status.NOT_MET: "n", Status.UNDETERMINED: "u", Status.MET: "m", Status.NOT_APPLICABLE: "-"}
_WITH_EVIDENCE = frozenset({Status.NOT_MET, Status.UNDETERMINED})
_SHORTEST_SHARED = 4

Value = str | int | bool | None | Sequence["Value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Islands:
    """JSON texts that are safe inside a script element. `index` is read at once, `details` one by one."""

    index: Markup
    details: tuple[Markup, ...]


def islands(run: AuditRun, pages: Sequence[HostPage]) -> Islands:
    """Return the hosts in the order of `pages`; what is left out of the details is said in the page."""
    order = {control.id: number for number, control in enumerate(run.catalogue)}
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update(_texts(_listed(page, order)))
        seen.update(_texts(_details(page, order)))
    shared = [text for text, count in seen.items() if count > 1 and len(text) >= _SHORTEST_SHARED]
    places = {text: number for number, text in enumerate(shared)}
    index = {
        "texts": shared,
        "controls": [[control.id, control.title, control.level] for control in run.catalogue],
        "outcomes": [[outcome.value, words] for outcome, words in OUTCOME_WORDS.items()],
        "statuses": [[status.value, _LETTERS[status], words] for status, words in STATUS_WORDS.items()],
        "group": HOSTS_IN_AN_ISLAND,
        "hosts": [_placed(_listed(page, order), places) for page in pages],
    }
    groups = (pages[at : at + HOSTS_IN_AN_ISLAND] for at in range(0, len(pages), HOSTS_IN_AN_ISLAND))
    return Islands(
        index=as_island(index),
        details=tuple(as_island([_placed(_details(page, order), places) for page in group]) for group in groups),
    )


def as_island(value: object) -> Markup:
    """Return JSON that no text in it can end: `<`, `>` and `&` are written as escapes of JSON's own."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing in it can be markup any more


def _listed(page: HostPage, order: dict[str, int]) -> list[Value]:
    """Return what the list shows of a host. The script's `LISTED` names the places in the same order."""
    host, target = page.host, page.host.target
    letters = {order[f.control]: _LETTERS[f.status] for f in host.findings if f.control in order}
    return [
        page.anchor,
        shortened(target.name, 200),
        shortened(target.hostname or "", 255),
        shortened(host.address or target.address or "", 120),
        shortened(host.product_title, 60),
        shortened(host.identity.software, 40) if host.identity and host.identity.software else "",
        target.target_level,
        host.score.proven,
        host.score.possible,
        list(OUTCOME_WORDS).index(host.outcome),
        host.accepted,
        shortened(target.site or "", 60),
        [shortened(tag, 60) for tag in target.tags],
        [order[control] for control in host.score.held_back_by if control in order],
        len(host.score.doubts),
        "".join(letters.get(number, " ") for number in range(len(order))),
    ]


def _details(page: HostPage, order: dict[str, int]) -> list[Value]:
    """Return what a host's own part shows. The script's `DETAILS` names the places in the same order."""
    host = page.host
    when = in_words(host.started_at) if host.started_at else "not recorded"
    return [
        page.level_words,
        page.level_meaning,
        shortened(host.unreachable_because or "", 400),
        shortened(host.identity.system_name, 200) if host.identity and host.identity.system_name else "",
        f"{when}{'' if host.target.credentials else ', from outside, without a login'}",
        [shortened(note, 600) for note in host.notes],
        [
            [shortened(s.title, 80), f"{s.port}/{s.transport}", s.state, s.level, shortened(s.detail, 300)]
            for s in host.services
        ],
        _chain(host.chain),
        [_finding(finding, order) for finding in host.findings],
    ]


def _chain(chain: ChainReport | None) -> list[Value] | None:
    if chain is None or chain.leaf is None:
        return None
    leaf = chain.leaf
    ends = day_in_words(leaf.not_after) if leaf.not_after else "unreadable"
    return [
        f"{chain.verify_code} {chain.verify_name}",
        shortened(leaf.subject or "unreadable", 200),
        shortened(leaf.issuer or "unreadable", 200),
        ends,
        shortened(leaf.key or "unreadable", 60),
        leaf.sha256,
        f"{chain.name_check.outcome}: {shortened(chain.name_check.because, 300)}" if chain.name_check else "not made",
        [shortened(problem.detail, 300) for problem in chain.problems[:20]],
        max(0, len(chain.problems) - 20),
        len(chain.presented),
    ]


def _finding(finding: Finding, order: dict[str, int]) -> list[Value]:
    cited = finding.citation
    place = ", ".join(part for part in (cited.document, cited.section, cited.step) if part)
    marks = []
    if finding.attested:
        marks.append("rests on a person's statement")
    if finding.fault:
        marks.append("fault of the auditor, not of the host")
    if finding.waiver:
        until = day_in_words(finding.waiver.expires)
        marks.append(f"accepted by waiver {shortened(finding.waiver.id, 64)} until {until}")
    evidence = finding.evidence if finding.status in _WITH_EVIDENCE else ()
    return [
        order.get(finding.control, -1),
        list(STATUS_WORDS).index(finding.status),
        finding.kind,
        shortened(finding.because, 600),
        [shortened(line, 400) for line in evidence],
        place,
        shortened(finding.remediation),
        [*marks],
        finding.control if finding.control not in order else "",
        finding.title if finding.control not in order else "",
    ]


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _placed(value: Value, places: dict[str, int]) -> Value:
    """Replace every text that is shared by its place. Where a text may stand, the script takes a number for one."""
    if isinstance(value, str):
        return places.get(value, value)
    if isinstance(value, list):
        return [_placed(each, places) for each in value]
    return value
