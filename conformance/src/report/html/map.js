// Who signed in where: cities of a story on a plain map, journeys between them with their speed.

const RADIUS_KM = 6371;

function kilometres(a, b) {
  const [f, g] = [a.lat, b.lat].map((degrees) => (degrees * Math.PI) / 180);
  const half = (degrees) => Math.sin((degrees * Math.PI) / 360) ** 2;
  const h = half(b.lat - a.lat) + Math.cos(f) * Math.cos(g) * half(b.lon - a.lon);
  return 2 * RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, h)));
}

/** Changes of place, person by person, in order; what happened often is told once. */
function journeys(events) {
  const [last, found] = [new Map(), new Map()];
  for (const event of events.filter((event) => event.from)) {
    const before = last.get(event.who);
    last.set(event.who, event);
    if (!before || before.from.city === event.from.city) continue;
    const key = [event.who, before.from.city, event.from.city].join("\n");
    const known = found.get(key);
    if (known) known.times += 1;
    else found.set(key, { who: event.who, a: before, b: event, times: 1, attack: event.attack || before.attack });
  }
  return [...found.values()];
}

function journeyText({ who, a, b, times }) {
  const km = Math.round(kilometres(a.from, b.from));
  const ms = b.at - a.at;
  const speed = ms > 0 ? `, ${Math.round(km / (ms / 3_600_000)).toLocaleString("en")} km/h` : "";
  const again = times > 1 ? `, and ${plural(times - 1, "time")} more` : "";
  return `${who}: ${a.from.city} to ${b.from.city}, ${km.toLocaleString("en")} km in ${lasting(ms)}${speed}${again}`;
}

/** The part of the world that holds all cities, with room around them, as [west, north, width, height]. */
function frame(cities) {
  const span = (values, least, margin) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const width = Math.max(high - low + 2 * margin, least);
    return [(low + high - width) / 2, width];
  };
  let [west, width] = span(cities.map((city) => city.lon), 50, 16);
  let [south, height] = span(cities.map((city) => city.lat), 25, 9);
  // Twice as wide as high, within the world.
  if (width < 2.2 * height) [west, width] = [west - (2.2 * height - width) / 2, 2.2 * height];
  else [south, height] = [south - (width / 2.2 - height) / 2, width / 2.2];
  if (width >= 360) return [-180, 82, 360, 140];
  west = Math.min(Math.max(west, -180), 180 - width);
  south = Math.min(Math.max(south, -62), 84 - height);
  return [west, south + height, width, height];
}

/** A map of a story; nothing where all happened in one place. */
function worldMap(story) {
  const cities = new Map();
  for (const event of story.events.filter((event) => event.from)) {
    const city = cities.get(event.from.city) || { ...event.from, who: new Set(), count: 0, attack: false };
    city.who.add(event.who);
    city.count += 1;
    city.attack ||= Boolean(event.attack);
    cities.set(event.from.city, city);
  }
  if (cities.size < 2) return undefined;
  const [west, north, width, height] = frame([...cities.values()]);
  const scale = 1000 / width;
  const x = (lon) => (lon - west) * scale;
  const y = (lat) => (north - lat) * scale;
  const land = LAND.map((ring) =>
    draw("path", { class: "land", d: "M" + ring.map(([lon, lat]) => `${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`).join("L") + "Z" }));
  const step = width > 180 ? 30 : width > 80 ? 15 : 10;
  const lines = [];
  for (let lon = -180; lon <= 180; lon += step) lines.push(`M${x(lon)} 0V${height * scale}`);
  for (let lat = -90; lat <= 90; lat += step) lines.push(`M0 ${y(lat)}H1000`);

  const paths = journeys(story.events);
  const arcs = paths.map((journey) => {
    const [ax, ay, bx, by] = [x(journey.a.from.lon), y(journey.a.from.lat), x(journey.b.from.lon), y(journey.b.from.lat)];
    const lift = Math.hypot(bx - ax, by - ay) * 0.22;
    return draw("path", { class: journey.attack ? "arc attack" : "arc", d: `M${ax} ${ay}Q${(ax + bx) / 2} ${(ay + by) / 2 - lift} ${bx} ${by}` },
      draw("title", {}, journeyText(journey)));
  });
  const taken = [];
  const marks = [...cities.values()].map((city) => {
    const [cx, cy] = [x(city.lon), y(city.lat)];
    const label = city.tags.length ? `${city.city} (${city.tags.join(", ")})` : city.city;
    const left = cx > 820;
    let ty = cy + 6;
    // Two names on one another help nobody.
    while (taken.some(([tx, other]) => Math.abs(other - ty) < 19 && Math.abs(tx - cx) < 170)) ty += 19;
    taken.push([cx, ty]);
    return draw("g", { class: city.attack ? "city attack" : "city" },
      draw("circle", { cx, cy, r: 7 }),
      draw("text", { x: cx + (left ? -13 : 13), y: ty, "text-anchor": left ? "end" : "start" }, label),
      draw("title", {}, `${label}, ${city.country}: ${plural(city.count, "record")} of ${[...city.who].join(", ")}`));
  });
  const map = draw("svg", { class: "map", viewBox: `0 0 1000 ${(height * scale).toFixed(0)}`, role: "img",
    "aria-label": `map: ${[...cities.keys()].join(", ")}` }, draw("path", { class: "graticule", d: lines.join("") }), land, arcs, marks);
  const list = make("ul", { class: "journeys" }, paths.slice(0, 8).map((journey) =>
    make("li", { class: journey.attack ? "attack" : undefined }, journeyText(journey))));
  if (paths.length > 8) list.append(make("li", {}, `and ${paths.length - 8} more`));
  return make("figure", { class: "place" }, map, make("figcaption", {}, list));
}
