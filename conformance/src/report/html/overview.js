// The whole run: a wall of dots, one a scenario, and the matrix of scenarios by checks.

const folderOf = (id) => (id.includes("/") ? id.slice(0, id.indexOf("/")) : "beside the scenarios");
const linkTo = (scenario) => "#" + encodeURIComponent(scenario.id);

function groups(scenarios) {
  const found = new Map();
  for (const scenario of scenarios) found.set(folderOf(scenario.id), [...(found.get(folderOf(scenario.id)) || []), scenario]);
  return found;
}

/** A dot a scenario; those that the filters leave out are faint. */
function wall(shown) {
  const within = new Set(shown);
  return make("section", { class: "wall", "aria-label": "all scenarios by folder" }, [...groups(DATA.scenarios)].map(([folder, scenarios]) =>
    make("div", { class: "folder" },
      make("h3", {}, folder, make("span", { class: "faint" }, ` ${scenarios.length}`)),
      make("div", { class: "dots" }, scenarios.map((scenario) =>
        make("a", { class: `dot ${outcome(scenario)}${within.has(scenario) ? "" : " out"}`, href: linkTo(scenario), tabindex: "-1",
          title: `${scenario.id}: ${outcome(scenario)}`, "aria-label": `${scenario.id}: ${outcome(scenario)}` },
        make("span", { "aria-hidden": "true" }, outcome(scenario) === "pass" ? "" : GLYPHS[outcome(scenario)])))))));
}

/** The checks that found something in these scenarios, area by area. */
function checksOf(scenarios) {
  return [...new Set(scenarios.flatMap((scenario) => scenario.findings.map((found) => found.check)))].sort();
}

function cell(scenario, check) {
  const found = scenario.findings.filter((found) => found.check === check);
  if (!found.length) return make("td");
  const worst = found.map((found) => found.verdict).sort((a, b) => WORDS.indexOf(a) - WORDS.indexOf(b))[0];
  return make("td", { class: worst, title: `${check}: ${plural(found.length, "finding")}` }, make("a", { href: linkTo(scenario), tabindex: "-1" },
    found.length > 1 ? String(found.length) : GLYPHS[worst], make("span", { class: "unseen" }, ` ${check} ${worst}`)));
}

/** Scenarios by checks. `pick` is told the check whose heading was pressed. */
function matrix(scenarios, selected, pick) {
  const checks = checksOf(scenarios);
  const heading = checks.map((check) => make("th", { scope: "col", class: "check" },
    make("button", { type: "button", title: `${DATA.checks[check]?.title || check}; show only these`, onclick: () => pick(check) }, check)));
  const rows = scenarios.map((scenario, i) => make("tr", { class: i === selected ? "selected" : undefined, "data-row": i },
    make("th", { scope: "row" }, make("a", { href: linkTo(scenario) }, badge(outcome(scenario)), make("span", { class: "id" }, scenario.id)),
      make("span", { class: "title" }, scenario.skipped ? `skipped: ${scenario.skipped}` : scenario.title)),
    checks.map((check) => cell(scenario, check))));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "scenarios by checks" },
    make("table", { class: "matrix" }, make("thead", {}, make("tr", {}, make("th", { class: "corner" }, plural(scenarios.length, "scenario")), heading)), make("tbody", {}, rows)));
}

/** What stands above: whose run it is, and how it went. */
function headline() {
  const { summary } = DATA;
  const bad = summary.fail + summary.error;
  const judged = bad + summary.inconclusive + summary.pass;
  const sentence = !judged ? "nothing was judged" : bad ? `${bad} of ${judged} did not pass` : summary.inconclusive ? `${summary.inconclusive} of ${judged} undecided` : `all ${judged} passed`;
  const facts = [`conformance ${DATA.conformance}`, DATA.seed !== null && `seed ${DATA.seed}`, `${(DATA.wall_ms / 1000).toFixed(1)} s`];
  return make("div", { class: "headline" }, make("h1", {}, make("a", { href: "#" }, DATA.stack), make("span", {}, sentence)),
    make("p", { class: "faint" }, facts.filter(Boolean).join(" · ")));
}
