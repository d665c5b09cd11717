"""One audit of the whole demonstration fleet, which the tests of this folder look at from all sides."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.cli.assembly import Assembly, assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.demo.device import DeviceSpec
from auditor.demo.fleet import start_fleet
from auditor.demo.recorder import Request
from auditor.model.assessment import AuditRun, HostAssessment
from auditor.reports.registry import REPORTS
from auditor.wire.gate import utc_now


@dataclass(frozen=True)
class DemoAudit:
    """What the audit left: the bundle, the result, and what the devices saw."""

    folder: Path
    run: AuditRun
    specs: tuple[DeviceSpec, ...]
    records: tuple[Request, ...]
    writes: tuple[Request, ...]
    logins: tuple[Request, ...]
    assembly: Assembly

    @property
    def hosts(self) -> Mapping[str, HostAssessment]:
        """Assessments by name."""
        return {host.target.name: host for host in self.run.hosts}


async def _audit(folder: Path, scratch: Path) -> DemoAudit:
    assembly = assemble()
    async with start_fleet(scratch, now=utc_now()) as fleet:
        inventory = load_inventory(fleet.inventory_path, assembly)
        performed = await perform(assembly, inventory, folder, REPORTS, quiet=True)
        assert performed.unmade == ()
        recorder = fleet.recorder
        return DemoAudit(
            folder, performed.run, fleet.specs, recorder.requests, recorder.writes, recorder.logins, assembly
        )


@pytest.fixture(scope="session")
def demo_audit(tmp_path_factory: pytest.TempPathFactory) -> DemoAudit:
    """Audit the fleet once."""
    return asyncio.run(_audit(tmp_path_factory.mktemp("demo") / "bundle", tmp_path_factory.mktemp("fleet")))
