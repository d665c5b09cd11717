"""Every hostile peer of the table, in one audit by the real command: told rightly, in time, in bounds, and no better.

Beside them stand honest twins, and mute ones that accept and say nothing. A hostile peer must not be proven to stand
higher than an honest one, nor seem able to stand higher than one of which nothing is known.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auditor.model.collected import HostEvidence
from auditor.model.evidence import Absent, Seen, Unknown
from auditor.reports.evidence_file import Stored, read_evidence
from tests.hostile import datagrams, logged_in, shells, streams, tls, web
from tests.hostile.stage import HOST_SECONDS, RESOLVER, Ran, run_audit, served_at, stage, write_inventory
from tests.hostile.table import PEERS, Hostile
from tests.hostile.twins import HONEST, MUTE

TABLES = (datagrams, logged_in, shells, streams, tls, web)
"""Imported for the peers that they enter into the table."""
MOST_SECONDS = 240.0
MOST_MEMORY = 320 * 1024 * 1024
LATE = 10.0
"""How much later than its deadline a host may be on a machine that is busy."""
CONTROL = {*range(0x0A), *range(0x0B, 0x20), 0x7F, *range(0x80, 0xA0), 0x202E, 0x202C, 0x200B}


@dataclass(frozen=True, slots=True)
class Audited:
    """What the one audit left."""

    ran: Ran
    stored: Stored
    document: Mapping[str, Any]
    raw: str
    connections: Mapping[str, int]
    overheard: bytes
    transcript: str

    def evidence(self, name: str) -> HostEvidence:
        """Return what was seen of a host."""
        return next(host for host in self.stored.hosts if host.target.name == name)

    def told(self, name: str) -> Mapping[str, Any]:
        """Return what the report says of a host."""
        found: Mapping[str, Any] = next(host for host in self.document["hosts"] if host["name"] == name)
        return found


async def _audit(folder: Path) -> Audited:
    peers = (*PEERS.values(), *HONEST.values(), *MUTE.values())
    bundle = folder / "bundle"
    canary = Hostile(name="canary", story="", service="http", asked="", outcome="", talk=web.answer)
    async with stage(peers) as made, served_at(made, canary, "127.83.255.253") as web.canary_port[0]:
        inventory = write_inventory(made, folder / "fleet.yaml")
        ran = await run_audit(inventory, bundle, password=logged_in.PASSWORD, seconds=MOST_SECONDS)
        connections = dict(made.connections)
    assert (bundle / "audit.json").exists(), ran
    raw = (bundle / "audit.json").read_text()
    return Audited(
        ran, read_evidence(bundle / "evidence.jsonl"), json.loads(raw), raw, connections,
        b"".join(logged_in.overheard), (bundle / "transcript.jsonl").read_text(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """Audit the whole table once."""
    return asyncio.run(_audit(tmp_path_factory.mktemp("hostile")))


each = pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS.keys())


@each
def test_the_right_cause_is_told(audited: Audited, peer: Hostile) -> None:
    """The observation about the peer has the outcome of the table, and its reason the table's words."""
    host = audited.evidence(peer.name)
    outcome = next(made.outcome for made in host.evidence.observations if made.id == peer.asked)
    match outcome:
        case Unknown(cause, detail):
            assert cause.value in peer.outcome.split(" or "), (peer.story, outcome)
            assert peer.says in detail, (peer.story, outcome)
            if peer.service != "dns" and not peer.asked.startswith("get/https"):
                told = audited.told(peer.name)
                assert ascii(detail[:40])[1:-1] in ascii((told["findings"], told["services"])), detail
        case Absent(reason):
            assert (peer.outcome, peer.says in reason) == ("absent", True), (peer.story, outcome)
        case Seen():
            assert peer.outcome == "seen", (peer.story, outcome)


@each
def test_no_level_is_gained(audited: Audited, peer: Hostile) -> None:
    """Proven no higher than the honest twin, possible no higher than a host of which nothing is known."""
    level = audited.told(peer.name)["level"]
    kind = f"{peer.service}-login" if peer.login else peer.service
    honest, mute = (audited.told(twins[kind].name)["level"] for twins in (HONEST, MUTE))
    assert (level["proven"] or 0) <= (honest["proven"] or 0), (level, honest)
    ceiling = mute if mute["possible"] is not None else honest  # a mute agent of SNMP is no service at all
    assert (level["possible"] or 0) <= (ceiling["possible"] or 0), (level, ceiling)


