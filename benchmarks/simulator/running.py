"""Starts the simulator's process, waits until it serves, and ends it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.simulator.systems import PASSWORD

ENVIRONMENT = {**os.environ, "BENCHMARK_PASSWORD": PASSWORD}
"""Environment of a process that audits simulated systems."""


@contextmanager
def simulated(systems: int, folder: Path) -> Iterator[int]:
    """Yield the simulator's process number while it serves so many systems; their root is in `folder`/root.pem."""
    command = [sys.executable, "-m", "benchmarks.simulator.serve", str(systems), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != b"ready\n":
                raise RuntimeError("the simulator did not start")
            yield process.pid
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def cpu_of(process: int) -> float:
    """Return the CPU seconds of a process until now (Linux: proc(5), fields 14 and 15 of `stat`)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
