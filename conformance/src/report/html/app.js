// Filters, which scenario is shown, printing.

const troubled = DATA.scenarios.some((scenario) => ["fail", "error", "inconclusive"].includes(outcome(scenario)));
const state = {
  words: new Set(troubled ? ["fail", "error", "inconclusive"] : WORDS),
  check: "",
  text: "",
  selected: 0,
};

/** The scenarios that the filters let through, worst first. */
function filtered() {
  const wanted = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (scenario) => {
    const text = [scenario.id, scenario.title, scenario.skipped, ...scenario.findings.flatMap((f) => [f.check, f.expected, f.observed])].join("\n").toLowerCase();
    return state.words.has(outcome(scenario)) && (!state.check || scenario.findings.some((found) => found.check === state.check)) && wanted.every((word) => text.includes(word));
  };
  return DATA.scenarios.filter(holds).sort((a, b) => WORDS.indexOf(outcome(a)) - WORDS.indexOf(outcome(b)));
}

const opened = () => DATA.scenarios.find((scenario) => linkTo(scenario) === location.hash);

function bar() {
  const counts = Object.fromEntries(WORDS.map((word) => [word, DATA.scenarios.filter((s) => outcome(s) === word).length]));
  const toggle = (word) => () => {
    if (!state.words.delete(word)) state.words.add(word);
    changed();
  };
  const chips = WORDS.filter((word) => counts[word]).map((word) => make("button", { type: "button", class: `chip ${word}`, "data-word": word,
    "aria-pressed": String(state.words.has(word)), onclick: toggle(word) }, badge(word), ` ${counts[word]}`));
  const checks = checksOf(DATA.scenarios);
  const select = checks.length > 0 && make("select", { id: "check", "aria-label": "only with this check", onchange: (event) => pick(event.target.value) },
    make("option", { value: "" }, "every check"), checks.map((check) => make("option", { value: check, selected: check === state.check }, check)));
  const search = make("input", { type: "search", id: "search", placeholder: "search  /", "aria-label": "search scenarios", value: state.text,
    oninput: (event) => { state.text = event.target.value; changed(); } });
  return make("nav", { class: "filters", "aria-label": "filters" }, chips, select, search, keysButton());
}

function pick(check) {
  state.check = state.check === check ? "" : check;
  document.getElementById("check").value = state.check;
  changed();
}

/** A filter has changed: the overview is what shows it. */
function changed() {
  state.selected = 0;
  for (const chip of document.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(state.words.has(chip.dataset.word)));
  if (opened()) location.hash = "";
  else show();
  say(plural(filtered().length, "scenario"));
}

function overview() {
  const shown = filtered();
  state.selected = Math.min(state.selected, Math.max(0, shown.length - 1));
  return [wall(shown), shown.length ? matrix(shown, state.selected, pick) : make("p", { class: "nothing" }, "No scenario fits these filters.")];
}

function show() {
  const scenario = opened();
  main.replaceChildren(...(scenario ? [way(scenario), article(scenario)] : overview()));
  document.title = `${scenario ? scenario.id + " · " : ""}${DATA.stack}: conformance`;
}

/** The way back, and to the neighbours. */
function way(scenario) {
  const list = filtered();
  const at = list.indexOf(scenario);
  const to = (other, text) => other && make("a", { href: linkTo(other), title: other.id }, text);
  return make("nav", { class: "way", "aria-label": "scenarios" }, make("a", { href: "#" }, "← all scenarios"),
    make("span", {}, to(list[at - 1], "previous"), " ", at >= 0 && to(list[at + 1], "next")));
}

function move(step) {
  const list = filtered();
  const scenario = opened();
  if (scenario) {
    const next = list[list.indexOf(scenario) + step];
    if (next) location.hash = linkTo(next);
    return;
  }
  state.selected = Math.min(Math.max(state.selected + step, 0), list.length - 1);
  const rows = document.querySelectorAll("tr[data-row]");
  rows.forEach((row, i) => row.classList.toggle("selected", i === state.selected));
  rows[state.selected]?.scrollIntoView({ block: "nearest" });
  rows[state.selected]?.querySelector("a").focus({ preventScroll: true });
}

keyboard([
  ["/", "search", () => { document.getElementById("search").focus(); }],
  ["j", "next scenario", () => move(1)],
  ["k", "previous scenario", () => move(-1)],
  ["Enter", "open the selected scenario", () => { const s = filtered()[state.selected]; if (s && !opened()) location.hash = linkTo(s); }],
  ["Escape", "back", () => { location.hash = ""; }],
  ["c", "copy the command that repeats it", () => document.querySelector(".copy")?.click()],
  ["?", "these keys", () => help.showModal()],
]);

let before;
addEventListener("hashchange", () => {
  const left = before;
  before = opened();
  if (!before && left) state.selected = Math.max(0, filtered().indexOf(left));
  show();
  scrollTo(0, 0);
  const focus = before ? main.querySelector("h2") : document.querySelector("tr.selected a");
  focus?.focus({ preventScroll: Boolean(before) });
});

// On paper: what is shown, and from the overview every troubled scenario after it.
addEventListener("beforeprint", () => {
  if (!opened()) main.append(make("div", { class: "printed" }, filtered().filter((s) => s.findings.length).map(article)));
  main.querySelectorAll("details").forEach((details) => details.closest(".journal") || details.setAttribute("open", ""));
});
addEventListener("afterprint", show);

document.getElementById("top").append(headline(), bar());
before = opened();
show();
