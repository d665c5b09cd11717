"""From a file to a checked inventory, or to everything that is wrong with the file."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from auditor.inventory.attestations import read_attestations
from auditor.inventory.csv_file import parse_csv
from auditor.inventory.document import Items, Kind, Node, Scalar, Table, described
from auditor.inventory.encoding import decode
from auditor.inventory.file import Folder, read_bytes
from auditor.inventory.politeness import check_names, read_politeness
from auditor.inventory.problem import InventoryError, Problem, Spot, shown
from auditor.inventory.section import LONGEST_PATH, Section, check_version
from auditor.inventory.settings import SETTINGS, read_credentials, read_policy, read_settings
from auditor.inventory.system_list import with_system_lists
from auditor.inventory.target import SERVER, TARGET, Known, check_references, read_target
from auditor.inventory.waivers import read_waivers
from auditor.inventory.yaml_file import parse_yaml
from auditor.model.inventory import AUTO, Inventory

LARGEST = 8 * 1024 * 1024
"""Bytes of an inventory: room for some 25,000 systems."""

SIDECAR = ".settings.yaml"
"""What the name of a CSV inventory's settings file ends with."""

_SHARED = ("settings", "policy", "credentials")
_LISTS = (SERVER, "systems")
_NOTHING = Table(1, {})
_NO_STATEMENTS: Mapping[str, Collection[str]] = {}


@dataclass(slots=True)
class _Draft:
    """The parts of an inventory, found but not yet checked, whichever files they stood in."""

    shared: dict[str, tuple[Spot, Table]]
    targets: list[tuple[Spot, Table, bool]] = field(default_factory=list)
    data: bytes = b""


def read_inventory(
    path: Path,
    *,
    families: Collection[str],
    services: Mapping[str, Collection[str]],
    statements: Mapping[str, Collection[str]] = _NO_STATEMENTS,
) -> Inventory:
    """Return the checked inventory of a YAML or CSV file, told by its suffix.

    `families` are the known products; `auto` is always one. `services` are the names that `ports` may use, by product;
    `statements` are those that an attestation about a host of that product may make.
    A CSV file holds targets; `settings`, `policy` and `credentials` may stand in a YAML file beside it (`fleet.csv`,
    `fleet.settings.yaml`). `digest` covers the bytes of the file, followed by those of the settings file where there
    is one.
    `taken_at` is left to the caller, who has a clock.

    Raises InventoryError with every problem found. Nothing is sent, and no password is read.
    """
    found: list[Problem] = []
    spot = Spot(str(path), 0, "", found)
    draft = _draft(path, spot)
    if draft is None:
        raise InventoryError(found)
    folder = Folder(path.parent)
    section = Section(*draft.shared["settings"], SETTINGS)
    politeness, named = read_politeness(section)
    settings = replace(read_settings(section, folder), politeness=politeness)
    policy = read_policy(*draft.shared["policy"])
    spot_of_credentials, credentials = draft.shared["credentials"]
    references = tuple(read_credentials(spot_of_credentials, credentials, folder))
    known = Known(
        families=tuple(dict.fromkeys((*families, AUTO))), services=services, credentials=tuple(credentials.entries),
        folder=folder, target_level=settings.target_level,
    )  # fmt: skip
    entries = [read_target(place, table, known, server=server) for place, table, server in draft.targets]
    check_references(entries)
    check_names(named, [entry.target for entry in entries])
    targets = with_system_lists(path.parent, entries)
    attestations = read_attestations(
        path.parent,
        section.texts("attestations", longest=LONGEST_PATH),
        products={entry.target.name: entry.target.product for entry in entries},
        statements=statements,
    )
    waivers = read_waivers(path.parent, section.texts("waivers", longest=LONGEST_PATH))
    if found:
        raise InventoryError(found)
    return Inventory(
        targets=targets,
        settings=settings,
        policy=policy,
        credentials=references,
        source=str(path),
        digest=hashlib.sha256(draft.data).hexdigest(),
        attestations=attestations,
        waivers=waivers,
    )


