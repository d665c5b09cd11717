"""Whether a request belongs to the audit: a host of the inventory, at its address and ports, by its product's list.

Resolvers and time servers are asked beside the hosts: those that the inventory names, the system's resolver where it
names none, and, with the operator's leave, the time servers that a device has configured; and of a management server
its database host. A name that was resolved then cannot be resolved now, so at a server that is known by name only the
port is compared.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from auditor.engine.clock import OURSELVES
from auditor.engine.fetch_lists import permitted_fetches
from auditor.engine.plan import UNKNOWN
from auditor.model.collected import HostEvidence
from auditor.model.facts import Setting
from auditor.model.inventory import AUTO, Settings, Target
from auditor.model.profile import Profile
from auditor.reports.evidence_file import Stored
from auditor.wire import dns, ntp
from auditor.wire.readlist import ReadList, Request

ANYWHERE = ("dns", "ntp")
"""Protocols whose requests go to others than the host that they concern."""
TIME_SETTING = "ntp.address"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the transcript, without its chain. The fields are those of the ledger's entries, all of them."""

    at: datetime
    host: str
    address: str
    port: int
    transport: str
    protocol: str
    operation: str
    argument: str
    permitted: bool
    outcome: str
    sent_bytes: int
    received_bytes: int
    milliseconds: int

    @property
    def request(self) -> Request:
        """The three words that the read list judges."""
        return Request(self.protocol, self.operation, self.argument)


class _Party:
    """One host as the transcript may speak of it."""

    __slots__ = ("address", "database", "ports", "reads", "time_servers")

    def __init__(
        self, target: Target, host: HostEvidence | None, profiles: Mapping[str, Profile], settings: Settings
    ) -> None:
        families = {host.product if host else target.product, UNKNOWN} if target.product == AUTO else {target.product}
        known = [profiles[family] for family in sorted(families - {AUTO})]
        login = target.credentials is not None
        self.reads = tuple(ReadList.of(profile.reads, login=login) for profile in known)
        self.ports = {target.ports.get(s.name, s.port) for profile in known for s in profile.services}
        self.address = (host.address if host else None) or target.address
        self.time_servers = _configured(host) if settings.ask_ntp_servers and host else ()
        self.database = target.database


class Belonging:
    """Tells of each request whether it belongs to this audit. Made from the evidence and the profiles of today."""

    def __init__(self, stored: Stored, profiles: Mapping[str, Profile]) -> None:
        """Raise `ForbiddenReadError` where a profile of this program lists a write."""
        settings = stored.head.inventory.settings
        found = {host.target.name: host for host in stored.hosts}
        lost = any(each.requests_lost for each in stored.resumed)
        self._parties = {
            target.name: _Party(target, found.get(target.name), profiles, settings)
            for target in stored.head.inventory.targets
            if target.name in found or stored.end is None or lost
        }
        self._resolvers = {(server.address, server.port) for server in map(_server, settings.dns_servers) if server}
        self._any_resolver = not settings.dns_servers
        self._clocks = tuple(_name_and_port(text) for text in settings.ntp_servers)
        self._lists = permitted_fetches(stored.end.lists if stored.end else (), settings)
        self._nobody = ReadList(request for request, _ in self._lists)

    def problems(self, line: Line) -> Iterable[str]:
        """Yield every reason why the request may not stand in this transcript."""
        party = self._parties.get(line.host)
        if party is None and line.host != OURSELVES:
            yield f"{line.host!r} is no host that this audit asked"
            return
        refusal = _refusal(line.request, party.reads if party else (self._nobody,))
        if line.permitted and refusal:
            yield f"{line.request} is not permitted: {refusal}"
        if not line.permitted and not refusal:
            yield f"{line.request} is marked as refused, and is permitted"
        if not line.permitted and (line.sent_bytes or line.received_bytes):
            yield f"{line.request} is marked as refused, and bytes crossed the socket"
        yield from self._whereabouts(line, party)

    def _whereabouts(self, line: Line, party: _Party | None) -> Iterable[str]:
        where = f"{line.address} port {line.port}"
        if line.protocol == "dns":
            if not self._is_resolver(line.address, line.port):
                yield f"{where} is no resolver of this audit"
        elif line.protocol == "ntp":
            servers = self._clocks if party is None else tuple((name, ntp.PORT) for name in party.time_servers)
            if not any(_fits(line.address, line.port, *server) for server in servers):
                yield f"{where} is no time server of this audit"
        elif line.protocol == "tds":
            database = party.database if party else None
            known = (database.address or database.hostname or "", database.port) if database else None
            if known is None or not _fits(line.address, line.port, *known):
                yield f"{where} is no database of this audit"
        elif party is None and (line.request, line.port) not in self._lists:
            yield f"{line.request} concerns no host"
        elif party is not None:
            if party.address is not None and line.address != party.address:
                yield f"{where} is not where {line.host} is ({party.address})"
            if line.port not in party.ports:
                yield f"{where}: {line.host} has no service on this port"

    def _is_resolver(self, address: str, port: int) -> bool:
        if address == dns.SYSTEM:
            return self._any_resolver and port == dns.PORT
        return (address, port) in self._resolvers or (self._any_resolver and _is_address(address))


def _refusal(request: Request, lists: Iterable[ReadList]) -> str | None:
    """Return why every list refuses the request, or None where one permits it."""
    reasons = [reads.refusal(request) for reads in lists]
    return None if None in reasons else next(iter(reasons), "there is no list")


def _configured(host: HostEvidence) -> tuple[str, ...]:
    values = [setting.value for setting in host.evidence.of(Setting) if setting.path == TIME_SETTING]
    return tuple(name for value in values for name in value.split())


def _server(text: str) -> dns.Server | None:
    try:
        return dns.parse_server(text)
    except ValueError:
        return None


def _name_and_port(text: str) -> tuple[str, int]:
    name, _, port = text.rpartition(":")
    return name.strip("[]"), int(port) if port.isascii() and port.isdigit() else 0


def _fits(address: str, port: int, server: str, server_port: int) -> bool:
    return port == server_port and (address == server if _is_address(server) else _is_address(address))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
