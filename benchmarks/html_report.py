"""How fast `report.html` opens and filters with many hosts, measured in headless Chromium.

    .venv/bin/python -m benchmarks.html_report [--hosts 10000]

The hosts are those of a sample, each with evidence of its own. Times are milliseconds: until the page is loaded and its
list is drawn; and from a change in the filter until the next frame is painted, the worst of several.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from auditor.reports.html import HtmlReport
from benchmarks.large_fleet import large_fleet
from tests.browser import Browser

FILTERS = (
    ("text", "rm1"), ("text", "site-7 mxp"), ("text", "nothing like it"), ("text", ""), ("outcome", "0"),
    ("outcome", ""), ("site", "site-3"), ("tag", "tag-5"), ("site", ""), ("tag", ""), ("control", "0"),
    ("control", "1"), ("control", ""),
)  # fmt: skip
MEASURE = """(async () => {
  const form = document.getElementById("filter"), times = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (const [name, value] of %s) {
    const start = performance.now();
    form.elements.namedItem(name).value = value;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    await painted();
    times.push([name, value, performance.now() - start, form.elements.namedItem("shown").value]);
  }
  const sort = performance.now();
  document.querySelector("#fleet-table th button").click();
  await painted();
  const sorted = performance.now() - sort, opening = performance.now();
  const link = document.querySelector("#fleet-table tbody a");
  location.hash = link.hash;
  await painted();
  const timing = performance.getEntriesByType("navigation")[0];
  return { load: timing.loadEventEnd, times, sorted, opened: performance.now() - opening,
           elements: document.getElementsByTagName("*").length,
           drawn: document.querySelectorAll("#host-place *").length };
})()"""


def main() -> None:
    """Make the page, open it, filter, sort, open a host, and print the times."""
    parser = argparse.ArgumentParser(description="Measure report.html in Chromium.")
    parser.add_argument("--hosts", type=int, default=10_000)
    hosts: int = parser.parse_args().hosts
    began = time.perf_counter()
    page = HtmlReport().render(large_fleet(hosts))
    print(f"{hosts:,} hosts: {len(page) / 1e6:.1f} MB, made in {time.perf_counter() - began:.1f} s")
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        path = Path(folder) / "report.html"
        path.write_bytes(page)
        browser.open(path)
        seen = browser.run(MEASURE % json.dumps(FILTERS))
    print(f"load {seen['load']:.0f} ms, {seen['elements']:,} elements")
    for name, value, took, shown in seen["times"]:
        print(f"  {name} {value!r}: {took:.0f} ms ({shown})")
    worst = max(took for _, _, took, _ in seen["times"])
    print(f"sort {seen['sorted']:.0f} ms, open a host {seen['opened']:.0f} ms ({seen['drawn']} elements)")
    print(f"figures: load_ms={seen['load']:.0f} worst_filter_ms={worst:.0f}")


if __name__ == "__main__":
    main()
