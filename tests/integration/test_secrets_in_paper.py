"""No password and no canary stands in the PDF: not in its text, nor in any of its streams, attachments included."""

import asyncio
import subprocess
import warnings
from pathlib import Path

import pikepdf

from auditor.cli.assembly import assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import perform
from auditor.cli.sources import gather
from auditor.demo.fleet import start_fleet
from auditor.demo.systems import FLEET
from auditor.reports.registry import report_named
from auditor.wire.gate import utc_now

NAMES = ("rm104", "mps6", "vcs2")


async def _audit(scratch: Path) -> tuple[Path, tuple[str, ...]]:
    assembly = assemble()
    specs = [spec for spec in FLEET if spec.name in NAMES]
    async with start_fleet(scratch / "fleet", specs=specs, now=utc_now(), with_credentials=True) as fleet:
        inventory = load_inventory(fleet.inventory_path, assembly)
        reports = (report_named("json"), report_named("pdf"))
        await perform(assembly, inventory, scratch / "bundle", reports, quiet=True, sources=gather(inventory))
        return scratch / "bundle" / "report.pdf", fleet.canaries


def test_no_secret_is_printed_or_attached(tmp_path: Path) -> None:
    """The text as a reader gets it, and every stream unpacked."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Diffie-Hellman over finite fields")
        path, canaries = asyncio.run(_audit(tmp_path))
    assert len(canaries) >= len(NAMES)
    text = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True).stdout
    assert b"rm104" in text
    with pikepdf.open(path) as pdf:
        streams = [each.read_bytes() for each in pdf.objects if isinstance(each, pikepdf.Stream)]
    everything = b"\0".join([path.read_bytes(), text, *streams])
    assert b'"schema_version"' in everything, "the attached result is among what was searched"
    assert [canary for canary in canaries if canary.encode() in everything] == []
