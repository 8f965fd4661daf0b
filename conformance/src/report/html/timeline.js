// Who did what when, and what the stack made of it: a lane for each person in each app, for the faults, for the stack.
//
// Time is compressed: a gap takes as much room as the logarithm of its length, so that eleven guesses in five minutes and
// the alert an hour later are both seen.

const LANES = 14;
const LANE_HEIGHT = 30;
const SHAPES = ["circle", "square", "diamond", "triangle", "pentagon", "hexagon"];

function shape(kind, x, y, r) {
  if (kind === "circle") return draw("circle", { cx: x, cy: y, r });
  const [corners, turn] = { square: [4, 45], diamond: [4, 0], triangle: [3, -90], pentagon: [5, -90], hexagon: [6, 0] }[kind];
  const points = Array.from({ length: corners }, (_, i) => {
    const angle = ((turn + (360 / corners) * i) * Math.PI) / 180;
    return `${(x + 1.15 * r * Math.cos(angle)).toFixed(1)},${(y + 1.15 * r * Math.sin(angle)).toFixed(1)}`;
  });
  return draw("polygon", { points: points.join(" ") });
}

/** From times to places between 0 and 1. */
function compressed(times) {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const places = [0];
  for (let i = 1; i < sorted.length; i++) {
    places.push(places[i - 1] + 0.25 + Math.log2(1 + (sorted[i] - sorted[i - 1]) / 30_000));
  }
  const whole = places.at(-1) || 1;
  return { sorted, at: new Map(sorted.map((time, i) => [time, sorted.length === 1 ? 0.5 : places[i] / whole])) };
}

/** The marks of a story, each with its lane and the sentence that tells it. */
function marksOf(story) {
  const when = (ms) => spell(story, ms);
  const marks = [];
  for (const e of story.events) {
    const from = e.from ? ` from ${e.from.city} (${e.from.address}${e.from.tags.length ? ", " + e.from.tags.join(", ") : ""})` : "";
    const late = e.readable > e.at ? `, readable ${lasting(e.readable - e.at)} later` : "";
    const attack = e.attack ? `, attack ${e.attack}` : "";
    marks.push({ at: e.at, lane: `${e.who} · ${e.app}`, kind: e.attack ? "event attack" : "event", app: e.app, id: e.id, attack: e.attack,
      hollow: e.outcome !== "success", line: e.line,
      text: `${when(e.at)} ${e.who}: ${e.verb} ${e.outcome} in ${e.app}.${e.log}${from}${attack}${late}` });
  }
  for (const p of story.prevented) {
    marks.push({ at: p.at, lane: "prevented", kind: "prevented", line: p.line, cross: true, text: `${when(p.at)} ${p.who}: ${p.verb} did not happen: ${p.why}` });
  }
  for (const f of story.faults) {
    for (const [at, until] of f.met) {
      marks.push({ at, until, lane: "faults", kind: "fault", line: f.line, text: `${when(at)} fault ${f.kind} met a request (line ${f.line})` });
    }
  }
  for (const a of story.alerts) {
    marks.push({ at: a.at, lane: "alerts", kind: a.suppressed ? "alert suppressed" : "alert", cites: a.evidence, shape: "triangle",
      text: `${when(a.at)} alert ${a.policy} about ${a.about.join(", ") || "nobody"}, citing ${plural(a.evidence.length, "event")}${a.suppressed ? ", suppressed" : ""}` });
  }
  for (const a of story.actions) {
    marks.push({ at: a.at, lane: "actions", kind: "action", shape: "square", hollow: !a.done,
      text: `${when(a.at)} ${a.action} of ${a.upon} in ${a.app}: ${a.done ? "took effect" : "took no effect"}` });
  }
  // Every start and end is drawn only where the process is part of the story.
  if (story.process.some((p) => p.what.startsWith("killed") || p.what.startsWith("ended by"))) {
    for (const p of story.process) {
      marks.push({ at: p.at, lane: "process", kind: "process", shape: "diamond", hollow: p.what !== "started", text: `${when(p.at)} the stack's process: ${p.what}` });
    }
  }
  return marks.sort((a, b) => a.at - b.at);
}

