"""One small audit for all tests of verification, and copies of it."""

import asyncio
from pathlib import Path

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.demo.fleet import FLEET, start_fleet
from auditor.reports.registry import report_named
from auditor.wire.gate import utc_now
from tests.verification.bundles import FORMATS, Audited

HOSTS = ("rm101", "vcs1", "tms")


async def _audit(folder: Path, scratch: Path) -> Audited:
    assembly = assemble()
    specs = tuple(spec for spec in FLEET if spec.name in HOSTS)
    async with start_fleet(scratch, specs=specs, now=utc_now(), with_credentials=True) as fleet:
        inventory = load_inventory(fleet.inventory_path, assembly)
        reports = tuple(report_named(name) for name in FORMATS)
        done = await perform(assembly, inventory, folder, reports, quiet=True, sources=gather(inventory))
    assert done.unmade == ()
    assert {host.target.name for host in done.run.hosts} == set(HOSTS)
    audited = Audited(folder, assembly)
    audited.sign()
    return audited


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The bundle as it was written. No test changes it."""
    scratch = tmp_path_factory.mktemp("verification")
    return asyncio.run(_audit(scratch / "bundle", scratch / "fleet"))


@pytest.fixture
def bundle(whole: Audited, tmp_path: Path) -> Audited:
    """A copy to be attacked."""
    return whole.copy(tmp_path / "bundle")
