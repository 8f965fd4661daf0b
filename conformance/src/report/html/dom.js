// The data, pictures' elements, spelling times.

const DATA = JSON.parse(document.getElementById("data").textContent);

/** An SVG element. */
const draw = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const DAY = 86_400_000;

const two = (number) => String(number).padStart(2, "0");

/** `day 1 09:40:05`, as scenarios write it; the day before day 1 is day -1. */
function spell(story, ms) {
  const days = Math.floor((ms - story.day_1) / DAY);
  const rest = ms - story.day_1 - days * DAY;
  const [seconds, fraction] = [Math.floor(rest / 1000), rest % 1000];
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part))).join(":");
  const thousandths = fraction ? "." + String(fraction).padStart(3, "0") : "";
  return `day ${days < 0 ? days : days + 1} ${clock}${thousandths}`;
}

/** `1 d 2 h`, `84 min`, `30 s`. */
function lasting(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 2 * DAY) return `${Math.round(ms / 360_000) / 10} h`;
  return `${Math.round((ms / DAY) * 10) / 10} d`;
}

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** Says something to those who listen rather than look. */
function say(text) {
  document.getElementById("said").textContent = text;
}

/** A button that copies a command, and the command. */
function command(text) {
  const copy = async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A page that was opened from a file may not write there: select, and let the old way copy.
      getSelection().selectAllChildren(code);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "copied" : "press Ctrl-C";
    say(done ? "copied" : "selected");
    setTimeout(() => (button.textContent = "copy"), 1500);
  };
  const code = make("code", {}, text);
  const button = make("button", { class: "copy", type: "button", onclick: copy, "aria-label": `copy: ${text}` }, "copy");
  return make("div", { class: "command" }, code, button);
}

/** The word of a scenario's outcome. */
const outcome = (scenario) => (scenario.skipped ? "skipped" : scenario.verdict);

/** Outcomes, worst first. */
const WORDS = ["fail", "error", "inconclusive", "pass", "skipped"];

const GLYPHS = { pass: "✓", fail: "✕", inconclusive: "?", error: "!", skipped: "–", known: "≈", absent: "·" };

/** A small mark for an outcome: told by shape as well as by colour. */
const badge = (word) => make("span", { class: `badge ${word}` }, make("span", { "aria-hidden": "true" }, GLYPHS[word], " "), word);