/** Lanes from top to bottom; people beyond the first few share one. */
function lanesOf(marks) {
  const own = ["faults", "alerts", "actions", "prevented", "process"];
  const people = [...new Set(marks.filter((mark) => !own.includes(mark.lane)).map((mark) => mark.lane))];
  const shown = people.length > LANES ? people.slice(0, LANES - 1) : people;
  const rest = people.length - shown.length;
  const lanes = [...shown, ...(rest ? [`${rest} more`] : []), ...own.filter((lane) => marks.some((mark) => mark.lane === lane))];
  const place = new Map(lanes.map((lane, i) => [lane, i]));
  return { lanes, of: (mark) => place.get(mark.lane) ?? place.get(`${rest} more`) };
}

/** The picture, as wide as asked. */
function picture(story, marks, width, tell) {
  const { lanes, of } = lanesOf(marks);
  const narrow = width < 620;
  const [left, right, top] = [narrow ? 104 : 168, 18, 12];
  const height = top + lanes.length * LANE_HEIGHT + 30;
  const scale = compressed(marks.flatMap((mark) => (mark.until > mark.at ? [mark.at, mark.until] : [mark.at])));
  const x = (time) => left + scale.at.get(time) * (width - left - right);
  const y = (lane) => top + lane * LANE_HEIGHT + LANE_HEIGHT / 2;
  const apps = [...new Set(story.events.map((event) => event.app))];
  const svg = draw("svg", { class: "timeline", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": "timeline" });

  lanes.forEach((lane, i) => {
    const most = narrow ? 15 : 24;
    svg.append(draw("line", { class: "lane", x1: left - 6, x2: width - right + 6, y1: y(i), y2: y(i) }),
      draw("text", { class: "lane-name", x: left - 14, y: y(i) + 4, "text-anchor": "end" },
        lane.length > most ? lane.slice(0, most - 1) + "…" : lane, draw("title", {}, lane)));
  });
  let free = -Infinity;
  let day;
  scale.sorted.forEach((time) => {
    const last = x(time) > width - right - 40;
    if (x(time) < free + (last ? 40 : 0)) return;
    const [, number, clock] = spell(story, time).match(/^(day -?\d+) (\d\d:\d\d)/);
    svg.append(draw("line", { class: "tick", x1: x(time), x2: x(time), y1: top, y2: height - 26 }),
      draw("text", { class: "tick-name", x: x(time), y: height - 12, "text-anchor": last ? "end" : x(time) < left + 30 ? "start" : "middle" }, number === day ? clock : `${number} ${clock}`));
    free = x(time) + (number === day ? 62 : 96);
    day = number;
  });

  const byEvent = new Map();
  marks.forEach((mark) => mark.id && !byEvent.has(mark.id) && byEvent.set(mark.id, mark));
  for (const mark of marks.filter((mark) => mark.cites)) {
    for (const cited of mark.cites.map((id) => byEvent.get(id)).filter(Boolean).slice(0, 40)) {
      const [ax, ay, bx, by] = [x(cited.at), y(of(cited)), x(mark.at), y(of(mark))];
      svg.append(draw("path", { class: "cites", d: `M${ax} ${ay}C${ax} ${(ay + by) / 2} ${bx} ${(ay + by) / 2} ${bx} ${by}` }));
    }
  }
  for (const mark of marks) {
    const [cx, cy] = [x(mark.at), y(of(mark))];
    const group = draw("g", { class: `mark ${mark.kind}${mark.hollow ? " hollow" : ""} app-${apps.indexOf(mark.app) % 6}`, tabindex: "-1", role: "img",
      "aria-label": mark.text, "data-id": mark.id, onmouseenter: () => tell(mark), onfocus: () => tell(mark), onclick: () => group.focus() });
    if (mark.until > mark.at) group.append(draw("rect", { x: cx, y: cy - 5, width: Math.max(4, x(mark.until) - cx), height: 10, rx: 3 }));
    else if (mark.cross) group.append(draw("path", { d: `M${cx - 6} ${cy - 6}l12 12m0 -12l-12 12` }));
    else if (mark.lane === "faults") group.append(draw("path", { d: `M${cx + 1} ${cy - 9}l-6 10h5l-1 8l6 -10h-5z` }));
    else group.append(shape(mark.shape || SHAPES[apps.indexOf(mark.app) % 6], cx, cy, mark.shape ? 6.5 : 6));
    if (mark.attack) group.append(draw("circle", { class: "ring", cx, cy, r: 11 }));
    group.append(draw("title", {}, mark.text));
    svg.append(group);
  }
  return svg;
}

/** Left and right go from mark to mark: one stop of the Tab key for the whole picture. */
function arrows(event, svg) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const marks = [...svg.querySelectorAll(".mark")];
  const next = marks[marks.indexOf(document.activeElement) + step] || marks[step > 0 ? 0 : marks.length - 1];
  next?.focus();
}

function legend(story, marks) {
  const apps = [...new Set(story.events.map((event) => event.app))];
  const entry = (children, text) => make("li", {}, draw("svg", { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" }, children), text);
  const mark = (kind, child, extra = []) => draw("g", { class: `mark ${kind}` }, child, extra);
  const has = (kind) => marks.some((mark) => mark.kind.split(" ").includes(kind));
  return make("ul", { class: "legend" },
    apps.map((app, i) => entry(mark(`event app-${i % 6}`, shape(SHAPES[i % 6], 12, 12, 6)), app)),
    has("attack") && entry(mark("event attack app-0", shape("circle", 12, 12, 5), draw("circle", { class: "ring", cx: 12, cy: 12, r: 10 })), "of an attack"),
    marks.some((mark) => mark.hollow && mark.app) && entry(mark("event hollow app-0", shape("circle", 12, 12, 6)), "refused"),
    has("alert") && entry(mark("alert", shape("triangle", 12, 13, 7)), "alert, with what it cites"),
    has("action") && entry(mark("action", shape("square", 12, 12, 7)), "action on an account"),
    has("prevented") && entry(mark("prevented", draw("path", { d: "M6 6l12 12m0 -12l-12 12" })), "prevented"),
    has("fault") && entry(mark("fault", draw("path", { d: "M13 3l-6 10h5l-1 8l6 -10h-5z" })), "fault met a request"));
}

/** The timeline of a story, drawn again when its room changes. */
function timeline(story) {
  const marks = marksOf(story);
  if (!marks.length) return undefined;
  const told = make("output", { class: "told", "aria-live": "off" }, "Point at a mark, or go from one to the next with the arrow keys.");
  const tell = (mark) => (told.textContent = mark.text);
  const room = make("div", { class: "room", tabindex: "0", "aria-label": "timeline; arrow keys go from mark to mark",
    onkeydown: (event) => arrows(event, room) });
  let last = 0;
  const redraw = () => {
    const width = Math.max(340, Math.floor(room.clientWidth) || 900);
    if (width !== last) room.replaceChildren(picture(story, marks, (last = width), tell));
  };
  new ResizeObserver(redraw).observe(room);
  redraw();
  const unshown = story.records - story.events.length;
  const caption = `Time is compressed: long gaps take less room than their length.${unshown ? ` ${plural(unshown, "record")} of the background not drawn.` : ""}`;
  const list = make("details", {}, make("summary", {}, `As a list (${marks.length})`), make("ol", { class: "rows" }, marks.map((mark) => make("li", {}, mark.text))));
  return make("figure", { class: "when" }, legend(story, marks), room, told, make("figcaption", {}, caption), list);
}
