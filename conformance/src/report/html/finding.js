// A finding in its three blocks: what the scenario did, what the stack did, what was expected against what was seen.

/** Where two lines differ: [common start, difference, common end] by words. */
function wordDifference(a, b) {
  const [one, other] = [a, b].map((line) => line.match(/\s+|[^\s]+/g) || []);
  let start = 0;
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start++;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  return [one, other].map((words) => [words.slice(0, start), words.slice(start, words.length - end), words.slice(words.length - end)].map((part) => part.join("")));
}

/** A unified difference, with the words that differ marked. */
function difference(rows) {
  const block = make("pre", { class: "diff" });
  for (let i = 0; i < rows.length; i++) {
    const kind = rows[i].startsWith("@@") || rows[i].startsWith("--- ") || rows[i].startsWith("+++ ") ? "hunk" : { "-": "gone", "+": "new" }[rows[i][0]];
    const next = rows[i + 1];
    const pair = kind === "gone" && next?.startsWith("+") && !next.startsWith("+++ ") && !rows[i - 1]?.startsWith("-") && !rows[i + 2]?.startsWith("+");
    if (pair) {
      wordDifference(rows[i].slice(1), next.slice(1)).forEach(([before, changed, after], side) =>
        block.append(make("span", { class: side ? "new" : "gone" }, (side ? "+" : "-") + before, changed && make("mark", {}, changed), after + "\n")));
      i++;
    } else block.append(make("span", { class: kind }, rows[i] + "\n"));
  }
  return block;
}

/** A row of a block: requests that it names lead to their place in the journal, events to their mark. */
function row(text, story) {
  const parts = text.split(/([\w?]+\.[\w?]+ #\d+)/);
  const linked = parts.map((part, i) =>
    i % 2 && story?.exchanges.some((exchange) => exchange.name === part)
      ? make("button", { type: "button", class: "link", onclick: () => showExchange(part) }, part) : part);
  const id = text.match(/\bid ([^,;)]+)/)?.[1];
  const light = (on) => document.querySelectorAll(".mark").forEach((mark) => mark.classList.toggle("lit", on && mark.dataset.id === id));
  return make("li", id ? { onmouseenter: () => light(true), onmouseleave: () => light(false) } : {}, linked);
}

function block(heading, rows, story) {
  if (!rows.length) return undefined;
  const lines = rows.flatMap((row) => row.split("\n"));
  const body = lines[0].startsWith("--- ") ? difference(lines) : make("ul", { class: "rows" }, lines.map((line) => row(line, story)));
  return make("div", { class: "block" }, make("h4", {}, heading), body);
}

/** One finding. */
function finding(found, scenario) {
  const page = DATA.checks[found.check];
  const place = found.line ? make("span", { class: "faint" }, ` ${scenario.file}:${found.line}`) : undefined;
  return make("article", { class: `finding ${found.verdict}` },
    make("h3", {}, badge(found.verdict), " ", make("code", {}, found.check), page && make("span", { class: "faint" }, ` ${page.title}`)),
    make("dl", { class: "against" },
      make("dt", {}, "expected"), make("dd", {}, found.expected, place),
      make("dt", {}, "observed"), make("dd", {}, found.observed)),
    block("What the scenario did", found.story, scenario.story),
    block("What the stack did", found.evidence, scenario.story),
    page && make("details", { class: "page" }, make("summary", {}, "What this check means"), page.text.split("\n\n").map((text) => make("p", {}, text))));
}

/** Of each check the first few findings, and a button for the rest. */
function findings(scenario) {
  const SHOWN = 5;
  const checks = [...new Set(scenario.findings.map((found) => found.check))];
  return checks.map((check) => {
    const all = scenario.findings.filter((found) => found.check === check);
    const rest = all.slice(SHOWN);
    const more = make("button", { type: "button", class: "more", onclick: () => more.replaceWith(...rest.map((found) => finding(found, scenario))) },
      `${rest.length} more ${check}`);
    return [all.slice(0, SHOWN).map((found) => finding(found, scenario)), rest.length ? more : undefined];
  }).flat(2).filter(Boolean);
}
