"""A bit that is flipped in any file of a bundle that holds every format: found, in each file, at several places."""

import asyncio
import random

import pytest

from auditor.cli.assembly import assemble
from auditor.cli.options import load_inventory
from auditor.cli.perform import Sources, perform
from auditor.reports.bundle import AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT
from auditor.reports.registry import REPORTS
from tests.verification.bundles import KEY, Audited

FILES = sorted({report.file_name for report in REPORTS} | {AUDIT, EVIDENCE, MANIFEST, SIGNATURE, TRANSCRIPT})
PLACES = 2
"""Places by lot in each file, beside its first and its last byte."""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """A bundle of one host, judged offline, in every format."""
    scratch = tmp_path_factory.mktemp("everything")
    (scratch / "fleet.yaml").write_text("version: 1\nsystems:\n  - {name: box, product: mps, address: 127.0.0.1}\n")
    assembly = assemble()
    inventory = load_inventory(scratch / "fleet.yaml", assembly)
    done = asyncio.run(
        perform(assembly, inventory, scratch / "out", REPORTS, quiet=True, sources=Sources(offline=True))
    )
    assert done.unmade == ()
    audited = Audited(scratch / "out", assembly)
    audited.sign()
    return audited


def test_every_format_is_there(everything: Audited) -> None:
    """And nothing else: a new kind of file must be flipped, too."""
    assert sorted(path.name for path in everything.folder.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_found(everything: Audited, name: str) -> None:
    """The first and the last byte, and some by lot; the seed is the file's name."""
    path, lot = everything.folder / name, random.Random(name)  # noqa: S311 - places to flip, no secret
    content = path.read_bytes()
    if not content:
        pytest.skip("an empty file: nothing was sent, so there is no transcript")
    places = {0, len(content) - 1, *(lot.randrange(len(content)) for _ in range(PLACES))}
    try:
        for place in places:
            changed = bytearray(content)
            changed[place] ^= 1 << lot.randrange(8)
            path.write_bytes(changed)
            assert everything.failures(key=KEY if name == SIGNATURE else None, skip=("pdf",)), place
    finally:
        path.write_bytes(content)
