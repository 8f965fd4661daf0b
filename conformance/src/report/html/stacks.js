// Stacks side by side: filters, the matrix of scenarios by stacks, what is behind a cell.

/** What a cell can be; a report that was cut down has no word for a scenario in which nothing was found. */
const OUTCOMES = ["fail", "error", "inconclusive", "known", "pass", "skipped", "absent"];
const TROUBLED = ["fail", "error", "inconclusive", "known"];

const outcomeOf = (cell) => cell?.outcome ?? "absent";
const outcomesOf = (scenario) => [...new Set(scenario.cells.map(outcomeOf))];
const checksOf = (cell) => [...new Set([...(cell?.findings || []), ...(cell?.known || [])].map((found) => found.check))].sort();
const linkTo = (scenario, at) => `#${encodeURIComponent(scenario.id)}@${at}`;

const state = {
  words: new Set(DATA.scenarios.some((s) => outcomesOf(s).some((word) => TROUBLED.includes(word))) ? TROUBLED : OUTCOMES),
  differ: false,
  check: "",
  text: "",
  row: 0,
  column: 0,
};

/** The scenarios that the filters let through. */
function filtered() {
  const wanted = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  return DATA.scenarios.filter((scenario) => {
    const said = (cell) => [cell?.skipped, ...(cell?.known || []).map((known) => known.why), ...(cell?.findings || []).flatMap((f) => [f.expected, f.observed]), ...checksOf(cell)];
    const text = [scenario.id, scenario.title, ...scenario.cells.flatMap(said)].join("\n").toLowerCase();
    const words = outcomesOf(scenario);
    const differ = words.filter((word) => word !== "absent").length > 1;
    return words.some((word) => state.words.has(word)) && (differ || !state.differ)
      && (!state.check || scenario.cells.some((cell) => checksOf(cell).includes(state.check))) && wanted.every((word) => text.includes(word));
  });
}

/** The scenario and the stack that are shown, if any. */
function opened() {
  const scenario = DATA.scenarios.find((scenario) => DATA.stacks.some((_, at) => linkTo(scenario, at) === location.hash));
  return scenario && { scenario, at: Number(location.hash.slice(location.hash.lastIndexOf("@") + 1)) };
}

function bar() {
  const counts = Object.fromEntries(OUTCOMES.map((word) => [word, DATA.scenarios.filter((s) => outcomesOf(s).includes(word)).length]));
  const toggle = (word) => () => {
    if (!state.words.delete(word)) state.words.add(word);
    changed();
  };
  const chips = OUTCOMES.filter((word) => counts[word]).map((word) => make("button", { type: "button", class: `chip ${word}`, "data-word": word,
    "aria-pressed": String(state.words.has(word)), title: `scenarios that are ${word} in a stack`, onclick: toggle(word) }, badge(word), ` ${counts[word]}`));
  const differ = make("button", { type: "button", class: "chip", id: "differ", "aria-pressed": "false",
    onclick: () => { state.differ = !state.differ; differ.setAttribute("aria-pressed", String(state.differ)); changed(); } }, "only where stacks differ");
  const checks = [...new Set(DATA.scenarios.flatMap((scenario) => scenario.cells.flatMap(checksOf)))].sort();
  const select = checks.length > 0 && make("select", { id: "check", "aria-label": "only with this check", onchange: (event) => { state.check = event.target.value; changed(); } },
    make("option", { value: "" }, "every check"), checks.map((check) => make("option", { value: check }, check)));
  const search = make("input", { type: "search", id: "search", placeholder: "search  /", "aria-label": "search scenarios", value: state.text,
    oninput: (event) => { state.text = event.target.value; changed(); } });
  return make("nav", { class: "filters", "aria-label": "filters" }, chips, DATA.stacks.length > 1 && differ, select, search, keysButton());
}

/** A filter has changed: the matrix is what shows it. */
function changed() {
  state.row = 0;
  for (const chip of document.querySelectorAll(".chip[data-word]")) chip.setAttribute("aria-pressed", String(state.words.has(chip.dataset.word)));
  if (opened()) location.hash = "";
  else show();
  say(plural(filtered().length, "scenario"));
}

/** A cell's words: the outcome, and which checks are behind it. */
function told(cell) {
  const checks = checksOf(cell);
  return `${outcomeOf(cell)}${checks.length ? `: ${checks.join(", ")}` : ""}`;
}

function cellOf(scenario, cell, at) {
  const name = `${scenario.id} in ${DATA.stacks[at].name}: ${told(cell)}`;
  const findings = cell?.findings.length || 0;
  return make("td", { class: outcomeOf(cell), title: name }, make("a", { href: linkTo(scenario, at), tabindex: "-1", "aria-label": name },
    GLYPHS[outcomeOf(cell)], findings > 1 ? ` ${findings}` : ""));
}

/** What stands above a column: the stack, and how it went. */
function columnOf({ name, summary }) {
  const judged = (summary.pass || 0) + (summary.fail || 0) + (summary.error || 0) + (summary.inconclusive || 0);
  const bad = (summary.fail || 0) + (summary.error || 0);
  return make("th", { scope: "col", class: "stack" }, make("span", { class: "id" }, name), make("span", { class: "title" }, `${bad} of ${judged} failed`));
}

