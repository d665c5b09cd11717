"""The revocation lists of the inventory, and those that were fetched, made ready for judging. Pure."""

from collections.abc import Sequence

from auditor.model.collected import FetchedList
from auditor.model.inventory import Settings
from auditor.trust import FileError, RevocationLists
from auditor.trust.revoked import RevocationList


def operator_lists(
    settings: Settings, fetched: Sequence[FetchedList] = ()
) -> tuple[RevocationLists | None, tuple[str, ...]]:
    """Return the lists to judge with (None where none was given or asked for), and sentences about those of no use.

    A list that cannot be read is left out and told: certificates that it should cover are then not covered.
    """
    if not settings.crls and not settings.fetch_crls:
        return None, ()
    given = [
        (f"Revocation list {number} of {file.path}", encoded)
        for file in settings.crls
        for number, encoded in enumerate(file.lists, start=1)
    ]
    given += [(f"The revocation list of {_shown(one.url)}", one.content) for one in fetched if one.content is not None]
    usable: list[RevocationList] = []
    notes = [
        f"The revocation list of {_shown(one.url)} was not fetched: {_shown(one.because)}."
        for one in fetched
        if one.content is None
    ]
    for name, encoded in given:
        try:
            read = RevocationLists.of([encoded])
        except FileError as problem:
            notes.append(f"{name} cannot be read ({problem}).")
            continue
        usable.extend(read.lists)
        notes += [f"{name} is of no use: {why}." for why in read.unsupported]
    return RevocationLists(tuple(usable)), tuple(notes)


def _shown(text: str) -> str:
    """Make text of a certificate fit for a sentence."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200].rstrip(".")
