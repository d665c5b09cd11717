"""An inventory beside the list of systems of its management server: who is missing where, and what disagrees. Pure.

Systems are the same where a name, a hostname or an address is the same, letter case aside; nothing is matched by
likeness, because a wrong match would hide a system that nobody audits.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.inventory.target import SERVER
from auditor.inventory.tms_columns import Tracking
from auditor.inventory.tms_export import ExportedSystem
from auditor.model.inventory import Inventory, Target

Key = tuple[str, str]
"""What a system is known by: `name`, `hostname`, `address` or `MAC address`, and its value in comparable form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Rows that look like one system, and what they have in common, such as `address 192.0.2.21`."""

    systems: tuple[ExportedSystem, ...]
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A system of both lists about which they do not say the same; `because` is a sentence."""

    row: ExportedSystem
    targets: tuple[Target, ...]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that differs, each list in the order of its file.

    `not_by_hostname` are systems tracked by an address, evidence for `tms.systems-by-hostname`. `tracking_not_shown`
    are those of which the export does not tell it: no difference, but no evidence either.
    """

    only_in_export: tuple[ExportedSystem, ...]
    only_in_inventory: tuple[Target, ...]
    not_by_hostname: tuple[ExportedSystem, ...]
    tracking_not_shown: tuple[ExportedSystem, ...]
    duplicates: tuple[Duplicate, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def differs(self) -> bool:
        """Whether there is anything that somebody should look at."""
        parts = (self.only_in_export, self.only_in_inventory, self.not_by_hostname, self.duplicates)
        return any(parts) or bool(self.disagreements)


def compare(inventory: Inventory, systems: Sequence[ExportedSystem]) -> Comparison:
    """Compare. Management servers of the inventory are not expected in the export, which is theirs."""
    return compare_targets(inventory.targets, systems)


def compare_targets(fleet: Sequence[Target], systems: Sequence[ExportedSystem]) -> Comparison:
    """Compare the targets of an inventory, as `compare` does."""
    targets: dict[Key, dict[str, Target]] = defaultdict(dict)
    for target in fleet:
        for key in _keys_of_target(target):
            targets[key][target.name] = target
    matched: set[str] = set()
    strangers: list[ExportedSystem] = []
    disagreements: list[Disagreement] = []
    for system in systems:
        fitting = {name: target for key in _keys(system) for name, target in targets.get(key, {}).items()}
        matched.update(fitting)
        if not fitting:
            strangers.append(system)
        because = _disagreement(system, tuple(fitting.values()))
        if because:
            disagreements.append(Disagreement(row=system, targets=tuple(fitting.values()), because=because))
    return Comparison(
        only_in_export=tuple(strangers),
        only_in_inventory=tuple(t for t in fleet if t.product != SERVER and t.name not in matched),
        not_by_hostname=tuple(s for s in systems if s.tracking in {Tracking.ADDRESS, Tracking.MAC}),
        tracking_not_shown=tuple(s for s in systems if s.tracking is Tracking.NOT_SHOWN),
        duplicates=tuple(_duplicates(systems)),
        disagreements=tuple(disagreements),
    )


def _keys(system: ExportedSystem) -> Iterator[Key]:
    """Yield what a row is known by in both lists."""
    if system.name:
        yield "name", system.name.casefold()
    yield from (("hostname", name) for name in sorted(system.names))
    yield from (("address", address) for address in sorted(system.addresses))


def _keys_of_target(target: Target) -> Iterator[Key]:
    yield "name", target.name.casefold()
    if target.hostname:
        yield "hostname", target.hostname.lower()
    if target.address:
        yield "address", target.address


def _disagreement(system: ExportedSystem, fitting: Sequence[Target]) -> str | None:
    if len(fitting) > 1:
        names = ", ".join(target.name for target in fitting)
        return f"It fits {len(fitting)} hosts of the inventory: {names}."
    if not fitting:
        return None
    target = fitting[0]
    hostname = target.hostname.lower() if target.hostname else None
    parts = [
        f"the {what} is {', '.join(sorted(theirs))} in the export and {ours} in the inventory"
        for what, theirs, ours in (
            ("hostname", system.names, hostname),
            ("address", system.addresses, target.address),
        )
        if theirs and ours and ours not in theirs
    ]
    return f"For {target.name}, {'; '.join(parts)}." if parts else None


def _duplicates(systems: Iterable[ExportedSystem]) -> Iterator[Duplicate]:
    """Yield rows with something in common that one system alone should have; each group of rows once."""
    holders: dict[Key, list[ExportedSystem]] = defaultdict(list)
    for system in systems:
        hardware = [("MAC address", system.hardware)] if system.hardware else []
        for key in (*_keys(system), *hardware):
            holders[key].append(system)
    groups: dict[tuple[ExportedSystem, ...], list[str]] = defaultdict(list)
    for (what, value), rows in holders.items():
        if len(rows) > 1:
            groups[tuple(rows)].append(f"{what} {value}")
    yield from (Duplicate(systems=group, same=tuple(same)) for group, same in groups.items())
