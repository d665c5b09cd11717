"""What a document says, as facts: the result of every dialect, and the observations that can be made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditor.model.evidence import Absent, AnyObservation, Observation, Seen, Unknown
from auditor.model.facts import DeviceSays, Fact, FeedbackList, RootList, Setting, TimeSync

Found = Seen[Setting] | Absent | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Facts of one document, or of several.

    `settings` has an entry for each path of the profile that the document decides: a value, the proof that the
    configuration has no such setting, or why the value there cannot be told. A path without an entry was not read.
    `feedback`, `time`, `says` and `roots` are None where the document does not show them. `made_at` (UTC) is when a
    saved file says it was made. `notes` are sentences for the report.
    """

    settings: Mapping[str, Found] = field(default_factory=dict)
    feedback: FeedbackList | None = None
    time: TimeSync | None = None
    says: DeviceSays | None = None
    made_at: datetime | None = None
    notes: tuple[str, ...] = ()
    roots: RootList | None = None


def together(readings: Iterable[Reading]) -> Reading:
    """Return several readings of one host as one: a value outweighs a doubt, and a doubt an absence; then the first."""
    settings: dict[str, Found] = {}
    taken = tuple(readings)
    for reading in taken:
        for path, found in reading.settings.items():
            if path not in settings or _weight(found) > _weight(settings[path]):
                settings[path] = found
    return Reading(
        settings=settings,
        feedback=next((r.feedback for r in taken if r.feedback is not None), None),
        time=next((r.time for r in taken if r.time is not None), None),
        says=_said([r.says for r in taken if r.says is not None]),
        made_at=next((r.made_at for r in taken if r.made_at is not None), None),
        notes=tuple(dict.fromkeys(note for r in taken for note in r.notes)),
        roots=next((r.roots for r in taken if r.roots is not None), None),
    )


def preferred(live: Reading, saved: Reading) -> Reading:
    """Return what was read from the system, and what only the file tells: there the live reading said nothing at all.

    A doubt or a proven absence in the live reading stands, whatever the file says.
    """
    return Reading(
        settings={**saved.settings, **live.settings},
        feedback=live.feedback or saved.feedback,
        time=live.time or saved.time,
        says=live.says or saved.says,
        made_at=saved.made_at,
        notes=tuple(dict.fromkeys((*live.notes, *saved.notes))),
        roots=live.roots or saved.roots,
    )


def observations_of(reading: Reading, at: datetime) -> tuple[AnyObservation, ...]:
    """Return the observations: `setting/<path>`, `feedback/urls`, `time/sync`, `roots/loaded` and `says/device`.

    `at` is when the reading was made (aware, UTC). What the document does not decide gives no observation.
    """
    settings: list[AnyObservation] = [
        Observation(Setting, "setting", path, at, found) for path, found in reading.settings.items()
    ]
    others: tuple[tuple[type[Fact], str, str, Fact | None], ...] = (
        (FeedbackList, "feedback", "urls", reading.feedback),
        (TimeSync, "time", "sync", reading.time),
        (RootList, "roots", "loaded", reading.roots),
        (DeviceSays, "says", "device", reading.says),
    )
    return (
        *settings,
        *(Observation(kind, probe, subject, at, Seen(fact)) for kind, probe, subject, fact in others if fact),
    )


def _weight(found: Found) -> int:
    return 2 if isinstance(found, Seen) else 1 if isinstance(found, Unknown) else 0


def _said(words: list[DeviceSays]) -> DeviceSays | None:
    if not words:
        return None
    return DeviceSays(
        software=next((w.software for w in words if w.software), None),
        system_name=next((w.system_name for w in words if w.system_name), None),
        product=next((w.product for w in words if w.product), None),
        clock=next((w.clock for w in words if w.clock), None),
        source=words[0].source,
    )
