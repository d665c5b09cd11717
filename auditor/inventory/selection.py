"""Part of an inventory: the targets that the operator names by name, tag or site."""

from collections.abc import Sequence
from dataclasses import replace

from auditor.inventory.problem import InventoryError, Problem, shown, suggestion
from auditor.model.inventory import Inventory, Target


def select(inventory: Inventory, only: Sequence[str]) -> Inventory:
    """Return the inventory with those targets whose name, site or one of whose tags is among `only`.

    Letters count in their case. Without any value everything stays. A device keeps the name of its management server,
    selected or not. Raises InventoryError with one problem for each value that fits no target.
    """
    if not only:
        return inventory
    words = [_words(target) for target in inventory.targets]
    known = tuple(dict.fromkeys(word for some in words for word in sorted(some)))
    problems = [
        Problem(inventory.source, 0, "--only", f"No target has the name, tag or site {shown(value)}.",
                suggestion(value, known))
        for value in dict.fromkeys(only) if value not in known
    ]  # fmt: skip
    if problems:
        raise InventoryError(problems)
    wanted = frozenset(only)
    kept = tuple(target for target, some in zip(inventory.targets, words, strict=True) if some & wanted)
    return replace(inventory, targets=kept)


def _words(target: Target) -> frozenset[str]:
    return frozenset((target.name, *target.tags, *([target.site] if target.site else [])))