def _draft(path: Path, spot: Spot) -> _Draft | None:
    suffix = path.suffix.casefold()
    if suffix not in {".yaml", ".yml", ".csv"}:
        spot.refuse("The kind of file is not known.", "The name of an inventory ends in .yaml, .yml or .csv.")
        return None
    data = read_bytes(spot, path, LARGEST)
    text = None if data is None else decode(data, spot)
    if data is None or text is None:
        return None
    draft = _from_csv(text, spot, path) if suffix == ".csv" else _from_yaml(text, spot)
    if draft is not None:
        draft.data = data + draft.data
    return draft


def _from_yaml(text: str, spot: Spot) -> _Draft | None:
    table = parse_yaml(text, spot)
    if table is None:
        return None
    section = Section(spot.at(1), table, ("version", *_SHARED, *_LISTS))
    check_version(section, "inventories")
    draft = _Draft(_shared(section, table))
    for key in _LISTS:
        entries = _entries(section.spot(key), table.entries.get(key))
        draft.targets += [(place, entry, key == SERVER) for place, entry in entries]
    if all(_is_empty(table.entries.get(key)) for key in _LISTS):
        section.spot("systems").refuse("The inventory names no host.", "List at least one under 'systems'.")
    return draft


def _from_csv(text: str, spot: Spot, path: Path) -> _Draft:
    known = len(spot.found)
    rows = parse_csv(text, spot, TARGET)
    if not rows and len(spot.found) == known:
        spot.at(1).refuse("The inventory names no host.", "Add a row for each below the header.")
    draft = _sidecar(path.with_name(path.stem + SIDECAR), spot)
    draft.targets = [(place, row, False) for place, row in rows]
    return draft


def _sidecar(path: Path, spot: Spot) -> _Draft:
    """Return a draft without targets: the settings file's sections, or empty ones where there is no such file."""
    draft = _Draft({key: (spot.at(1).key(key, 1), _NOTHING) for key in _SHARED})
    try:
        path.lstat()
    except FileNotFoundError:
        return draft
    except OSError as error:
        spot.refuse(f"{shown(str(path))} cannot be read: {error.strerror}.")
        return draft
    beside = Spot(str(path), 0, "", spot.found)
    data = read_bytes(beside, path, LARGEST)
    text = None if data is None else decode(data, beside)
    table = None if text is None else parse_yaml(text, beside)
    if data is not None and table is not None:
        section = Section(beside.at(1), table, ("version", *_SHARED))
        if section.has("version"):
            check_version(section, "inventories")
        draft = _Draft(_shared(section, table), data=data)
    return draft


def _shared(section: Section, table: Table) -> dict[str, tuple[Spot, Table]]:
    """Return the sections that hold for the whole audit; one that is left empty has no entries."""
    return {
        key: (section.spot(key), _NOTHING if _is_empty(table.entries.get(key)) else section.table(key) or _NOTHING)
        for key in _SHARED
    }


def _entries(spot: Spot, node: Node | None) -> list[tuple[Spot, Table]]:
    """Return the tables of a list of hosts, each with its place."""
    if node is None or _is_empty(node):
        return []
    if not isinstance(node, Items):
        spot.refuse(f"A list of hosts is expected here, not {described(node)}.", "Each begins with '- name: …'.")
        return []
    entries: list[tuple[Spot, Table]] = []
    for index, item in enumerate(node.items):
        place = spot.item(index, item.line)
        if isinstance(item, Table):
            entries.append((place, item))
        else:
            place.refuse(f"A host is a table of keys and values, not {described(item)}.")
    return entries


def _is_empty(node: Node | None) -> bool:
    match node:
        case None:
            return True
        case Scalar():
            return node.kind is Kind.NOTHING
        case Items():
            return not node.items
        case Table():
            return not node.entries
