"""How gently a fleet is asked, as an inventory says it: read whole, and refused with every mistake at its place."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from auditor.inventory import InventoryError
from auditor.model.inventory import Inventory
from auditor.model.politeness import Distress, Politeness, Window

Read = Callable[..., Inventory]
Refuse = Callable[..., InventoryError]

SYSTEMS = """\
systems:
  - {name: rm204, product: mxp, address: 192.0.2.21, site: oslo, tags: [boardroom], pause_seconds: 2.5}
  - {name: rm205, product: mxp, address: 192.0.2.22, site: bergen}
"""


def fleet(settings: str) -> str:
    """Return an inventory of two systems with these settings, which begin in line 3."""
    return f"version: 1\nsettings:\n{settings}\n{SYSTEMS}"


def test_everything_is_read(read: Read) -> None:
    """Every field, and both kinds of windows."""
    inventory = read(
        fleet(
            """\
  politeness:
    requests_per_second: 50
    requests_per_second_per_site: 10.5
    per_site: {oslo: 5, bergen: 0.5}
    hosts_at_once_per_site: 4
    pause_seconds: 0
    pause_below_profile: true
    error_budget: 8
    distress: {signs: 4, slower_by: 20, back_off_seconds: 7.5, back_offs: 3}
  maintenance_windows:
    - {scope: {fleet: true}, days: [sun, sat], from: 22:00, to: 05:00, zone: Europe/Oslo}
    - scope: {site: oslo}
      days: [mon]
      from: "00:00"
      to: "24:00"
      zone: UTC
    - {scope: {host: rm204}, opens: 2026-11-26T22:00:00+01:00, closes: 2026-11-27T04:00:00Z}
    - {scope: {tag: boardroom}, opens: 2026-11-26T22:00:00Z, closes: 2026-11-27T04:00:00Z}"""
        )
    )
    closes = datetime(2026, 11, 27, 4, tzinfo=UTC)
    assert inventory.settings.politeness == Politeness(
        requests_per_second=50, requests_per_second_per_site=10.5, per_site={"oslo": 5, "bergen": 0.5},
        hosts_at_once_per_site=4, pause_seconds=0, pause_below_profile=True, error_budget=8,
        distress=Distress(signs=4, slower_by=20, back_off_seconds=7.5, back_offs=3),
        windows=(
            Window(scope="fleet", days=("sat", "sun"), start="22:00", end="05:00", zone="Europe/Oslo"),
            Window(scope="site", scope_name="oslo", days=("mon",), start="00:00", end="24:00", zone="UTC"),
            Window(scope="host", scope_name="rm204", opens=datetime(2026, 11, 26, 21, tzinfo=UTC), closes=closes),
            Window(scope="tag", scope_name="boardroom", opens=datetime(2026, 11, 26, 22, tzinfo=UTC), closes=closes),
        ),
    )  # fmt: skip
    assert [target.pause_seconds for target in inventory.targets] == [2.5, None]


def test_without_a_word_old_codecs_are_safe(read: Read) -> None:
    """The profile's rest, a budget and a watch for distress; no rate, since no fleet's is known."""
    polite = read(f"version: 1\n{SYSTEMS}").settings.politeness
    assert polite == Politeness()
    assert (polite.pause_below_profile, polite.error_budget, polite.distress.signs) == (False, 6, 3)


def test_a_table_has_the_rest_of_a_host_in_a_column(read: Read) -> None:
    """CSV has the same columns."""
    inventory = read("name,product,address,pause_seconds\nrm204,mxp,192.0.2.21,1.5\nrm205,mxp,192.0.2.22,\n", "f.csv")
    assert [target.pause_seconds for target in inventory.targets] == [1.5, None]


WINDOW = "days: [sat], from: 22:00, to: 05:00, zone: Europe/Oslo"

MISTAKES = {
    "unknown field": ("politeness: {rate: 5}", "politeness.rate", "no field"),
    "no table": ("politeness: 5", "politeness", "table of keys"),
    "no rate": ("politeness: {requests_per_second: 0}", "politeness.requests_per_second", "above 0"),
    "negative rate": ("politeness: {requests_per_second: -1}", "politeness.requests_per_second", "requests per second"),
    "no number": ("politeness: {requests_per_second: .inf}", "politeness.requests_per_second", "requests per second"),
    "rate of a site": ("politeness: {per_site: {oslo: fast}}", "politeness.per_site.oslo", "requests per second"),
    "no such site": ("politeness: {per_site: {osla: 5}}", "politeness.per_site.osla", "Did you mean 'oslo'?"),
    "no rest": ("politeness: {pause_seconds: 0}", "politeness.pause_seconds", "pause_below_profile: true"),
    "shorter than nothing": ("politeness: {pause_below_profile: true}", "politeness.pause_below_profile", "Add"),
    "long rest": ("politeness: {pause_seconds: 301}", "politeness.pause_seconds", "from 0 to 300"),
    "budget": ("politeness: {error_budget: many}", "politeness.error_budget", "whole number"),
    "slower by one": ("politeness: {distress: {slower_by: 1}}", "politeness.distress.slower_by", "2 or more"),
    "distress": ("politeness: {distress: {sings: 3}}", "politeness.distress.sings", "Did you mean 'signs'?"),
    "no list": ("maintenance_windows: {scope: {fleet: true}}", "maintenance_windows", "A list of windows"),
    "empty list": ("maintenance_windows: []", "maintenance_windows", "A list of windows"),
    "no window": ("maintenance_windows: [night]", "maintenance_windows[0]", "table of keys"),
    "no scope": (f"maintenance_windows: [{{{WINDOW}}}]", "maintenance_windows[0].scope", "missing"),
    "two scopes": (
        f"maintenance_windows: [{{scope: {{site: oslo, host: rm204}}, {WINDOW}}}]",
        "maintenance_windows[0].scope", "A window covers exactly one",
    ),
    "no such host": (
        f"maintenance_windows: [{{scope: {{host: rm20}}, {WINDOW}}}]", "maintenance_windows[0].scope", "'rm20'",
    ),
    "no such tag": (
        f"maintenance_windows: [{{scope: {{tag: bored}}, {WINDOW}}}]", "maintenance_windows[0].scope", "tag 'bored'",
    ),
    "neither": ("maintenance_windows: [{scope: {fleet: true}}]", "maintenance_windows[0].scope", "weekly or once"),
    "both": (
        f"maintenance_windows: [{{scope: {{fleet: true}}, {WINDOW}, opens: 2026-11-26T22:00:00Z}}]",
        "maintenance_windows[0].days", "weekly or once",
    ),
    "a part": (
        "maintenance_windows: [{scope: {fleet: true}, days: [sat], from: 22:00, to: 05:00}]",
        "maintenance_windows[0].zone", "missing",
    ),
    "no such day": (
        "maintenance_windows: [{scope: {fleet: true}, days: [saturday], from: 22:00, to: 05:00, zone: UTC}]",
        "maintenance_windows[0].days[0]", "mon, tue",
    ),
    "no day": (
        "maintenance_windows: [{scope: {fleet: true}, days: [], from: 22:00, to: 05:00, zone: UTC}]",
        "maintenance_windows[0].days", "no day",
    ),
    "no such hour": (
        "maintenance_windows: [{scope: {fleet: true}, days: [sat], from: 24:00, to: 05:00, zone: UTC}]",
        "maintenance_windows[0].from", "time of the day",
    ),
    "one digit": (
        "maintenance_windows: [{scope: {fleet: true}, days: [sat], from: 22:00, to: 5:00, zone: UTC}]",
        "maintenance_windows[0].to", "two digits",
    ),
    "no time at all": (
        "maintenance_windows: [{scope: {fleet: true}, days: [sat], from: 22:00, to: 22:00, zone: UTC}]",
        "maintenance_windows[0].to", "would end when it begins",
    ),
    "no such zone": (
        "maintenance_windows: [{scope: {fleet: true}, days: [sat], from: 22:00, to: 05:00, zone: Europe/Olso}]",
        "maintenance_windows[0].zone", "Did you mean 'Europe/Oslo'?",
    ),
    "a path as zone": (
        "maintenance_windows: [{scope: {fleet: true}, days: [sat], from: 22:00, to: 05:00, zone: ../../etc/passwd}]",
        "maintenance_windows[0].zone", "no time zone",
    ),
    "no zone": (
        "maintenance_windows: [{scope: {fleet: true}, opens: 2026-11-26T22:00:00, closes: 2026-11-27T22:00:00Z}]",
        "maintenance_windows[0].opens", "no zone",
    ),
    "backwards": (
        "maintenance_windows: [{scope: {fleet: true}, opens: 2026-11-28T22:00:00Z, closes: 2026-11-27T22:00:00Z}]",
        "maintenance_windows[0].closes", "before it opens",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "field", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_at_its_line_and_field(refuse: Refuse, settings: str, field: str, words: str) -> None:
    """One problem for one mistake, in line 3."""
    (problem,) = refuse(fleet("  " + settings)).problems
    assert (problem.line, problem.field) == (3, f"settings.{field}")
    assert words in f"{problem.message} {problem.hint}"


def test_all_mistakes_are_told_at_once(refuse: Refuse) -> None:
    """Of both sections and of the target."""
    error = refuse(
        fleet(
            "  politeness: {requests_per_second: x, error_budget: y, per_site: {nowhere: z}}\n"
            "  maintenance_windows: [{scope: {host: nobody}, days: [x], from: a, to: b, zone: c}]"
        ).replace("pause_seconds: 2.5", "pause_seconds: 0")
    )
    assert [problem.field for problem in error.problems] == [
        "settings.politeness.requests_per_second", "settings.politeness.per_site.nowhere",
        "settings.politeness.error_budget", "settings.politeness.per_site.nowhere",
        "settings.maintenance_windows[0].days[0]",
        "settings.maintenance_windows[0].from", "settings.maintenance_windows[0].to",
        "settings.maintenance_windows[0].zone", "settings.maintenance_windows[0].scope", "systems[0].pause_seconds",
    ]  # fmt: skip
