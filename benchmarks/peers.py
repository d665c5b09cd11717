"""Our audit beside nmap, sslyze and ssh-audit: the same simulated systems, the same ports, one after the other.

    .venv/bin/python -m benchmarks.peers [--hosts 40] [--path FOLDER] [--tools ours,nmap,sslyze,ssh-audit]

nmap runs version detection and the scripts that give comparable facts; sslyze asks for certificates and versions, and
is held against our TLS part alone; ssh-audit against our SSH part. A tool is looked for on PATH and in `--path`; one
that is absent is skipped. The old systems are counted apart: whose certificate or algorithms did each tool read?
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from auditor.model.profile import Limits
from auditor.wire import ssh, tls
from auditor.wire.failures import Answer, attempt
from auditor.wire.gate import Gate
from auditor.wire.ledger import Ledger
from auditor.wire.readlist import ReadList
from benchmarks.simulator.running import ENVIRONMENT, simulated
from benchmarks.simulator.systems import OFFSET, SERVICES, System, inventory

SCRIPTS = "ssl-cert,ssl-enum-ciphers,ssh2-enum-algos,http-auth,snmp-info,banner"
VERSIONS = ("--certinfo", "--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3")
AT_ONCE = 500
LIMIT_SECONDS = 3600.0
HTTPS, SSH = OFFSET + SERVICES["https"], OFFSET + SERVICES["ssh"]


@dataclass(frozen=True, slots=True)
class Result:
    """How long a tool took, and the numbers of the systems of which it read what was asked for."""

    seconds: float
    chains: frozenset[int] | None = None
    algorithms: frozenset[int] | None = None


def timed(command: list[str]) -> float:
    """Run a program to its end; return its wall seconds."""
    began = time.perf_counter()
    subprocess.run(
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
        timeout=LIMIT_SECONDS,
    )  # fmt: skip
    return time.perf_counter() - began


def full_audit(systems: list[System], folder: Path) -> Result:
    """Run our whole audit, its start and its reports included."""
    file, bundle = folder / "inventory.yaml", folder / "bundle"
    file.write_text("\n".join(inventory(len(systems), at_once=AT_ONCE)) + "\n", encoding="utf-8")
    auditor = str(Path(sys.executable).with_name("auditor"))
    took = timed([auditor, "audit", str(file), "-o", str(bundle), "--quiet", "--format", "json"])
    number = {system.name: system.number for system in systems}
    chains, algorithms = set(), set()
    with (bundle / "evidence.jsonl").open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            for made in record.get("observations", ()):
                fact = made.get("fact") or {}
                if made["asks"] == "TlsFace" and fact.get("chain"):
                    chains.add(number[record["name"]])
                if made["asks"] == "SshFace" and fact.get("kex"):
                    algorithms.add(number[record["name"]])
    return Result(took, frozenset(chains), frozenset(algorithms))


def our_part(systems: list[System], part: str) -> Result:
    """Run our TLS or our SSH questions alone: what the one-protocol tools are held against."""
    found = set()

    async def one(system: System) -> None:
        gate = Gate(
            host=system.name, address=system.address, reads=ReadList([]), limits=Limits(pause_seconds=0.2),
            ledger=Ledger(lambda _entry: None),
        )  # fmt: skip
        if part == "ssh":
            shown = await attempt(ssh.read_face(gate, SSH))
            good = isinstance(shown, Answer) and bool(shown.value.kex)
        else:
            face = await attempt(tls.fetch(gate, HTTPS, sni=system.hostname))
            await attempt(tls.probe_versions(gate, HTTPS, sni=system.hostname))
            good = isinstance(face, Answer) and bool(face.value.chain)
        if good:
            found.add(system.number)

    async def everyone() -> None:
        await asyncio.gather(*map(one, systems))

    began = time.perf_counter()
    asyncio.run(everyone())
    took = time.perf_counter() - began
    return Result(took, algorithms=frozenset(found)) if part == "ssh" else Result(took, chains=frozenset(found))


def nmap(program: str, systems: list[System], folder: Path) -> Result:
    """Run nmap with version detection and scripts on the ports that the audit asks, UDP included where it may."""
    targets, out = folder / "targets", folder / "nmap.xml"
    targets.write_text("\n".join(system.address for system in systems) + "\n", encoding="utf-8")
    tcp = ",".join(str(OFFSET + port) for name, port in SERVICES.items() if name != "snmp")
    root = os.geteuid() == 0
    ports = f"T:{tcp},U:{OFFSET + SERVICES['snmp']}" if root else tcp
    scans = ["-sS", "-sU"] if root else ["-sT"]
    took = timed(
        [program, *scans, "-Pn", "-n", "-sV", "--script", SCRIPTS, "-p", ports, "-iL", str(targets), "-oX", str(out)]
    )
    chains, algorithms = set(), set()
    number = {system.address: system.number for system in systems}
    for host in ET.parse(out).iter("host"):  # noqa: S314 - written by nmap a moment ago
        address = host.find("address")
        which = number.get(address.get("addr", "") if address is not None else "")
        scripts = {script.get("id") for script in host.iter("script")}
        if which is not None:
            chains |= {which} if "ssl-cert" in scripts else set()
            algorithms |= {which} if "ssh2-enum-algos" in scripts else set()
    return Result(took, frozenset(chains), frozenset(algorithms))


def sslyze(program: str, systems: list[System], folder: Path) -> Result:
    """Run sslyze's certificate and version scan."""
    out = folder / "sslyze.json"
    targets = folder / "sslyze-targets"
    targets.write_text("".join(f"{system.address}:{HTTPS}\n" for system in systems), encoding="utf-8")
    took = timed([program, *VERSIONS, f"--json_out={out}", f"--targets_in={targets}"])
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    number = {system.address: system.number for system in systems}
    chains = set()
    for server in told["server_scan_results"]:
        info = ((server.get("scan_result") or {}).get("certificate_info") or {}).get("result")
        if info and info.get("certificate_deployments"):
            chains.add(number[server["server_location"]["ip_address"]])
    return Result(took, chains=frozenset(chains))


