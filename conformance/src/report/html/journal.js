// The requests in question, in order; a click shows all there is about one.

function exchangeFacts(story, exchange) {
  const facts = [
    ["request", `${exchange.method} ${exchange.target}`],
    ["body", exchange.body],
    ["asked by", exchange.caller],
    ["answered", exchange.status === null ? "no byte was sent" : `${exchange.status} after ${lasting(exchange.ended - exchange.at)}`],
    ["told to wait", exchange.wait_s === undefined ? undefined : `${exchange.wait_s} s`],
    ["page", exchange.page && `${exchange.page.number} of walk ${exchange.page.walk}, ${plural(exchange.page.records, "record")}, ${exchange.page.more ? "more to come" : "the last"}`],
    ["changed", exchange.effect],
    ["fault", exchange.fault],
    ["refused because", exchange.reasons?.join(" → ")],
  ];
  return make("dl", {}, facts.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

/** The id of an exchange's row. */
const rowId = (exchange) => "exchange-" + exchange.name.replace(/[^\w]+/g, "-");

function exchangeRow(story, exchange) {
  const refused = exchange.status === null || exchange.status >= 400;
  const details = make("details", { id: rowId(exchange), class: refused ? "exchange refused" : "exchange" },
    make("summary", {},
      make("span", { class: "time" }, spell(story, exchange.at)),
      make("span", { class: "name" }, exchange.name),
      make("span", { class: "status" }, exchange.status === null ? "no answer" : `${exchange.method} ${exchange.status}`),
      make("span", { class: "note" }, [
        exchange.page && `walk ${exchange.page.walk}, page ${exchange.page.number}: ${plural(exchange.page.records, "record")}`,
        exchange.effect, exchange.fault && `fault ${exchange.fault}`, exchange.wait_s !== undefined && `wait ${exchange.wait_s} s`,
        exchange.reasons?.at(-1),
      ].filter(Boolean).join(" · "))));
  // Made when it is opened: most are not.
  details.addEventListener("toggle", () => details.open && details.childElementCount === 1 && details.append(exchangeFacts(story, exchange)));
  return details;
}

/** The journal of a story. */
function journal(story) {
  if (!story.exchanges.length) return undefined;
  const left = story.asked - story.exchanges.length;
  const rows = story.exchanges.map((exchange) => ({ exchange, row: exchangeRow(story, exchange), text: JSON.stringify(exchange).toLowerCase() }));
  const list = make("div", { class: "exchanges" }, rows.map(({ row }) => row));
  const search = make("input", { type: "search", placeholder: "route, status, walk, reason …", "aria-label": "search the requests",
    oninput: () => rows.forEach(({ row, text }) => (row.hidden = !text.includes(search.value.toLowerCase()))) });
  return make("section", { class: "journal" },
    make("h3", {}, "Requests in question"),
    make("p", { class: "bar" }, search, make("span", { class: "faint" }, left > 0 ? `${rows.length} of ${plural(story.asked, "request")}; the others bear on nothing that was found` : plural(rows.length, "request"))),
    list);
}

/** Opens and shows the row of an exchange that a finding names. */
function showExchange(name) {
  const row = document.getElementById(rowId({ name }));
  if (!row) return;
  row.hidden = false;
  row.open = true;
  row.scrollIntoView({ block: "center" });
  row.querySelector("summary").focus();
}