function matrix() {
  const rows = filtered();
  state.row = Math.min(state.row, Math.max(0, rows.length - 1));
  if (!rows.length) return make("p", { class: "nothing" }, "No scenario fits these filters.");
  const body = rows.map((scenario, i) => make("tr", { class: i === state.row ? "selected" : undefined, "data-row": i },
    make("th", { scope: "row" }, make("a", { href: linkTo(scenario, 0) }, make("span", { class: "id" }, scenario.id)), make("span", { class: "title" }, scenario.title)),
    scenario.cells.map((cell, at) => cellOf(scenario, cell, at))));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "scenarios by stacks" },
    make("table", { class: "matrix stacks" }, make("thead", {}, make("tr", {}, make("th", { class: "corner" }, plural(rows.length, "scenario")), DATA.stacks.map(columnOf))), make("tbody", {}, body)));
}

/** What is behind a cell. */
function behind(scenario, at) {
  const cell = scenario.cells[at];
  const known = (cell?.known || []).map((known) => make("p", { class: "notice known" }, badge("known"), " ", make("code", {}, known.check),
    ` ${known.title || DATA.checks[known.check]?.title || ""}: ${known.why || ""}`, known.until && make("span", { class: "faint" }, ` until ${known.until}`)));
  const more = Object.entries(cell?.more || {}).map(([check, count]) => make("p", { class: "faint" }, `and ${count} more ${check}`));
  const nothing = !cell ? "The report of this stack was cut down to what was found: nothing was in this scenario, or it was not judged."
    : cell.skipped ? `Skipped: ${cell.skipped}` : !cell.findings.length && !cell.known.length && "Nothing was found.";
  return [nothing && make("p", { class: "faint" }, nothing), known, (cell?.findings || []).map((found) => finding(found, { ...scenario, story: null })), more,
    (cell?.not_judged || []).map((reason) => make("p", { class: "faint" }, `not judged: ${reason}`))].flat(2).filter(Boolean);
}

function article(scenario, at) {
  const tabs = scenario.cells.map((cell, other) => make("a", { href: linkTo(scenario, other), class: `chip ${outcomeOf(cell)}`,
    "aria-current": other === at ? "true" : undefined }, badge(outcomeOf(cell)), ` ${DATA.stacks[other].name}`));
  return make("article", { class: "scenario" }, make("h2", { tabindex: "-1" }, scenario.id), make("p", { class: "title" }, scenario.title),
    make("nav", { class: "tabs", "aria-label": "stacks" }, tabs), make("h3", {}, DATA.stacks[at].name), behind(scenario, at));
}

/** The way back, and to the neighbours. */
function way(scenario, at) {
  const list = filtered();
  const place = list.indexOf(scenario);
  const to = (other, text) => other && make("a", { href: linkTo(other, at), title: other.id }, text);
  return make("nav", { class: "way", "aria-label": "scenarios" }, make("a", { href: "#" }, "← all scenarios"),
    make("span", {}, to(list[place - 1], "previous"), " ", place >= 0 && to(list[place + 1], "next")));
}

function show() {
  const open = opened();
  main.replaceChildren(...(open ? [way(open.scenario, open.at), article(open.scenario, open.at)] : [matrix()]));
  const stacks = DATA.stacks.map((stack) => stack.name).join(", ");
  document.title = open ? `${open.scenario.id} in ${DATA.stacks[open.at].name}` : `${stacks} side by side`;
}

/** To a neighbour: of the scenario that is shown, or in the matrix. */
function move(down, right) {
  const list = filtered();
  const open = opened();
  const held = (value, count) => Math.min(Math.max(value, 0), count - 1);
  if (open) {
    const scenario = down ? list[list.indexOf(open.scenario) + down] : open.scenario;
    if (scenario) location.hash = linkTo(scenario, held(open.at + right, DATA.stacks.length));
    return;
  }
  state.row = held(state.row + down, list.length);
  state.column = held(state.column + right, DATA.stacks.length);
  const rows = document.querySelectorAll("tr[data-row]");
  rows.forEach((row, i) => row.classList.toggle("selected", i === state.row));
  rows[state.row]?.scrollIntoView({ block: "nearest" });
  rows[state.row]?.querySelectorAll("td a")[state.column]?.focus({ preventScroll: true });
}

keyboard([
  ["/", "search", () => { document.getElementById("search").focus(); }],
  ["j", "next scenario", () => move(1, 0)],
  ["k", "previous scenario", () => move(-1, 0)],
  ["l", "next stack", () => move(0, 1)],
  ["h", "previous stack", () => move(0, -1)],
  ["Enter", "open the selected cell", () => { const s = filtered()[state.row]; if (s && !opened()) location.hash = linkTo(s, state.column); }],
  ["Escape", "back", () => { location.hash = ""; }],
  ["?", "these keys", () => help.showModal()],
]);

let before;
addEventListener("hashchange", () => {
  const left = before;
  before = opened();
  if (!before && left) [state.row, state.column] = [Math.max(0, filtered().indexOf(left.scenario)), left.at];
  show();
  scrollTo(0, 0);
  const focus = before ? main.querySelector("h2") : document.querySelectorAll("tr.selected td a")[state.column];
  focus?.focus({ preventScroll: Boolean(before) });
});

// On paper: the matrix, and after it what is behind each cell in which something was found.
addEventListener("beforeprint", () => {
  if (opened()) return;
  const cells = filtered().flatMap((scenario) => scenario.cells.flatMap((cell, at) => (checksOf(cell).length ? [article(scenario, at)] : [])));
  main.append(make("div", { class: "printed" }, cells));
});
addEventListener("afterprint", show);

const versions = [...new Set(DATA.stacks.map((stack) => stack.conformance).filter(Boolean))];
document.getElementById("top").append(make("div", { class: "headline" },
  make("h1", {}, make("a", { href: "#" }, "Stacks side by side"), make("span", {}, DATA.stacks.map((stack) => stack.name).join(", "))),
  make("p", { class: "faint" }, versions.map((version) => `conformance ${version}`).join(" · "))), bar());
before = opened();
show();
