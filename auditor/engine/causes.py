"""Equal reasons of many links, counted: one sentence where a table would have seventeen rows. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from auditor.model.assessment import Link, LinkCause, LinkSide
from auditor.model.link import DEVICE_TO_TMS, TMS_TO_DEVICE, Direction, LinkOutcome

SILENT = {LinkOutcome.ACCEPTED}
"""Outcomes that need no cause."""

WORDS: dict[tuple[Direction, LinkOutcome], str] = {
    (DEVICE_TO_TMS, LinkOutcome.REFUSED): "{who} {do} not trust the certificate of {tms}: {cause}.",
    (DEVICE_TO_TMS, LinkOutcome.FAILS): "{who} could not verify {tms}: {cause}.",
    (DEVICE_TO_TMS, LinkOutcome.NOT_VERIFIED): "{who} {do} not verify the certificate of {tms}: {cause}.",
    (DEVICE_TO_TMS, LinkOutcome.CLEAR): "{who} {call} {tms} in clear: {cause}.",
    (DEVICE_TO_TMS, LinkOutcome.OFF): "{who} {do} not call {tms}: {cause}.",
    (DEVICE_TO_TMS, LinkOutcome.UNKNOWN): "It is not known whether {who} {accept} {tms}: {cause}.",
    (TMS_TO_DEVICE, LinkOutcome.REFUSED): "{tms} does not trust {who}: {cause}.",
    (TMS_TO_DEVICE, LinkOutcome.FAILS): "{tms} could not verify {who}: {cause}.",
    (TMS_TO_DEVICE, LinkOutcome.NOT_VERIFIED): "{tms} does not verify {who}: {cause}.",
    (TMS_TO_DEVICE, LinkOutcome.CLEAR): "{tms} manages {who} in clear: {cause}.",
    (TMS_TO_DEVICE, LinkOutcome.UNKNOWN): "It is not known whether {tms} accepts {who}: {cause}.",
}

WORST_FIRST = (
    LinkOutcome.CLEAR,
    LinkOutcome.REFUSED,
    LinkOutcome.FAILS,
    LinkOutcome.NOT_VERIFIED,
    LinkOutcome.OFF,
    LinkOutcome.UNKNOWN,
)


def group_causes(links: Iterable[Link]) -> tuple[LinkCause, ...]:
    """Return each cause with the devices that share it: the worst outcome first, then the most devices."""
    found: dict[tuple[str, Direction, LinkOutcome, str], list[str]] = defaultdict(list)
    for link in links:
        for direction, side in _sides(link):
            if side.outcome not in SILENT:
                found[link.tms, direction, side.outcome, side.cause].append(link.device)
    causes = [
        LinkCause(
            tms=tms, direction=direction, outcome=outcome, cause=cause, devices=tuple(devices),
            sentence=_sentence(tms, direction, outcome, cause, len(devices)),
        )
        for (tms, direction, outcome, cause), devices in found.items()
    ]  # fmt: skip
    return tuple(sorted(causes, key=lambda c: (WORST_FIRST.index(c.outcome), -len(c.devices), c.tms, c.cause)))


def _sides(link: Link) -> tuple[tuple[Direction, LinkSide], tuple[Direction, LinkSide]]:
    return (DEVICE_TO_TMS, link.device_to_tms), (TMS_TO_DEVICE, link.tms_to_device)


def _sentence(tms: str, direction: Direction, outcome: LinkOutcome, cause: str, number: int) -> str:
    many = number != 1
    return WORDS[direction, outcome].format(
        who=f"{number} device{'s' if many else ''}",
        do="do" if many else "does",
        call="call" if many else "calls",
        accept="accept" if many else "accepts",
        tms=tms,
        cause=cause,
    )