def ssh_audit(program: str, systems: list[System], folder: Path) -> Result:
    """Run ssh-audit on a list of targets, as many threads as it takes by itself, without its rate test."""
    targets = folder / "ssh-targets"
    targets.write_text("".join(f"{system.address}:{SSH}\n" for system in systems), encoding="utf-8")
    out = folder / "ssh.json"
    began = time.perf_counter()
    with out.open("wb") as file:
        subprocess.run(
            [program, "-j", "--skip-rate-test", "-t", "10", "-T", str(targets)], check=False, stdout=file,
            stderr=subprocess.DEVNULL, timeout=LIMIT_SECONDS,
        )  # fmt: skip
    took = time.perf_counter() - began
    number = {system.address: system.number for system in systems}
    found = set()
    for match in re.finditer(r'"target": "([\d.]+):\d+"', out.read_text(encoding="utf-8")):
        found.add(number[match[1]])
    return Result(took, algorithms=frozenset(found))


def misses(read: Collection[int], systems: list[System], kind: Callable[[System], str]) -> str:
    """Say of which kinds of system a tool did not read what it was asked for."""
    lost = Counter(kind(system) for system in systems if system.number not in read)
    every = Counter(kind(system) for system in systems)
    return ", ".join(f"{name} ({number} of {every[name]})" for name, number in lost.items()) or "none"


def found(name: str, path: str | None) -> str | None:
    """Return where a tool lies, or None; say so where it is absent."""
    place = shutil.which(name) or shutil.which(name, path=path)
    if place is None:
        print(f"{name}: skipped, it is neither on PATH nor in --path")
    return place


def show(results: Mapping[str, Result], systems: list[System]) -> None:
    """Print seconds and ratios, and what each tool could not read."""
    pairs = {"nmap": "our audit", "sslyze": "our TLS part", "ssh-audit": "our SSH part"}
    print(f"\n{'tool':13} {'seconds':>8} {'hosts/s':>8}")
    for name, result in results.items():
        print(f"{name:13} {result.seconds:8.1f} {len(systems) / result.seconds:8.1f}", end="")
        ours = results.get(pairs.get(name, ""))
        print(f"  {result.seconds / ours.seconds:5.1f} times as long as {pairs[name]}" if ours else "")
    print("\nnot read:")
    for name, result in results.items():
        if result.chains is not None:
            print(f"  {name:13} certificate:    {misses(result.chains, systems, lambda system: system.tls)}")
        if result.algorithms is not None:
            print(f"  {name:13} SSH algorithms: {misses(result.algorithms, systems, lambda system: system.ssh)}")


def main() -> None:
    """Run all tools on one simulated fleet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--path", default=os.environ.get("PEERS_PATH"), help="folder of tools that are not on PATH")
    parser.add_argument("--tools", default="ours,nmap,sslyze,ssh-audit")
    given = parser.parse_args()
    systems = [System(number) for number in range(given.hosts)]
    tools = {"nmap": nmap, "sslyze": sslyze, "ssh-audit": ssh_audit}
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        with simulated(len(systems), folder):
            print(f"{len(systems)} systems, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
            if "ours" in given.tools.split(","):
                results["our audit"] = full_audit(systems, folder)
                results["our TLS part"] = our_part(systems, "tls")
                results["our SSH part"] = our_part(systems, "ssh")
            for tool in given.tools.split(","):
                if tool in tools and (program := found(tool, given.path)) is not None:
                    results[tool] = tools[tool](program, systems, folder)
    show(results, systems)


if __name__ == "__main__":
    main()
