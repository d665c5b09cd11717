"""The revocation lists of the inventory, made ready for judging. Pure."""

from auditor.model.inventory import Settings
from auditor.trust import FileError, RevocationLists
from auditor.trust.revoked import RevocationList


def operator_lists(settings: Settings) -> tuple[RevocationLists | None, tuple[str, ...]]:
    """Return the operator's lists (None where no file was named), and a sentence for each that is of no use.

    A list that cannot be read is left out and told: certificates that it should cover are then not covered.
    """
    if not settings.crls:
        return None, ()
    usable: list[RevocationList] = []
    notes: list[str] = []
    for file in settings.crls:
        for number, encoded in enumerate(file.lists, start=1):
            try:
                read = RevocationLists.of([encoded])
            except FileError as problem:
                notes.append(f"Revocation list {number} of {file.path} cannot be read ({problem}).")
                continue
            usable.extend(read.lists)
            notes += [f"Revocation list {number} of {file.path} is of no use: {why}." for why in read.unsupported]
    return RevocationLists(tuple(usable)), tuple(notes)
