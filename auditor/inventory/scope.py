"""What a waiver or a window holds for: one host, the hosts with a tag, those of a site, or the fleet."""

from auditor.inventory.section import Section
from auditor.model.waiver import ScopeKind

SCOPES: tuple[ScopeKind, ...] = ("host", "tag", "site", "fleet")

LONGEST_NAME = 64
"""Characters of a host's, tag's or site's name."""

_HINT = "Write one of {host: NAME}, {tag: NAME}, {site: NAME}, {fleet: true}."


def read_scope(section: Section, noun: str) -> tuple[ScopeKind, str] | None:
    """Return the kind and name under `scope`, a table with exactly one key; `noun` is the word for what has it."""
    table = section.table("scope")
    if table is None:
        return None
    spot = section.spot("scope")
    scope = Section(spot, table, SCOPES)
    given = [kind for kind in SCOPES if scope.has(kind)]
    if len(given) != 1:
        spot.refuse(f"A {noun} covers exactly one host, tag, site, or the fleet.", _HINT)
        return None
    kind = given[0]
    if kind == "fleet":
        if scope.truth("fleet", default=False):
            return kind, ""
        scope.spot("fleet").refuse(
            f"A {noun} for the fleet says so.", "Write {fleet: true}, or name a host, tag, site."
        )
        return None
    name = scope.text(kind, longest=LONGEST_NAME)
    return None if name is None else (kind, name)
