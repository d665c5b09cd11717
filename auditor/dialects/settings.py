"""Settings: the leaves of a document made into facts with the words of a profile.

Decided here where nothing is written down: several DNS or NTP servers become one value, parted by blanks, without the
empty ones; a path that is written in two ways with two values is a doubt and not a value; an empty string is a value.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from auditor.dialects.leaf import CONFIGURATION, STATUS, Document
from auditor.dialects.reading import Found, Reading
from auditor.dialects.words import Index, Names, Spelling, first, spelling
from auditor.model.evidence import Absent, Cause, Seen, Unknown
from auditor.model.facts import DeviceSays, FeedbackList, Setting, TimeSync
from auditor.model.profile import Profile

EVERYTHING = ("",)
"""For `covers`: the whole configuration was asked for and answered."""

_WHOLE = 4
"""Outermost blocks from which on a document can be the whole configuration: no system has fewer. Less than that is one
part of it, or what a login without rights is shown."""

_EMPTY_RESULT = "emptyresult"
_LISTS = frozenset({"dns.server", "ntp.address"})
_UNSET = frozenset({"", "0.0.0.0", "::", "none"})  # noqa: S104 - a device's words for 'not set'
_HTTP_MODES = {"https": ("Off", "On"), "http+https": ("On", "On")}
_SYNCHRONISED = frozenset({"synchronised", "synchronized", "synced", "in sync"})
_ASTRAY = frozenset(
    {"unsynchronised", "unsynchronized", "not synchronised", "not synchronized", "inactive", "failed", "rejected",
     "unreachable", "off"}
)  # fmt: skip
_ZONES = frozenset({"gmt", "utc", "etc/utc", "etc/gmt"})
_LONGEST_WORDS = 300

Source = Literal["live", "saved"]


def settings_from(document: Document, profile: Profile, *, source: Source, covers: tuple[str, ...] = ()) -> Reading:
    """Return the facts that a document shows.

    `covers` names the parts of the configuration that were asked for whole, as words of the text interface (`HTTPS`),
    or `EVERYTHING`: only there does a missing setting prove that the system has none, and only if the answer is whole
    and shows something of that part, or says in so many words that there is nothing (`EmptyResult`).
    """
    configuration, status = Index(document, CONFIGURATION), Index(document, STATUS)
    asked = _answered(document, configuration, covers) if document.whole else ()
    settings: dict[str, Found] = {}
    for path, spellings in profile.settings.items():
        found = _setting(path, tuple(map(spelling, spellings)), configuration, asked, source)
        if found is not None:
            settings[path] = found
    notes = _part_combined(settings, source)
    return Reading(
        settings=settings,
        feedback=_feedback(status, profile) if document.whole else None,
        time=_time(status, profile, whole=document.whole),
        says=_says(document, settings, status, profile, source),
        notes=notes,
    )


def _answered(document: Document, index: Index, covers: tuple[str, ...]) -> tuple[Names, ...]:
    """Return those of the parts asked for that the document answers: a login page, say, answers none."""
    nothing = any(leaf.path[0].casefold() == _EMPTY_RESULT for leaf in document.leaves)
    parts = [spelling(part) for part in covers]
    return tuple(
        part.names
        for part in parts
        if (index.has_block(part) or nothing if part.names else len(index.first_words()) >= _WHOLE)
    )


def _setting(
    path: str, spellings: tuple[Spelling, ...], index: Index, covers: tuple[Names, ...], source: Source
) -> Found | None:
    """Return the value, the doubt or the absence of one path, or None where the document does not decide it."""
    values = [value for asked in spellings for value in index.values(asked)]
    if values:
        value = _joined(values) if path in _LISTS else values[0]
        if path not in _LISTS and len({v.casefold() for v in values}) > 1:
            return Unknown(Cause.MALFORMED, f"The configuration gives {path} more than once, with different values.")
        return Seen(Setting(path=path, value=value, source=source))
    if any(index.withheld(asked) for asked in spellings):
        return Unknown(Cause.MALFORMED, f"The value of {path} is no value that this setting can have.")
    if all(any(asked.within(part) for part in covers) for asked in spellings):
        return Absent(f"the configuration was read and has no setting {spellings[0].text}")
    return None


def _joined(values: list[str]) -> str:
    """Return the servers that are set, parted by blanks; where none is, the first value as it stands."""
    return " ".join(dict.fromkeys(v for v in values if v.casefold() not in _UNSET)) or values[0]


def _part_combined(settings: dict[str, Found], source: Source) -> tuple[str, ...]:
    """Part the one setting of newer codecs whose value tells of HTTP and HTTPS at once into the two that it means.

    `HTTPS` is HTTP off and HTTPS on, `HTTP+HTTPS` is both on (value list of CE software).
    """
    http = settings.get("http.mode")
    said = http.fact.value if isinstance(http, Seen) else ""
    modes = _HTTP_MODES.get(said.casefold())
    if modes is None:
        return ()
    settings["http.mode"] = Seen(Setting(path="http.mode", value=modes[0], source=source))
    if not isinstance(settings.get("https.mode"), Seen):
        settings["https.mode"] = Seen(Setting(path="https.mode", value=modes[1], source=source))
    return (f"One setting rules HTTP and HTTPS and says {said}: HTTP {modes[0]}, HTTPS {modes[1]}.",)


def _feedback(index: Index, profile: Profile) -> FeedbackList | None:
    """Return the registered addresses, or None where the document has no view of them.

    A view is a block of the profile's name for it, or any block whose name tells of feedback; an address is what stands
    in a child named URL, whatever it begins with. Its query and fragment, which may hold a secret, are left out.
    """
    views = [s for s in _spellings(profile.status, "feedback") if index.has_block(s)]
    views += [s for s in map(spelling, sorted(index.first_words())) if "feedback" in s.names[0]]
    if not views:
        return None
    urls = (
        leaf.value.partition("?")[0].partition("#")[0].strip()
        for view in views
        for names, leaf in index.below(view)
        if names and names[-1] == "url"
    )
    return FeedbackList(urls=tuple(dict.fromkeys(url for url in urls if url)))


def _time(index: Index, profile: Profile, *, whole: bool) -> TimeSync | None:
    """Return what the system says of its time source, or None where it says nothing.

    One server that is synchronised is enough. That none is can only be said of a whole answer.
    """
    asked = _spellings(profile.status, "ntp.status")
    said = [word for s in asked for word in (*index.values(s), *index.states(s)) if word]
    server = first(v for s in _spellings(profile.status, "ntp.server") for v in index.values(s) if v not in _UNSET)
    if not said:
        return None
    folded = {word.strip().casefold() for word in said}
    synchronised: bool | None = None
    if folded & _SYNCHRONISED:
        synchronised = True
    elif folded & _ASTRAY and whole:
        synchronised = False
    return TimeSync(synchronised=synchronised, server=server, words=", ".join(dict.fromkeys(said))[:_LONGEST_WORDS])


def _says(
    document: Document, settings: Mapping[str, Found], index: Index, profile: Profile, source: Source
) -> DeviceSays | None:
    """Return what the system says of itself, or None where it says none of it."""
    software = _status(index, profile, "software") or document.version
    named = settings.get("systemunit.name")
    name = (named.fact.value if isinstance(named, Seen) else "") or _status(index, profile, "system_name")
    clock = _clock(_status(index, profile, "clock"), _status(index, profile, "timezone"))
    if not (software or name or clock or document.product):
        return None
    return DeviceSays(
        software=software or None, system_name=name or None, product=document.product, clock=clock, source=source
    )


def _clock(words: str | None, zone: str | None) -> datetime | None:
    """Return a time in UTC, or None unless its zone is told: a guessed zone would make a right clock wrong."""
    try:
        time = datetime.fromisoformat((words or "").strip())
        if time.tzinfo is None and (zone or "").strip().casefold() in _ZONES:
            time = time.replace(tzinfo=UTC)
        return time.astimezone(UTC) if time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _status(index: Index, profile: Profile, key: str) -> str | None:
    return first(value for asked in _spellings(profile.status, key) for value in index.values(asked))


def _spellings(status: Mapping[str, tuple[str, ...]], key: str) -> tuple[Spelling, ...]:
    return tuple(map(spelling, status.get(key, ())))
