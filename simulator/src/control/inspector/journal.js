// Exchanges as they come, the newest on top. A click shows all there is about one.

/** Most exchanges that the page keeps. */
const KEPT = 2_000;

const journal = {
  entries: [],
  last: 0,
  search: "",
  refusedOnly: false,
};

const isRefused = (entry) => entry.status === null || entry.status >= 400;

const STATUS = /^[1-5]\d\d$/;

/** Whether all the words sought occur. Three digits are a status: ids and fractions of seconds are full of digits. */
function fits(entry) {
  const text = JSON.stringify(entry).toLowerCase();
  const occurs = (word) => (STATUS.test(word) ? String(entry.status) === word : text.includes(word));
  return (!journal.refusedOnly || isRefused(entry)) && words(journal.search).every(occurs);
}

/** The chain of reasons: how far the request came, and what stopped it. */
function reasons(entry) {
  if (!entry.reasons.length) return undefined;
  return make("ol", { class: "reasons" }, entry.reasons.map((reason, i) => make("li", { class: i === entry.reasons.length - 1 ? "stopped" : undefined }, reason)));
}

function facts(entry) {
  const { page, effect, issued, delivery } = entry.notes;
  const known = [
    ["request", `${entry.method} ${entry.target}`],
    ["body", entry.request_body],
    ["asked by", entry.caller],
    ["page", page && `${page.number}: ${page.served.length} of ${page.log || "a list"}${page.next ? ", more to come" : ", the last"}`],
    ["ids", page?.served.slice(0, 20).join(", ")],
    ["token given", issued],
    ["changed", effect && `${effect.action} of ${effect.target}: ${effect.done ? "took effect" : "took no effect"}`],
    ["delivered", delivery && `attempt ${delivery.attempt}, ${delivery.events.length} event(s)`],
    ["fault", entry.fault && `${entry.fault.kind} ${entry.fault.line ? `(line ${entry.fault.line})` : "(by hand)"}`],
    ["told to wait", entry.retry_after_s !== null && `${entry.retry_after_s} s`],
  ];
  return make("dl", {}, known.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

function exchange(entry) {
  const note = [entry.notes.page && `${entry.notes.page.served.length} record(s)`, entry.fault && `fault ${entry.fault.kind}`,
    entry.notes.effect && `${entry.notes.effect.action} of ${entry.notes.effect.target}`, entry.reasons.at(-1)].filter(Boolean).join(" · ");
  const details = make("details", { class: isRefused(entry) ? "exchange refused" : "exchange", "data-seq": entry.seq },
    make("summary", {},
      make("span", { class: "faint" }, spell(entry.at)),
      make("span", {}, entry.route),
      make("span", { class: "status" }, `${entry.method} ${entry.status ?? "no answer"}`),
      make("span", { class: "note" }, note)));
  details.addEventListener("toggle", () => details.open && details.childElementCount === 1 && details.append(facts(entry), reasons(entry) ?? ""));
  return details;
}

/** Fetches what is new, and puts it on top of what is shown. */
async function journalGrows() {
  const { entries: answered, forgotten, next } = await ask(`/_sim/journal?after=${journal.last}&limit=${KEPT}`);
  // Two may ask at a time, a button and the page's own rhythm: what the other has brought is left out.
  const entries = answered.filter(({ seq }) => seq > journal.last);
  if (!entries.length) return;
  journal.last = next;
  journal.entries = [...journal.entries, ...entries].slice(-KEPT);
  const list = byId("exchanges");
  if (!list) return;
  byId("none")?.remove();
  list.prepend(...entries.filter(fits).reverse().map(exchange));
  while (list.childElementCount > KEPT) list.lastElementChild.remove();
  byId("counted").textContent = `${journal.last} so far${forgotten ? `, ${forgotten} forgotten` : ""}`;
}

function journalList() {
  const shown = journal.entries.filter(fits).reverse().map(exchange);
  return shown.length ? shown : [make("p", { id: "none", class: "faint" }, journal.entries.length ? "Nothing fits." : "Nobody has asked for anything yet. The terminal shows a line that works.")];
}

function journalView() {
  const again = () => byId("exchanges").replaceChildren(...journalList());
  return [
    make("p", { class: "bar" },
      make("input", { type: "search", id: "search", placeholder: "search  /", title: "words, each of which has to occur; three digits are a status", "aria-label": "search the journal", value: journal.search,
        oninput: (event) => { journal.search = event.target.value; again(); } }),
      make("label", {}, make("input", { type: "checkbox", id: "refused", checked: journal.refusedOnly,
        onchange: (event) => { journal.refusedOnly = event.target.checked; again(); } }), " refused only"),
      make("span", { id: "counted", class: "faint" }, `${journal.last} so far`)),
    make("div", { id: "exchanges" }, journalList()),
  ];
}
