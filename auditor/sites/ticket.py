"""A job's ticket: which hosts a collector is asked to look at, and how gently. All that travels to a site.

What may travel is written down field by field, so nothing travels by accident: no password, no user name, no SNMP
community, no command, no path of a file. Credentials are named, and mean what the collector's own configuration says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal
from uuid import UUID

import msgspec

from auditor.model.inventory import Database, Settings, Target
from auditor.model.politeness import Politeness

TASK = "auditor.audit"
"""The one task that a collector knows."""
MOST_HOSTS = 1000
"""Hosts of one job; the centre sends 25 to 100."""


class TicketError(ValueError):
    """This is no ticket; the text says why."""


class _Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    name: str
    product: str
    hostname: str | None = None
    address: str | None = None
    ports: dict[str, int] = {}
    credentials: str | None = None
    site: str | None = None
    tags: tuple[str, ...] = ()
    pause_seconds: float | None = None
    database: Database | None = None


class _How(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    dns_servers: tuple[str, ...] = ()
    snmp: bool = True
    question_seconds: float | None = None
    host_seconds: float | None = None
    known_hosts: tuple[str, ...] = ()
    ssh_host_keys: Literal["strict", "accept-new"] = "accept-new"
    ask_ntp_servers: bool = False
    politeness: Politeness = msgspec.field(default_factory=Politeness)


class Ticket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One job: `number` counts the jobs of a site within its run."""

    version: Literal[1]
    run: UUID
    number: int
    hosts: tuple[_Host, ...]
    how: _How

    @classmethod
    def of(cls, run: UUID, number: int, targets: Iterable[Target], settings: Settings) -> "Ticket":
        """Make the ticket of some targets."""
        hosts = tuple(_Host(**{name: getattr(target, name) for name in _Host.__struct_fields__}) for target in targets)
        return cls(1, run, number, hosts, _How(**{name: getattr(settings, name) for name in _How.__struct_fields__}))

    @property
    def targets(self) -> tuple[Target, ...]:
        """The hosts as targets."""
        return tuple(Target(**{name: getattr(host, name) for name in host.__struct_fields__}) for host in self.hosts)

    def settings(self, own: Settings) -> Settings:
        """Return a collector's own settings with those that the ticket decides."""
        asked = {name: getattr(self.how, name) for name in self.how.__struct_fields__}
        return replace(own, **(asked | {"dns_servers": self.how.dns_servers or own.dns_servers}))


def arguments(ticket: Ticket) -> dict[str, object]:
    """Return the ticket as the arguments of a job."""
    return {"ticket": msgspec.to_builtins(ticket)}


def read_ticket(plain: object) -> Ticket:
    """Read the arguments of a job; raise `TicketError` for anything that is not a ticket in every field."""
    try:
        ticket = msgspec.convert(plain, Ticket)
    except (msgspec.ValidationError, ValueError, TypeError, RecursionError) as error:
        raise TicketError(f"this is no ticket: {error}") from error
    names = [host.name for host in ticket.hosts]
    if not 0 < len(names) <= MOST_HOSTS or len(set(names)) != len(names):
        raise TicketError(f"a ticket has 1 to {MOST_HOSTS} hosts, each once")
    if not all(_sound(host.ports) for host in ticket.hosts) or not all(0 < len(name) <= 255 for name in names):
        raise TicketError("a port is a number from 1 to 65535, and a name has 1 to 255 characters")
    return ticket


def _sound(ports: Mapping[str, int]) -> bool:
    return all(0 < port < 65536 for port in ports.values())
