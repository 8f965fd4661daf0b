// Which view is shown, keys, and the rhythm of asking.

const EVERY_MS = 1_000;
const VIEWS = {
  journal: { path: undefined, draw: journalView },
  world: { path: "/_sim/world", draw: worldView },
  timeline: { path: "/_sim/timeline", draw: timelineView },
};
let view = "journal";
let drawn = "";

function tabs() {
  return Object.keys(VIEWS).map((name, i) => make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(name === view), "aria-controls": "main",
    title: `key ${i + 1}`, onclick: () => show(name) }, name));
}

async function show(name) {
  view = name;
  drawn = "";
  byId("tabs").replaceChildren(...tabs());
  if (!VIEWS[name].path) byId("main").replaceChildren(...VIEWS[name].draw());
  await refresh();
}

/** Draws a view again if what it shows has changed, and nobody is typing in it. */
async function redraw() {
  const { path, draw } = VIEWS[view];
  if (!path) return;
  const data = await ask(path);
  const { now, ...rest } = data;
  const text = JSON.stringify(rest);
  const busy = byId("main").contains(document.activeElement) && document.activeElement !== byId("main");
  if (text === drawn || (busy && drawn)) return;
  drawn = text;
  byId("main").replaceChildren(...draw(data));
}

async function refresh() {
  try {
    const [clock] = await Promise.all([ask("/_sim/clock"), journalGrows(), redraw()]);
    byId("now").textContent = spell(clock.now);
    byId("now").dateTime = clock.now;
  } catch (error) {
    byId("said").textContent = `the simulator does not answer: ${error.message}`;
  }
}

addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing) return event.key === "Escape" ? event.target.blur() : undefined;
  const name = Object.keys(VIEWS)[Number(event.key) - 1];
  if (name) show(name);
  if (event.key === "/" && byId("search")) {
    event.preventDefault();
    byId("search").focus();
  }
});

async function begin() {
  const world = await ask("/_sim/world");
  day1 = Date.parse(world.day_1);
  byId("title").textContent = world.title;
  document.title = `${world.title} · simulator`;
  byId("steps").replaceChildren(...steps(world));
  byId("desk").replaceChildren(...desk(world));
  // Whoever was quick has chosen a view already.
  await show(view);
  // Which attacks can be done takes longest to find out.
  const { attacks: shapes } = await ask("/_sim/attacks");
  if (shapes.length > 0) byId("desk").prepend(attacks(world, shapes));
  // One after the other: a slow answer is not asked for twice.
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    if (!document.hidden) await refresh();
  }
}

begin().catch((error) => (byId("said").textContent = error.message));