def test_a_resolver_that_lies_proves_no_name(audited: Audited) -> None:
    """Whatever DNS pretends, the host's name is not met by it."""
    liars = [name for name, peer in PEERS.items() if peer.service == "dns"]
    assert len(liars) >= 8
    for name in liars:
        findings = {finding["control"]: finding for finding in audited.told(name)["findings"]}
        assert findings["prerequisites.fqdn"]["status"] in {"undetermined", "not_met"}, name


@each
def test_the_deadline_of_a_host_holds(audited: Audited, peer: Hostile) -> None:
    """No peer keeps the audit longer than one host may; most are done with long before."""
    host = audited.evidence(peer.name)
    took = (host.finished_at - host.started_at).total_seconds()
    assert took < HOST_SECONDS + LATE
    assert host.complete, host.notes


def test_the_table_is_long() -> None:
    """At least forty peers, each with a story."""
    assert len(PEERS) >= 40
    assert all(peer.story and peer.outcome for peer in PEERS.values())
    assert TABLES


def test_no_fault_of_ours(audited: Audited) -> None:
    """No peer brings the auditor to a fault: exit code 1 (hosts miss their target), not 4."""
    assert [fault for host in audited.stored.hosts for fault in host.faults] == []
    assert audited.ran.code == 1, audited.ran.printed[-3000:]
    assert audited.document["audit"]["complete"]


def test_memory_is_bounded(audited: Audited) -> None:
    """A gigabyte, floods and bombs go by; the process never held more than a small part of them."""
    assert audited.ran.peak < MOST_MEMORY


def test_redirects_are_not_followed(audited: Audited) -> None:
    """One connection and no more to whoever leads elsewhere."""
    counted = {name: peer.most_connections for name, peer in PEERS.items() if peer.most_connections is not None}
    assert len(counted) >= 4
    assert "canary" not in audited.connections
    assert {name: audited.connections[name] for name in counted} == counted


def test_nothing_goes_to_anybody_else(audited: Audited) -> None:
    """Each line of the transcript leads to the address of its host, or to the resolver."""
    addresses = {host["name"]: host["address"] for host in audited.document["hosts"]}
    lines = [json.loads(line) for line in audited.transcript.splitlines()]
    assert len(lines) > len(PEERS)
    assert all(line["address"] in {addresses[line["host"]], RESOLVER} for line in lines)


def test_nobody_gets_through_to_us(audited: Audited) -> None:
    """Whoever calls back finds no port open."""
    face = next(made.fact for made in audited.evidence("calls-back").evidence.observations if made.id == "get/http/")
    assert getattr(face, "title", None) == "refused 200 times"


def test_the_password_never_leaves_in_clear(audited: Audited) -> None:
    """The peers heard logins, and no password; one that refuses every login heard one."""
    assert b"Digest username" in audited.overheard
    assert logged_in.PASSWORD.encode() not in audited.overheard
    assert b"authorization: basic" not in audited.overheard.lower()
    assert logged_in.PASSWORD not in audited.raw + audited.ran.printed


def test_nothing_of_theirs_reaches_the_terminal_or_the_report_raw(audited: Audited) -> None:
    """Neither the screen nor the JSON document holds a control or bidi character of a device."""
    assert not {ord(letter) for letter in audited.raw} & CONTROL
    assert not {ord(letter) for letter in audited.ran.printed} & CONTROL


def test_clocks_are_judged(audited: Audited) -> None:
    """1970 and 2099 are not met, with a number of seconds that did not overflow; a day that is none is not judged."""
    for name, status in (
        ("clock-of-1970", "not_met"),
        ("clock-of-2099", "not_met"),
        ("clock-beyond-time", "undetermined"),
    ):
        findings = {finding["control"]: finding for finding in audited.told(name)["findings"]}
        assert findings["prerequisites.clock"]["status"] == status, name
