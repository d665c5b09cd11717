"""A few simulated devices in this process, and audits of them in processes that can be hurt."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pikepdf

from auditor.demo.fleet import FLEET, start_fleet
from auditor.wire.gate import utc_now

ROOT = Path(__file__).parents[2]
HOSTS = ("rm101", "vcs1", "tms")
SECONDS = 120.0
"""How long anything may take on a busy machine."""


@asynccontextmanager
async def small_fleet(scratch: Path) -> AsyncIterator[Path]:
    """Run three devices and yield the path of their inventory, without credentials."""
    specs = tuple(spec for spec in FLEET if spec.name in HOSTS)
    async with start_fleet(scratch, specs=specs, now=utc_now(), with_credentials=False) as fleet:
        yield fleet.inventory_path


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    told: str


class Audit:
    """A command of ours in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take the process."""
        self._process = process

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process.returncode is None:
            self._process.send_signal(number)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return as soon as the condition holds or the process has ended."""
        async with asyncio.timeout(SECONDS):
            while not condition() and self._process.returncode is None:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.005)

    async def end(self) -> Ended:
        """Wait for its end."""
        async with asyncio.timeout(SECONDS):
            _, told = await self._process.communicate()
        return Ended(self._process.returncode or 0, told.decode())


@asynccontextmanager
async def running(*words: str | Path, limit: str = "", variables: dict[str, str] | None = None) -> AsyncIterator[Audit]:
    """Start a command; `limit` are lines of Python that run in its process before it begins."""
    code = f"import resource, signal, sys\n{limit}\nfrom auditor.__main__ import main\nmain()\n"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *map(str, words),
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "250", **(variables or {})},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Audit(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def run(*words: str | Path, limit: str = "", variables: dict[str, str] | None = None) -> Ended:
    """Run a command to its end."""
    async with running(*words, limit=limit, variables=variables) as audit:
        return await audit.end()


def unsound(folder: Path) -> list[str]:
    """Return what is wrong with the files of a bundle: each must be whole, but for the last line of one that grows."""
    problems = []
    for path in folder.iterdir():
        content = path.read_bytes()
        if path.name.startswith(".") and path.name.endswith(".part"):
            continue
        try:
            if path.suffix == ".json":
                json.loads(content)
            elif path.suffix in {".jsonl", ".ndjson"}:
                growing = path.suffix == ".jsonl"
                for line in content.split(b"\n")[: -1 if growing else None]:
                    if line or growing:
                        json.loads(line)
            elif path.suffix == ".pdf":
                with pikepdf.open(BytesIO(content)) as pdf:
                    assert len(pdf.pages) > 1
            elif path.suffix == ".html":
                assert content.rstrip().endswith(b"</html>")
            else:
                assert content.endswith(b"\n")
        except (ValueError, AssertionError, pikepdf.PdfError) as error:
            problems.append(f"{path.name}: {error}")
    return problems
