"""Which requests belong to an audit, where others than its hosts are asked, and where families are found out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from auditor.engine.clock import OURSELVES
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import Setting
from auditor.model.inventory import AUTO, Database, Inventory, Settings, Target
from auditor.profiles import load_profiles
from auditor.reports.evidence_file import Stored
from auditor.verification.belonging import Belonging, Line

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PROFILES = load_profiles()
LINE = Line(
    at=AT, host="rm1", address="192.0.2.1", port=80, transport="tcp", protocol="http", operation="GET", argument="/",
    permitted=True, outcome="answered", sent_bytes=1, received_bytes=1, milliseconds=1,
)  # fmt: skip
DNS = {"protocol": "dns", "operation": "QUERY", "argument": "A", "transport": "udp", "port": 53}
NTP = {"protocol": "ntp", "operation": "QUERY", "argument": "", "transport": "udp", "port": 123}


def stored(settings: Settings, *, product: str = "mxp", time_server: str = "", killed: bool = False) -> Stored:
    """Return an audit of one host; `killed` before the host was done."""
    target = Target(name="rm1", product=product, address="192.0.2.1")
    setting = Observation(
        Setting, "setting", "ntp.address", AT, Seen(Setting(path="ntp.address", value=time_server, source="live"))
    )
    host = HostEvidence(
        target=target, product="mxp", address="192.0.2.1", evidence=Evidence((setting,) if time_server else ()),
        started_at=AT, finished_at=AT,
    )  # fmt: skip
    head = AuditHead(
        id="1", tool_version="0", started_at=AT, inventory=Inventory(targets=(target,), settings=settings),
        catalogue_digest="", profiles_digest="",
    )  # fmt: skip
    return Stored(head, () if killed else (host,), None if killed else AuditEnd(finished_at=AT, complete=True))


def problems(audit: Stored, **changes: Any) -> list[str]:
    """Return what is wrong with a line."""
    made = {field: getattr(LINE, field) for field in LINE.__struct_fields__} | changes
    return list(Belonging(audit, PROFILES).problems(Line(**made)))


def test_a_read_of_the_profile_belongs() -> None:
    """At the host's address, on a service's port."""
    assert problems(stored(Settings())) == []


@pytest.mark.parametrize(
    ("servers", "changes", "belongs"),
    [
        ((), {"address": "system"}, True),
        ((), {"address": "198.51.100.53"}, True),
        ((), {"address": "a name"}, False),
        (("198.51.100.53",), {"address": "198.51.100.53"}, True),
        (("198.51.100.53:5353",), {"address": "198.51.100.53", "port": 5353}, True),
        (("198.51.100.53:5353",), {"address": "198.51.100.53"}, False),
        (("198.51.100.53",), {"address": "198.51.100.54"}, False),
        (("198.51.100.53",), {"address": "system"}, False),
        (("nonsense",), {"address": "nonsense"}, False),
    ],
)
def test_resolvers_are_those_of_the_inventory(
    servers: tuple[str, ...], changes: dict[str, Any], *, belongs: bool
) -> None:
    """Or those of the system, which nobody can name afterwards."""
    assert (problems(stored(Settings(dns_servers=servers)), **DNS | changes) == []) == belongs


@pytest.mark.parametrize(
    ("servers", "changes", "belongs"),
    [
        ((), {"address": "198.51.100.1"}, False),
        (("198.51.100.1:123",), {"address": "198.51.100.1"}, True),
        (("198.51.100.1:123",), {"address": "198.51.100.2"}, False),
        (("[2001:db8::1]:123",), {"address": "2001:db8::1"}, True),
        (("ntp.example.test:1123",), {"address": "198.51.100.9", "port": 1123}, True),
        (("ntp.example.test:1123",), {"address": "198.51.100.9"}, False),
        (("nonsense",), {"address": "198.51.100.9"}, False),
    ],
)
def test_time_servers_are_those_of_the_inventory(
    servers: tuple[str, ...], changes: dict[str, Any], *, belongs: bool
) -> None:
    """They are asked before any host, in nobody's name."""
    audit = stored(Settings(ntp_servers=servers))
    assert (problems(audit, **NTP | {"host": OURSELVES} | changes) == []) == belongs


@pytest.mark.parametrize(
    ("leave", "configured", "address", "belongs"),
    [
        (True, "198.51.100.1", "198.51.100.1", True),
        (True, "198.51.100.1", "198.51.100.2", False),
        (True, "ntp.example.test", "198.51.100.2", True),
        (False, "198.51.100.1", "198.51.100.1", False),
        (True, "", "198.51.100.1", False),
    ],
)
def test_a_devices_time_servers_are_asked_with_leave_only(
    *, leave: bool, configured: str, address: str, belongs: bool
) -> None:
    """The names are a device's, so the operator must have said so."""
    audit = stored(Settings(ask_ntp_servers=leave), time_server=configured)
    assert (problems(audit, **NTP, address=address) == []) == belongs


def test_a_family_that_was_found_out_has_both_lists() -> None:
    """Of a host that was listed as `auto`, the reads of the unknown family were sent first."""
    found = stored(Settings(), product=AUTO)
    sent = {read.argument for read in PROFILES["mxp"].reads + PROFILES["unknown"].reads if read.protocol == "http"}
    assert sent
    assert [problem for path in sent for problem in problems(found, argument=path)] == []
    other = next(r.argument for r in PROFILES["tms"].reads if r.protocol == "http" and r.argument not in sent)
    assert problems(found, argument=other) != []


def test_a_host_that_was_not_done_when_the_audit_was_killed_may_have_lines() -> None:
    """Its evidence is missing, its requests are not. In an audit that ended it must have evidence."""
    killed = stored(Settings(), killed=True)
    assert problems(killed) == []
    assert problems(killed, address="192.0.2.2") != []
    ended = replace(killed, end=AuditEnd(finished_at=AT, complete=True))
    assert problems(ended) == ["'rm1' is no host that this audit asked"]


@pytest.mark.parametrize(
    ("database", "changes", "belongs"),
    [
        (None, {}, False),
        (Database(address="198.51.100.30"), {}, True),
        (Database(address="198.51.100.30"), {"address": "198.51.100.31"}, False),
        (Database(address="198.51.100.30"), {"address": "192.0.2.1"}, False),
        (Database(address="198.51.100.30"), {"port": 1434}, False),
        (Database(address="198.51.100.30"), {"operation": "LOGIN"}, False),
        (Database(address="198.51.100.30"), {"protocol": "tcp", "operation": "CONNECT"}, False),
        (Database(address="198.51.100.30"), {"host": OURSELVES}, False),
        (Database(hostname="sql.example.test"), {}, True),
        (Database(hostname="sql.example.test"), {"port": 1434}, False),
    ],
)
def test_a_database_is_asked_where_the_inventory_has_it(
    database: Database | None, changes: dict[str, Any], *, belongs: bool
) -> None:
    """At its own address, with the one packet that the list permits, and on behalf of its server alone."""
    audit = stored(Settings(), product="tms")
    target = replace(audit.head.inventory.targets[0], database=database)
    inventory = replace(audit.head.inventory, targets=(target,))
    audit = replace(
        audit, head=replace(audit.head, inventory=inventory), hosts=(replace(audit.hosts[0], target=target),)
    )
    line = {"protocol": "tds", "operation": "PRELOGIN", "argument": "", "address": "198.51.100.30", "port": 1433}
    assert (problems(audit, **line | changes) == []) == belongs
