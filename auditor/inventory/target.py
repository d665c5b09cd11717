"""One host of the inventory: its fields read, and what it refers to looked up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.inventory.document import Table
from auditor.inventory.file import Folder
from auditor.inventory.host import read_address, read_hostname
from auditor.inventory.politeness import LONGEST_PAUSE
from auditor.inventory.problem import Spot, shown, suggestion
from auditor.inventory.section import LONGEST_PATH, Section
from auditor.inventory.settings import LEVELS, read_roots
from auditor.model.inventory import AUTO, Database, Target

TARGET = (
    "name", "product", "hostname", "address", "ports", "credentials", "roots", "saved_config", "tms", "target_level",
    "site", "tags", "pause_seconds", "database", "system_list", "system_list_columns",
)  # fmt: skip
DATABASE = ("hostname", "address", "port")
OF_SERVERS = ("database", "system_list", "system_list_columns")
"""Fields that a management server alone has."""
SERVER = "tms"
"""The contract's word for the management server: a section of the file, a field of a system, and a product."""

LONGEST_NAME = 64
"""Characters of a name, a site or a tag."""


@dataclass(frozen=True, slots=True)
class Known:
    """What targets may refer to: product names, services of each, names of credentials, files, the level by default."""

    families: Sequence[str]
    services: Mapping[str, Collection[str]]
    credentials: Sequence[str]
    folder: Folder
    target_level: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A target with the section that it was read from, for checks that need all targets."""

    section: Section
    target: Target


def read_target(spot: Spot, table: Table, known: Known, *, server: bool) -> Entry:
    """Return one target. `server` tells that it stands in the section of management servers, without a product."""
    section = Section(spot, table, TARGET)
    product = SERVER if server else _product(section, known)
    if server and section.has("product"):
        section.spot("product").refuse(f"What stands under '{SERVER}' has no product.", "Remove the field.")
    if product == SERVER:
        for key in (SERVER, "saved_config"):
            if section.has(key):
                section.spot(key).refuse("A management server has no such field.", "Remove it.")
    elif product is not None:
        for key in OF_SERVERS:
            if section.has(key):
                section.spot(key).refuse("Only a management server has this field.", "Move it to its entry.")
    target = Target(
        name=_required(section, "name") or "",
        product=product or AUTO,
        hostname=_hostname(section),
        address=_address(section),
        ports=_ports(section, product, known),
        credentials=_credentials(section, known),
        roots=read_roots(section, known.folder),
        saved_config=_saved_config(section, known),
        tms=section.text("tms", longest=LONGEST_NAME),
        target_level=section.whole("target_level", *LEVELS, known.target_level),
        site=section.text("site", longest=LONGEST_NAME),
        tags=tuple(tag for _, tag in section.texts("tags", longest=LONGEST_NAME)),
        pause_seconds=section.seconds("pause_seconds", LONGEST_PAUSE),
        database=_database(section),
    )
    if not section.has("hostname") and not section.has("address"):
        section.spot("hostname").refuse("A host needs a hostname or an address.", "Give both if you can.")
    return Entry(section, target)


def check_references(entries: Iterable[Entry]) -> None:
    """Note names that are given twice, and management servers that are not in the inventory."""
    entries = tuple(entries)
    servers = tuple(entry.target.name for entry in entries if entry.target.product == SERVER and entry.target.name)
    first: dict[str, int] = {}
    for entry in entries:
        name, tms = entry.target.name, entry.target.tms
        place = entry.section.spot("name")
        if name and name in first:
            place.refuse(f"The name {shown(name)} is given twice (first in line {first[name]}).", "Names are unique.")
        first.setdefault(name, place.line)
        if tms is not None and tms not in servers and entry.target.product != SERVER:
            entry.section.spot("tms").refuse(
                f"There is no management server of the name {shown(tms)} in the inventory.", suggestion(tms, servers)
            )


def _required(section: Section, key: str) -> str | None:
    if not section.has(key):
        section.spot(key).refuse("The field is missing.")
    return section.text(key, longest=LONGEST_NAME)


def _product(section: Section, known: Known) -> str | None:
    product = _required(section, "product")
    if product is None or product in known.families:
        return product
    section.spot("product").refuse(f"There is no product {shown(product)}.", suggestion(product, known.families))
    return None


def _hostname(section: Section) -> str | None:
    text = section.text("hostname", longest=LONGEST_PATH)
    return None if text is None else read_hostname(section.spot("hostname"), text)


def _address(section: Section) -> str | None:
    text = section.literal("address")
    return None if text is None else read_address(section.spot("address"), text)


def _ports(section: Section, product: str | None, known: Known) -> dict[str, int]:
    """Return the ports by service. Where the product is not known, services of every product are accepted."""
    table = section.table("ports")
    if table is None:
        return {}
    every = {service for services in known.services.values() for service in services}
    services = sorted(known.services.get(product or "", every))
    ports = Section(section.spot("ports"), table, services, noun="service")
    return {service: ports.whole(service, 1, 65535, 0) for service in table.entries}


def _database(section: Section) -> Database | None:
    """Return the database host; one that stands in a system's entry is refused there, and read for its own mistakes."""
    table = section.table("database")
    if table is None:
        return None
    fields = Section(section.spot("database"), table, DATABASE)
    if not fields.has("hostname") and not fields.has("address"):
        section.spot("database").refuse("A database needs a hostname or an address.", "Give both if you can.")
    port = fields.whole("port", 1, 65535, Database().port)
    return Database(hostname=_hostname(fields), address=_address(fields), port=port)


def _credentials(section: Section, known: Known) -> str | None:
    name = section.text("credentials", longest=LONGEST_NAME)
    if name is not None and name not in known.credentials:
        section.spot("credentials").refuse(
            f"There are no credentials of the name {shown(name)}.",
            suggestion(name, known.credentials) or "Add them to the section 'credentials'.",
        )
    return name


def _saved_config(section: Section, known: Known) -> Path | None:
    written = section.text("saved_config", longest=LONGEST_PATH)
    return None if written is None else known.folder.saved_config(section.spot("saved_config"), written)
