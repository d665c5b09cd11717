"""Waivers: a YAML file in which people accept breaches for a time, each with its reason and who answers for it.

A file that is not in order is refused as a whole, every problem at once, before the first packet. A waiver that is in
order but has expired, or that covers nothing, is kept: it does not count, and the report says so.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from auditor.inventory.document import Items, Node, Table, described
from auditor.inventory.encoding import decode
from auditor.inventory.file import read_bytes
from auditor.inventory.instant import read_instant
from auditor.inventory.problem import InventoryError, Problem, Spot, shown
from auditor.inventory.scope import LONGEST_NAME, read_scope
from auditor.inventory.section import LONGEST_PATH, Section, check_version
from auditor.inventory.yaml_file import parse_yaml
from auditor.model.waiver import Waiver

WAIVER = ("id", "control", "scope", "reason", "owner", "approver", "created", "expires")

LARGEST = 1024 * 1024
"""Bytes of a file of waivers."""


def read_waivers(
    folder: Path, files: Iterable[tuple[Spot, str]], places: dict[str, Spot] | None = None
) -> tuple[Waiver, ...]:
    """Return the waivers of all files, in their order; what is wrong is noted at the files' places.

    `files` are paths against `folder`, each with the place that names it. `places` holds where each identifier was
    given first; identifiers are unique over all files.
    """
    known = {} if places is None else places
    return tuple(waiver for spot, written in files for waiver in _file(folder / written, spot, known))


def read_waiver_files(paths: Iterable[Path], before: Iterable[Waiver] = ()) -> tuple[Waiver, ...]:
    """Return the waivers of files named on the command line; raise InventoryError with every problem found.

    `before` are those that count already: their identifiers are taken.
    """
    found: list[Problem] = []
    taken = {waiver.id: Spot("the inventory's waivers", 0, "", found) for waiver in before}
    waivers = read_waivers(Path(), ((Spot(str(path), 0, "", found), str(path)) for path in paths), taken)
    if found:
        raise InventoryError(found)
    return waivers


def _file(path: Path, spot: Spot, places: dict[str, Spot]) -> list[Waiver]:
    data = read_bytes(spot, path, LARGEST)
    here = Spot(str(path), 0, "", spot.found)
    text = None if data is None else decode(data, here)
    table = None if text is None else parse_yaml(text, here)
    if table is None:
        return []
    section = Section(here.at(1), table, ("version", "waivers"))
    check_version(section, "waivers")
    made = [
        _waiver(Section(place, entry, WAIVER), places)
        for place, entry in _entries(section.spot("waivers"), table.entries.get("waivers"))
    ]
    return [each for each in made if each is not None]


def _entries(spot: Spot, node: Node | None) -> list[tuple[Spot, Table]]:
    if not isinstance(node, Items):
        what = "The field is missing." if node is None else f"A list is expected here, not {described(node)}."
        spot.refuse(what, "Each waiver begins with '- id: …'; without any, write 'waivers: []'.")
        return []
    entries: list[tuple[Spot, Table]] = []
    for index, item in enumerate(node.items):
        place = spot.item(index, item.line)
        if isinstance(item, Table):
            entries.append((place, item))
        else:
            place.refuse(f"A waiver is a table of keys and values, not {described(item)}.")
    return entries


def _waiver(section: Section, places: dict[str, Spot]) -> Waiver | None:
    for key in WAIVER:
        if not section.has(key):
            section.spot(key).refuse("The field is missing.")
    name = section.text("id", longest=LONGEST_NAME)
    control = section.text("control", longest=LONGEST_NAME)
    scope = read_scope(section, "waiver")
    reason = section.text("reason", longest=1000)
    owner, approver = section.text("owner"), section.text("approver")
    created = read_instant(section, "created", whole_day=True, what="waiver")
    expires = read_instant(section, "expires", whole_day=False, what="waiver")
    _check_span(section, created, expires)
    _check_unique(section, name, places)
    if not (name and control and scope and reason and owner and approver and created and expires):
        return None
    return Waiver(
        id=name, control=control, scope=scope[0], scope_name=scope[1], reason=reason, owner=owner, approver=approver,
        created=created, expires=expires,
    )  # fmt: skip


def _check_span(section: Section, created: datetime | None, expires: datetime | None) -> None:
    if created and expires and expires <= created:
        section.spot("expires").refuse(
            "The waiver would expire before it was created.", "Correct 'created' or 'expires'."
        )


def _check_unique(section: Section, name: str | None, places: dict[str, Spot]) -> None:
    if name is None:
        return
    spot = section.spot("id")
    first = places.setdefault(name, spot)
    if first is not spot:
        where = f"{shown(first.file, LONGEST_PATH)}, line {first.line}" if first.line else first.file
        spot.refuse(f"The identifier {shown(name)} is given twice (first in {where}).", "Identifiers are unique.")
