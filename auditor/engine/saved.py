"""Saved configurations beside live evidence: what was read from the host wins, the file fills what is missing. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from auditor.dialects.reading import observations_of
from auditor.dialects.saved import SavedConfigError, read_saved
from auditor.model.evidence import AnyObservation, Cause, Unknown
from auditor.model.facts import Setting
from auditor.model.profile import Profile

DAY = 86_400
LEFT_OUT = "left-out"
"""What stands for the probe in an observation of a question that was left out, where the file answers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """A file that somebody took earlier: where it was, its bytes, and when it was last changed (UTC)."""

    path: str
    data: bytes = field(repr=False)
    changed_at: datetime


def with_saved(
    made: Iterable[AnyObservation], file: SavedFile | None, profile: Profile, *, started_at: datetime
) -> tuple[tuple[AnyObservation, ...], tuple[str, ...]]:
    """Return the observations with those of the file behind them, and notes for the report.

    An observation of the file takes the place of one that ended in `Unknown`, and of none that told something.
    Observations of the file carry its own time. A question that was left out to spare the host stays beside the file's
    answer: a breach in the file stands, and nothing in it makes up for what the host might have told.
    """
    live = {each.id: each for each in made}
    if file is None:
        return tuple(live.values()), ()
    try:
        reading = read_saved(file.data, profile)
    except SavedConfigError as error:
        return tuple(live.values()), (f"The saved configuration {file.path} was not used: {error}.",)
    at = reading.made_at or file.changed_at
    taken = 0
    disagree: list[str] = []
    for each in observations_of(reading, at):
        known = live.get(each.id)
        if known is None or isinstance(known.outcome, Unknown):
            live[each.id] = each
            taken += 1
            if known is not None and isinstance(known.outcome, Unknown) and known.outcome.cause is Cause.STOPPED:
                left_out = replace(known, probe=LEFT_OUT)
                live[left_out.id] = left_out
        elif _differs(known, each):
            disagree.append(each.subject)
    notes = [_said(file, at, taken, from_file=reading.made_at is not None, started_at=started_at)]
    if disagree:
        notes.append(
            f"Read from the host and saved in {file.path}, these settings differ: {', '.join(sorted(disagree))}. "
            "What the host says counts."
        )
    return tuple(live.values()), (*notes, *reading.notes)


def _said(file: SavedFile, at: datetime, taken: int, *, from_file: bool, started_at: datetime) -> str:
    """Say whether the file was used, and how old it is."""
    days = (started_at - at).total_seconds() / DAY
    age = f"{days:.0f} days old" if days >= 1 else "less than a day old"
    if days < 0:
        age = "dated after the beginning of this audit"
    told = "as it says itself" if from_file else "by the time of its last change"
    if not taken:
        return f"The saved configuration {file.path} ({age}) was not needed: the host itself told everything in it."
    return f"{taken} observations come from the saved configuration {file.path} of {at:%Y-%m-%d} ({age}, {told})."


def _differs(live: AnyObservation, saved: AnyObservation) -> bool:
    if not isinstance(live.fact, Setting) or not isinstance(saved.fact, Setting):
        return False
    return live.fact.value.strip().casefold() != saved.fact.value.strip().casefold()
