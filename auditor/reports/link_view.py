"""Links, interactions and checklists as `audit.json` shows them: view types apart from the model."""

from typing import TypedDict

from auditor.model.assessment import ChecklistItem, Citation, Interaction, Link, LinkCause, LinkSide


class PlaceView(TypedDict):
    """Where the guide says so."""

    document: str
    section: str
    step: str


class LinkSideView(TypedDict):
    """One direction of a link; `outcome` says what happens, also where there is no level."""

    level: int | None
    because: str
    outcome: str


class LinkView(TypedDict):
    """A device and its management server."""

    device: str
    tms: str
    level: int | None
    device_to_tms: LinkSideView
    tms_to_device: LinkSideView


class LinkCauseView(TypedDict):
    """One reason that several links share."""

    tms: str
    direction: str
    outcome: str
    cause: str
    devices: list[str]
    sentence: str


class InteractionView(TypedDict):
    """One row of the guide's table of a management server's interactions."""

    row: str
    title: str
    level: int | None
    in_use: bool | None
    because: str
    by_default: int
    citation: PlaceView


class ChecklistItemView(TypedDict):
    """One item of a readiness checklist."""

    number: int
    text: str
    state: str
    because: str
    confirm: str
    controls: list[str]
    citation: PlaceView


def link_view(link: Link) -> LinkView:
    """Return one row of the matrix."""
    return {
        "device": link.device,
        "tms": link.tms,
        "level": link.level,
        "device_to_tms": _side(link.device_to_tms),
        "tms_to_device": _side(link.tms_to_device),
    }


def cause_view(cause: LinkCause) -> LinkCauseView:
    """Return one shared reason."""
    return {
        "tms": cause.tms,
        "direction": cause.direction,
        "outcome": cause.outcome.value,
        "cause": cause.cause,
        "devices": list(cause.devices),
        "sentence": cause.sentence,
    }


def interaction_view(row: Interaction) -> InteractionView:
    """Return one row of the table."""
    return {
        "row": row.row,
        "title": row.title,
        "level": row.level,
        "in_use": row.in_use,
        "because": row.because,
        "by_default": row.by_default,
        "citation": _place(row.citation),
    }


def item_view(item: ChecklistItem) -> ChecklistItemView:
    """Return one item of a checklist."""
    return {
        "number": item.number,
        "text": item.text,
        "state": item.state.value,
        "because": item.because,
        "confirm": item.confirm,
        "controls": list(item.controls),
        "citation": _place(item.citation),
    }


def _side(side: LinkSide) -> LinkSideView:
    return {"level": side.level, "because": side.because, "outcome": side.outcome.value}


def _place(citation: Citation) -> PlaceView:
    return {"document": citation.document, "section": citation.section, "step": citation.step}
