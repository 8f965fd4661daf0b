// All there is about one scenario.

/** The scenario's text, with the lines that findings hang on. */
function source(scenario) {
  const hung = new Map(scenario.findings.filter((found) => found.line).map((found) => [found.line, found.check]));
  const lines = scenario.story.text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const list = make("ol", { class: "source" }, lines.map((line, i) =>
    make("li", hung.has(i + 1) ? { class: "hung", title: hung.get(i + 1) } : {}, make("code", {}, line || " "))));
  return make("details", {}, make("summary", {}, `The scenario as written (${scenario.file}, seed ${scenario.story.seed})`), list);
}

function faultRows(story) {
  if (!story.faults.length) return undefined;
  return make("p", { class: "faint" }, "Faults: ", story.faults.map((fault) => `${fault.kind} (line ${fault.line}) met ${plural(fault.bites, "request or record").replace("request or records", "requests or records")}`).join("; "), ".");
}

/** Why there is no picture. */
function untold(scenario) {
  if (scenario.skipped) return undefined;
  const why = outcome(scenario) === "pass" ? "It passed: run with --report-detail all to see the stories of such scenarios too."
    : "Its story was left out: it was not played to its end, the page is full (--report-detail all lifts the limit), or the report was joined from parts.";
  return make("p", { class: "faint" }, why);
}

/** The article about a scenario. */
function article(scenario) {
  const { story } = scenario;
  const meta = [`${DATA.stack}`, scenario.level, `${(scenario.wall_ms / 1000).toFixed(1)} s`, story && `${plural(story.records, "record")}, ${plural(story.asked, "request")}`];
  return make("article", { class: "scenario" },
    make("h2", { tabindex: "-1" }, badge(outcome(scenario)), " ", scenario.id),
    make("p", { class: "title" }, scenario.title),
    make("p", { class: "faint" }, meta.filter(Boolean).join(" · ")),
    scenario.skipped && make("p", {}, `Skipped: ${scenario.skipped}`),
    command(scenario.repeat),
    story?.control && make("p", { class: "notice" }, "This is the control run, the same story without its faults: it failed, so the fault was not judged."),
    story ? [timeline(story), faultRows(story)] : untold(scenario),
    scenario.findings.length > 0 && make("section", {}, make("h3", { class: "unseen" }, "Findings"), findings(scenario)),
    scenario.known && make("details", {}, make("summary", {}, `Known failures (${scenario.known.length})`),
      make("ul", { class: "rows" }, scenario.known.map(({ check, title, why, until }) => make("li", {}, `${check} (${title}) until ${until}: ${why}`)))),
    scenario.not_judged && make("details", {}, make("summary", {}, `Not judged (${scenario.not_judged.length})`),
      make("ul", { class: "rows" }, scenario.not_judged.map((reason) => make("li", {}, reason)))),
    story && [worldMap(story), journal(story), source(scenario)]);
}
