// Spelling times, asking the control plane.

const byId = (id) => document.getElementById(id);

/** What the control plane answers; it is told once where it does not. */
async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/** Does something, and says how it went. */
async function act(path, wanted) {
  let said;
  try {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(wanted) });
    said = answer.ok ? (await answer.json()).done : `not done: ${await answer.text()}`;
  } catch (error) {
    said = `not done: ${error.message}`;
  }
  byId("said").textContent = said;
  refresh();
}

const DAY = 86_400_000;
let day1 = 0;

/** `day 1 09:40:05`, as scenarios write it. */
function spell(time) {
  const ms = Date.parse(time);
  const day = Math.floor((ms - day1) / DAY);
  return `day ${day < 0 ? day : day + 1} ${new Date(ms).toISOString().slice(11, 19)}`;
}

const button = (text, onclick, title) => make("button", { type: "button", onclick, title }, text);
const table = (heads, rows) => make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heads.filter(Boolean).join(", ") },
  make("table", {}, make("thead", {}, make("tr", {}, heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, rows)));
const row = (cells, attributes) => make("tr", attributes, cells.map((cell) => make("td", {}, cell)));
const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
