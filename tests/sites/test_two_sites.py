"""Two collectors on two queues audit the demonstration fleet; the bundle equals that of one machine."""

import base64
import io
import json
import logging
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from auditor.cli.app import commands
from auditor.cli.assembly import assemble
from auditor.cli.many_sites import means_of
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.cli.summary import print_summary
from auditor.demo.fleet import start_fleet
from auditor.model.assessment import AuditRun
from auditor.model.inventory import CredentialRef
from auditor.reports.detail import Detail
from auditor.reports.evidence_file import read_evidence
from auditor.reports.html import HtmlReport
from auditor.reports.paper import paper
from auditor.reports.registry import report_named
from auditor.sites.collector import SiteCollector
from auditor.wire.gate import utc_now
from tests.postgresql import needs_postgresql
from tests.sites.database.installed import Installed, installed
from tests.sites.world import audit, centre_settings, collector_settings, working

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def database() -> Iterator[Installed]:
    """Two sites."""
    with installed("oslo", "bergen") as made:
        yield made


TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?")
GARBLED = {"far4"}
"""A system that sends other rubbish each time."""
SECONDS = re.compile(r"\b\d+ s(?:econds?)?\b")


def found(folder: Path) -> dict[str, Any]:
    """Return everything that a bundle says of each host, with times and seconds blanked.

    The readiness checklist is made of the findings; it names hosts in the order in which they ended.
    """
    text = SECONDS.sub("<seconds>", TIME.sub("<time>", (folder / "audit.json").read_text()))
    hosts = {host["name"]: host for host in json.loads(text)["hosts"]}
    for host in hosts.values():
        host["checklist"] = [item | {"because": ""} for item in host["checklist"]]
        if host["name"] in GARBLED:
            host["services"] = [service | {"detail": ""} for service in host["services"]]
        for finding in host["findings"]:
            finding["because"] = sorted(re.split(r"[\s,.]+", finding["because"]))
            if host["name"] in GARBLED:
                finding |= {"evidence": [], "because": []}
    return hosts


def observed(folder: Path) -> dict[str, list[tuple[str, str, str]]]:
    """Return which questions each host was asked, and how each ended."""
    return {
        host.target.name: [(o.id, o.asks.__name__, type(o.outcome).__name__) for o in host.evidence.observations]
        for host in read_evidence(folder / "evidence.jsonl").hosts
    }


