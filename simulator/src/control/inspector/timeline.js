// What is to come, now, and what was recorded: newest on top, so that "now" is in sight.

function moment(event, now) {
  const what = [event.verb, event.outcome === "success" ? undefined : event.outcome, event.object, event.target && `of ${event.target}`].filter(Boolean).join(" ");
  const kind = event.attack ? "attack" : event.scripted || event.by ? "scripted" : "ordinary";
  const unseen = event.readable && Date.parse(event.readable) > Date.parse(now);
  return row([spell(event.at), event.by && event.by !== event.who ? `${event.who} (by ${event.by})` : event.who, what, [event.app, event.log].filter(Boolean).join("."), event.place || "",
    [event.attack && make("span", { class: "attack" }, `attack ${event.attack} `), unseen && make("span", { class: "faint" }, `shown from ${spell(event.readable)}`)]], { class: kind });
}

function timelineView(timeline) {
  const soon = timeline.next.slice(0, 30).reverse();
  const rows = [
    ...soon.map((event) => moment(event, timeline.now)),
    make("tr", { id: "present" }, make("td", { colspan: "6" }, `now, ${spell(timeline.now)}`)),
    ...timeline.past.map((event) => moment(event, timeline.now)),
  ];
  const more = timeline.to_come - soon.length;
  return [
    make("p", { class: "faint" }, timeline.to_come ? `${timeline.to_come} thing(s) of the script to come${more > 0 ? `, the next ${soon.length} shown` : ""}.` : "The script has nothing more to bring.",
      " Of the background the last two hours are shown."),
    table(["when", "who", "what", "where", "from", ""], rows),
  ];
}
