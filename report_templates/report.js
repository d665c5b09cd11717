// Filters and sorts the table of hosts, and opens closed parts for printing. Everything is readable without it.
"use strict";
(() => {
  const table = document.getElementById("fleet-table");
  const form = document.getElementById("filter");
  if (!table || !form) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = rows.map((row) => `${row.textContent} ${row.dataset.tags}`.toLowerCase());
  const shown = form.elements.namedItem("shown");

  const filter = () => {
    const field = (name) => form.elements.namedItem(name)?.value ?? "";
    const words = field("text").toLowerCase().split(/\s+/).filter(Boolean);
    const keys = ["outcome", "level", "product", "site"].filter((name) => field(name) !== "");
    let count = 0;
    rows.forEach((row, index) => {
      const tagged = field("tag") === "" || row.dataset.tags.split("|").includes(field("tag"));
      const broken = field("control") === "" || row.dataset.broken.split(" ").includes(field("control"));
      const fits = tagged && broken && keys.every((name) => row.dataset[name] === field(name)) && words.every((word) => texts[index].includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    shown.value = `${count} of ${rows.length} hosts shown`;
  };

  const value = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const sort = (column, header) => {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const sorted = [...rows].sort((a, b) => (down ? -1 : 1) * order(value(a, column), value(b, column)));
    body.append(...sorted);
  };

  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = header.textContent;
    button.addEventListener("click", () => sort(column, header));
    header.replaceChildren(button);
  });

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
  filter();

  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = target?.closest("details:not([open])");
    if (closed) { closed.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
})();
