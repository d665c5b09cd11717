"""Time and memory of the PDF in parts, beside the same content as one document, on the same cores.

    .venv/bin/python -m benchmarks.pdf [--hosts 200] [--parts-only]

Each way runs in a process of its own. Memory is the peak of the largest process (resident set). Compare the ratio: the
times depend on the machine, and on what else runs on it, so leave it alone meanwhile.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import time

from auditor.reports.detail import Detail
from auditor.reports.paper import paper
from auditor.reports.pdf import PdfReport
from auditor.reports.sheet import _toolbox
from benchmarks.large_fleet import large_fleet


def in_parts(hosts: int, workers: int) -> int:
    """Render the report as the program does; return its size."""
    return len(PdfReport(Detail.FULL, workers).render(large_fleet(hosts)))


def as_one(hosts: int) -> int:
    """Lay out the same pages as one document, tagged, with nothing joined afterwards; return its size."""
    from weasyprint import HTML  # noqa: PLC0415 - the other way need not pay for it

    made = paper(large_fleet(hosts), Detail.FULL)
    sheets = [sheet.html for sheet in (made.front(made.contents(), "0" * 64), *made.sheets()) if sheet.html]
    bodies = [re.split(r"</?body[^>]*>", html)[1] for html in sheets]
    fetcher, styles, fonts = _toolbox()
    page = f'<html lang="en"><head><title>One</title></head><body class="full">{"".join(bodies)}</body></html>'
    whole = HTML(string=page, base_url="report:", url_fetcher=fetcher)
    pdf: bytes = whole.write_pdf(stylesheets=[styles], font_config=fonts, pdf_variant="pdf/ua-1")
    return len(pdf)


def measured(way: str, hosts: int, workers: int) -> dict[str, float]:
    """Run one way in a process of its own and return seconds, megabytes of memory, and the file's size."""
    command = [sys.executable, "-m", "benchmarks.pdf", "--only", way, "--hosts", str(hosts), "--workers", str(workers)]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return figures


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure report.pdf.")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--parts-only", action="store_true")
    parser.add_argument("--only", choices=("parts", "one"))
    chosen = parser.parse_args()
    hosts: int = chosen.hosts
    if chosen.only:
        began = time.perf_counter()
        size = in_parts(hosts, chosen.workers) if chosen.only == "parts" else as_one(hosts)
        seconds = time.perf_counter() - began
        own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        figures = {
            "seconds": seconds,
            "cpu": own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
            "own_mb": own.ru_maxrss / 1024,
            "worker_mb": others.ru_maxrss / 1024,
            "mb": size / 1e6,
        }
        print(json.dumps(figures))
        return
    ways = ("parts",) if chosen.parts_only else ("parts", "one")
    seen_of = {way: measured(way, hosts, chosen.workers) for way in ways}
    for way, seen in seen_of.items():
        print(
            f"{hosts} hosts, {way}: {seen['seconds']:.1f} s ({seen['cpu']:.0f} s of CPU), "
            f"peak {seen['own_mb']:.0f} MB, of a worker {seen['worker_mb']:.0f} MB, file {seen['mb']:.1f} MB"
        )
    if "one" in seen_of:
        print(f"figures: times_faster={seen_of['one']['seconds'] / seen_of['parts']['seconds']:.2f}")


if __name__ == "__main__":
    main()
