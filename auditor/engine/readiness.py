"""The guide's readiness checklists, filled in from findings; what no finding covers is left to a person. Pure.

An item is as good as the worst control that decides it. Items that the guide asks for only where certificates are
verified do not apply to a host whose target is below Level 4.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from auditor.engine.contradictions import capable
from auditor.model.assessment import ChecklistItem, Citation, Finding, HostAssessment, ItemState
from auditor.model.control import GUIDE
from auditor.model.verdict import Status

VERIFYING_LEVEL = 4
WORST_FIRST = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the data file. `covers`, `server` and `managed` decide, `related` are named only; `controls`: all."""

    number: int
    text: str
    verify: bool = False
    covers: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    confirm: str = ""
    controls: tuple[str, ...]
    citation: Citation


@cache
def checklists() -> Mapping[str, tuple[Item, ...]]:
    """Return the checklists by family."""
    text = files("auditor.engine").joinpath("checklists.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    return {
        each["family"]: tuple(_item(number, each["section"], row) for number, row in enumerate(each["items"], 1))
        for each in document["checklist"]
    }


def _item(number: int, section: str, row: Mapping[str, Any]) -> Item:
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    kinds = ("covers", "server", "managed", "related")
    controls = tuple(dict.fromkeys(control for kind in kinds for control in plain.get(kind, ())))
    citation = Citation(document=GUIDE, section=section, step=f"item {number}")
    return Item(number=number, controls=controls, citation=citation, **plain)


def checklist_of(
    host: HostAssessment, server: HostAssessment | None, managed: Sequence[HostAssessment]
) -> tuple[ChecklistItem, ...]:
    """Return the filled-in checklist of a host's family; `server` manages it, `managed` are managed by it."""
    return tuple(_filled(item, host, server, managed) for item in checklists().get(host.product, ()))


def _filled(
    item: Item, host: HostAssessment, server: HostAssessment | None, managed: Sequence[HostAssessment]
) -> ChecklistItem:
    return _row(item, *_state(item, host, server, managed))


@lru_cache(maxsize=4096)
def _row(item: Item, state: ItemState, because: str) -> ChecklistItem:
    """Return the row; most systems of a fleet stand alike, and share it."""
    return ChecklistItem(
        number=item.number,
        text=item.text,
        state=state,
        because=because,
        controls=item.controls,
        citation=item.citation,
        confirm="" if state is ItemState.NOT_APPLICABLE else item.confirm,
    )


def _state(
    item: Item, host: HostAssessment, server: HostAssessment | None, managed: Sequence[HostAssessment]
) -> tuple[ItemState, str]:
    if item.verify and host.target.target_level < VERIFYING_LEVEL:
        return ItemState.NOT_APPLICABLE, "Only where certificates are verified; this host's target is below Level 4."
    if item.server and host.target.tms is None:
        return ItemState.NOT_APPLICABLE, "The inventory names no management server for this host."
    if not (item.covers or item.server or item.managed):
        return ItemState.BY_PERSON, "No control can see this."
    if item.server and server is None:
        return ItemState.UNDETERMINED, f"{host.target.tms} is not part of this audit."
    deciding = [*_found(host, item.covers), *(_found(server, item.server) if server else ())]
    if item.managed:
        able = [device for device in managed if capable(device)]
        if not able and not deciding:
            return ItemState.UNDETERMINED, "No capable system is known that this server manages."
        deciding += [pair for device in able for pair in _found(device, item.managed)]
    return _worst(deciding)


def _found(host: HostAssessment, controls: Iterable[str]) -> list[tuple[str, Finding]]:
    return [(host.target.name, finding) for finding in host.findings if finding.control in set(controls)]


def _worst(deciding: Sequence[tuple[str, Finding]]) -> tuple[ItemState, str]:
    """Return the worst state, and the findings that have it."""
    if not deciding:
        return ItemState.UNDETERMINED, "No control of this item was judged."
    status = next(s for s in WORST_FIRST if any(f.status is s for _, f in deciding))
    shown = [f"{name}: {f.control}: {f.because}" for name, f in deciding if f.status is status]
    more = f" And {len(shown) - SHOWN} more." if len(shown) > SHOWN else ""
    return ItemState(status.value), " ".join(shown[:SHOWN]) + more
