// The list and the parts of many hosts, drawn from the data islands. All text is set as text, never as markup.
"use strict";
(() => {
  const PAGE = 50;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("fleet-data");
  const text = (value) => (typeof value === "number" ? data.texts[value] : value);
  const LISTED = ["anchor", "name", "hostname", "address", "product", "software", "target", "proven", "possible", "outcome", "accepted", "site", "tags", "held", "doubts", "letters"];
  const TEXTS = new Set(["anchor", "name", "hostname", "address", "product", "software", "site", "letters"]);
  const hosts = data.hosts.map((row, index) => {
    const host = { index };
    LISTED.forEach((field, at) => { host[field] = TEXTS.has(field) ? text(row[at]) : row[at]; });
    host.tags = host.tags.map(text);
    host.words = [host.name, host.hostname, host.address, host.product, host.software, host.site, ...host.tags].join(" ").toLowerCase();
    return host;
  });
  const byAnchor = new Map(hosts.map((host) => [host.anchor, host]));
  const form = document.getElementById("filter");
  const body = document.getElementById("fleet-table").tBodies[0];
  const heads = [...document.getElementById("fleet-table").tHead.rows[0].cells];
  const pager = document.getElementById("pager");
  const [before, after] = pager.querySelectorAll("button");
  const shown = form.elements.namedItem("shown");
  let fitting = hosts;
  let at = 0;

  const make = (tag, words, kind, ...kids) => {
    const node = document.createElement(tag);
    if (kind) node.className = kind;
    if (words) node.textContent = words;
    node.append(...kids);
    return node;
  };
  const mark = (kind, words) => {
    const shape = make("span", "", "shape");
    shape.setAttribute("aria-hidden", "true");
    return make("span", "", `mark ${kind}`, shape, words);
  };
  const level = (number) => {
    if (number === null) return make("span", "No level", "level none");
    const gauge = make("span", "", `gauge g${number}`);
    gauge.setAttribute("aria-hidden", "true");
    return make("span", "", "level", gauge, `Level ${number}`);
  };
  const link = (anchor, words, kind) => {
    const node = make("a", words, kind);
    node.href = `#${anchor}`;
    return node;
  };

  const row = (host) => {
    const name = make("th", "", "", link(host.anchor, host.name));
    name.scope = "row";
    if (host.site) name.append(make("span", host.site, "sub"));
    const levels = make("td", "", "", level(host.proven));
    if (host.proven !== host.possible) levels.append(make("span", `possibly ${host.possible}`, "possible"));
    const [value, words] = data.outcomes[host.outcome];
    const outcome = make("td", "", "", mark(value, words));
    if (host.accepted) outcome.append(make("span", "accepted", "sub"));
    const held = make("td");
    if (host.held.length) {
      const id = data.controls[host.held[0]][0];
      held.append(link(`control-${id}`, id, "control"));
      if (host.held.length > 1) held.append(make("span", `and ${host.held.length - 1} more`, "sub"));
    } else held.append(make("span", host.doubts ? `unknown: ${host.doubts} controls` : "nothing", "unknown"));
    return make("tr", "", "", name, make("td", host.product), make("td", host.software || "unknown"), make("td", `Level ${host.target}`), levels, outcome, held);
  };
  const draw = () => {
    const some = fitting.slice(at, at + PAGE);
    body.replaceChildren(...some.map(row));
    const count = (number) => number.toLocaleString("en");
    const range = some.length ? `${count(at + 1)} to ${count(at + some.length)} of ` : "";
    shown.value = `${range}${count(fitting.length)} hosts${fitting.length === hosts.length ? "" : ` (${count(hosts.length)} in all)`}`;
    before.disabled = at === 0;
    after.disabled = at + PAGE >= fitting.length;
  };

  const order = new Intl.Collator("en", { numeric: true }).compare;
  const keys = [
    (h) => h.name, (h) => h.product, (h) => h.software, (h) => h.target, (h) => (h.proven === null ? 0 : h.proven * 10 + h.possible),
    (h) => h.outcome, (h) => (h.held.length ? data.controls[h.held[0]][0] : ""),
  ];
  let sorting = null;
  const sorted = (some) => {
    if (!sorting) return some;
    const { column, down } = sorting;
    const compare = column > 2 && column < 6 ? (a, b) => a - b : order;
    return some.map((host) => [keys[column](host), host]).sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0])).map((pair) => pair[1]);
  };
  const filter = () => {
    const field = (name) => form.elements.namedItem(name)?.value ?? "";
    const words = field("text").toLowerCase().split(/\s+/).filter(Boolean);
    const [outcome, proven, site, tag, control, status] = ["outcome", "level", "site", "tag", "control", "status"].map(field);
    fitting = sorted(hosts.filter((host) =>
      (outcome === "" || host.outcome === Number(outcome)) &&
      (proven === "" || (proven === "none" ? host.proven === null : host.proven === Number(proven))) &&
      (site === "" || host.site === site) && (tag === "" || host.tags.includes(tag)) &&
      (control === "" || host.letters[Number(control)] === status) &&
      words.every((word) => host.words.includes(word))));
    at = 0;
    draw();
  };
  heads.forEach((head, column) => {
    const button = make("button", head.textContent, "sort");
    button.type = "button";
    button.addEventListener("click", () => {
      sorting = { column, down: head.getAttribute("aria-sort") === "ascending" };
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
      filter();
    });
    head.replaceChildren(button);
  });

  const table = (caption, titles, rows, widths = []) => {
    const line = make("tr", "", "", ...titles.map((title) => { const cell = make("th", title); cell.scope = "col"; return cell; }));
    const cells = (row) => row.map((value, column) => {
      const cell = make(column ? "td" : "th", typeof value === "string" ? value : "");
      if (!column) cell.scope = "row";
      if (typeof value !== "string") cell.append(...[value].flat());
      return cell;
    });
    return make("table", "", titles.length ? "rows" : "facts", make("caption", caption, titles.length ? "" : "quiet"),
      ...(widths.length ? [make("colgroup", "", "", ...widths.map((width) => make("col", "", width)))] : []),
      ...(titles.length ? [make("thead", "", "", line)] : []), make("tbody", "", "", ...rows.map((row) => make("tr", "", "", ...cells(row)))));
  };
  const finding = (found) => {
    const [number, status, , because, evidence, place, remedy, marks, id, title] = found;
    const control = number < 0 ? [text(id), text(title), null] : data.controls[number];
    const [value, , words] = data.statuses[status];
    const line = make("p", "", "line", mark(value, words));
    if (control[2] !== null) line.append(make("span", `needed for Level ${control[2]}`, "needed"));
    line.append(number < 0 ? make("span", control[0], "control") : link(`control-${control[0]}`, control[0], "control"));
    marks.forEach((each) => line.append(make("span", text(each), "tag")));
    const part = make("div", "", `finding ${value}`, make("h5", control[1]), line, make("p", text(because), "because device"));
    if (evidence.length) part.append(make("p", "Seen", "label"), make("ul", "", "evidence", ...evidence.map((each) => make("li", text(each), "device"))));
    if (text(remedy)) {
      const todo = make("div", "", "todo", ...text(remedy).split(/\\n\\n|\n\n/).map((block) => make("p", block)));
      part.append(make("p", status ? "To do, if it turns out not to be met" : "To do, by a person", "label"), todo);
    }
    part.append(make("p", text(place), "source"));
    return part;
  };
  const groups = new Map();
  const details = (host) => {
    const number = Math.floor(host.index / data.group);
    if (!groups.has(number)) groups.set(number, read(`fleet-data-${number}`));
    return groups.get(number)[host.index % data.group];
  };
  const hostPart = (host) => {
    const [levels, meaning, unreachable, calls, when, notes, services, chain, findings] = details(host);
    const [value, words] = data.outcomes[host.outcome];
    const title = make("h3", host.name, "host-name");
    title.id = host.anchor;
    title.tabIndex = -1;
    const verdict = make("p", "", "verdict", mark(value, words), make("span", text(levels), "levels"), make("span", `target Level ${host.target}`, "target"));
    if (host.accepted) verdict.append(make("span", "accepted by waiver", "tag"));
    const part = [title, verdict, make("p", `${text(meaning)} ${text(unreachable)}`, "meaning"), ...notes.map((note) => make("p", text(note), "note"))];
    part.push(make("h4", "Identity"), table("What this host is", [], [
      ["Product", host.product], ["Software", host.software || "unknown"], ["Name it gives itself", text(calls) || "unknown"], ["Hostname", host.hostname || "none in the inventory"],
      ["Address", host.address || "not known"], ["Site and tags", [host.site || "no site", ...host.tags].join(", ")], ["Looked at", text(when)]]));
    if (services.length) {
      part.push(make("h4", "Services"), table("What each service of this product showed", ["Service", "Port", "State", "Level", "What was seen"],
        services.map(([name, port, state, rated, seen]) => [text(name), text(port), text(state), rated === null ? "not rated" : [level(rated)], text(seen)]),
        ["c-service", "c-port", "c-svcstate", "c-level", ""]));
    }
    if (chain) {
      const problems = make("ul", "", "plain", ...chain[7].map((each) => make("li", text(each))));
      if (chain[8]) problems.append(make("li", `${chain[8]} more, in audit.json`));
      part.push(make("h4", "Certificate"), table("The certificate that was presented first", [], [
        ["Verdict of the chain", text(chain[0])], ["Name check", text(chain[6])], ["Subject", text(chain[1])], ["Issuer", text(chain[2])], ["Ends", text(chain[3])],
        ["Key", text(chain[4])], ["SHA-256", text(chain[5])], ["Presented", `${chain[9]} in all`], ["Problems", chain[7].length ? [problems] : "none"]]));
    }
    for (const [kind, title] of [["level", ""], ["advisory", "Advisories: "], ["link", "Links: "], ["lock-down", "Optional lock-down: "]]) {
      data.statuses.forEach(([, , words], status) => {
        const some = findings.filter((found) => found[1] === status && text(found[2]) === kind);
        if (!some.length) return;
        part.push(make("h4", `${title}${title ? words.toLowerCase() : words} (${some.length})`));
        if (status < 2) part.push(...some.map(finding));
        else part.push(make("details", "", "", make("summary", `Show ${some.length}`), ...some.map(finding)));
      });
    }
    const back = link("fleet", "Back to the list");
    part.push(make("p", "", "", back));
    return part;
  };
  const open = () => {
    const host = byAnchor.get(location.hash.slice(1));
    if (!host) return;
    document.getElementById("host-place").replaceChildren(...hostPart(host));
    const title = document.getElementById(host.anchor);
    title.scrollIntoView();
    title.focus({ preventScroll: true });
  };

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  const leaf = (by) => { at += by; draw(); document.getElementById("fleet-place").focus(); };
  before.addEventListener("click", () => leaf(-PAGE));
  after.addEventListener("click", () => leaf(PAGE));
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
  for (const part of [form, pager, document.getElementById("fleet-place")]) part.hidden = false;
  draw();
  open();
})();
