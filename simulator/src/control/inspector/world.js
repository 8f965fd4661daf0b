// People with their accounts, what they hold, and the tokens of the stack, by name.

let worldSearch = "";

function account(person, [app, held]) {
  const does = held.status === "suspended" ? "restore" : "suspend";
  const change = (what) => () => act("/_sim/accounts", { app, person: person.key, does: what });
  return make("span", { class: `account ${held.status}` }, `${app} `, make("em", {}, held.admin ? `${held.status}, administrator` : held.status),
    held.status !== "deleted" && held.status !== "not yet" && [" ",
      make("button", { type: "button", class: "small", "aria-label": `${does} ${person.key} in ${app}`, onclick: change(does) }, does),
      make("button", { type: "button", class: "small", "aria-label": `end the sessions of ${person.key} in ${app}`, onclick: change("revoke_sessions") }, "end sessions")]);
}

function peopleTable(world) {
  const fits = (person) => words(worldSearch).every((word) => JSON.stringify(person).toLowerCase().includes(word));
  const people = world.people.filter(fits);
  const rows = people.map((person) => row([make("code", {}, person.key), [person.name, make("br"), make("span", { class: "faint" }, person.email)],
    `${person.home}, ${person.job}`, Object.entries(person.accounts).map((entry) => account(person, entry))]));
  return table(["key", "person", "lives, works as", "accounts"], rows);
}

function tokenTable(world) {
  const rows = world.tokens.map((token) => row([
    make("code", {}, token.name), token.grant, token.user || "the application", token.scopes.join(" ") || "–",
    token.expires ? spell(token.expires) : "never",
    [make("span", { class: token.state }, token.state), " ", token.kind === "token" && token.state === "good" &&
      make("button", { type: "button", class: "small", "aria-label": `expire ${token.name}`, onclick: () => act("/_sim/tokens", { expire: token.name }) }, "expire")],
  ]));
  return rows.length ? table(["token", "grant", "consented", "scopes", "ends", "state"], rows) : make("p", { class: "faint" }, "None yet.");
}

function heldTable(world) {
  const rows = world.held.map((held) => row([held.who, held.app, `${held.kind} (${held.name})`, spell(held.begun), make("span", { class: held.works ? "good" : "withdrawn" }, held.works ? "opens" : "opens nothing any more")]));
  return rows.length ? table(["who", "where", "what", "since", "now"], rows) : make("p", { class: "faint" }, "None that the script or this page began.");
}

function worldView(world) {
  const people = make("div", {}, peopleTable(world));
  return [
    make("h2", {}, "Tokens of the stack"), tokenTable(world),
    make("h2", {}, "Sessions, tokens and grants of people"), heldTable(world),
    make("h2", {}, `People (${world.count})`),
    make("p", { class: "bar" }, make("input", { type: "search", id: "search", placeholder: "search  /", "aria-label": "search people", value: worldSearch,
      oninput: (event) => { worldSearch = event.target.value; people.replaceChildren(peopleTable(world)); } })),
    people,
  ];
}
