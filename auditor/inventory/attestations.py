"""Attestations: a YAML file in which people state what no read-only view shows, each statement with its document.

A file that is not in order is refused as a whole, every problem at once, before the first packet: a statement that was
misread could pass for a check. A statement that is in order but has expired is kept; at the audit's time it does not
count, and the report can say why.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from auditor.inventory.document import Items, Node, Table, described
from auditor.inventory.encoding import decode
from auditor.inventory.file import read_bytes
from auditor.inventory.instant import read_instant
from auditor.inventory.problem import Spot, shown, suggestion
from auditor.inventory.section import LONGEST_PATH, Section, check_version
from auditor.inventory.yaml_file import parse_yaml
from auditor.model.inventory import Attestation

ATTESTATION = ("host", "statement", "value", "by", "on", "expires", "evidence", "note")
EVIDENCE = ("file", "sha256")

TEXT_STATEMENTS = frozenset({"software-version"})
"""Statements whose value is text; every other one is a yes or a no."""

LARGEST = 1024 * 1024
"""Bytes of a file of attestations."""

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a document that backs a statement: a scan or a screen recording of settings, not a film."""

_YES = {"yes": "yes", "true": "yes", "on": "yes", "no": "no", "false": "no", "off": "no"}
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(slots=True)
class _Reading:
    """What statements may refer to, and what was read so far: digests of documents by path, places of statements."""

    products: Mapping[str, str]
    statements: Mapping[str, Collection[str]]
    digests: dict[Path, str | None] = field(default_factory=dict)
    places: dict[tuple[str, str, str, datetime], Spot] = field(default_factory=dict)


def read_attestations(
    folder: Path,
    files: Iterable[tuple[Spot, str]],
    *,
    products: Mapping[str, str],
    statements: Mapping[str, Collection[str]],
) -> tuple[Attestation, ...]:
    """Return the attestations of all files, in their order; what is wrong is noted at the files' places.

    `files` are paths against `folder`, each with the place that names it. `products` are the targets' products by
    name; `statements` are the identifiers that may be stated of a product, of any where a target's is not among them.
    """
    reading = _Reading(products, statements)
    return tuple(each for spot, written in files for each in _file(folder / written, spot, reading))


def _file(path: Path, spot: Spot, reading: _Reading) -> list[Attestation]:
    data = read_bytes(spot, path, LARGEST)
    here = Spot(str(path), 0, "", spot.found)
    text = None if data is None else decode(data, here)
    table = None if text is None else parse_yaml(text, here)
    if table is None:
        return []
    section = Section(here.at(1), table, ("version", "attestations"))
    check_version(section, "attestations")
    made = [
        _attestation(Section(place, entry, ATTESTATION), path.parent, reading)
        for place, entry in _entries(section.spot("attestations"), table.entries.get("attestations"))
    ]
    return [each for each in made if each is not None]


def _entries(spot: Spot, node: Node | None) -> list[tuple[Spot, Table]]:
    if not isinstance(node, Items):
        what = "The field is missing." if node is None else f"A list is expected here, not {described(node)}."
        spot.refuse(what, "Each attestation begins with '- host: …'; without any, write 'attestations: []'.")
        return []
    entries: list[tuple[Spot, Table]] = []
    for index, item in enumerate(node.items):
        place = spot.item(index, item.line)
        if isinstance(item, Table):
            entries.append((place, item))
        else:
            place.refuse(f"An attestation is a table of keys and values, not {described(item)}.")
    return entries


def _attestation(section: Section, folder: Path, reading: _Reading) -> Attestation | None:
    for key in ATTESTATION:
        if key != "note" and not section.has(key):
            section.spot(key).refuse("The field is missing.")
    host = _host(section, reading.products)
    statement = _statement(section, host, reading)
    value = _value(section, statement)
    by = section.text("by")
    on = read_instant(section, "on", whole_day=True, what="statement")
    expires = read_instant(section, "expires", whole_day=False, what="statement")
    if on and expires and expires <= on:
        section.spot("expires").refuse("The statement would expire before it was made.", "Correct 'on' or 'expires'.")
    document, digest = _document(section, folder, reading)
    note = section.text("note", longest=1000) or ""
    if not (host and statement and value and by and on and expires and document and digest):
        return None
    spot = section.spot("statement")
    first = reading.places.setdefault((host, statement, by, on), spot)
    if first is not spot:
        where = f"{shown(first.file, LONGEST_PATH)}, line {first.line}"
        spot.refuse(f"The statement is given twice (first in {where}).", "Remove one of them.")
    return Attestation(
        host=host, statement=statement, value=value, by=by, on=on, expires=expires,
        document=document, document_sha256=digest, note=note,
    )  # fmt: skip


def _host(section: Section, products: Mapping[str, str]) -> str | None:
    name = section.text("host")
    if name is None or name in products:
        return name
    known = suggestion(name, tuple(products))
    section.spot("host").refuse(f"There is no host of the name {shown(name)} in the inventory.", known)
    return None


def _statement(section: Section, host: str | None, reading: _Reading) -> str | None:
    statement = section.text("statement")
    if statement is None:
        return None
    every: Sequence[str] = sorted({each for some in reading.statements.values() for each in some})
    product = reading.products.get(host or "", "")
    known = sorted(reading.statements.get(product, every))
    if statement in known:
        return statement
    if statement in every:
        section.spot("statement").refuse(
            f"No control of a host of the product {shown(product)} reads the statement {shown(statement)}.",
            suggestion("", known) or "Nothing can be attested of such a host.",
        )
    else:
        section.spot("statement").refuse(f"There is no statement {shown(statement)}.", suggestion(statement, known))
    return None


def _value(section: Section, statement: str | None) -> str | None:
    written = section.literal("value")
    if written is None:
        return None
    if statement in TEXT_STATEMENTS:
        if written.isprintable() and written == written.strip() and len(written) <= 60:
            return written
        section.spot("value").refuse("The value is printable text of at most 60 characters, without blanks around it.")
        return None
    value = _YES.get(written.casefold())
    if value is None and statement is not None:
        section.spot("value").refuse(f"{shown(written)} is neither yes nor no.", "Write yes or no.")
    return value


def _document(section: Section, folder: Path, reading: _Reading) -> tuple[str | None, str | None]:
    """Return the document's path as written and its SHA-256, where the file has the digest that is written."""
    table = section.table("evidence")
    if table is None:
        return None, None
    evidence = Section(section.spot("evidence"), table, EVIDENCE)
    for key in EVIDENCE:
        if not evidence.has(key):
            evidence.spot(key).refuse("The field is missing.")
    written, stated = evidence.text("file", longest=LONGEST_PATH), evidence.literal("sha256")
    if stated is not None and not _SHA256.fullmatch(stated):
        evidence.spot("sha256").refuse("This is not a SHA-256: 64 hexadecimal digits.", "Run: sha256sum FILE")
        stated = None
    digest = None if written is None else _digest(evidence.spot("file"), folder / written, reading.digests)
    if digest and stated and digest != stated.lower():
        evidence.spot("sha256").refuse(
            f"The document is not the one that was attested: its SHA-256 is {digest}.",
            "Find the right document, or have the statement made again.",
        )
        return written, None
    return written, digest if stated else None


def _digest(spot: Spot, path: Path, digests: dict[Path, str | None]) -> str | None:
    """Return a file's SHA-256. One that several statements name is read once, unless it cannot be read."""
    if digests.get(path) is None:
        data = read_bytes(spot, path, LARGEST_DOCUMENT)
        digests[path] = None if data is None else hashlib.sha256(data).hexdigest()
    return digests[path]
