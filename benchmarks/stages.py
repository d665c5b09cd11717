"""One audit with a clock on every stage, in a process of its own; what it cost is printed as JSON.

    python -m benchmarks.stages INVENTORY FOLDER [FORMAT ...]

It calls what `auditor audit` calls. CPU is that of this process and of the workers it waited for; the peak of memory is
that of this process and, apart, of its largest worker.
"""

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from auditor.cli import perform
from auditor.cli.assembly import Assembly
from auditor.cli.options import load_assembly, load_inventory
from auditor.cli.sources import gather
from auditor.model.assessment import AuditRun
from auditor.model.evidence import Cause, Unknown
from auditor.reports.interface import Content, Report, files_of
from auditor.reports.registry import report_named


class Clock:
    """Seconds of wall and of CPU by stage."""

    def __init__(self) -> None:
        """Begin with no stage."""
        self.stages: dict[str, tuple[float, float]] = {}
        self.collect_rss = 0

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside to a stage."""
        wall, cpu = time.perf_counter(), _cpu()
        yield
        before = self.stages.get(name, (0.0, 0.0))
        self.stages[name] = (before[0] + time.perf_counter() - wall, before[1] + _cpu() - cpu)


def _cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak(who: int = resource.RUSAGE_SELF) -> float:
    """Return the peak of resident memory in MB."""
    if who == resource.RUSAGE_SELF:
        # getrusage would tell the peak of the process that started this one where that was higher.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(who).ru_maxrss / 1024


def run(inventory: Path, folder: Path, formats: list[str]) -> dict[str, Any]:
    """Audit, and return what it cost."""
    clock = Clock()
    reports = [report_named(name) for name in formats]
    with clock.stage("start"):
        assembly = load_assembly()
        fleet = load_inventory(inventory, assembly, None)
        sources = gather(fleet, offline=False, folder=None)
    after_collect = 0.0
    collect = perform._collect  # noqa: SLF001 - a clock around it, and nothing else
    judge = perform.judge_bundle

    async def timed_collect(*args: Any, **named: Any) -> bool:  # noqa: ANN401 - whatever it takes
        nonlocal after_collect
        with clock.stage("collect"):
            interrupted = await collect(*args, **named)
        after_collect = peak()
        return interrupted

    def timed_judge(assembly: Assembly, folder: Path) -> AuditRun:
        with clock.stage("judge"):
            return judge(assembly, folder)

    def timed_files(report: Report, run: AuditRun) -> Iterator[tuple[str, Content]]:
        with clock.stage(report.name):
            yield from files_of(report, run)

    began = time.perf_counter()
    with (
        mock.patch.object(perform, "_collect", timed_collect),
        mock.patch.object(perform, "judge_bundle", timed_judge),
        mock.patch.object(perform, "files_of", timed_files),
    ):
        performed = asyncio.run(perform.perform(assembly, fleet, folder, reports, quiet=True, sources=sources))
    silent = [
        made.outcome.cause
        for host in performed.run.hosts
        if host.reachable
        for made in host.evidence.observations
        if isinstance(made.outcome, Unknown)
    ]
    return {
        "wall": time.perf_counter() - began,
        "stages": clock.stages,
        "hosts": len(performed.run.hosts),
        "answered": sum(host.reachable for host in performed.run.hosts),
        "requests": performed.run.requests_made,
        "faults": len(performed.run.tool_faults),
        "late": silent.count(Cause.TIMED_OUT) + silent.count(Cause.FILTERED),
        "collect_rss": after_collect,
        "rss": peak(),
        "worker_rss": peak(resource.RUSAGE_CHILDREN),
    }


def main() -> None:
    """Run one audit and print its cost."""
    inventory, folder, *formats = sys.argv[1:]
    print(json.dumps(run(Path(inventory), Path(folder), formats or ["json"])))


if __name__ == "__main__":
    main()
