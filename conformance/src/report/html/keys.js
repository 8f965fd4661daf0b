// What keys do, and the dialog that says so.

const main = document.getElementById("main");
const help = document.getElementById("help");

/** Listens to keys: `[key, what it does, deed]` each. */
function keyboard(keys) {
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const typing = ["INPUT", "SELECT"].includes(event.target.tagName);
    if (typing && event.key === "Escape") return event.target.blur();
    if (typing || (event.key === "Enter" && event.target !== document.body && event.target !== main)) return;
    const key = keys.find(([key]) => key === event.key);
    if (!key) return;
    event.preventDefault();
    key[2]();
  };
  help.append(make("h2", { id: "help-title" }, "Keys"),
    make("dl", {}, keys.flatMap(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)])),
    make("form", { method: "dialog" }, make("button", {}, "close")));
  addEventListener("keydown", pressed);
}

/** The button that opens the dialog. */
const keysButton = () => make("button", { type: "button", class: "keys", "aria-label": "keys", onclick: () => help.showModal() }, "?");
