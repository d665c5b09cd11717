"""The links of the fleet put together: those that look the same in both directions stand in one row."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.model.assessment import Link, LinkSide
from auditor.model.link import LinkOutcome

LINK_WORDS = {
    LinkOutcome.ACCEPTED: "accepted",
    LinkOutcome.NOT_VERIFIED: "not verified",
    LinkOutcome.CLEAR: "in clear",
    LinkOutcome.REFUSED: "would be refused",
    LinkOutcome.FAILS: "cannot be verified",
    LinkOutcome.OFF: "switched off",
    LinkOutcome.UNKNOWN: "not known",
}
"""What happens when one party of a link calls the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """Links to one server that look the same in both directions; `out` is the device's call, `back` the server's."""

    devices: tuple[str, ...]
    tms: str
    level: int | None
    out: LinkSide
    back: LinkSide


def matrix(links: Sequence[Link]) -> tuple[MatrixRow, ...]:
    """Put links together, the lowest level first; links without a level come before all others."""
    alike: dict[tuple[object, ...], list[Link]] = {}
    for link in links:
        sides = (link.device_to_tms, link.tms_to_device)
        key = (link.tms, link.level, *((side.level, side.outcome, side.cause or side.because) for side in sides))
        alike.setdefault(key, []).append(link)
    rows = [
        MatrixRow(
            devices=tuple(link.device for link in some),
            tms=some[0].tms,
            level=some[0].level,
            out=some[0].device_to_tms,
            back=some[0].tms_to_device,
        )
        for some in alike.values()
    ]
    return tuple(sorted(rows, key=lambda row: (row.level or 0, row.tms)))
