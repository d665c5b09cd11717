"""Judging and audit.json from stored evidence, at 100, 1,000 and 10,000 hosts; nothing is sent while it is measured.

    .venv/bin/python -m benchmarks.stored [--sizes 100,1000,10000] [--keep FOLDER]

Sixty simulated systems, one of each mixture, are audited with their settings; their evidence is then told again under
other names, each with a certificate and a key of its own, as a large fleet would show it.
"""

import argparse
import base64
import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from auditor.cli.options import load_assembly
from auditor.cli.perform import judge_bundle
from auditor.reports.bundle import EVIDENCE, put
from auditor.reports.json_v1 import JsonReport
from benchmarks.scale import audited
from benchmarks.simulator.keys import Authority, key_of, pairs, pool
from benchmarks.simulator.systems import System
from benchmarks.stages import peak

SAMPLE = 60
"""Systems differ by their number modulo 20, 10 and 6: with sixty, every mixture is there."""
TARGET_SIZE = 10_000
END = "-----END CERTIFICATE-----\n"


def evidence_of(size: int, sample: Path) -> Iterator[str]:
    """Yield the lines of an evidence file of so many hosts, told after a sample."""
    first, *hosts, last = sample.read_text(encoding="utf-8").splitlines()
    by_number = {int(json.loads(line)["name"].removeprefix("rm")): line for line in hosts}
    authority = Authority()
    head = json.loads(first)
    inventory = head["audit"]["inventory"]
    for roots in inventory["settings"]["roots"]:
        roots["certificates"] = [_base64(authority.root.decode())]
    model = {target["name"]: target for target in inventory["targets"]}
    inventory["targets"] = []
    primes = pairs(pool(size))
    lines = []
    for number in range(size):
        old, new = System(number % SAMPLE), System(number)
        target = {**model[old.name], "name": new.name, "hostname": new.hostname, "address": new.address}
        inventory["targets"].append(target)
        pem = authority.chain_and_key(new, key_of(*primes[number])).decode()
        chain = [_base64(part + END) for part in pem.split(END)[:-1]]
        lines.append(_retold(by_number[old.number], old, new, chain))
    yield json.dumps(head)
    yield from lines
    yield last


def _retold(line: str, old: System, new: System, chain: list[str]) -> str:
    record = json.loads(line.replace(old.name, new.name).replace(f'"{old.address}"', f'"{new.address}"'))
    for made in record["observations"]:
        if made.get("fact", {}).get("chain"):
            made["fact"]["chain"] = chain
    return json.dumps(record, ensure_ascii=False)


def _base64(pem: str) -> str:
    return base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode("ascii")


def measured(folder: Path) -> dict[str, Any]:
    """Judge the evidence in a folder and write audit.json; return what it cost."""
    assembly = load_assembly()
    before = peak()
    stages = {}
    wall, cpu = time.perf_counter(), time.process_time()
    run = judge_bundle(assembly, folder)
    stages["judge"] = (time.perf_counter() - wall, time.process_time() - cpu)
    judged = peak()
    wall, cpu = time.perf_counter(), time.process_time()
    written = put(folder, JsonReport.file_name, JsonReport().pieces(run))
    stages["json"] = (time.perf_counter() - wall, time.process_time() - cpu)
    return {"stages": stages, "before": before, "judged": judged, "all": peak(), "bytes": written.stat().st_size}


def show(size: int, told: dict[str, Any]) -> None:
    """Print a row."""
    (judge, judge_cpu), (written, written_cpu) = told["stages"]["judge"], told["stages"]["json"]
    times = f"{judge:8.1f} ({judge_cpu:.1f}) {written:8.1f} ({written_cpu:.1f}) {judge + written:10.1f}"
    memory = f"{told['before']:9.0f} {told['judged']:10.0f} {told['all']:7.0f} {told['bytes'] / 1e6:10.1f}"
    target = "  target: under 60 s" if size == TARGET_SIZE else ""
    print(f"{size:>9,} hosts {times} {memory}{target}", flush=True)


def main() -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--keep", type=Path, help="leave the stored evidence in this folder")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measured(given.measure)))
        return
    with tempfile.TemporaryDirectory(prefix="stored-") as name:
        sample = Path(name, "sample")
        sample.mkdir()
        audited("settings", SAMPLE, sample, ["json"], SAMPLE)
        print("stored evidence  judge s (CPU)   JSON s (CPU)     together  MB start  MB judged  MB all  audit.json MB")
        for size in (int(size) for size in given.sizes.split(",")):
            folder = (given.keep or Path(name)) / str(size)
            folder.mkdir(parents=True)
            lines = evidence_of(size, sample / "bundle" / EVIDENCE)
            (folder / EVIDENCE).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
            command = [sys.executable, "-m", "benchmarks.stored", "--measure", str(folder)]
            told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            show(size, told)


if __name__ == "__main__":
    main()
