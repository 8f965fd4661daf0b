// What a tester wants to happen: faults for the next requests, activities, attacks in a few presses.

const choice = (name, label, values, blank) => make("label", {}, label, make("select", { name }, blank !== undefined && make("option", { value: "" }, blank),
  values.map((value) => (typeof value === "string" ? make("option", { value }, value) : make("option", { value: value.value }, value.text)))));

const values = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));

/** A form with its values handed on. */
const form = (id, onsubmit, ...children) => make("form", { id, onsubmit: (event) => { event.preventDefault(); onsubmit(values(event.target)); } }, children);

const TROUBLES = [
  { value: "empty", text: "next page of a log is empty", logs: true, fault: (route) => ({ route, nth: 1, fault: "empty_page" }) },
  { value: "throttle", text: "throttle for a minute", fault: (route) => ({ route, nth: 1, for: "60s", fault: "throttle", retry_after: "60s" }) },
  { value: "expire", text: "the next request's token expires", fault: (route) => ({ route, nth: 1, fault: "expire_token" }) },
  { value: "error", text: "503 for three requests", fault: (route) => ({ route, nth: 1, times: 3, fault: "error", status: 503 }) },
  { value: "slow", text: "next answer 20 s late", fault: (route) => ({ route, nth: 1, fault: "slow", by: "20s" }) },
  { value: "reset", text: "next connection is reset", fault: (route) => ({ route, nth: 1, fault: "reset" }) },
  { value: "repeat", text: "next page names itself as next", logs: true, fault: (route) => ({ route, nth: 1, fault: "repeat_cursor" }) },
];

function troubles(world) {
  const logs = world.apps.flatMap((app) => app.logs.map((log) => `${app.name}.${log}`));
  const apps = world.apps.map((app) => app.name);
  const route = choice("route", "at", logs);
  const fill = (trouble) => route.querySelector("select").replaceChildren(
    ...(trouble.logs ? logs : [...apps, ...logs]).map((name) => make("option", { value: name }, name)));
  const which = choice("trouble", "trouble", TROUBLES);
  which.addEventListener("change", (event) => fill(TROUBLES.find((trouble) => trouble.value === event.target.value)));
  const arm = ({ trouble, route }) => act("/_sim/faults", TROUBLES.find((known) => known.value === trouble).fault(route));
  return form("trouble", arm, make("h2", {}, "Trouble"), which, route, make("button", {}, "arm it"));
}

/** Who acts, where from. */
const actors = (world) => world.people.map((person) => ({ value: person.key, text: `${person.key}, ${person.name}` }));
const places = (world) => world.networks.map((network) => ({ value: network.name, text: `${network.name} (${[network.place, ...network.tags].join(", ")})` }));

function happenings(world) {
  const verbs = [...new Set(world.apps.flatMap((app) => app.verbs))];
  const start = ({ times, ...wanted }) => act("/_sim/activities", { ...wanted, times: Number(times) });
  return form("happening", start, make("h2", {}, "Activity"),
    choice("actor", "who", actors(world)), choice("does", "does", verbs), choice("app", "where", world.apps.map((app) => app.name)),
    choice("from", "from", places(world), "home"), choice("result", "ends", world.results),
    make("label", {}, "times", make("input", { name: "times", type: "number", min: "1", max: "500", value: "1" })), make("button", {}, "let it happen"));
}

/** Attacks of the catalogue that can be done here, told about somebody. */
function attacks(world, shapes) {
  const where = choice("app", "where", []);
  const which = choice("attack", "shape", shapes.map((shape) => ({ value: shape.name, text: `${shape.name.replaceAll("_", " ")} (${shape.technique})` })));
  const about = make("p", { class: "faint" });
  const fill = (name) => {
    const shape = shapes.find((known) => known.name === name);
    where.querySelector("select").replaceChildren(...shape.apps.map((app) => make("option", { value: app }, app)));
    about.textContent = shape.title;
  };
  which.addEventListener("change", (event) => fill(event.target.value));
  fill(shapes[0].name);
  return form("attack", (wanted) => act("/_sim/attacks", wanted), make("h2", {}, "Attack"), which, about,
    choice("person", "upon", actors(world).filter((person) => person.value !== "it_admin")), where, make("button", {}, "emit it"));
}

/** The desk; drawn once, its choices do not change while a simulation runs. */
function desk(world) {
  return [troubles(world), happenings(world)];
}

function steps(world) {
  if (!world.can_step) return [make("span", { class: "faint" }, " the stack moves this clock")];
  const by = (span) => button(`+${span}`, () => act("/_sim/step", { by: span }), `step time by ${span}`);
  return [by("1m"), by("1h"), by("1d"), button("next in the script", () => act("/_sim/step", { to: "next" }), "step to the next scripted thing")];
}
