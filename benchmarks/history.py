"""How long it takes to record audits of a large fleet, and how large the history grows.

Synthetic: 10,000 hosts with 40 findings each, 25 distinct bodies for each control (fleets share models and software),
2 % of the findings changing a night and 1 % of the hosts not reached. Run: python -m benchmarks.history HOSTS NIGHTS
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.history import intervals, open_history, record, runs, stored_snapshot
from auditor.model.snapshot import CertificateFacts, HostFacts, HostState, ServiceState, Snapshot, Verdict
from auditor.model.verdict import Status

CONTROLS = tuple(f"theme.control-{number}" for number in range(40))
BODIES = 25
CHANGING = 0.02
NOT_REACHED = 0.01
START = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
STATUSES = (Status.MET, Status.MET, Status.NOT_MET, Status.UNDETERMINED)
PADDING = "what the host showed, word for word, " * 18


def verdict(control: int, body: int, at: datetime) -> Verdict:
    """Return one of the bodies of a control, with the time at which it was seen: about 900 bytes as JSON."""
    stamp = at.strftime("%Y-%m-%d %H:%M:%SZ")
    because = f"Control {control} was judged by what body {body} shows, and this is the reason in one sentence."
    evidence = f"probe/subject-{control}: {PADDING}{body} [{stamp}]"
    return Verdict(status=STATUSES[body % 4], level=2 + control % 3, because=because, evidence=(evidence,))


def fleet(hosts: int, nights: int) -> Iterator[Snapshot]:
    """Yield one audit a night."""
    dice = random.Random(5)  # noqa: S311 - a benchmark
    bodies = [[dice.randrange(BODIES) for _ in CONTROLS] for _ in range(hosts)]
    for night in range(nights):
        at = START + timedelta(days=night)
        states = {}
        for number, mine in enumerate(bodies):
            name, seen = f"host-{number:05}", at + timedelta(seconds=number % 3600)
            if night:
                mine[:] = [dice.randrange(BODIES) if dice.random() < CHANGING else body for body in mine]
            reached = dice.random() >= NOT_REACHED
            states[name] = HostState(
                name=name,
                outcome="misses" if reached else "unreachable",
                reached=reached,
                target_level=3,
                proven=1 if reached else None,
                possible=3 if reached else None,
                accepted=False,
                facts=facts(number),
                verdicts={control: verdict(c, mine[c], seen) for c, control in enumerate(CONTROLS)},
            )
        yield Snapshot(
            audit=f"night-{night}", started_at=at, finished_at=at + timedelta(hours=2), complete=True,
            tool_version="0", catalogue_digest="", inventory_digest="", hosts=states,
        )  # fmt: skip


def facts(number: int) -> HostFacts:
    """Return facts that only this host has: its address and its certificate."""
    return HostFacts(
        product="toy",
        address=f"10.{number // 65536}.{number // 256 % 256}.{number % 256}",
        software=f"F7.{number % 4}",
        services={name: ServiceState(port=port, transport="tcp", state="open") for name, port in PORTS.items()},
        certificates={"443": CertificateFacts(sha256=f"{number:064x}", serial=f"{number:X}", not_after=START)},
    )


PORTS = {"telnet": 23, "http": 80, "https": 443, "ssh": 22}


def main(hosts: int = 10_000, nights: int = 4) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.db")
        history = open_history(str(path), create=True)
        for night, snapshot in enumerate(fleet(hosts, nights)):
            before = path.stat().st_size
            start, busy = time.perf_counter(), time.process_time()
            recorded = record(history, snapshot)
            took, busy = time.perf_counter() - start, time.process_time() - busy
            size = path.stat().st_size
            print(
                f"night {night}: {took:.2f} s ({busy:.2f} s of processor time), "
                f"{hosts * len(CONTROLS) / busy:,.0f} findings/s, {recorded.began:,} new, "
                f"{recorded.ended:,} ended, file {size / 1e6:.1f} MB (+{(size - before) / 1e6:.2f} MB)"
            )
        for what, question in (
            ("list of audits", lambda: runs(history)),
            ("one host over time", lambda: intervals(history, hosts=["host-00042"])),
            ("a whole audit read back", lambda: stored_snapshot(history, "2")),
        ):
            start = time.perf_counter()
            question()
            print(f"{what}: {time.perf_counter() - start:.3f} s")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
