"""How gently a fleet is asked, as the inventory says it: `politeness` and `maintenance_windows` of its settings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from auditor.inventory.document import Items, Table, described
from auditor.inventory.instant import read_instant
from auditor.inventory.problem import Spot, shown, suggestion
from auditor.inventory.scope import LONGEST_NAME, read_scope
from auditor.inventory.section import Section
from auditor.model.inventory import Target
from auditor.model.politeness import DAYS, Distress, Politeness, Window
from auditor.model.waiver import ScopeKind

POLITENESS = (
    "requests_per_second", "requests_per_second_per_site", "per_site", "hosts_at_once_per_site", "pause_seconds",
    "pause_below_profile", "error_budget", "distress",
)  # fmt: skip
DISTRESS = ("signs", "slower_by", "back_off_seconds", "back_offs")
WEEKLY, ONCE = ("days", "from", "to", "zone"), ("opens", "closes")
WINDOW = ("scope", *WEEKLY, *ONCE)

LONGEST_PAUSE = 300.0
HIGHEST_RATE = 10_000.0

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_END_OF_DAY = "24:00"


@dataclass(frozen=True, slots=True)
class Named:
    """A host, tag or site that the settings name, and where; whether there is one is told by the targets."""

    spot: Spot
    kind: ScopeKind
    name: str


def read_politeness(section: Section) -> tuple[Politeness, tuple[Named, ...]]:
    """Return both sections of the settings as one, with defaults, and the names in them to be checked."""
    named: list[Named] = []
    windows = _windows(section, named)
    table = section.table("politeness")
    if table is None:
        return Politeness(windows=windows), tuple(named)
    own, default = Section(section.spot("politeness"), table, POLITENESS), Politeness()
    read = Politeness(
        requests_per_second=own.rate("requests_per_second", HIGHEST_RATE),
        requests_per_second_per_site=own.rate("requests_per_second_per_site", HIGHEST_RATE),
        per_site=_per_site(own, named),
        hosts_at_once_per_site=own.whole("hosts_at_once_per_site", 0, 1000, default.hosts_at_once_per_site),
        pause_seconds=own.seconds("pause_seconds", LONGEST_PAUSE, zero=True),
        pause_below_profile=own.truth("pause_below_profile", default=default.pause_below_profile),
        error_budget=own.whole("error_budget", 0, 1000, default.error_budget),
        distress=_distress(own),
        windows=windows,
    )
    _check_pause(own, read)
    return read, tuple(named)


def check_names(named: Iterable[Named], targets: Sequence[Target]) -> None:
    """Note each name that no target has: a window for it would leave the host that was meant open at all times."""
    known: dict[ScopeKind, tuple[str, ...]] = {
        "host": tuple(target.name for target in targets),
        "tag": tuple(dict.fromkeys(tag for target in targets for tag in target.tags)),
        "site": tuple(dict.fromkeys(target.site for target in targets if target.site)),
    }
    for each in named:
        if each.name not in known[each.kind]:
            each.spot.refuse(
                f"No host of the inventory has the {_WORDS[each.kind]} {shown(each.name)}.",
                suggestion(each.name, known[each.kind]),
            )


_WORDS: dict[ScopeKind, str] = {"host": "name", "tag": "tag", "site": "site"}


def _check_pause(section: Section, read: Politeness) -> None:
    if read.pause_below_profile and read.pause_seconds is None:
        section.spot("pause_below_profile").refuse("No pause is given that could be shorter.", "Add 'pause_seconds'.")
    if read.pause_seconds == 0 and not read.pause_below_profile:
        section.spot("pause_seconds").refuse(
            "Without a pause, hosts would be asked faster than their products are known to bear.",
            "Leave it out, or say 'pause_below_profile: true' as well if you mean it.",
        )


def _per_site(section: Section, named: list[Named]) -> dict[str, float]:
    table = section.table("per_site")
    if table is None:
        return {}
    spot = section.spot("per_site")
    sites = Section(spot, table, tuple(table.entries), noun="site")
    named += [Named(sites.spot(site), "site", site) for site in table.entries]
    rates = {site: sites.rate(site, HIGHEST_RATE) for site in table.entries}
    return {site: rate for site, rate in rates.items() if rate is not None}


def _distress(section: Section) -> Distress:
    table, default = section.table("distress"), Distress()
    if table is None:
        return default
    own = Section(section.spot("distress"), table, DISTRESS)
    slower = own.whole("slower_by", 0, 1000, default.slower_by)
    if slower == 1:
        own.spot("slower_by").refuse("Every answer but the quickest would be a sign.", "Write 2 or more, or 0 for off.")
    return Distress(
        signs=own.whole("signs", 0, 1000, default.signs),
        slower_by=slower,
        back_off_seconds=own.seconds("back_off_seconds", LONGEST_PAUSE) or default.back_off_seconds,
        back_offs=own.whole("back_offs", 0, 10, default.back_offs),
    )


def _windows(section: Section, named: list[Named]) -> tuple[Window, ...]:
    found = [_window(Section(place, table, WINDOW), named) for place, table in _entries(section)]
    return tuple(window for window in found if window)


def _entries(section: Section) -> list[tuple[Spot, Table]]:
    node, spot = section.node("maintenance_windows"), section.spot("maintenance_windows")
    if node is None:
        return []
    if not isinstance(node, Items) or not node.items:
        spot.refuse("A list of windows is expected here.", "Each begins with '- scope: …'.")
        return []
    entries = []
    for index, item in enumerate(node.items):
        place = spot.item(index, item.line)
        if isinstance(item, Table):
            entries.append((place, item))
        else:
            place.refuse(f"A window is a table of keys and values, not {described(item)}.")
    return entries


def _window(section: Section, named: list[Named]) -> Window | None:
    if not section.has("scope"):
        section.spot("scope").refuse("The field is missing.", "Write {fleet: true}, or name a host, tag or site.")
    scope = read_scope(section, "window")
    if scope and scope[0] != "fleet":
        named.append(Named(section.spot("scope"), *scope))
    weekly, once = ([key for key in keys if section.has(key)] for keys in (WEEKLY, ONCE))
    if bool(weekly) == bool(once):
        section.spot((weekly or once or ["scope"])[0]).refuse(
            "A window is either weekly or once.", "Give 'days', 'from', 'to' and 'zone', or 'opens' and 'closes'."
        )
        return None
    for key in WEEKLY if weekly else ONCE:
        if not section.has(key):
            section.spot(key).refuse("The field is missing.")
    return (_weekly if weekly else _once)(section, *(scope or ("fleet", "")))


def _weekly(section: Section, kind: ScopeKind, name: str) -> Window | None:
    days = []
    for place, text in section.literals("days"):
        if text in DAYS:
            days.append(text)
        else:
            place.refuse(f"{shown(text)} is not one of {', '.join(DAYS)}.")
    if isinstance(node := section.node("days"), Items) and not node.items:
        section.spot("days").refuse("The window opens on no day.", "Write them as [sat, sun].")
    start, end, zone = _time(section, "from"), _time(section, "to", last=_END_OF_DAY), _zone(section)
    if start is not None and start == end:
        section.spot("to").refuse(
            "The window would end when it begins.", 'For a whole day write from "00:00" to "24:00".'
        )
    if not (days and start and end and zone):
        return None
    ordered = tuple(day for day in DAYS if day in days)
    return Window(scope=kind, scope_name=name, days=ordered, start=start, end=end, zone=zone)


def _once(section: Section, kind: ScopeKind, name: str) -> Window | None:
    opens, closes = (read_instant(section, key, whole_day=False, what="window") for key in ONCE)
    if opens and closes and closes <= opens:
        section.spot("closes").refuse("The window would close before it opens.", "Correct 'opens' or 'closes'.")
    return Window(scope=kind, scope_name=name, opens=opens, closes=closes) if opens and closes else None


def _time(section: Section, key: str, *, last: str = "") -> str | None:
    written = section.literal(key)
    if written is None:
        return None
    if _TIME.fullmatch(written) or (last and written == last):
        return written
    section.spot(key).refuse(f"{shown(written)} is not a time of the day.", 'Write it with two digits each: "22:00".')
    return None


def _zone(section: Section) -> str | None:
    name = section.text("zone", longest=LONGEST_NAME)
    if name is None or name in _zones():
        return name
    zones = sorted(_zones())
    section.spot("zone").refuse(
        f"There is no time zone of the name {shown(name)}.",
        (suggestion(name, zones) if zones else "This machine has no time zones: install the package 'tzdata'."),
    )
    return None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
