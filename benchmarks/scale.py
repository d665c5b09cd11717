"""What an audit costs at 100, 1,000 and 10,000 hosts, on simulated systems, in one table.

    .venv/bin/python -m benchmarks.scale [--sizes 100,1000,10000] [--scenarios outside,settings,absent]
                                         [--formats json,csv] [--at-once 500]

Scenarios: `outside` without a login, `settings` with settings and status read over HTTPS, `absent` where three in ten
drop every packet (timeouts 3 s). The simulator is one more process on the same cores; its share of the CPU is shown.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.simulator.running import ENVIRONMENT, cpu_of, simulated
from benchmarks.simulator.systems import CLOSED, SERVICES, inventory

ABSENT_SHARE = 0.3
TIMEOUT_SECONDS = 3.0
TARGETS = {
    ("outside", 1000): "target: under 60 s",
    ("settings", 1000): "target: under 120 s",
    ("absent", 10_000): "target: under 720 s, 600 MB",
}
SCENARIOS = {
    "outside": "all hosts answer, no login",
    "settings": "all hosts answer, settings over HTTPS",
    "absent": f"{ABSENT_SHARE:.0%} absent, timeouts {TIMEOUT_SECONDS:g} s",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one audit cost, as `benchmarks.stages` tells it, and the simulator beside it."""

    scenario: str
    size: int
    told: dict[str, Any]
    simulator_cpu: float
    load: float


def audited(scenario: str, size: int, folder: Path, formats: list[str], at_once: int) -> Cost:
    """Audit a simulated fleet once."""
    with simulated(size, folder) as simulator:
        file = folder / "inventory.yaml"
        lines = inventory(
            size, absent=ABSENT_SHARE if scenario == "absent" else 0.0, settings=scenario == "settings",
            at_once=at_once, seconds=TIMEOUT_SECONDS if scenario == "absent" else None,
        )  # fmt: skip
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        before, load = cpu_of(simulator), os.getloadavg()[0]
        command = [sys.executable, "-m", "benchmarks.stages", str(file), str(folder / "bundle"), *formats]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT)
        return Cost(scenario, size, json.loads(done.stdout), cpu_of(simulator) - before, load)


def bounds(cost: Cost, at_once: int) -> str:
    """Say what the wall time cannot fall below, beside the CPU: connections, and timeouts of absent hosts."""
    parts = [f"{cost.told['requests'] / cost.told['hosts']:.0f} connections or datagrams a host"]
    if cost.scenario == "absent":
        tcp = len(SERVICES) + len(CLOSED) - 1
        each = tcp * TIMEOUT_SECONDS / 2 + TIMEOUT_SECONDS * 0.75
        least = each * cost.size * ABSENT_SHARE / at_once
        parts.append(f"waiting for silence {each:.1f} s an absent host, at least {least:.0f} s in all")
    return "; ".join(parts)


def show(cost: Cost, at_once: int) -> None:
    """Print the rows of one audit."""
    told = cost.told
    collect = told["stages"]["collect"][0]
    rates = f"{told['wall']:8.1f} {told['hosts'] / told['wall']:8.1f} {told['requests'] / collect:11.0f}"
    memory = f"{told['collect_rss']:11.0f} {told['rss']:7.0f} {told['worker_rss']:10.0f}"
    target = TARGETS.get((cost.scenario, cost.size), "")
    print(f"{cost.scenario:9} {cost.size:>7,} {told['answered']:>8,} {rates} {memory}  {target}")
    whole = sum(cpu for _, cpu in told["stages"].values()) or 1.0
    shares = ", ".join(
        f"{name} {cpu / whole:.0%} ({cpu:.1f} s CPU, {wall:.1f} s)" for name, (wall, cpu) in told["stages"].items()
    )
    print(f"{'':10}CPU: {shares}; simulator beside it {cost.simulator_cpu:.1f} s; load before {cost.load:.1f}")
    doubts = f"; {told['late']} answers came too late" if told["late"] else ""
    doubts += f"; FAULTS {told['faults']}" if told["faults"] else ""
    print(f"{'':10}bounded by: {bounds(cost, at_once)}{doubts}")


def main() -> None:
    """Run every scenario at every size and print the table as it grows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--scenarios", default="outside,settings,absent")
    parser.add_argument("--formats", default="json")
    parser.add_argument("--at-once", type=int, default=500)
    given = parser.parse_args()
    scenarios = given.scenarios.split(",")
    for name in scenarios:
        print(f"{name}: {SCENARIOS[name]}")
    print(f"{given.at_once} hosts at once, one conversation a host, pauses of the profile; {os.cpu_count()} cores\n")
    print("scenario    hosts answered   wall s  hosts/s  requests/s  MB collect  MB all  MB worker")
    began = time.perf_counter()
    for size in (int(size) for size in given.sizes.split(",")):
        for scenario in scenarios:
            with tempfile.TemporaryDirectory(prefix="scale-") as folder:
                show(audited(scenario, size, Path(folder), given.formats.split(","), given.at_once), given.at_once)
                sys.stdout.flush()
    print(f"\n{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