def asked(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the requests to each host as the transcript has them."""
    requests: dict[str, list[tuple[object, ...]]] = {}
    for line in (folder / "transcript.jsonl").read_text().splitlines():
        entry = json.loads(line)
        words = ("address", "port", "protocol", "operation", "argument", "permitted")
        requests.setdefault(entry["host"], []).append(tuple(entry[word] for word in words))
    return {host: sorted(several, key=repr) for host, several in requests.items()}


def own_credentials(references: tuple[CredentialRef, ...]) -> dict[str, dict[str, object]]:
    """Return the section of a collector's file: what the inventory of one machine says of passwords."""
    return {
        each.name: {
            "username": each.username, "password_file": each.password_file, "password_env": each.password_env,
            "allow_cleartext": each.allow_cleartext,
        }
        for each in references
    }  # fmt: skip


async def test_the_bundle_equals_that_of_one_machine(
    database: Installed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Same hosts, evidence, requests, findings, levels and links; passwords are known at the sites alone."""
    caplog.set_level(logging.INFO)
    assembly, json_report = assemble(), (report_named("json"),)
    async with start_fleet(tmp_path / "fleet", now=utc_now(), with_credentials=True) as fleet:
        inventory = load_inventory(fleet.inventory_path, assembly)
        inventory = replace(inventory, settings=replace(inventory.settings, hosts_at_once=80))
        await perform(assembly, inventory, tmp_path / "local", json_report, quiet=True, sources=gather(inventory))
        names = {target.site for target in inventory.targets}
        settings = centre_settings(
            database, tmp_path, hosts_per_job=10,
            sites={"oslo": {"called": ["oslo"]}, "bergen": {"called": sorted(filter(None, names - {"oslo"}))}},
            hosts_without_site="bergen",
        )  # fmt: skip
        collectors = []
        for site in ("oslo", "bergen"):
            own = collector_settings(
                database,
                site,
                tmp_path,
                credentials=own_credentials(inventory.credentials),
                jobs_at_once=5,
                hosts_at_once=100,
            )
            collectors.append(SiteCollector(site, own, means_of(own, assembly)))
        async with working(*collectors):
            run, performed = await audit(settings, assembly, inventory, tmp_path / "sites")
        assert fleet.recorder.writes == ()
    assert set(run.site_of.values()) == {"oslo", "bergen"}
    assert performed.run.complete
    assert performed.run.tool_faults == ()
    local, sites = tmp_path / "local", tmp_path / "sites"
    assert observed(sites) == observed(local)
    assert asked(sites) == asked(local)
    assert found(sites) == found(local)
    links = [json.loads((folder / "audit.json").read_text())["links"] for folder in (local, sites)]
    assert links[0] == links[1]
    says_how_it_was_asked(performed.run, sites)
    logged = [each.getMessage() for each in caplog.records]
    assert not told_secrets(fleet.canaries, database, tmp_path, logged)
    assert len(told_secrets(("far1.vc.example.test",), database, tmp_path, logged)) > 3  # it looks where something is


def says_how_it_was_asked(run: AuditRun, folder: Path) -> None:
    """No report states the inventory's number of hosts at once, which was nobody's here; each says whose it was."""
    assert run.pace is not None
    assert run.pace.hosts_at_once is None
    console = Console(file=io.StringIO(), width=200)
    print_summary(run, console)
    pages = [HtmlReport().render(run).decode(), "".join(sheet.html for sheet in paper(run, Detail.SUMMARY).sheets())]
    assert isinstance(console.file, io.StringIO)
    for text in (*pages, console.file.getvalue(), (folder / "audit.json").read_text()):
        assert (
            "Asking was left to collectors (sites bergen, oslo), each with its own setting of how many hosts at once"
            in text
        )
        assert "80 hosts at once" not in text
    for page in pages:
        assert "as each collector&#39;s own setting says" in page
    assert resumed_from(folder) == "collectors asked the hosts of this audit"


def resumed_from(folder: Path) -> str:
    """Return how the command refuses to ask the hosts of a gathered audit from here."""
    killed = folder.parent / "killed"
    killed.mkdir()
    for name in ("evidence.jsonl", "transcript.jsonl"):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (killed / name).write_bytes(b"".join(lines[:2]) if name == "evidence.jsonl" else b"")
    words = ["audit", str(folder.parent / "fleet" / "inventory.yaml"), "--resume", str(killed)]
    done = CliRunner().invoke(commands, words)
    assert done.exit_code == 2, done.output
    return done.stderr.split(": ", 2)[-1].partition(";")[0]


def told_secrets(canaries: Sequence[str], database: Installed, folder: Path, logged: list[str]) -> list[str]:
    """Return where a canary stands: in jobs, events, parcels, logs, spools, runs or bundles."""
    told = [*logged]
    for query in (
        "args::text FROM auditor_sites.procrastinate_jobs",
        "e::text FROM auditor_sites.procrastinate_events e",
    ):
        told += [repr(row) for row in database.all_seeing(f"SELECT {query}")]
    payloads = database.all_seeing("SELECT payload FROM auditor_sites.inbox")
    for (payload,) in payloads:
        assert isinstance(payload, bytes)
        parcel = zlib.decompress(payload)
        told += [parcel.decode(), base64.b64decode(json.loads(parcel)["evidence"]).decode()]
    kept = [path for path in folder.rglob("*") if path.is_file() and "fleet" not in path.relative_to(folder).parts]
    told += [path.read_bytes().decode("latin-1") for path in kept]
    assert canaries
    assert len(kept) > len(payloads) > 0  # a mark for each host in the spools, and the bundles
    return [text[:200] for text in told if any(canary in text for canary in canaries)]
