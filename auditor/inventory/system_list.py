"""The lists of systems that an inventory names beside its management servers, each held against the targets."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auditor.inventory.comparison import compare_targets
from auditor.inventory.problem import Spot
from auditor.inventory.section import LONGEST_PATH
from auditor.inventory.target import Entry
from auditor.inventory.tms_export import ExportedSystem, export_of
from auditor.model.inventory import SystemList, Target

LONGEST = 120
"""Characters that are kept of a system's name."""


def with_system_lists(folder: Path, entries: Sequence[Entry]) -> tuple[Target, ...]:
    """Return the targets, management servers with what the list that their entry names shows.

    Paths are against `folder`. What is wrong with a list or its column map is noted among the inventory's problems, at
    the file's own place.
    """
    fleet = tuple(entry.target for entry in entries)
    return tuple(replace(entry.target, system_list=_list_of(entry, folder, fleet)) for entry in entries)


def _list_of(entry: Entry, folder: Path, fleet: Sequence[Target]) -> SystemList | None:
    section = entry.section
    written = section.text("system_list", longest=LONGEST_PATH)
    columns = section.text("system_list_columns", longest=LONGEST_PATH)
    if written is None:
        if columns is not None:
            _refuse_alone(section.spot("system_list_columns"))
        return None
    found = section.spot("system_list").found
    export = export_of(folder / written, None if columns is None else folder / columns, found)
    if export is None:
        return None
    result = compare_targets(fleet, export.systems)
    return SystemList(
        path=written, sha256=export.sha256, systems=len(export.systems),
        by_address=tuple(map(_tracked, result.not_by_hostname)),
        tracking_not_shown=len(result.tracking_not_shown),
        not_in_inventory=tuple(map(_named, result.only_in_export)),
        not_listed=tuple(t.name for t in result.only_in_inventory if t.tms == entry.target.name),
    )  # fmt: skip


def _refuse_alone(spot: Spot) -> None:
    spot.refuse("A column map belongs to a list of systems.", "Name the list in 'system_list', or remove the field.")


def _named(system: ExportedSystem) -> str:
    """Return what a row is called: its name, or a hostname or address that it has."""
    return (system.name or next(iter(sorted(system.names | system.addresses)), ""))[:LONGEST]


def _tracked(system: ExportedSystem) -> str:
    """Return what a row is called and by what it is tracked; an export may write the way alone (`IP Address`)."""
    tracked = system.tracked[:LONGEST] if system.tracked else ""
    return f"{_named(system)} ({tracked})" if tracked and tracked != _named(system) else _named(system)
