"""Servers that the inventory names and a collector may not ask: told once for each site, and a fault of nobody."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from auditor.cli.app import commands
from auditor.cli.assembly import Assembly
from auditor.cli.exits import Exit, exit_code
from auditor.cli.many_sites import means_of
from auditor.cli.perform import judge_bundle
from auditor.model.evidence import Cause, Unknown
from auditor.model.facts import NameLookup, ReverseLookup
from auditor.model.inventory import Database, Inventory, Settings, Target
from auditor.reports.evidence_file import read_evidence
from auditor.sites.beside import asked_beside, beyond_words
from auditor.sites.collector import SiteCollector
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.fleet import greeting
from tests.sites.world import audit, centre_settings, collector_settings, working

RESOLVER = "127.0.0.99:53"
FLEET = """
version: 1
settings: {dns_servers: ["10.9.0.53"], ask_ntp_servers: true}
systems:
  - {name: rm1, product: mxp, address: 10.1.0.7, site: oslo}
  - {name: tms, product: tms, address: 10.1.0.8, site: oslo, database: {address: 10.1.0.9}}
"""
CENTRE = """
database = "host=/run/postgresql dbname=fleet user=auditor_centre"
inventory = "fleet.yaml"
state = "state"
bundles = "bundles"
[sites.oslo]
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


@needs_postgresql
async def test_a_resolver_outside_the_networks_of_a_site(
    database: Installed, assembly: Assembly, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Names are not looked at, the rest of the host is; one sentence in the report, one line in the collector's log."""
    caplog.set_level(logging.WARNING)
    async with greeting(4, 43) as fleet:
        inventory = fleet.inventory()
        targets = [replace(target, hostname=f"{target.name}.example.test") for target in inventory.targets]
        lost = Target(name="lost", product="mps", hostname="lost.example.test", site="oslo")
        asks = replace(inventory.settings, dns_servers=(RESOLVER,))
        inventory = replace(inventory, targets=(*targets, lost), settings=asks)
        settings = centre_settings(database, tmp_path, hosts_per_job=1, sites={"oslo": {"called": ["oslo", "bergen"]}})
        own = collector_settings(database, "oslo", tmp_path, networks=["127.43.0.0/16"], dns_servers=["127.43.9.9"])
        async with working(SiteCollector("oslo", own, means_of(own, assembly))):
            _, performed = await audit(settings, assembly, inventory, tmp_path / "out")
    run = performed.run
    stored = read_evidence(tmp_path / "out" / "evidence.jsonl")
    for host in stored.hosts:
        assert host.faults == ()
        if host.target.name == "lost":
            assert "nobody was asked for lost.example.test's address" in host.notes[0]
            continue
        assert f"I am {host.target.address}" in repr(host.evidence)
        for kind in (NameLookup, ReverseLookup):
            made = host.evidence.one(kind)
            assert made is not None
            assert isinstance(made.outcome, Unknown)
            assert made.outcome.cause is Cause.NOT_ASKED
            assert "127.0.0.99 is outside the networks" in made.outcome.detail
    assert run.not_looked_at == ("lost",)
    assert (run.tool_faults, run.requests_refused) == ((), 0)
    assert exit_code(run) in {Exit.MISSES, Exit.INCONCLUSIVE}
    sentence = beyond_words("oslo", {"127.0.0.99": 5})
    assert "127.0.0.99. Nothing was sent there" in sentence
    assert "of 5 hosts was not looked at" in sentence
    assert run.notes.count(sentence) == 1
    assert judge_bundle(assembly, tmp_path / "out").notes == run.notes
    told = [text for record in caplog.records if "127.0.0.99" in (text := record.getMessage())]
    assert len(told) == 1, told
    assert "outside the networks of this collector: nothing is sent there" in told[0]
    verified = CliRunner().invoke(commands, ["verify", str(tmp_path / "out"), "--skip-pdf"])
    assert verified.exit_code == 0, verified.output


def test_the_plan_says_who_is_asked_beside_the_hosts(tmp_path: Path) -> None:
    """Nobody knows at the centre what collectors may ask, so it says what they are to ask, and what follows else."""
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "centre.toml").write_text(CENTRE)
    done = CliRunner().invoke(commands, ["sites", "plan", "--settings", str(tmp_path / "centre.toml")])
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "which every collector asks in place of its own: 10.9.0.53:53." in said
    assert "Database hosts are asked too, those of tms." in said
    assert "Time servers that devices have configured are asked too." in said
    assert said.count("outside a collector's own networks, which are not known here, nothing is sent there") == 3


def test_nothing_is_said_where_nobody_is_asked() -> None:
    """And a long list is cut."""
    alone = Target(name="rm1", product="mxp", address="10.1.0.7", site="oslo")
    assert asked_beside(Inventory(targets=(alone,))) == ()
    many = tuple(replace(alone, name=f"tms{n}", database=Database(address="10.1.0.8")) for n in range(7))
    (sentence,) = asked_beside(Inventory(targets=many, settings=Settings()))
    assert "those of tms0, tms1, tms2, tms3, tms4 and 2 more." in sentence
    assert "of up to 3 hosts each was" in beyond_words("oslo", {"10.0.0.1": 3, "10.0.0.2": 1})
    assert "of 1 host was" in beyond_words("oslo", {"10.0.0.1": 1})
