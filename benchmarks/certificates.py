"""Rates of fetching and judging certificate chains, beside the standard library and `openssl verify`, in one run.

    .venv/bin/python -m benchmarks.certificates [--seconds 5]

Compare the ratios: the rates depend on the machine, and server and client share its cores. CPU is this process's own.
"""

import argparse
import asyncio
import ssl
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from auditor.model.profile import Limits
from auditor.trust import DEVICE_RULES, MODERN_RULES, Anchors, TrustRules, judge
from auditor.wire.clienthello import read_flight
from auditor.wire.gate import Gate
from auditor.wire.hello_message import TLS12, Offer
from auditor.wire.ledger import Ledger
from auditor.wire.readlist import ReadList
from auditor.wire.tls_session import legacy_context
from benchmarks.fleet_of_chains import many_chains
from tests.tls_peers import HOSTNAME, chain_of_two, nginx

AT = datetime(2026, 11, 24, tzinfo=UTC)
AT_ONCE = 50


async def rate(seconds: float, once: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Run `once` again and again, fifty at a time; return how many a second, and CPU milliseconds for each."""
    done, began, cpu = 0, time.perf_counter(), time.process_time()

    async def work() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            await once()
            done += 1

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    elapsed = time.perf_counter() - began
    return done / elapsed, (time.process_time() - cpu) / done * 1000


def fresh_gate() -> Gate:
    """A gate as each host has one."""
    limits = Limits(pause_seconds=0, question_seconds=10)
    return Gate(host="h", address="127.0.0.1", reads=ReadList([]), limits=limits, ledger=Ledger(lambda _entry: None))


def fetching(seconds: float, folder: Path) -> list[tuple[str, float, float]]:
    """Fetch the chain of an nginx over and over, by our reader and by the standard library."""
    identity = chain_of_two(folder)
    with nginx(folder, identity, protocols="TLSv1.2") as peer:
        offer = Offer(version=TLS12, sni=HOSTNAME)
        context = legacy_context()

        async def ours() -> None:
            flight = await read_flight(fresh_gate(), peer.port, offer)
            assert flight.chain == identity.chain

        async def standard() -> None:
            _, writer = await asyncio.open_connection("127.0.0.1", peer.port, ssl=context, server_hostname=HOSTNAME)
            assert writer.get_extra_info("ssl_object").getpeercert(binary_form=True) == identity.chain[0]
            writer.transport.abort()

        rows = []
        for name, once in (("our hello reader (whole chain)", ours), ("stdlib ssl (leaf only)", standard)) * 2:
            rows.append((name, *asyncio.run(rate(seconds / 2, once))))
    return rows[2:]


def judging(seconds: float, folder: Path) -> list[tuple[str, float, float]]:
    """Judge chains of two, each leaf a new one to us, and let `openssl verify` do the same with files."""
    leaves, issuer, root = many_chains(400)
    anchors = Anchors.of([root])

    def run(rules: TrustRules) -> tuple[float, float]:
        began, cpu, done = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < seconds:
            report = judge(
                (leaves[done % len(leaves)], issuer), anchors=anchors, reference=HOSTNAME, at=AT, rules=rules
            )
            assert report.path, report
            done += 1
        elapsed = time.perf_counter() - began
        return done / elapsed, (time.process_time() - cpu) / done * 1000

    files = [folder / "leaf.pem", folder / "issuer.pem", folder / "root.pem"]
    for file, der in zip(files, (leaves[0], issuer, root), strict=True):
        file.write_text(ssl.DER_cert_to_PEM_cert(der))
    command = ["openssl", "verify", "-CAfile", str(files[2]), "-untrusted", str(files[1]), "-attime",
               str(int(AT.timestamp())), str(files[0])]  # fmt: skip
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        subprocess.run(command, check=True, capture_output=True)
        done += 1
    program = done / (time.perf_counter() - began)
    ours = [(f"our judge, {rules.name} rules", *run(rules)) for rules in (DEVICE_RULES, MODERN_RULES)]
    return [*ours, ("openssl verify, a process each", program, 0.0)]


def show(title: str, unit: str, rows: list[tuple[str, float, float]]) -> None:
    """Print rates with the ratio to the last row."""
    print(f"\n{title}")
    for name, speed, cpu in rows:
        cost = f"{cpu:6.2f} ms CPU each" if cpu else ""
        print(f"  {name:34} {speed:9.0f} {unit}/s  {speed / rows[-1][1]:6.1f}x  {cost}")


def main() -> None:
    """Run both and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        show(f"Fetching, TLS 1.2, RSA 2048, {AT_ONCE} at a time", "chains", fetching(seconds, Path(folder)))
        show("Judging, leaf + issuer + root, every leaf different", "chains", judging(seconds, Path(folder)))


if __name__ == "__main__":
    main()
