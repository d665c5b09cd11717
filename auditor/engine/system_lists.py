"""What a management server's own exported list of systems shows: against a statement, and of the inventory. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from auditor.engine.trial import printable
from auditor.model.evidence import AnyObservation, Observation, Seen
from auditor.model.inventory import SystemList, Target
from auditor.model.link import Contradiction

STATEMENT = "systems-by-hostname"
SHOWN = 5
"""How many systems a sentence names; the others are counted."""


def list_observations(target: Target, at: datetime) -> Iterator[AnyObservation]:
    """Yield `system-list/systems-by-hostname` where the server's list shows systems that it tracks by an address."""
    known = target.system_list
    if known is None or not known.by_address:
        return
    found = Contradiction(
        statement=STATEMENT,
        devices=known.by_address,
        because=(
            f"The server's own list of systems {_file(known)} shows {len(known.by_address)} of {known.systems} "
            f"tracked by an address: {_some(known.by_address)}."
        ),
    )
    yield Observation(Contradiction, "system-list", STATEMENT, at, Seen(found), derived=True)


def list_notes(targets: Iterable[Target]) -> Iterator[str]:
    """Yield sentences about each list: which of its systems this audit did not cover, and what else it leaves open."""
    for target in targets:
        if target.system_list is not None:
            yield from _notes(target.name, target.system_list)


def _notes(server: str, known: SystemList) -> Iterator[str]:
    whose = f"of the {known.systems} systems in {server}'s list {_file(known)}"
    if known.not_in_inventory:
        missing = known.not_in_inventory
        yield f"Not in the inventory, so not audited: {len(missing)} {whose}: {_some(missing)}."
    else:
        yield f"The inventory has every one {whose}."
    if known.not_listed:
        yield f"In the inventory, but not in {server}'s list of systems: {_some(known.not_listed)}."
    if known.tracking_not_shown:
        yield f"How it is tracked is not shown for {known.tracking_not_shown} {whose}."


def _file(known: SystemList) -> str:
    return f"{printable(known.path)} (SHA-256 {known.sha256[:16]}…)"


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(map(printable, names[:SHOWN])) + (f" and {more} more" if more > 0 else "")
